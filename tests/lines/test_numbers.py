"""Whom to ring, after a recorded line: in the words of her own voice, digit by digit in the shipped one."""

from __future__ import annotations

import wave
from array import array
from pathlib import Path
from typing import Any

import pytest

from granny import lines
from granny.config.settings import Settings
from granny.lines import Line, OwnVoice, Recording, load, number_after, numbers
from granny.lines.wav import LineError

NUMBERS = {Line.EMERGENCY: "112", Line.CRISIS: "0800 111 0 111"}


def own(**values: Any) -> OwnVoice:
    return OwnVoice.of(Settings(OPENAI_API_KEY="sk-FAKE", **{"GRANNY_TIMEZONE": "Europe/Berlin", **values}))


def nowhere(**values: Any) -> OwnVoice:
    return OwnVoice.of(Settings(OPENAI_API_KEY="sk-FAKE", **values))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("line", "number"), NUMBERS.items())
def test_a_shipped_line_is_followed_by_the_number_digit_by_digit_and_twice(
    line: Line, number: str, language: str
) -> None:
    """Each digit's own recording, in the order of the number, in the language of the line."""
    said = load(line, language=language)
    follows = number_after(line, said, own(), language=language)
    assert follows is not None
    assert follows.sample_rate == said.sample_rate
    assert numbers.digits(follows.text) == 2 * numbers.digits(number)
    pieces = [piece(digit, language) for digit in numbers.digits(number)]
    assert positions(follows, pieces) == sorted(positions(follows, pieces))
    assert follows.pcm.count(pieces[0]) >= 2


def piece(name: str, language: str) -> bytes:
    with wave.open(str(lines.SHIPPED / language / "number" / f"{name}.wav")) as wav:
        return bytes(wav.readframes(wav.getnframes()))


def positions(recording: Recording, pieces: list[bytes]) -> list[int]:
    """Where each piece is, looked for after the one before it."""
    found, start = [], 0
    for one in pieces:
        start = recording.pcm.index(one, start)
        found.append(start)
        start += len(one)
    return found


def test_where_no_number_is_known_none_is_said() -> None:
    for line in Line:
        assert number_after(line, load(line), nowhere()) is None
        assert numbers.digits(lines.own_words(line, nowhere())) == ""


def test_who_wants_to_die_is_given_the_emergency_number_where_no_other_is_known() -> None:
    here = own(GRANNY_TIMEZONE="Europe/Rome")
    follows = number_after(Line.CRISIS, load(Line.CRISIS), here)
    assert follows is not None
    assert numbers.digits(follows.text) == "112112"


def test_no_other_line_names_a_number() -> None:
    others = [line for line in Line if line not in NUMBERS]
    assert [number_after(line, load(line), own()) for line in others] == [None] * len(others)


def test_in_her_own_voice_the_number_is_a_part_of_the_words_and_is_not_said_again() -> None:
    """So with another number they are other words, and are recorded anew; her voice is the same."""
    words = lines.own_words(Line.EMERGENCY, own())
    assert words == f"{lines.words(Line.EMERGENCY)} The number is: 1 1 2. Once more: 1 1 2."
    assert number_after(Line.EMERGENCY, Recording(b"", 24_000, words), own()) is None
    other = own(GRANNY_EMERGENCY_NUMBER="110")
    assert other.file("emergency", lines.own_words(Line.EMERGENCY, other)) != own().file("emergency", words)
    assert other.file("goodbye", "Bye.") == own().file("goodbye", "Bye.")


def test_german_words_name_it_in_german() -> None:
    words = lines.own_words(Line.CRISIS, own(GRANNY_LANGUAGE="de"))
    assert words.endswith("Die Nummer ist: 0 8 0 0 1 1 1 0 1 1 1. Noch einmal: 0 8 0 0 1 1 1 0 1 1 1.")


def test_a_familys_recording_that_names_the_number_is_enough_and_one_that_does_not_is_followed_by_it() -> None:
    assert number_after(Line.EMERGENCY, Recording(b"", 8_000, "Mum, ring 1-1-2, now!"), own()) is None
    assert number_after(Line.EMERGENCY, Recording(b"", 8_000, "Mum, ring Peter."), own()) is not None


def test_the_familys_words_may_name_the_number_in_their_language(tmp_path: Path) -> None:
    (tmp_path / "number").mkdir()
    (tmp_path / "number" / "number.txt").write_text("Het nummer is: {number}.\n", encoding="utf-8")
    (tmp_path / "emergency.txt").write_text("Bel om hulp.\n", encoding="utf-8")
    here = own(GRANNY_LANGUAGE="nl", GRANNY_TIMEZONE="Europe/Amsterdam")
    assert lines.own_words(Line.EMERGENCY, here, folder=tmp_path) == "Bel om hulp. Het nummer is: 1 1 2."


def test_pieces_that_do_not_fit_together_are_no_number(tmp_path: Path) -> None:
    folder = tmp_path / "number"
    folder.mkdir()
    for name, rate in (("the-number-is", 16_000), ("once-more", 16_000), ("1", 8_000)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(rate)
            wav.writeframes(array("h", [5000, -5000] * 500).tobytes())
    with pytest.raises(LineError, match="several sample rates"):
        numbers.recorded("11", tmp_path)
    with pytest.raises(LineError):
        numbers.recorded("12", tmp_path)
