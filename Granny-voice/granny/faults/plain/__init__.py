"""A fault in the family's language: what is wrong and what to do, in two sentences for whoever set her up; no jargon.

One file a language, and all have the same entries: a fault's own, by its slug, or those of the line by which a caller
is told of it. The catalogue says it at more length, and in English alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from granny.faults import CATALOGUE
from granny.faults.plain import _de, _en

LANGUAGES: Mapping[str, Mapping[str, tuple[str, str]]] = {"en": _en.FAULTS, "de": _de.FAULTS}
ENGLISH = "en"
ANYTHING_ELSE = "something-went-wrong"


@dataclass(frozen=True, slots=True)
class Advice:
    """What a family is told of a fault.

    Attributes:
        wrong: what is wrong.
        remedy: what to do.
    """

    wrong: str
    remedy: str


def language_of(language: str) -> str:
    """The language in which a family is spoken to, whose setting this is: its own, if it is written here; else English.

    Args:
        language: as in de, en, pt-BR.
    """
    short = language.partition("-")[0]
    return short if short in LANGUAGES else ENGLISH


def advice(slug: str, language: str) -> Advice:
    """What to say of a fault, or of a line; of one that nobody has heard of, that something went wrong."""
    return Advice(*LANGUAGES[language_of(language)][_entry(slug) or ANYTHING_ELSE])


def has_own(slug: str) -> bool:
    """Whether a fault has sentences of its own, or those of its line."""
    return _entry(slug) is not None


def _entry(slug: str) -> str | None:
    line = CATALOGUE[slug].spoken if slug in CATALOGUE else None
    return next((name for name in (slug, line) if name and name in LANGUAGES[ENGLISH]), None)
