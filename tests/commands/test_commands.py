"""`python -m granny` lists her commands and runs one; each names itself, and what is mistyped is answered kindly."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from commands.running import run
from family import with_people
from granny import commands
from granny.commands import COMMANDS
from granny.config.paths import HOME

KEY = "sk-proj-" + "FAKE" * 10
LIVEKIT = {
    "LIVEKIT_URL": "wss://livekit.example",
    "LIVEKIT_API_KEY": "APIfakefake",
    "LIVEKIT_API_SECRET": "FAKE" * 9,
}
GRANNY = ("-m", "granny")
SCRIPTS = {"check_env.py": "check", "test_openai_key.py": "key"}

each = pytest.mark.parametrize("command", COMMANDS)


def test_every_module_is_listed_or_private() -> None:
    files = {file.stem for file in Path(commands.__path__[0]).glob("*.py")}
    assert {name for name in files if not name.startswith("_")} == set(COMMANDS)


@each
def test_a_command_tells_its_own_name_and_purpose(home: Path, bare_environment: dict[str, str], command: str) -> None:
    done = run(home, bare_environment, *GRANNY, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: python -m granny {command} [-h]")
    assert f"{COMMANDS[command]}." in " ".join(done.stdout.split())


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_of_its_own_tells_its_own_name(home: Path, bare_environment: dict[str, str], script: str) -> None:
    """And otherwise the same as the command."""
    done = run(home, bare_environment, script, "--help")
    same = run(home, bare_environment, *GRANNY, SCRIPTS[script], "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: {script} [-h]")
    assert done.stdout.partition("\n\n")[2] == same.stdout.partition("\n\n")[2]


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)], ids=" ".join)
def test_all_are_listed_in_their_order(
    home: Path, bare_environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    done = run(home, bare_environment, *GRANNY, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert dict(re.findall(r"^  (\w+) +(.+)$", done.stdout, re.MULTILINE)) == COMMANDS


def test_the_list_needs_no_package(home: Path, bare_environment: dict[str, str]) -> None:
    """So it is there at once, and where nothing has been installed yet."""
    done = run(home, bare_environment, "-S", *GRANNY)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("mistyped", "meant"), [("lnik", "link"), ("Talk", "talk"), ("recrod", "record"), ("doctor", "docs")]
)
def test_what_may_have_been_meant_is_asked(
    home: Path, bare_environment: dict[str, str], mistyped: str, meant: str
) -> None:
    done = run(home, bare_environment, *GRANNY, mistyped)
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith(f"There is no command '{mistyped}'; did you mean {meant}?\n")


def test_of_a_word_that_is_like_none_nothing_is_guessed(home: Path, bare_environment: dict[str, str]) -> None:
    done = run(home, bare_environment, *GRANNY, "hoover")
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith("There is no command 'hoover'.\n")
    assert "  talk " in done.stderr


@pytest.mark.parametrize("called", [*((*GRANNY, name) for name in COMMANDS), *((name,) for name in SCRIPTS)], ids=str)
def test_a_wrong_option_must_be_put_right(
    home: Path, bare_environment: dict[str, str], called: tuple[str, ...]
) -> None:
    done = run(home, bare_environment, *called, "--no-such-option")
    assert (done.returncode, done.stdout) == (78, "")
    assert "--no-such-option" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "docs"])
def test_where_nothing_is_installed_the_report_says_so(
    home: Path, bare_environment: dict[str, str], command: str
) -> None:
    """As with a Python that is not the set-up's: the first thing that somebody new meets."""
    done = run(home, bare_environment, "-S", *GRANNY, command)
    assert done.returncode == 78, done.stderr
    assert "dependency-missing" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("called", [(*GRANNY, "check"), (*GRANNY, "record"), ("check_env.py",)], ids=str)
def test_ctrl_c_ends_without_a_traceback(home: Path, bare_environment: dict[str, str], called: tuple[str, ...]) -> None:
    """In the middle of a question to servers that never answer; the status is none that says all is well."""
    if sys.platform == "win32":
        pytest.skip("Windows has no process groups to tell")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        urls = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "LIVEKIT_URL": f"ws://127.0.0.1:{port}"}
        with subprocess.Popen(
            [sys.executable, *called],
            cwd=home,
            env=bare_environment | LIVEKIT | urls | {"OPENAI_API_KEY": KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout
            asking = next((line for line in process.stdout if line.startswith("Asking ")), "")
            os.killpg(process.pid, signal.SIGINT)
            rest, _ = process.communicate(timeout=60)
    assert asking
    assert process.returncode == commands.INTERRUPTED, rest
    assert "Traceback" not in rest


def test_the_readme_has_the_same_list() -> None:
    section = (HOME.parent / "README.md").read_text(encoding="utf-8").partition("\n## Her commands\n")[2]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", section.partition("\n## ")[0], re.MULTILINE)
    assert rows == list(COMMANDS.items())


@pytest.fixture(name="with_people")
def _with_people(home: Path, tmp_path: Path) -> Path:
    """A house of its own, in which Anna has a file."""
    return with_people(home, tmp_path / "Granny-voice", {"anna": 'called = "Anna"\n'})


def test_the_check_up_reads_the_people_too(with_people: Path, bare_environment: dict[str, str]) -> None:
    """What is wrong with one keeps nobody from asking OpenAI; without a file nothing is said of them."""
    environment = bare_environment | LIVEKIT | {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    environment |= {"GRANNY_PREFLIGHT_WAIT": "0", "LIVEKIT_URL": "ws://127.0.0.1:9"}
    done = run(with_people, environment, *GRANNY, "check", "--offline")
    assert "  ok       people: 1 person\n" in done.stdout
    (with_people / "people" / "anna.toml").write_text("called = Anna\n", encoding="utf-8")
    done = run(with_people, environment, *GRANNY, "check")
    assert done.returncode == 78
    assert "people/anna.toml:1" in done.stdout
    assert "a text without quotes" in done.stdout
    assert not re.search("OpenAI: not asked", done.stdout)
    (with_people / "people" / "anna.toml").unlink()  # the example is left
    assert "people" not in run(with_people, environment, *GRANNY, "check", "--offline").stdout
    shutil.rmtree(with_people / "people")
    assert "people" not in run(with_people, environment, *GRANNY, "check", "--offline").stdout
