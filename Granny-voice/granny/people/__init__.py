"""Who is who: the family's files, one a person, and the settings that hold in a call for one of them."""

from granny.people._file import ENDING, PersonFile
from granny.people._folder import PeopleFolder, read
from granny.people._numbers import numbers_of_call
from granny.people._person import FIELDS, OUTRANKS, Person, settings_for, settings_for_stranger, what_is_allowed
from granny.people.people import People

__all__ = [
    "ENDING",
    "FIELDS",
    "OUTRANKS",
    "People",
    "PeopleFolder",
    "Person",
    "PersonFile",
    "numbers_of_call",
    "read",
    "settings_for",
    "settings_for_stranger",
    "what_is_allowed",
]
