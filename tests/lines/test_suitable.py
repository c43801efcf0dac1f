"""What is told of the family's lines: a greeting that hides what she is, and lines that would be heard in English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from granny.config.settings import Settings
from granny.lines import Line, OwnVoice
from granny.lines.suitable import discloses, dishonest_greetings, in_english


def own(language: str, **values: Any) -> OwnVoice:
    return OwnVoice.of(Settings(OPENAI_API_KEY="sk-FAKE", GRANNY_LANGUAGE=language, **values))


@pytest.mark.parametrize(
    ("text", "language", "says"),
    [
        ("Hello, this is Granny, your computer companion.", "en", True),
        ("Hi Mum, it's the AI here.", "en-GB", True),
        ("Hi Mum, said Granny.", "en", False),
        ("Please remain on the line, Aisha.", "en", False),
        ("Guten Tag, hier ist die KI.", "de", True),
        ("Guten Tag, hier ist Kira.", "de", False),
        ("Dag, hier is oma.", "nl", True),
    ],
)
def test_a_greeting_that_says_it_is_known_where_the_language_is(text: str, language: str, *, says: bool) -> None:
    assert discloses(text, language) is says


def test_a_familys_greeting_is_judged_by_its_words(tmp_path: Path) -> None:
    """Without words of their own it is taken to say the shipped ones; what is not there is not judged."""
    assert list(dishonest_greetings(folder=tmp_path, language="en")) == []
    (tmp_path / "greeting.wav").touch()
    assert list(dishonest_greetings(folder=tmp_path, language="en")) == []
    (tmp_path / "greeting.txt").write_text("Hello Mum!", encoding="utf-8")
    (tmp_path / "hello.txt").write_text("Good day.", encoding="utf-8")
    assert list(dishonest_greetings(folder=tmp_path, language="en")) == ["greeting.wav", "hello.txt"]
    (tmp_path / "greeting.txt").write_text("Hello Mum, here is the computer!", encoding="utf-8")
    assert list(dishonest_greetings(folder=tmp_path, language="en")) == ["hello.txt"]
    for name in ("line-busy", "computer-companion", "still-busy"):
        (tmp_path / f"{name}.txt").write_text("Just a moment, Mum.", encoding="utf-8")
    named = list(dishonest_greetings(folder=tmp_path, language="en"))
    assert named == ["hello.txt", "line-busy.txt", "computer-companion.txt"]


@pytest.mark.parametrize("language", ["en", "en-GB", "de", "de-AT"])
@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_shipped_language_is_heard_whole(language: str, *, is_recorded: bool) -> None:
    assert in_english(own(language), folder=None, is_recorded=is_recorded) == ()


def test_another_language_needs_words_and_somebody_to_say_them(tmp_path: Path) -> None:
    """Words alone are enough if she records them; a recording is enough by itself."""
    assert in_english(own("nl"), folder=None, is_recorded=True) == tuple(Line)
    (tmp_path / "goodbye.txt").write_text("Dag!", encoding="utf-8")
    (tmp_path / "hello.wav").touch()
    left = set(in_english(own("nl"), folder=tmp_path, is_recorded=True))
    assert left == set(Line) - {Line.GOODBYE, Line.HELLO}
    assert set(in_english(own("nl"), folder=tmp_path, is_recorded=False)) == set(Line) - {Line.HELLO}


SERIOUS = {Line.EMERGENCY, Line.CRISIS}


def test_the_number_to_ring_is_not_said_in_english_behind_a_translated_line(tmp_path: Path) -> None:
    """Neither in her own voice nor after a recording; a recording whose words name it needs no more."""
    for line in Line:
        (tmp_path / f"{line.value}.txt").write_text("Dag!", encoding="utf-8")
    abroad = own("nl", GRANNY_TIMEZONE="Europe/Amsterdam")
    assert in_english(own("nl"), folder=tmp_path, is_recorded=True) == ()
    assert set(in_english(abroad, folder=tmp_path, is_recorded=True)) == SERIOUS
    (tmp_path / "number").mkdir()
    (tmp_path / "number" / "number.txt").write_text("Het nummer is {number}.", encoding="utf-8")
    assert in_english(abroad, folder=tmp_path, is_recorded=True) == ()
    for line in SERIOUS:
        (tmp_path / f"{line.value}.wav").touch()
    assert set(in_english(abroad, folder=tmp_path, is_recorded=True)) == SERIOUS
    (tmp_path / "emergency.txt").write_text("Bel 112!", encoding="utf-8")
    assert in_english(abroad, folder=tmp_path, is_recorded=True) == (Line.CRISIS,)


def test_what_she_has_recorded_before_is_heard_with_own_voice_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "goodbye.txt").write_text("Dag!", encoding="utf-8")
    file = own("nl").file("goodbye", "Dag!")
    assert file is not None
    file.parent.mkdir(parents=True)
    file.touch()
    assert Line.GOODBYE not in in_english(own("nl"), folder=tmp_path, is_recorded=False)
