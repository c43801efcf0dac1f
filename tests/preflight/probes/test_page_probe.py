"""The check-up names what keeps callers from her page, and is silent about it where nobody has asked for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from granny.net.answer import Answer
from granny.preflight.probes.offline import PAGE
from scenarios.environment import GOOD, Scenario
from scenarios.look import look
from scenarios.page import SCENARIOS, VALID, kept
from scenarios.people import files

WRONG = [
    pytest.param(slug, scenario, id=f"{slug}: {scenario.title}")
    for slug, scenarios in SCENARIOS.items()
    for scenario in scenarios
]


@pytest.mark.parametrize("scenario", VALID, ids=lambda scenario: scenario.title)
def test_of_a_page_that_is_well_nothing_is_said(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(scenario, tmp_path, monkeypatch).findings == ()


@pytest.mark.parametrize(("slug", "scenario"), WRONG)
def test_one_thing_that_is_wrong_is_one_finding(
    slug: str, scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its place and of its severity: what is wrong with her page keeps no worker from starting."""
    (finding,) = look(scenario, tmp_path, monkeypatch).findings
    assert finding.fault.slug == slug
    assert finding.severity.value == scenario.severity
    assert finding.variable == scenario.variable or scenario.variable is None
    assert finding.where == scenario.where or scenario.where is None


def test_where_there_is_no_page_it_is_not_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAGE not in look(Scenario(title="", environ=GOOD), tmp_path, monkeypatch).answers


def test_its_line_says_where_the_page_is_and_how_many_may_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario(
        title="",
        files=files(anna=""),
        environ={"GRANNY_PAGE_URL": "https://granny.example"},
        arrange=kept("anna", ""),
    )
    assert look(scenario, tmp_path, monkeypatch).answers[PAGE] == Answer("https://granny.example, 2 links")


def test_of_several_links_like_it_the_number_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, no_folder = SCENARIOS["link-person-unknown"]
    (finding,) = look(no_folder, tmp_path, monkeypatch).findings
    assert finding.evidence.endswith("; 1 more like it.")
