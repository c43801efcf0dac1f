"""What the family wrote about the caller, as the model may be told it: bounded, and unable to leave its frame."""

from __future__ import annotations

import logging
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from granny.config.settings import CALLER_FILE_LIMIT, Settings

logger = logging.getLogger("granny.call")

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe without a writer would be waited for, by all that the process does."""
_BRACKETS = ("LESS-THAN", "GREATER-THAN", "ANGLE BRACKET", "ANGLE QUOTATION", "ARROWHEAD", "PRECEDES", "SUCCEEDS")
"""What the Unicode names of all that looks like < or > have in common, but for two letters of the Cree."""
_LETTERS = {"\N{CANADIAN SYLLABICS PA}": "(", "\N{CANADIAN SYLLABICS PO}": ")"}
_OPENING = ("LESS", "LEFT", "PRECEDES")
_LINES_END = ("Zl", "Zp")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Control and bidi characters, tags, and what has no meaning."""
_KEPT = "\n\t"
_CALLED = "The caller is called {name}."


def about_caller(settings: Settings) -> str:
    """What the caller is called and what the family wrote, a line each or more; empty without either."""
    name = " ".join(tame(settings.caller_name or "").split())
    notes = family_notes(settings.caller_file) if settings.caller_notes is None else _cut(tame(settings.caller_notes))
    return "\n".join(filter(None, (_CALLED.format(name=name) if name else "", notes)))


def family_notes(file: Path | None) -> str:
    """The notes, cut to the limit; empty without a file.

    The check-up has read it before the first call; if it cannot be read any more, the call goes on without it.
    """
    if file is None:
        return ""
    try:
        written = read_at_most(file, CALLER_FILE_LIMIT)
    except OSError as error:
        logger.warning("the family's notes cannot be read", extra={"error": type(error).__name__})
        return ""
    return _cut(tame(_text(written)))


def read_at_most(file: Path, limit: int) -> bytes:
    """The first bytes of an ordinary file.

    Raises:
        OSError: it cannot be read, or is something else by now: a pipe, a device, a folder.
    """
    descriptor = os.open(file, os.O_RDONLY | _AT_ONCE)
    with open(descriptor, "rb") as opened:  # noqa: PTH123  of a descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            msg = "not an ordinary file"
            raise OSError(msg)
        return opened.read(limit)


def tame(text: str) -> str:
    """The text without what cannot be seen, and without any bracket that could pass for one of the frame's."""
    return "".join(_tamed(unicodedata.normalize("NFKC", text))).strip()


def _tamed(text: str) -> Iterator[str]:
    for character in text:
        category, name = unicodedata.category(character), unicodedata.name(character, "")
        if character in _KEPT or character.isalnum():
            yield _LETTERS.get(character, character)
        elif category in _LINES_END:
            yield "\n"
        elif any(word in name for word in _BRACKETS):
            yield "(" if any(word in name for word in _OPENING) else ")"
        elif category not in _UNSEEN and not name.startswith("VARIATION SELECTOR"):
            yield character


def _cut(text: str) -> str:
    """Normal forms can be longer."""
    return _text(text.encode()[:CALLER_FILE_LIMIT]).rstrip()


def _text(written: bytes) -> str:
    return written.decode("utf-8", errors="ignore")
