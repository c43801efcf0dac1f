"""What the check-up says of the secrets folder: the file is the place, and no good folder is blamed."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from granny.config.paths import Mode
from granny.faults import OPENAI_KEY_REJECTED, SECRET_FILE_EXPOSED
from granny.net.answer import Answer
from granny.preflight import checkup
from granny.preflight.checkup import Occasion
from granny.preflight.report import Failed, Report
from scenarios import secrets
from scenarios.environment import GOOD, LOCAL, OPENAI, Scenario
from scenarios.look import look


@pytest.mark.parametrize("scenario", secrets.VALID, ids=lambda scenario: scenario.title)
def test_no_good_folder_is_called_exposed(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links, mode 0440, a sticky folder: as Kubernetes lays it."""
    found = look(scenario, tmp_path, monkeypatch).findings
    assert SECRET_FILE_EXPOSED not in {finding.fault for finding in found}


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows files have no mode")
def test_an_exposed_secret_is_told_with_the_permissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file by itself, a folder once."""

    def told(mode: int, folder_mode: int) -> list[tuple[str | None, str, str | None]]:
        top = tmp_path / str(mode)
        top.mkdir()
        values = {"GRANNY_NAME": "Oma", **secrets.KEYS}
        arrange = secrets.folder_of(values, mode=mode, after=lambda folder, _: folder.chmod(folder_mode))
        found = look(Scenario(title="", environ=secrets.REST, arrange=arrange), top, monkeypatch).findings
        return [(one.variable, one.evidence, one.where) for one in found]

    names = sorted(secrets.KEYS)
    assert told(0o644, 0o755) == [
        (name, "Its permissions are 644.", str(tmp_path / "420" / "secrets" / name)) for name in names
    ]
    evidence = "Its folder's permissions are 757: anybody can put another file in its place."
    assert told(0o400, 0o757) == [(names[0], evidence, str(tmp_path / "256" / "secrets" / names[0]))]


def test_a_folder_that_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_mounted, *_ = secrets.SCENARIOS["secrets-folder-unreadable"]
    (finding,) = look(nothing_mounted, tmp_path, monkeypatch).findings
    assert finding.evidence == f"The system says: {os.strerror(errno.ENOENT)}."


def test_an_example_in_a_secret_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrange = secrets.folder_of({**secrets.KEYS, "OPENAI_API_KEY": "sk-your-openai-key"}, mode=0o644)
    found = look(Scenario(title="", environ=secrets.REST, arrange=arrange), tmp_path, monkeypatch).findings
    exposed = {finding.variable for finding in found if finding.fault is SECRET_FILE_EXPOSED}
    assert exposed == {"LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"}


def test_other_settings_in_the_folder_are_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrange = secrets.folder_of({"GRANNY_NAME": "Oma"}, mode=0o666)
    found = look(Scenario(title="", environ=GOOD, arrange=arrange), tmp_path, monkeypatch).findings
    assert found == ()


def test_a_value_stands_where_its_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report names the folder once, before what it outranks, and the file for each value."""
    files = {LOCAL: b"GRANNY_NAME=Oma\n"}
    scenario = Scenario(title="", environ=secrets.REST, arrange=secrets.folder_of(secrets.KEYS), files=files)
    read, variables, *_ = (
        answer.detail
        for name, answer in look(scenario, tmp_path, monkeypatch).answers.items()
        if isinstance(answer, Answer) and name != "packages"
    )
    folder = tmp_path / "secrets"
    assert read == f"secrets folder {folder} (3 variables), .env.local (1 variables)"
    assert f"OPENAI_API_KEY from {folder / 'OPENAI_API_KEY'}, LIVEKIT_URL from environment" in variables


def test_what_is_missing_in_the_folder_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told to make an env file who has a folder of secrets."""
    (scenario,) = secrets.SCENARIOS["openai-key-missing"]
    (finding,) = look(scenario, tmp_path, monkeypatch).findings
    assert finding.evidence == f"It is neither in the environment nor in the folder {tmp_path / 'secrets'}."


def test_an_empty_secret_is_told_in_the_words_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _, over_a_good_line = secrets.SCENARIOS["value-empty"]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (finding,) = look(first, tmp_path / "one", monkeypatch).findings
    assert finding.evidence == "There is nothing in the file."
    (finding,) = look(over_a_good_line, tmp_path / "two", monkeypatch).findings
    assert finding.evidence == "It is empty here, and that outranks the value at .env.local:1."


def test_a_remedy_for_an_env_file_begins_with_the_secret(tmp_path: Path) -> None:
    """Where OpenAI refuses a key from the folder, the env file is not where it is mended."""
    place = str(tmp_path / "OPENAI_API_KEY")
    findings = tuple(
        OPENAI_KEY_REJECTED.found("HTTP 401", variable="OPENAI_API_KEY", where=where)
        for where in (place, ".env.local:3", None)
    )
    report = Report((Failed(probe="OpenAI", seconds=0.0, detail="", findings=findings),))
    assert report.as_json().count("This value has a file of its own") == 1
    assert OPENAI not in report.as_json()


async def test_the_check_up_places_what_a_server_says_at_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in secrets.KEYS.items():
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o400)
    monkeypatch.setenv("GRANNY_SECRETS_FOLDER", str(tmp_path))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    async def refused(_: object) -> Answer:
        return Answer("", (OPENAI_KEY_REJECTED.found("HTTP 401", variable="OPENAI_API_KEY"),))

    monkeypatch.setattr(checkup, "probes_named", lambda names: dict.fromkeys(names, refused))
    occasion = Occasion(
        mode=Mode.DEVELOPMENT, needs_livekit=False, env_file=tmp_path / "none", probes=(checkup.OPENAI,)
    )
    report, settings = await checkup.check_up(occasion, notice=lambda *_: None)
    assert settings
    assert settings.openai_api_key.get_secret_value() == OPENAI
    assert [finding.where for finding in report.findings] == [str(tmp_path / "OPENAI_API_KEY")]
