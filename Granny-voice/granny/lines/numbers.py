"""A number to ring, said digit by digit after a line that does not hold it; standard library only.

In her own voice the number is a part of the line's words. The shipped lines are the same for everybody, so the number
is put together of recorded digits, which lie in a folder of their own beside them.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from pathlib import Path

from granny.lines.wav import LineError, read

FOLDER = "number"
_TEXT = "number.txt"
_START, _AGAIN = "the-number-is", "once-more"
_GAPS = {_START: 0.35, _AGAIN: 0.35}  # seconds after it
_DIGIT_GAP = 0.12
_SENTENCE_GAP = 0.7
_NOT_A_DIGIT = re.compile(r"\D")


def digits(text: str) -> str:
    """The digits of a text, and nothing else of it."""
    return _NOT_A_DIGIT.sub("", text)


def holds(text: str, number: str) -> bool:
    """Whether a line's words name the number."""
    return digits(number) in digits(text)


def words(number: str, place: Path) -> str:
    """The sentence that names the number, in the language of a folder of lines; empty if it has none."""
    try:
        template = (place / FOLDER / _TEXT).read_text("utf-8").strip()
    except OSError:
        return ""
    return template.replace("{number}", " ".join(digits(number)))


def recorded(number: str, place: Path) -> tuple[bytes, int]:
    """The same, as sound: mono samples of 16 bit, and their rate in Hz.

    Raises:
        LineError: a piece is missing, or cannot be used.
    """
    pieces = {name: read(place / FOLDER / f"{name}.wav") for name in (_START, _AGAIN, *set(digits(number)))}
    rates = {rate for _, rate in pieces.values()}
    if len(rates) != 1:
        raise LineError(place / FOLDER, "has pieces of several sample rates")
    rate = rates.pop()
    return b"".join(_put_together({name: pcm for name, (pcm, _) in pieces.items()}, digits(number), rate)), rate


def _put_together(pieces: dict[str, bytes], number: str, rate: int) -> Iterator[bytes]:
    for start in (_START, _AGAIN):
        yield pieces[start] + _silence(_GAPS[start], rate)
        for digit in number:
            yield pieces[digit] + _silence(_DIGIT_GAP, rate)
        yield _silence(_SENTENCE_GAP, rate) if start == _START else b""


def _silence(seconds: float, rate: int) -> bytes:
    return array("h", [0] * int(seconds * rate)).tobytes()
