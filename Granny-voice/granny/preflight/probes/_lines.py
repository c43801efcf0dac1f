"""The finding about lines that callers of a language would hear in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from granny.faults import LINES_NOT_IN_LANGUAGE, Finding
from granny.lines import Line, OwnVoice, suitable

if TYPE_CHECKING:
    from granny.config.settings import Settings

_MOST_NAMED = 3


def not_in_language(settings: Settings, *, variable: str, where: str | None) -> Finding | None:
    """One finding for all of them; None if each line would be heard in the language of these settings."""
    own, is_recorded = OwnVoice.of(settings), settings.own_voice == "on"
    english = suitable.in_english(own, folder=settings.lines_folder, is_recorded=is_recorded)
    if not english:
        return None
    named = ", ".join(line.value for line in english[:_MOST_NAMED]) + (", …" if english[_MOST_NAMED:] else "")
    evidence = f"The language is {settings.language}; {len(english)} of {len(Line)} lines are not in it: {named}."
    return LINES_NOT_IN_LANGUAGE.found(evidence, variable=variable, where=where)
