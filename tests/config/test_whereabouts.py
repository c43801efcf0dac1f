"""Whom to ring where: by the country of the time zone, never by the language, and what is set outranks it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from granny.config.settings import Settings
from granny.config.whereabouts import COMPARED, HELP, crisis_line, emergency_number
from granny.people import Person, settings_for


def settings(**values: Any) -> Settings:
    return Settings(OPENAI_API_KEY="sk-FAKE", **values)


@pytest.mark.parametrize(
    ("zone", "numbers"),
    [
        ("Europe/Berlin", ("112", "0800 111 0 111")),
        ("Europe/Vienna", ("112", "142")),
        ("Europe/Zurich", ("144", "143")),
        ("America/New_York", ("911", "988")),
        ("Europe/London", ("999", "116 123")),
        ("Australia/Sydney", ("000", "13 11 14")),
        ("Europe/Rome", ("112", None)),
        ("Asia/Tokyo", (None, None)),
        ("Etc/UTC", (None, None)),
        (None, (None, None)),
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_numbers_are_the_countrys_whatever_the_language(
    zone: str | None, numbers: tuple[str | None, str | None], language: str
) -> None:
    """Nor those of where the machine stands: without a time zone none is known."""
    here = settings(GRANNY_LANGUAGE=language, **({"GRANNY_TIMEZONE": zone} if zone else {}))
    assert (emergency_number(here), crisis_line(here)) == numbers


def test_what_is_set_outranks_the_country() -> None:
    here = settings(GRANNY_TIMEZONE="Europe/Berlin", GRANNY_EMERGENCY_NUMBER="110", GRANNY_CRISIS_LINE="030 1234567")
    assert (emergency_number(here), crisis_line(here)) == ("110", "030 1234567")


@pytest.mark.parametrize("number", ["1", "nine", "+49 30", "112!", "1" * 21, "112 or 911"])
def test_what_no_telephone_can_dial_there_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        settings(GRANNY_EMERGENCY_NUMBER=number)


def test_a_person_abroad_is_not_given_the_installations_numbers() -> None:
    """In the same country they hold; the person's own outrank all."""
    installed = settings(GRANNY_TIMEZONE="Europe/Berlin", GRANNY_EMERGENCY_NUMBER="19222")
    abroad = settings_for(Person(timezone="America/Chicago"), installed)
    assert (emergency_number(abroad), crisis_line(abroad)) == ("911", "988")
    assert emergency_number(settings_for(Person(timezone="Europe/Busingen"), installed)) == "19222"
    assert emergency_number(settings_for(Person(), installed)) == "19222"
    nowhere = settings(GRANNY_EMERGENCY_NUMBER="113")  # the family has told the zone in the person's file alone
    assert emergency_number(settings_for(Person(timezone="Europe/Oslo"), nowhere)) == "113"
    assert emergency_number(settings_for(Person(timezone="Europe/Berlin"), nowhere)) == "112"
    own = settings_for(Person(timezone="America/Chicago", crisis_line="555 0100"), installed)
    assert (emergency_number(own), crisis_line(own)) == ("911", "555 0100")


def test_every_number_can_be_dialled_and_has_its_sources() -> None:
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", COMPARED)
    for country, known in HELP.items():
        assert re.fullmatch(r"[A-Z]{2}", country)
        assert known.sources
        assert all(source.startswith("https://") for source in known.sources)
        for number in filter(None, (known.emergency, known.crisis)):
            settings(GRANNY_EMERGENCY_NUMBER=number)


def test_the_table_is_published_as_it_is() -> None:
    """docs/safety.md is what a family reads: each country with its numbers."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "safety.md").read_text(encoding="utf-8")
    for country, known in HELP.items():
        assert f"| {country} | {known.emergency} | {known.crisis or 'none'} | " in page
