"""The check-up has nothing to say of people's files that are as they should be, and of others no word of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.environment import Scenario
from scenarios.look import look
from scenarios.people import SCENARIOS, VALID

WRONG = [
    pytest.param(slug, scenario, id=f"{slug}: {scenario.title}")
    for slug, scenarios in SCENARIOS.items()
    for scenario in scenarios
]


@pytest.mark.parametrize("scenario", VALID, ids=lambda scenario: scenario.title)
def test_of_a_folder_that_is_well_nothing_is_said(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(scenario, tmp_path, monkeypatch)
    assert [finding.fault.slug for finding in seen.findings] == []


@pytest.mark.parametrize(("slug", "scenario"), WRONG)
def test_one_thing_that_is_wrong_is_one_finding(
    slug: str, scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else is said, of the people or of the settings."""
    seen = look(scenario, tmp_path, monkeypatch)
    assert {finding.fault.slug for finding in seen.findings} == {slug}
    assert seen.settings is not None, "the settings are read all the same"
