"""Hears in what the caller said whether it is serious: a list of phrases a language, and no model's mood.

Beside the rule in her instructions this is a net: it is told each final transcript of the caller's, and says what kind
of words it holds, or none. It may be wrong both ways. What is missed is still met by the model's own rule; what is
caught without need costs a sentence. The lists of all languages are asked, for in distress people fall back into their
first one. Nothing of what was said leaves this room.

How good it is stands in docs/safety.md; `tests/call/test_serious.py` measures it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum

from granny.call.serious import _english, _german
from granny.call.serious._phrases import Phrases

LANGUAGES: dict[str, Phrases] = {"de": _german.PHRASES, "en": _english.PHRASES}
"""Those that have a list."""

_SENTENCE_ENDS = re.compile(r"[.!?;:\n…]+")
_NOT_A_WORD = re.compile(r"[^\w', ]+")
_SPACES = re.compile(r"\s+")


class Kind(str, Enum):
    """What kind of help is needed; the value is its slug."""

    CRISIS = "crisis"
    """Somebody speaks of ending their life."""
    EMERGENCY = "emergency"
    """Somebody is in danger, hurt or very ill."""


def heard_in(transcript: str) -> Kind | None:
    """What the words hold; a crisis comes before an emergency, for its line names both numbers."""
    kinds = set(_kinds(transcript))
    return next((kind for kind in Kind if kind in kinds), None)


def _kinds(transcript: str) -> Iterator[Kind]:
    for sentence in _sentences(transcript):
        for phrases in LANGUAGES.values():
            if phrases.is_crisis(sentence):
                yield Kind.CRISIS
            if phrases.is_emergency(sentence):
                yield Kind.EMERGENCY


def _sentences(transcript: str) -> Iterator[str]:
    """In small letters, with straight apostrophes and single spaces; of the signs only the commas stay."""
    text = unicodedata.normalize("NFKC", transcript).casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for sentence in _SENTENCE_ENDS.split(text):
        plain = _SPACES.sub(" ", _NOT_A_WORD.sub(" ", sentence)).replace(" ,", ",").strip(" ,")
        if plain:
            yield plain
