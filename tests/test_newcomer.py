"""What AGENTS.md tells whoever takes over is true: its ten questions lead to files that are there."""

from __future__ import annotations

import re

import pytest

from granny.config.paths import HOME

TEXT = (HOME.parent / "AGENTS.md").read_text(encoding="utf-8")
ANSWERS = re.findall(r"^\| (.+\?) \| `([^`]+)` \|$", TEXT, re.MULTILINE)


def test_there_are_ten_questions() -> None:
    assert len(ANSWERS) == 10


@pytest.mark.parametrize(("question", "path"), ANSWERS)
def test_a_question_leads_to_what_is_there(question: str, path: str) -> None:
    there = HOME / "granny" / path
    assert there.is_dir() if path.endswith("/") else there.is_file(), question


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not (HOME.parent / link).exists()] == []
