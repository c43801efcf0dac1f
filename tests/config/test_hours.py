"""Hours of the day hold from their beginning up to their end, and over midnight where the end is the earlier one."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from granny.config.hours import is_within
from granny.config.settings import Settings


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("7:00-21:30", ("07:00", "12:00", "21:29"), ("06:59", "21:30", "00:00")),
        ("07:00 \u2013 21:30", ("07:00",), ("21:30",)),
        ("22:00-6:00", ("22:00", "23:59", "00:00", "05:59"), ("21:59", "06:00", "12:00")),
        ("9:00-12:00, 14:00-24:00", ("09:00", "14:00", "23:59"), ("08:59", "12:00", "13:59", "00:00")),
        ("0:00-0:00", ("00:00", "12:00"), ()),
    ],
)
def test_hours_hold_up_to_their_end(hours: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    assert Settings(OPENAI_API_KEY="sk-FAKE", GRANNY_PHONE_HOURS=hours).phone_hours == hours
    for times, expected in ((inside, True), (outside, False)):
        for time in times:
            assert is_within(hours, datetime.fromisoformat(f"2026-11-27 {time}+01:00")) is expected, time


@pytest.mark.parametrize(
    "text", ["7-21", "7:00", "25:00-26:00", "7:60-8:00", "24:00-7:00", "7:00-21:30;", "morning", "-"]
)
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Settings(OPENAI_API_KEY="sk-FAKE", GRANNY_PHONE_HOURS=text)


def test_a_country_is_written_large() -> None:
    assert Settings(OPENAI_API_KEY="sk-FAKE", GRANNY_PHONE_REGION="de").phone_region == "DE"
