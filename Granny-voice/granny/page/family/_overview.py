"""What the family's page tells, as values: counted by the store, and put into words and pictures by its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from babel import Locale, UnknownLocaleError

from granny.config.whereabouts import country_of
from granny.faults.plain import language_of
from granny.store.rows import Day
from granny.store.spending import Spending

DAYS = 30
"""So many are shown, today among them."""


class State(str, Enum):
    """How she is at this moment; the value names its sentence."""

    WELL = "well"
    BUSY = "busy"
    """All her places are taken; whoever calls is asked to wait."""
    STARTING = "starting"
    STOPPING = "stopping"
    FAULT = "fault"
    """A caller would be told of a fault."""
    UNREACHABLE = "unreachable"
    """She does not answer, or runs where this page cannot ask her."""


@dataclass(frozen=True, slots=True)
class Now:
    """How she is.

    Attributes:
        state: in one word.
        fault: the slug of what is wrong, if that is known.
    """

    state: State
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, of one kind.

    Attributes:
        slug: the fault's, or the ending's.
        times: in how many calls.
        last: when last, where the caller lives.
    """

    slug: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What was, as far as the store can tell.

    Attributes:
        days: the last thirty, the oldest first.
        troubles: in them, those of the most calls first.
        last_call: when the last one began; None: there was none yet.
        last_seconds: how long it was.
        money: None unless the prices are set.
    """

    days: Sequence[Day]
    troubles: Sequence[Trouble] = ()
    last_call: datetime | None = None
    last_seconds: float = 0.0
    money: Spending | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page tells.

    Attributes:
        locale: the family's language, and how dates are written where the caller lives.
        granny: her name.
        called: whose calls are shown; empty: everybody's.
        moment: now, where the caller lives.
        now: how she is.
        past: None: the store cannot be read.
    """

    locale: Locale
    granny: str
    called: str
    moment: datetime
    now: Now
    past: Past | None


def every_day(last: date, counted: Mapping[date, Day]) -> tuple[Day, ...]:
    """The thirty days up to this one, those without a call too."""
    first = last.toordinal() - DAYS + 1
    days = (date.fromordinal(number) for number in range(first, first + DAYS))
    return tuple(counted.get(day) or Day(day=day, calls=0, seconds=0.0, troubled=0) for day in days)


def locale_of(language: str, timezone: str | None) -> Locale:
    """A language that the page is written in, and how dates are written in a country: its own, else the time zone's.

    Args:
        language: as it is set: de, de-AT, nl.
        timezone: as it is set.
    """
    written = language_of(language)
    asked, _, country = language.partition("-")
    try:
        return Locale(written, (country if asked == written else "") or country_of(timezone))
    except UnknownLocaleError:
        return Locale(written)
