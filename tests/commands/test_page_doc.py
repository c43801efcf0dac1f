"""docs/page.md holds: what it has one type exists, what it links to is there, each trouble of the page is answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from granny.commands import COMMANDS
from granny.commands._trouble_page import ADVICE, trouble_table, words
from granny.commands.docs import SITE, TOP
from granny.config.settings import VARIABLES, Settings
from granny.faults import CATALOGUE

PAGE = (TOP / "docs" / "page.md").read_text(encoding="utf-8")


def anchors(file: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(((?!http)[^)]+)\)", PAGE)
    assert targets
    for target in targets:
        path, _, anchor = target.partition("#")
        file = (TOP / "docs" / path).resolve() if path else TOP / "docs" / "page.md"
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_every_command_and_setting_exists() -> None:
    assert set(re.findall(r"python -m granny (\w+)", PAGE)) <= set(COMMANDS)
    assert set(re.findall(r"\b(?:GRANNY|LIVEKIT)_[A-Z_]+\b", PAGE)) <= {*VARIABLES, "LIVEKIT_NODE_IP"}
    assert "page-url-insecure" in CATALOGUE


def test_the_page_is_where_it_says() -> None:
    """Whoever follows it leads their proxy to this port."""
    port = Settings.model_fields["page_port"].default
    assert re.findall(r"127\.0\.0\.1:(\d+)", PAGE) == [str(port)] * PAGE.count("127.0.0.1:")
    assert f"tailscale serve --bg {port}" in PAGE


def test_the_sound_s_ports_are_those_of_compose() -> None:
    compose = (TOP / "compose.yaml").read_text(encoding="utf-8")
    for kind, port in set(re.findall(r"(UDP|TCP) (\d+)", PAGE)):
        assert f":{port}:{port}{'/udp' if kind == 'UDP' else ''}" in compose, (kind, port)


@pytest.mark.parametrize("slug", words(SITE)["trouble"])
def test_each_trouble_of_the_page_has_its_answer(slug: str) -> None:
    """A new sentence of the page is written for the caller; what the family does about it belongs here."""
    assert slug in ADVICE


def test_no_answer_is_left_of_a_trouble_that_is_gone() -> None:
    assert set(ADVICE) <= set(words(SITE)["trouble"])


def test_what_she_also_says_is_told(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.js").write_text(
        '// Words.\nexport default {"trouble": {\n"no-credit": {"says": ["{granny} is poor.", "Help."]},\n'
        '"new": {"says": ["New."]}}};\n',
        encoding="utf-8",
    )
    _, _, poor, new = trouble_table(tmp_path).splitlines()
    assert poor.startswith("| Granny is poor. Help. | yes | Add credit")
    assert new == "| New. |  | `python -m granny check`, then her log. |"
