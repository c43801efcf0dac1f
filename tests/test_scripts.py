"""`check_env.py` and `test_openai_key.py` as processes: what they print, where, and what they exit with."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from granny.config.paths import Mode
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import HttpAnswer, Script
from granny.rehearsal.openai.standin import StandIn
from scenarios import _fakes as fakes
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, OPENAI_KEY, SECRETS

CHECK_ENV, TEST_KEY = "check_env.py", "test_openai_key.py"
SCRIPTS = (CHECK_ENV, TEST_KEY)
HANG_SECONDS = 60
COLOUR = "\x1b["
BUSY = Script(handshakes=(HttpAnswer(503, WireError(None, type="server_error").body()),))

Shape = Mapping[str, "type | tuple[type, ...]"]

PROBE: Shape = {"name": str, "outcome": str, "seconds": float, "detail": str}
FINDING: Shape = {
    "fault": str,
    "severity": str,
    "variable": (str, type(None)),
    "where": (str, type(None)),
    "summary": str,
    "evidence": str,
    "remedy": list,
}
GONE = """\
import os, sys


class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == os.environ["GONE"]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Gone())
"""


SLOW = """\
import asyncio.base_events

init = asyncio.base_events.BaseEventLoop.__init__


def all_is_slow(loop):
    init(loop)
    loop.slow_callback_duration = 0


