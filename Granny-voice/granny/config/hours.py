"""Hours of the day, as the family writes them: 7:00-21:30, or several of them with commas between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_SPAN = rf"{_TIME}\s*[-\u2013]\s*(?:{_TIME}|24:00)"
_DAY = 24 * 60
PATTERN = re.compile(rf"{_SPAN}(?:\s*,\s*{_SPAN})*", re.ASCII)


def is_within(hours: str, there: datetime) -> bool:
    """Whether a moment falls into hours; an end that is not later than its beginning is the next day's.

    Args:
        hours: as `PATTERN` has them.
        there: by the clock of the place where they hold.
    """
    minute = 60 * there.hour + there.minute
    return any(_is_between(begin, minute, end) for begin, end in _spans(hours))


def next_end(hours: str, there: datetime) -> datetime:
    """When one of the hours ends next, later than this moment; also if they have not yet begun.

    Args:
        hours: as `PATTERN` has them.
        there: by the clock of the place where they hold.
    """
    days = (there.date() + timedelta(days=number) for number in range(3))
    ends = [
        datetime.combine(day + timedelta(days=end // _DAY), time(end % _DAY // 60, end % 60), there.tzinfo)
        for day in days
        for _, end in _spans(hours)
    ]
    return min(end for end in ends if end > there)


def _spans(hours: str) -> Iterator[tuple[int, int]]:
    """In minutes since midnight."""
    for span in hours.split(","):
        begin, end = (int(hour) * 60 + int(minute) for hour, minute in re.findall(r"(\d+):(\d+)", span))
        yield begin, end


def _is_between(begin: int, minute: int, end: int) -> bool:
    return begin <= minute < end if begin < end else minute >= begin or minute < end
