"""Whether something is told, and when again: pure, with the time as a value; what was told is a `Mark`.

| | it happens | it lasts | it is over |
| --- | --- | --- | --- |
| told within the hour | counted, and told with the next | waits for the hour to pass | said once, if it was told |
| else | told | told, again after six hours, then daily | the same |

Of what is urgent ten are sent in a day; what more there was is told the next morning, with its number. Danger to life
is told whatever else there was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812  `Day` has one
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from granny import faults
from granny.alerts._news import Course, News
from granny.config.hours import next_end

HOUR = timedelta(hours=1)
AGAIN = timedelta(hours=6)
DAILY = timedelta(days=1)
MOST_A_DAY = 10
_DANGER = (faults.CRISIS_NAMED.slug, faults.EMERGENCY_NAMED.slug)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """What was told of one thing; times in UTC.

    Attributes:
        told: when last.
        slug: of which fault.
        since: since when it lasts; None: it does not.
        times: how often it was told since.
        unsaid: how often it has happened since without being told.
    """

    told: datetime | None = None
    slug: str = ""
    since: datetime | None = None
    times: int = 0
    unsaid: int = 0

    def as_text(self) -> str:
        """To be kept."""
        return _MARK.dump_json(self).decode()

    @staticmethod
    def of(text: str) -> Mark:
        """What was kept; nothing where it is from another version of hers, or none."""
        return _read(_MARK, text, Mark())

    def is_within(self, pause: timedelta, now: datetime) -> bool:
        """Whether the last telling is less than so long ago.

        One that lies ahead by more was told by a clock that was wrong, and would keep silence until it is right.
        """
        return self.told is not None and abs(now - self.told) < pause


def after(mark: Mark, news: News, now: datetime) -> tuple[Mark, bool]:
    """What is marked after this news, and whether it is to be told."""
    if news.course is Course.HAPPENED:
        return _happened(mark, news, now)
    return _lasts(mark, news, now) if news.course is Course.LASTS else _over(mark)


def _happened(mark: Mark, news: News, now: datetime) -> tuple[Mark, bool]:
    if mark.is_within(HOUR, now):
        return replace(mark, unsaid=mark.unsaid + news.count), False
    return Mark(told=now, slug=news.slug, unsaid=news.count - 1), True


def _lasts(mark: Mark, news: News, now: datetime) -> tuple[Mark, bool]:
    is_new = mark.times == 0 or mark.slug != news.slug
    mark = replace(mark, since=mark.since or news.at)
    pause = HOUR if is_new else AGAIN if mark.times == 1 else DAILY
    if mark.is_within(pause, now):
        return mark, False
    times = 1 if is_new else mark.times + 1
    return replace(mark, told=now, slug=news.slug, times=times), True


def _over(mark: Mark) -> tuple[Mark, bool]:
    return Mark(told=mark.told, slug=mark.slug), mark.since is not None and mark.times > 0


@dataclass(frozen=True, slots=True)
class Day:
    """How much that is urgent was told on a day, where the family lives.

    Attributes:
        date: as in 2026-11-27; empty: none yet.
        sent: how much.
        held: how much more there was.
    """

    date: str = ""
    sent: int = 0
    held: int = 0

    def as_text(self) -> str:
        """To be kept."""
        return _DAY.dump_json(self).decode()

    @staticmethod
    def of(text: str) -> Day:
        """As `Mark.of`."""
        return _read(_DAY, text, Day())

    def begun(self, today: Date) -> Day:
        """The day that it is today; another one begins at nothing."""
        return self if self.date == today.isoformat() else Day(today.isoformat())

    def with_one_more(self, slug: str) -> tuple[Day, bool]:
        """After one more of this fault, and whether it may be sent."""
        if slug in _DANGER:
            return self, True
        if self.sent < MOST_A_DAY:
            return replace(self, sent=self.sent + 1), True
        return replace(self, held=self.held + 1), False


_MARK, _DAY = TypeAdapter(Mark), TypeAdapter(Day)


def _read(kind: TypeAdapter[T], text: str, otherwise: T) -> T:
    try:
        return kind.validate_json(text)
    except ValidationError:
        return otherwise


def morning(now: datetime, quiet: str, zone: tzinfo | None) -> datetime:
    """When quiet ends next, in UTC: what is not urgent is sent then, together.

    Args:
        now: a moment.
        quiet: the hours in which it is.
        zone: where the family lives; None: this machine's.
    """
    return next_end(quiet, now.astimezone(zone)).astimezone(timezone.utc)
