"""She is recorded once for all who have her alike, and once more for each other voice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from granny.config.settings import Settings
from granny.lines import Line
from granny.people import People, Person
from granny.worker.line_recorder import outlook
from granny.worker.voices import voices

INSTALLED = Settings(OPENAI_API_KEY="sk-FAKE")


def people(*told: dict[str, Any]) -> People:
    return People(Path("people"), {str(number): Person.model_validate(one) for number, one in enumerate(told)})


def test_nobody_in_particular_makes_one_voice() -> None:
    assert voices(INSTALLED, people()) == (INSTALLED,)


def test_whoever_has_her_as_everybody_does_needs_no_recording() -> None:
    """Notes, names and bounds are not heard."""
    told = people({"called": "Anna", "notes": "Roses."}, {"longest_call": 5, "eagerness": "high"}, {"speed": 1})
    assert len(voices(INSTALLED, told)) == 1


def test_each_other_voice_is_recorded_once() -> None:
    told = people({"speed": 0.8}, {"speed": 0.8, "called": "Berta"}, {"language": "de"}, {"granny": "Oma"})
    assert [(one.speed, one.language, one.name) for one in voices(INSTALLED, told)] == [
        (1.0, "en", "Granny"),
        (0.8, "en", "Granny"),
        (1.0, "de", "Granny"),
        (1.0, "en", "Oma"),
    ]


def test_as_she_starts_it_is_said_what_all_of_them_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    both = outlook(*voices(INSTALLED, people({"speed": 0.5}))) or ""
    assert f"{2 * len(Line)} are recorded" in both
    assert cents(both) > 2 * cents(outlook(INSTALLED) or "")


def cents(told: str) -> int:
    found = re.search(r"some (\d+) cents", told)
    assert found, told
    return int(found[1])
