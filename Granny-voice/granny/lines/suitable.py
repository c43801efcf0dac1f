"""Are the lines what a caller may hear: is the greeting honest, and are all of them in the language of the call?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from granny import lines
from granny.lines import GREETINGS, LANGUAGE, Line, OwnVoice

SAYING_IT: Mapping[str, str] = {
    "en": r"computer|robot|machine|artificial|automat\w*|\bai\b|a\.i\.",
    "de": r"computer|roboter|maschine|künstlich|automat|\bki\b",
}
"""What a greeting that says what she is holds one of, by language; of another language nobody can tell here."""


def discloses(text: str, language: str) -> bool:
    """Whether the words say that she is a computer; taken for granted where we do not know the language."""
    pattern = SAYING_IT.get(language.partition("-")[0])
    return pattern is None or bool(re.search(pattern, text, re.IGNORECASE))


_FIRST_HEARD = (*GREETINGS, Line.LINE_BUSY, Line.COMPUTER_COMPANION)
"""What may be the first that a caller hears of her; before any other line comes the last of these."""


def dishonest_greetings(*, folder: Path, language: str) -> Iterator[str]:
    """Names of the files of the family's, recordings or words, whose words do not say what she is."""
    for line in _FIRST_HEARD:
        names = [f"{line.value}.{kind}" for kind in ("wav", "txt")]
        there = [name for name in names if (folder / name).exists()]
        if there and not discloses(lines.words(line, language=language, folder=folder), language):
            yield there[0]


def in_english(own: OwnVoice, *, folder: Path | None, is_recorded: bool) -> tuple[Line, ...]:
    """The lines that a caller of another language would hear in English.

    Args:
        own: how she sounds, and in which language.
        folder: the family's own recordings.
        is_recorded: whether she will record in her own voice what she has words for.
    """
    if own.language.partition("-")[0] == LANGUAGE:
        return ()
    return tuple(line for line in Line if not _is_there(line, own, folder, is_recorded=is_recorded))


def _is_there(line: Line, own: OwnVoice, folder: Path | None, *, is_recorded: bool) -> bool:
    shipped = lines.shipped_in(own.language)
    places = (*((folder,) if folder else ()), *shipped)
    if any((place / f"{line.value}.wav").exists() for place in places):
        return lines.names_number(line, own, folder=folder, places=shipped)
    file = own.file(line.value, lines.own_words(line, own, folder=folder))
    has_own = is_recorded or (file is not None and file.exists())
    return has_own and lines.is_in_language(line, own, folder=folder)
