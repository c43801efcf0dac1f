"""Looks at a scenario with all the offline probes, in its own environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import granny.config.settings
from granny.config.paths import PEOPLE_FOLDER, Mode, env_files
from granny.config.settings import VARIABLES, Settings
from granny.faults import Finding, Severity
from granny.net.answer import Answer, Unasked
from granny.preflight.probes.offline import Offline
from scenarios.environment import Scenario

_ALSO = ("OPENAI_API_VERSION", "AZURE_OPENAI_ENDPOINT", "PYTHON_DOTENV_DISABLED")


@dataclass(frozen=True)
class Seen:
    """What the probes answered."""

    answers: dict[str, Answer | Unasked]
    settings: Settings | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, in the order of the probes."""
        return tuple(
            finding for answer in self.answers.values() if isinstance(answer, Answer) for finding in answer.findings
        )

    @property
    def fatal(self) -> list[str]:
        """The slugs of what would keep her from starting."""
        return [finding.fault.slug for finding in self.findings if finding.severity is Severity.FATAL]

    def texts(self) -> Iterator[str]:
        """Everything that could reach a person or a log."""
        for name, answer in self.answers.items():
            yield f"{name} {answer!r} {answer}"
        for finding in self.findings:
            yield f"{finding.summary} {finding.evidence} {finding.where} {finding.remedy} {finding.fault}"
        yield repr(self.settings)


def look(scenario: Scenario, top: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Set a scenario up below a top folder and ask."""
    for name in (*VARIABLES, *_ALSO):
        monkeypatch.delenv(name, raising=False)
    for module in scenario.hidden:
        monkeypatch.setitem(sys.modules, module, None)
    with scenario.set_up(top) as environ:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        files = env_files(Mode.PRODUCTION, folder=top / "Granny-voice")
        people = top / "Granny-voice" / PEOPLE_FOLDER
        offline = Offline(files=files, environ=os.environ, needed=scenario.needed, people=people)
        answers = {name: probe() for name, probe in offline.probes(opens=scenario.opens)}
    return Seen(answers, offline.settings)


assert granny.config.settings