asyncio.base_events.BaseEventLoop.__init__ = all_is_slow
"""


@dataclass(frozen=True)
class Done:
    """What a process left."""

    status: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """Its standard output, which must be one JSON object and nothing else."""
        parsed: dict[str, Any] = json.loads(self.out)
        return parsed

    @property
    def faults(self) -> list[str]:
        return [finding["fault"] for finding in self.record["findings"]]

    def outcome(self, probe: str) -> str:
        return next(str(one["outcome"]) for one in self.record["probes"] if one["name"] == probe)


@dataclass(frozen=True)
class Place:
    """A copy of Granny's folder, and an environment that sets nothing."""

    home: Path
    environment: Mapping[str, str]
    folder: Path

    def env_file(self, **values: str) -> Path:
        """A good env file in a folder of its own, with some values changed."""
        given = {
            "OPENAI_API_KEY": OPENAI_KEY,
            "LIVEKIT_URL": "ws://127.0.0.1:7880",
            "LIVEKIT_API_KEY": LIVEKIT_KEY,
            "LIVEKIT_API_SECRET": LIVEKIT_SECRET,
            "GRANNY_PREFLIGHT_WAIT": "0",
        }
        file = self.folder / "granny.env"
        file.write_text("".join(f"{name}={value}\n" for name, value in (given | values).items()))
        file.chmod(0o600)
        return file

    async def run_both(self, *arguments: str | Path, **environ: str) -> dict[str, Done]:
        """Run both scripts at the same time; what each left, by its name."""
        done = await asyncio.gather(*(self.run(script, *arguments, environ=environ) for script in SCRIPTS))
        return dict(zip(SCRIPTS, done, strict=True))

    async def run(
        self, script: str, *arguments: str | Path, cwd: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> Done:
        """Run a script to its end."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            self.home / script,
            *arguments,
            cwd=cwd or self.folder,
            env={**self.environment, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), HANG_SECONDS)
        return Done(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


@pytest.fixture(name="place")
def _place(home: Path, bare_environment: dict[str, str], tmp_path: Path) -> Place:
    return Place(home, bare_environment, tmp_path)


@contextlib.asynccontextmanager
async def servers(script: Script | None = None, *, key: str = OPENAI_KEY) -> AsyncIterator[dict[str, str]]:
    """A LiveKit server that lets everybody in, and the stand-in; gives the variables that lead there."""
    livekit = fakes.listening(fakes.http(fakes.switching))
    async with StandIn(api_key=key, script=script) as standin, livekit as port:
        yield {"OPENAI_BASE_URL": standin.base_url, "LIVEKIT_URL": f"ws://127.0.0.1:{port}"}


def has_schema(record: dict[str, Any]) -> bool:
    """Exactly the promised keys, of the promised types."""
    assert list(record) == ["ok", "exit_code", "probes", "findings"]
    assert (type(record["ok"]), type(record["exit_code"])) == (bool, int)
    for shape, items in ((PROBE, record["probes"]), (FINDING, record["findings"])):
        for item in items:
            assert list(item) == list(shape)
            assert all(isinstance(item[name], kind) for name, kind in shape.items())
    assert {probe["outcome"] for probe in record["probes"]} <= {"passed", "failed", "skipped", "crashed"}
    assert {finding["severity"] for finding in record["findings"]} <= {"fatal", "transient", "warning"}
    return True


def pieces() -> set[str]:
    return {secret[start : start + 8] for secret in SECRETS for start in range(len(secret) - 7)}


async def test_with_good_keys_the_status_is_0(place: Place) -> None:
    """And stdout is JSON alone; what is being asked is said on stderr."""
    async with servers() as urls:
        both = await place.run_both("--json", "--env-file", place.env_file(**urls))
    for script, done in both.items():
        assert (done.status, done.record["exit_code"], done.record["ok"]) == (0, 0, True)
        assert has_schema(done.record)
        assert done.outcome("OpenAI") == "passed"
        assert done.err.startswith("Asking ")
        assert ("LiveKit" in {probe["name"] for probe in done.record["probes"]}) is (script == CHECK_ENV)


async def test_a_refused_key_is_78_and_has_its_line(place: Place) -> None:
    """And nothing of a key is shown, with all that Python can tell switched on."""
    told = {"PYTHONDEVMODE": "1", "PYTHONASYNCIODEBUG": "1", "LIVEKIT_LOG_LEVEL": "DEBUG"}
    async with servers(key="another") as urls:
        both = await place.run_both("--json", "--env-file", place.env_file(**urls), **told)
    for done in both.values():
        assert (done.status, done.record["exit_code"], done.record["ok"]) == (78, 78, False)
        assert has_schema(done.record)
        finding = done.record["findings"][0]
        assert (finding["fault"], finding["where"]) == ("openai-key-rejected", "granny.env:1")
        assert not [piece for piece in pieces() if piece in done.out + done.err]


async def test_a_service_that_is_down_is_75(place: Place) -> None:
    async with servers(BUSY) as urls:
        both = await place.run_both("--json", "--env-file", place.env_file(**urls))
    for done in both.values():
        assert (done.status, done.record["exit_code"]) == (75, 75)
        assert has_schema(done.record)
        assert done.faults[0] == "openai-unavailable"


async def test_the_report_for_a_person_fits_a_terminal_and_has_no_colour_in_a_pipe(place: Place) -> None:
    async with servers(key="another") as urls:
        done = await place.run(CHECK_ENV, "--env-file", place.env_file(**urls))
    assert done.status == 78
    assert COLOUR not in done.out + done.err
    assert max(map(len, done.out.splitlines())) <= 80
    assert "(exit code 78)" in done.out.splitlines()[-1]


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
async def test_a_terminal_gets_colour_unless_it_wants_none(place: Place, no_colour: str, coloured: bool) -> None:  # noqa: FBT001  one of the two expectations
    """NO_COLOR of any value but the empty one (https://no-color.org)."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    ours, theirs = os.openpty()
    environment = {**place.environment, "NO_COLOR": no_colour, "TERM": "xterm"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, place.home / CHECK_ENV, "--offline", env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while piece := await asyncio.to_thread(os.read, ours, 4096):
            shown += piece
    os.close(ours)
    assert await asyncio.wait_for(process.wait(), HANG_SECONDS) == 78
    assert (COLOUR.encode() in shown) is coloured


async def test_offline_asks_nobody(place: Place) -> None:
    """Not the stand-in, nor LiveKit; what was not asked is said to be skipped."""
    async with StandIn(api_key=OPENAI_KEY) as standin:
        file = place.env_file(OPENAI_BASE_URL=standin.base_url)
        done = await place.run(CHECK_ENV, "--offline", "--json", "--env-file", file)
        assert standin.connections == []
    assert done.status == 0
    assert {done.outcome(name) for name in ("LiveKit", "OpenAI", "OpenAI model")} == {"skipped"}
    assert done.err == ""


async def test_another_env_file_can_be_named_from_any_folder(place: Place, tmp_path: Path) -> None:
    """A path is relative to the folder that the script was called from."""
    name = place.env_file().name
    done = await place.run(CHECK_ENV, "--offline", "--json", "--env-file", name)
    assert (done.status, done.faults) == (0, [])
    (tmp_path / "below").mkdir()
    done = await place.run(CHECK_ENV, "--offline", "--json", "--env-file", f"../{name}", cwd=tmp_path / "below")
    assert (done.status, done.faults) == (0, [])


async def test_look_alikes_are_searched_beside_the_named_file(place: Place) -> None:
    place.env_file().rename(place.folder / "granny.env.txt")
    done = await place.run(CHECK_ENV, "--offline", "--json", "--env-file", "granny.env")
    assert (done.status, done.faults) == (78, ["env-file-misnamed"])
    assert "granny.env.txt" in done.record["findings"][0]["evidence"]


async def test_a_named_file_that_is_not_there_is_named(place: Place) -> None:
    done = await place.run(CHECK_ENV, "--offline", "--json", "--env-file", "nowhere.env")
    assert (done.status, done.faults[0]) == (78, "env-file-missing")
    assert str(place.folder / "nowhere.env") in done.record["findings"][0]["evidence"]


async def test_the_mode_says_which_env_files_are_read(place: Place) -> None:
    """In the copy of Granny's folder, which is the tests' own."""
    file = place.home / ".env.production.local"
    place.env_file().rename(file)
    try:
        read = {mode: (await place.run(CHECK_ENV, "--offline", "--json", "--mode", mode.value)).status for mode in Mode}
    finally:
        file.unlink()
    assert read == {Mode.PRODUCTION: 0, Mode.DEVELOPMENT: 78}


@pytest.mark.parametrize("package", ["livekit", "pydantic_settings", "dotenv", "aiohttp", "pydantic"])
async def test_a_missing_package_is_the_finding(place: Place, package: str) -> None:
    """The scripts start without it, and say which one it is."""
    (place.folder / "sitecustomize.py").write_text(GONE)
    gone = {"PYTHONPATH": str(place.folder), "GONE": package}
    both = await place.run_both("--json", "--env-file", place.env_file(), **gone)
    for done in both.values():
        assert (done.status, done.faults[0]) == (78, "dependency-missing"), done
        assert package.replace("_", "-") in done.record["findings"][0]["evidence"]
        assert has_schema(done.record)
        assert "Traceback" not in done.err


async def test_livekit_is_not_imported(place: Place) -> None:
    """It takes seconds, and is not needed to ask; neither is the openai package."""
    async with servers() as urls:
        file = place.env_file(**urls)
        both = await place.run_both("--json", "--env-file", file, PYTHONPROFILEIMPORTTIME="1")
    for done in both.values():
        imported = set(re.findall(r"\| +(\w+)[\w.]*$", done.err, re.MULTILINE))
        assert done.status == 0
        assert "granny" in imported
        assert not imported & {"livekit", "openai"}


def test_pytest_finds_no_test_in_the_script_of_that_name(home: Path) -> None:
    """Its name begins with `test_`, and collecting it asks nobody and exits nowhere."""
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", TEST_KEY]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert "no tests collected" in done.stdout
    assert done.returncode == 5


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["text", "json"])
async def test_what_the_console_cannot_show_does_not_end_the_report(place: Place, arguments: tuple[str, ...]) -> None:
    """A folder with letters that the console has not, or with bytes that are no letters at all."""
    folder = os.fsdecode(os.fsencode(place.folder) + b"/f\xfcr-Oma-\xe2\x98\x8e")
    for encoding in ("ascii", "cp1252", "utf-8"):
        told = ("--offline", "--env-file", f"{folder}/granny.env", *arguments)
        done = await place.run(CHECK_ENV, *told, environ={"PYTHONIOENCODING": encoding})
        assert done.status == 78, done.err
        assert "Traceback" not in done.err
        assert "granny.env" in done.out
        assert not arguments or "env-file-missing" in done.faults


async def test_asyncios_debug_mode_shows_no_exception(place: Place) -> None:
    """It prints what took long with the exception that ended it, and aiohttp's holds the request, key and all."""
    (place.folder / "sitecustomize.py").write_text(SLOW)
    async with servers(key="another") as urls:
        file = place.env_file(**urls)
        for debug in ({"PYTHONASYNCIODEBUG": "1"}, {"PYTHONDEVMODE": "1"}):
            done = await place.run(CHECK_ENV, "--env-file", file, environ={"PYTHONPATH": str(place.folder), **debug})
            assert done.status == 78, done.err
            assert "openai-key-rejected" in done.out
            assert not [piece for piece in pieces() if piece in done.out + done.err]
            assert "WSServerHandshakeError" not in done.err
