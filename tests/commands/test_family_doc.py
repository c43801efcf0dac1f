"""docs/family.md holds: what it has one type exists, what it links to is there, and what it says is so by default."""

from __future__ import annotations

import re

from commands.test_page_doc import anchors
from granny.commands import COMMANDS
from granny.commands.docs import TOP
from granny.config.settings import VARIABLES, Settings

PAGE = (TOP / "docs" / "family.md").read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(((?!http)[^)]+)\)", PAGE)
    assert targets
    for target in targets:
        path, _, anchor = target.partition("#")
        file = (TOP / "docs" / path).resolve() if path else TOP / "docs" / "family.md"
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_every_command_and_setting_exists() -> None:
    assert set(re.findall(r"python -m granny (\w+)", PAGE)) <= set(COMMANDS)
    assert set(re.findall(r"\bGRANNY_[A-Z_]+\b", PAGE)) <= set(VARIABLES)


def test_she_goes_on_taking_calls_unless_she_is_told_otherwise() -> None:
    assert "or tell, which is so without it" in PAGE
    assert Settings.model_fields["over_budget"].default == "tell"
