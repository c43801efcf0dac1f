"""What AGENTS.md tells whoever takes over is true: its ten questions lead to files that are there."""

from __future__ import annotations

import re

import pytest

from granny.config.paths import HOME

TEXT = (HOME.parent / "AGENTS.md").read_text(encoding="utf-8")
ANSWERS = re.findall(r"^\| (.+\?) \| `([^`]+)` \|$", TEXT, re.MULTILINE)


def test_there_are_ten_questions() -> None:
    assert len(ANSWERS) == 10


PROOFS = {
    "call/watchdog/": "ANSWER_SECONDS =",
    "worker/door.py": "class Door:",
    "preflight/probes/": "async def ask(",
    "faults/": "class Fault:",
    "diagnosis/": "def diagnose_event(",
    "config/settings/": 'alias="GRANNY_NAME"',
    "call/announcer.py": "async def say(",
    "worker/framework.py": "self._proc_pool",
    "worker/hooks.py": "def on_call_ended(",
    "rehearsal/openai/": "class StandIn",
}
"""What a newcomer who opens the answer must find there."""


@pytest.mark.parametrize(("question", "path"), ANSWERS)
def test_a_question_leads_to_what_answers_it(question: str, path: str) -> None:
    there = HOME / "granny" / path
    files = sorted(there.rglob("*.py")) if path.endswith("/") else [there]
    assert any(PROOFS[path] in file.read_text(encoding="utf-8") for file in files), question


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not (HOME.parent / link).exists()] == []
