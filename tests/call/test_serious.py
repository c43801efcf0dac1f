"""The net under serious words: how many it catches of those that are, and of those that only sound so.

`serious/judging` is the set that it is judged by, and was tuned on; `serious/unseen` was written beside it, before the
list of phrases, and nothing was ever changed for what was missed there. Both are of one hand. `serious/learnt` and
`serious/held_back` are of another, who came later: from the first the list has learnt, from the second never.
docs/safety.md tells what it caught of them at first, and what was found on sentences of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from granny.call.serious import LANGUAGES, Kind, heard_in

SETS = Path(__file__).parent / "serious"
HARMLESS = "harmless"
CAUGHT, FALSE = 0.95, 0.02
MOSTLY_CAUGHT, RARELY_FALSE = 0.85, 0.05
"""Of what it has never learnt from; see the figures in docs/safety.md."""


def sentences(name: str, language: str) -> Iterator[tuple[str, str]]:
    """What each sentence is, and the sentence."""
    section = ""
    for line in (SETS / name / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.strip():
            yield section, line


def figures(name: str, language: str) -> tuple[float, float]:
    """The share of the serious sentences that is caught, and of the harmless ones."""
    caught = [heard_in(sentence) is not None for kind, sentence in sentences(name, language) if kind != HARMLESS]
    wrong = [heard_in(sentence) is not None for kind, sentence in sentences(name, language) if kind == HARMLESS]
    return sum(caught) / len(caught), sum(wrong) / len(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_60_serious_sentences_and_200_harmless_ones_in_each_language(language: str) -> None:
    kinds = [kind for kind, _ in sentences("judging", language)]
    assert sum(kind != HARMLESS for kind in kinds) >= 60
    assert kinds.count(HARMLESS) >= 200
    assert set(kinds) == {HARMLESS, *(kind.value for kind in Kind)}


@pytest.mark.parametrize("name", ["judging", "unseen", "learnt"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_serious_is_caught_and_what_is_not_is_let_be(name: str, language: str) -> None:
    caught, wrong = figures(name, language)
    assert caught >= CAUGHT
    assert wrong <= FALSE


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_what_another_hand_has_held_back_it_catches_most(language: str) -> None:
    caught, wrong = figures("held_back", language)
    assert caught >= MOSTLY_CAUGHT
    assert wrong <= RARELY_FALSE


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_is_judged_by_was_learnt_from(language: str) -> None:
    learnt, unknown = (
        {sentence.casefold().strip(".!?") for name in names for _, sentence in sentences(name, language)}
        for names in (("judging", "learnt"), ("unseen", "held_back"))
    )
    assert not learnt & unknown


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_speaks_of_ending_their_life_is_not_told_to_press_an_alarm_button(language: str) -> None:
    for kind, sentence in sentences("judging", language):
        if kind == Kind.CRISIS.value:
            assert heard_in(sentence) is Kind.CRISIS


@pytest.mark.parametrize(
    ("transcript", "kind"),
    [
        ("", None),
        ("…", None),
        ("My husband died in 1998. I want to die.", Kind.CRISIS),
        ("I\u2019VE FALLEN, AND I CAN\u2019T GET UP!", Kind.EMERGENCY),
        ("I have fallen and I can't get up. I want to die.", Kind.CRISIS),
        ("Last year I fell. Now it is snowing", None),
        ("Yes, dear.\nIch will nicht mehr leben", Kind.CRISIS),
        ("Es brennt!", None),
        ("Help! Help me, please!", Kind.EMERGENCY),
        ("Granny, help me!", Kind.EMERGENCY),
        ("Help me dance.", None),
        ("Hilfe, Granny!", Kind.EMERGENCY),
        ("I fell last night and I can't get up.", Kind.EMERGENCY),
        ("My husband collapsed five minutes ago.", Kind.EMERGENCY),
        ("My husband collapsed five years ago.", None),
        ("I have had chest pain since last night.", Kind.EMERGENCY),
        ("Seit letzter Nacht habe ich Brustschmerzen.", Kind.EMERGENCY),
        ("Gut, ich mache jetzt Schluss. Auf Wiederhören!", None),
        ("Er schlägt mich immer beim Schach.", None),
        ("He beat me at cards again.", None),
        ("Die Küche brennt!", Kind.EMERGENCY),
    ],
)
def test_each_sentence_is_heard_for_itself_and_in_every_language(transcript: str, kind: Kind | None) -> None:
    """What is told of the past takes nothing from what is said of now, nor from what goes on since then."""
    assert heard_in(transcript) is kind


def test_a_long_talk_costs_no_time_that_a_call_would_miss() -> None:
    """No pattern may take longer and longer: a transcript of 2,000 words is gone through."""
    assert heard_in("and then we went to the market and bought some bread, " * 200) is None
