"""The page's own sentences, so that a test compares with them and repeats none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import granny.page

_SITE = Path(granny.page.__file__).parent / "site"


@dataclass(frozen=True, slots=True)
class Words:
    """Those of one language, said of a Granny of this name."""

    sentences: dict[str, Any]
    granny: str

    @classmethod
    def of(cls, language: str, granny: str = "Granny") -> Words:
        return cls(_table(f"words/{language}.js"), granny)

    def state(self, name: str) -> str:
        return self._named(self.sentences["state"][name])

    def button(self, name: str) -> str:
        return self._named(self.sentences["button"][name])

    def trouble(self, slug: str) -> list[str]:
        """What is said of a trouble by its own name, or by that of a fault of hers."""
        own = slug if slug in self.sentences["trouble"] else _table("faults.js")[slug]
        return [self._named(sentence) for sentence in self.sentences["trouble"][own]["says"]]

    @property
    def troubles(self) -> list[str]:
        return list(self.sentences["trouble"])

    def _named(self, sentence: str) -> str:
        return sentence.replace("{granny}", self.granny)


def _table(file: str) -> dict[str, Any]:
    """What such a file exports: plain JSON."""
    text = (_SITE / file).read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text.partition("export default")[2].strip().removesuffix(";"))
    return table
