"""The version and the changelog agree: neither is raised without the other, and what changed is easily found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
FIRST = "0.1.0"
"""The version on which everything is written until there is a release."""
SECTIONS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
"""Those of Keep a Changelog, in its order."""
RELEASED = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", re.MULTILINE)


def changelog() -> str:
    return (TOP / "CHANGELOG.md").read_text(encoding="utf-8")


def version(text: str) -> str:
    """That of the project, in pyproject.toml as in uv.lock; Python 3.10 cannot read TOML."""
    found = re.search(r'^name = "granny-voice"\nversion = "(.+)"$', text, re.MULTILINE)
    assert found
    return found[1]


def newest(changes: str) -> str:
    """The newest release that a changelog tells of; before the first there is only what is to be in it."""
    return next(iter(RELEASED.findall(changes)), FIRST)


@pytest.mark.parametrize("file", ["pyproject.toml", "uv.lock"])
def test_the_newest_release_is_the_project_s_version(file: str) -> None:
    assert version((TOP / file).read_text(encoding="utf-8")) == newest(changelog())


def test_before_a_release_the_version_is_the_first() -> None:
    """And with one it is that one's, not an older one's, nor what is not released yet."""
    assert newest("## [Unreleased]\n") == FIRST
    assert newest("## [Unreleased]\n\n## [0.3.0] - 2027-01-31\n\n## [0.2.0] - 2026-12-24\n") == "0.3.0"


def test_every_release_has_its_version_and_its_day_and_the_newest_is_first() -> None:
    unreleased, *releases = re.findall(r"^## .*$", changelog(), re.MULTILINE)
    assert unreleased == "## [Unreleased]"
    assert all(RELEASED.fullmatch(heading) for heading in releases)
    versions = [tuple(map(int, one.split("."))) for one in RELEASED.findall(changelog())]
    assert versions == sorted(set(versions), reverse=True)


def test_what_changed_stands_once_in_the_sections_of_keep_a_changelog() -> None:
    """Several who write at once easily leave a section or a line twice."""
    for release in re.split(r"^## ", changelog(), flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (.*)$", release, re.MULTILINE)
        assert sections == [section for section in SECTIONS if section in sections]
    lines = [line for line in changelog().splitlines() if line.startswith("- ")]
    assert sorted(lines) == sorted(set(lines))
