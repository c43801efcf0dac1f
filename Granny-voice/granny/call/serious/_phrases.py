"""A language's list: what is serious, what only sounds so, and how its short forms are written out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrases:
    """Patterns for sentences in small letters, in which `END` stands for where a thought ends.

    Attributes:
        crisis: who says this may want to die.
        emergency: who says this may be in danger, hurt or very ill.
        idioms: what is taken out before anything is looked for.
        milder: an emergency that is told with one of these is over, a story, or none.
        lasting: an emergency that goes on, whenever it began: who fell last night and cannot get up lies there still.
        short_forms: what is written out first, in this order.
    """

    crisis: re.Pattern[str]
    emergency: re.Pattern[str]
    idioms: re.Pattern[str]
    milder: re.Pattern[str]
    lasting: re.Pattern[str]
    short_forms: Mapping[str, str] = field(default_factory=dict)

    def is_crisis(self, sentence: str) -> bool:
        """Whether somebody speaks of ending their life."""
        return bool(self.crisis.search(self._plain(sentence)))

    def is_emergency(self, sentence: str) -> bool:
        """Whether somebody is in danger now."""
        plain = self._plain(sentence)
        is_now = self.emergency.search(plain) and not self.milder.search(plain)
        return bool(is_now or self.lasting.search(plain))

    def _plain(self, sentence: str) -> str:
        for short, long in self.short_forms.items():
            sentence = re.sub(short, long, sentence)
        return self.idioms.sub(" ", sentence)


def any_of(*patterns: str) -> re.Pattern[str]:
    """One pattern for all of them, each from the beginning of a word; END is where a thought ends."""
    return re.compile("|".join(_whole(patterns)))


def _whole(patterns: Iterable[str]) -> Iterable[str]:
    return (rf"\b(?:{pattern.replace('END', '(?=$|,)')})" for pattern in patterns)
