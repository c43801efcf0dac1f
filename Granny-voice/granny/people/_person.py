"""A person as the family tells of one, and what of it outranks which setting.

What a family can say of a person is a field here, and nothing else need be told of it: the check-up, the example and
README's table know it by that. Where the installation has a setting for the same, `Outranks` names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from granny.config.settings import (
    Consent,
    Eagerness,
    HearingManner,
    Hours,
    Language,
    Minutes,
    Name,
    NoCallDays,
    Notes,
    Patience,
    PhoneNumber,
    Settings,
    Speed,
    TimeZone,
    allowed,
)
from granny.config.whereabouts import HELP, country_of
from granny.people._numbers import e164


@dataclass(frozen=True, slots=True)
class Outranks:
    """The setting of the installation that a field outranks, by its name in the code."""

    setting: str


def _one_or_more(value: object) -> object:
    """A single number need not stand in brackets."""
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


Numbers = Annotated[tuple[Annotated[str, AfterValidator(e164)], ...], BeforeValidator(_one_or_more)]


class Person(BaseModel):
    """What a family's file says of one person; what it leaves out is as the settings say."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)

    called: Annotated[Name | None, Outranks("caller_name")] = Field(
        default=None, repr=False, description="What Granny calls the person.", examples=["Anna"]
    )
    language: Annotated[Language | None, Outranks("language")] = Field(
        default=None, description="The language of the calls, as in en, de, pt-BR.", examples=["en"]
    )
    notes: Annotated[Notes | None, Outranks("caller_notes")] = Field(
        default=None,
        repr=False,
        description="What she should know: the family, what is dear to the person, what hurts.",
        examples=[
            "She is 85 and lives alone. Her husband Karl died in 2019.\nShe loves her roses, and rings in the evening."
        ],
    )
    numbers: Numbers = Field(
        default=(),
        repr=False,
        description="The telephones that are this person's alone, by which she knows who calls; one number or several.",
    )
    phone_hours: Annotated[Hours | None, Outranks("phone_hours")] = Field(
        default=None, description="The hours in which she takes this person's telephone calls, as in 7:00-21:30."
    )
    ring_hours: Hours = Field(
        default="8:00-20:00",
        description="The hours in which `python -m granny ring` may ring the person, by the clock there.",
    )
    ring_tries: Annotated[int, Ge(1), Le(10)] = Field(
        default=3, description="How often she rings at most, if nobody answers or the line is busy."
    )
    ring_pause: Annotated[float, Ge(1), Le(120)] = Field(
        default=10, description="How many minutes she waits before she rings again."
    )
    granny: Annotated[Name | None, Outranks("name")] = Field(
        default=None, description="What Granny calls herself with this person."
    )
    speed: Annotated[Speed | None, Outranks("speed")] = Field(
        default=None, description="How fast she speaks; 1.0 is normal."
    )
    patience: Annotated[Patience | None, Outranks("patience")] = Field(
        default=None, description="How long a silence she waits out before she answers; off leaves it to OpenAI."
    )
    eagerness: Annotated[Eagerness | None, Outranks("eagerness")] = Field(
        default=None,
        description="Without patience: how soon OpenAI takes a pause for the end of a turn; low waits longest.",
    )
    hearing: Annotated[HearingManner | None, Outranks("hearing")] = Field(
        default=None, description="Makes her easier to hear: soft a little, strong more."
    )
    timezone: Annotated[TimeZone | None, Outranks("timezone")] = Field(
        default=None, description="The time zone where the person lives, as in Europe/Berlin."
    )
    emergency_number: Annotated[PhoneNumber | None, Outranks("emergency_number")] = Field(
        default=None, description="The number that Granny names in an emergency."
    )
    crisis_line: Annotated[PhoneNumber | None, Outranks("crisis_line")] = Field(
        default=None, description="The number that she names when the person speaks of ending their life."
    )
    longest_call: Annotated[Minutes | None, Outranks("max_call_minutes")] = Field(
        default=None, description="The longest call, in minutes."
    )
    alert_danger: Annotated[Consent | None, Outranks("alert_danger")] = Field(
        default=None,
        description="on: the family is told at once of danger to life that the person has named, though not the words. "
        "Only if the person has agreed to it.",
    )
    alert_no_call_days: Annotated[NoCallDays | None, Outranks("alert_no_call_days")] = Field(
        default=None, description="After so many days without a call the family is told; 0: never."
    )


FIELDS: Mapping[str, FieldInfo] = Person.model_fields
"""All that can be said of a person, by its name in the file."""

OUTRANKS: Mapping[str, str] = {
    name: extra.setting for name, field in FIELDS.items() for extra in field.metadata if isinstance(extra, Outranks)
}
"""The setting that each outranks, if it outranks one."""
_ABOUT_ANOTHER = dict.fromkeys(("caller_file", "caller_notes", "caller_name"))
"""What the installation says of its caller is not this person's, and may be nobody else's business."""
_OF_A_COUNTRY = dict.fromkeys(("emergency_number", "crisis_line"))
"""What the installation says of its own country is of no use in another one."""


def settings_for(person: Person, settings: Settings) -> Settings:
    """The settings of a call for this person: what the file says outranks what the installation says.

    The family's own recordings are in the installation's language and under the name she has there: whoever has another
    hears other ones.
    """
    given = {setting: getattr(person, name) for name, setting in OUTRANKS.items()}
    outranking = {setting: value for setting, value in given.items() if value is not None}
    foreign = _OF_A_COUNTRY if _is_abroad(person, settings) else {}
    own = settings.model_copy(update={**_ABOUT_ANOTHER, **foreign, **outranking})
    same = (own.language, own.name) == (settings.language, settings.name)
    return own if same else own.model_copy(update={"lines_folder": None})


def _is_abroad(person: Person, settings: Settings) -> bool:
    """Whether the person lives in another country than the installation speaks of.

    Where that is not told, and nothing is known of the person's, its numbers are better than none.
    """
    theirs, ours = country_of(person.timezone), country_of(settings.timezone)
    return bool(person.timezone) and theirs != ours and (ours is not None or theirs in HELP)


def settings_for_stranger(settings: Settings) -> Settings:
    """The settings of a call with somebody of whom nobody has told: what the installation says of its caller is hidden.

    On a page that is the one who has been given the link; a telephone number anybody may have.
    """
    return settings.model_copy(update=_ABOUT_ANOTHER)


def what_is_allowed(name: str, error: str) -> str:
    """A sentence on what may stand under a name of the file; `error` is pydantic's type of what is wrong."""
    return _NUMBERS_ALLOWED if name == "numbers" else allowed(FIELDS[name], error)


_NUMBERS_ALLOWED = (
    'Allowed: telephone numbers in quotes with the country\'s code, as in ["+49 30 23125000"], not 030 23125000.'
)
