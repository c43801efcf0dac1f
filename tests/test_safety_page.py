"""docs/safety.md is Granny's published protocol: what it promises is what she is told, and what is done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from call.test_serious import HARMLESS, figures, sentences
from granny import lines
from granny.call import room_doors
from granny.call.ending import Ending
from granny.call.instructions import BY_TELEPHONE, GREETING, HANG_UP, LEAVE_WORD, RANG, instructions, urgent
from granny.call.serious import LANGUAGES, Kind
from granny.call.watchdog._limits import REMINDER_SECONDS
from granny.call.watchdog._serious import FREE_SECONDS, HEARD_SECONDS, LATEST_SECONDS, NOT_HEARD_SECONDS
from granny.config.settings import Settings
from granny.config.whereabouts import COMPARED
from granny.lines import Line, OwnVoice, suitable
from granny.phone import trying
from granny.rooms.telephones import RingOutcome

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "safety.md").read_text(encoding="utf-8")
NUMBERS = {4: "four", 5: "five", 8: "eight"}


def plain(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


TOLD = plain(PAGE)


def settings(**values: Any) -> Settings:
    return Settings(OPENAI_API_KEY="sk-FAKE", **values)


BERLIN = settings(GRANNY_TIMEZONE="Europe/Berlin")


FEELINGS = re.compile(
    r"\b(enjoy\w*|miss(ed|ing)? you|lonely|i am (happy|sad|glad)|love|glad|happy"
    r"|freue?|vermiss\w*|traurig|einsam|glücklich|liebe|genossen)\b",
    re.IGNORECASE,
)
"""What a thing without feelings cannot say of itself; to be sorry for a fault is a form of politeness."""
GUILT = re.compile(
    r"\b(stay (a (bit|little)|longer|with me)|don't go|do not go|already|alone without|schon\b|ohne sie)", re.IGNORECASE
)
FIRST = (Line.GREETING, Line.HELLO, Line.COMPUTER_COMPANION, Line.LINE_BUSY)
"""What may be the first that a caller hears; before any other line comes the third."""
LANGUAGES_SHIPPED = ("en", "de")


@pytest.mark.parametrize("language", LANGUAGES_SHIPPED)
@pytest.mark.parametrize("line", FIRST)
def test_whatever_is_heard_first_says_what_she_is_within_five_seconds(line: Line, language: str) -> None:
    """In its first sentence, of which the whole is heard by then; in her own voice, under another name, too."""
    text = lines.words(line, language=language)
    first = text.partition(".")[0]
    assert suitable.discloses(first, language)
    recording = lines.load(line, language=language)
    assert recording.duration * len(first) / len(text) < 5
    own = OwnVoice.of(settings(GRANNY_LANGUAGE=language, GRANNY_NAME="Rosa"))
    assert suitable.discloses(lines.own_words(line, own), language)


def test_the_model_is_told_to_say_it_first_and_whenever_it_is_asked() -> None:
    assert "in the first sentence, that you are a computer companion" in GREETING
    told = instructions(settings())
    assert "You are an AI, a computer voice. Say so plainly and kindly whenever you are asked" in told


def test_the_line_is_quoted_as_it_is() -> None:
    assert f'"{lines.words(Line.COMPUTER_COMPANION)}"' in TOLD
    assert REMINDER_SECONDS == 2.75 * 3600
    assert "after two hours and three quarters" in TOLD


@pytest.mark.parametrize("language", LANGUAGES_SHIPPED)
@pytest.mark.parametrize("line", Line)
def test_no_line_claims_a_feeling_or_makes_it_hard_to_go(line: Line, language: str) -> None:
    text = lines.words(line, language=language)
    assert not FEELINGS.search(text)
    assert not GUILT.search(text)


@pytest.mark.parametrize(
    "rule",
    [
        "You have no feelings, no body and no life of your own, and claim none",
        "missed the caller or love them",
        "Let them go at once: never ask them to stay, never ask why, never say that you will miss them or be alone.",
        "Never ask for money, gifts, bank details, codes, passwords or personal papers",
        "You are no doctor, lawyer or banker",
    ],
)
def test_she_is_told_what_the_page_promises(rule: str) -> None:
    for language in ("en", "de", "nl"):
        assert rule in plain(instructions(settings(GRANNY_LANGUAGE=language)))


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
    assert NOT_HEARD_SECONDS == 1.5
    assert "cuts the answer short in its first second and a half" in TOLD


def test_by_telephone_she_hangs_up_so_that_they_can_ring() -> None:
    told = plain(BY_TELEPHONE)
    assert "say the number twice, say that you hang up now so that they can ring, and end the call" in told
    assert "say last that you will hang up now so that they can" in HANG_UP
    assert f"{NUMBERS[int(FREE_SECONDS)]} seconds after the last word on whom to ring" in TOLD
    assert f"`{Ending.LINE_FREED.value}`" in TOLD


def test_the_figures_are_those_of_the_sentences() -> None:
    """As `tests/call/test_serious.py` counts them; the two languages side by side."""
    rows = {
        "judging": "judged by, tuned on",
        "unseen": "written before the list and never tuned on",
        "learnt": "of another hand, and learnt from",
        "held_back": "of another hand, and never learnt from",
    }
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


def test_whom_she_rings_is_told_at_once_what_she_is() -> None:
    """A person in her first sentence, a machine in the word that she leaves, which says nothing of anybody."""
    assert "in the first sentence, that you are a computer companion" in RANG
    assert "that you are a computer companion" in LEAVE_WORD
    assert "Say nothing else about anybody" in LEAVE_WORD
    assert "says her name and that she is a computer companion" in TOLD


def test_nothing_of_a_call_is_recorded() -> None:
    """Else LiveKit Cloud's own settings would decide."""
    assert room_doors.START["record"] is False
    assert "She records nothing" in TOLD


def test_who_declines_is_not_rung_again() -> None:
    assert RingOutcome.DECLINED not in trying._AGAIN
    assert "who declines is not rung again" in TOLD
