"""docs/safety.md is Granny's published protocol: what it promises is what she is told, and what is done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from call.test_serious import HARMLESS, figures, sentences
from granny.call.instructions import instructions, urgent
from granny.call.serious import LANGUAGES, Kind
from granny.call.watchdog._serious import HEARD_SECONDS, LATEST_SECONDS
from granny.config.settings import Settings
from granny.config.whereabouts import COMPARED

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "safety.md").read_text(encoding="utf-8")
NUMBERS = {4: "four", 8: "eight"}


def plain(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


TOLD = plain(PAGE)


def settings(**values: Any) -> Settings:
    return Settings(OPENAI_API_KEY="sk-FAKE", **values)


BERLIN = settings(GRANNY_TIMEZONE="Europe/Berlin")


@pytest.mark.parametrize("kind", Kind)
def test_the_model_is_told_at_once_with_the_numbers_and_that_she_cannot_ring(kind: Kind) -> None:
    for text in (instructions(BERLIN), urgent(kind, BERLIN)):
        assert "112" in text
        assert "cannot" in text
    told = urgent(Kind.CRISIS, BERLIN)
    assert "0800 111 0 111" in told
    assert "0800 111 0 111" in instructions(BERLIN)
    assert "never speak of ways to do it" in plain(told)
    assert "never speak of ways to do it" in plain(instructions(BERLIN))
    assert "never speak of ways to do it" in TOLD


def test_where_no_number_is_known_the_one_that_they_know_is_named() -> None:
    for text in (instructions(settings()), urgent(Kind.EMERGENCY, settings())):
        assert "their emergency number (112 or 911, or the one they know)" in plain(text)
    assert "{" not in instructions(settings()) + urgent(Kind.CRISIS, settings())


def test_the_seconds_are_those_of_the_watchdog() -> None:
    assert f"within {NUMBERS[int(HEARD_SECONDS)]} seconds" in TOLD
    assert f"heard out for {NUMBERS[int(LATEST_SECONDS)]} seconds" in TOLD


def test_the_figures_are_those_of_the_sentences() -> None:
    """As `tests/call/test_serious.py` counts them; the two languages side by side."""
    rows = {"judging": "judged by, tuned on", "unseen": "written before the list and never tuned on"}
    for name, title in rows.items():
        for what, index in (("serious and caught", 0), ("harmless and taken for serious", 1)):
            cells = [_cell(name, language, index) for language in sorted(LANGUAGES, reverse=True)]
            assert f"| {title}: {what} | {' | '.join(cells)} |" in PAGE


def _cell(name: str, language: str, index: int) -> str:
    kinds = [kind for kind, _ in sentences(name, language)]
    total = kinds.count(HARMLESS) if index else len(kinds) - kinds.count(HARMLESS)
    return f"{round(figures(name, language)[index] * total)} of {total}"


def test_the_day_of_the_numbers_is_told() -> None:
    assert COMPARED in PAGE
    assert re.findall(r"`(GRANNY_[A-Z_]+)`", PAGE)
    for variable in re.findall(r"`(GRANNY_[A-Z_]+)`", PAGE):
        assert variable in (field.alias for field in Settings.model_fields.values())
