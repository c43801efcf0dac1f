"""Who is who: the family's files, one a person, and the settings that hold in a call for one of them."""

from granny.people._file import ENDING, PersonFile
from granny.people._folder import PeopleFolder, read
from granny.people._person import FIELDS, OUTRANKS, Person, settings_for, what_is_allowed
from granny.people.people import People

__all__ = [
    "ENDING",
    "FIELDS",
    "OUTRANKS",
    "People",
    "PeopleFolder",
    "Person",
    "PersonFile",
    "read",
    "settings_for",
    "what_is_allowed",
]
