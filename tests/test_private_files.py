"""What may hold somebody's voice or words is for this user alone, whatever the umask."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from granny.commands import _recorded_call
from granny.faults import ExitCode
from granny.lines import takes
from granny.rehearsal.callers import caller
from granny.rehearsal.callers.telephone import Recording

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="on Windows files have no mode")


@pytest.fixture(autouse=True)
def _open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_her_recordings_and_all_folders_made_for_them(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "granny" / "lines"
    takes.prepare(folder)
    assert [mode(one) for one in (folder, folder.parent, folder.parent.parent)] == ["0o700"] * 3


def test_a_folder_that_others_could_enter_is_closed_and_those_above_it_are_not_ours_to_change(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "lines"
    folder.mkdir(parents=True, mode=0o777)
    takes.prepare(folder)
    assert (mode(folder), mode(folder.parent)) == ("0o700", "0o777")


async def test_what_a_rehearsal_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folder, recording and log of a call with an agent that ends at once."""
    agent = tmp_path / "agent.py"
    agent.write_text("", encoding="utf-8")
    monkeypatch.setattr(_recorded_call, "AGENT", agent)
    monkeypatch.setattr(_recorded_call, "RECORDINGS", tmp_path / "recordings")
    assert await _recorded_call.recorded_call({}) == ExitCode.SOFTWARE
    assert mode(tmp_path / "recordings") == "0o700"
    assert {file.suffix: mode(file) for file in (tmp_path / "recordings").iterdir()} == {
        ".wav": "0o600",
        ".log": "0o600",
    }


def test_a_recording_saved_elsewhere(tmp_path: Path) -> None:
    caller.save(Recording(), tmp_path / "call.wav")
    assert mode(tmp_path / "call.wav") == "0o600"
