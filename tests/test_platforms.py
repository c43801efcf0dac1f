"""What differs on Windows and macOS, as far as it can be seen from elsewhere."""

from __future__ import annotations

import ast
import asyncio
import io
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from granny.commands import talk
from granny.preflight import terminal
from granny.preflight.probes.port import ask_port
from granny.rehearsal.callers import caller
from granny.worker.server import GrannyServer

TOP = Path(__file__).resolve().parent.parent
FILES = sorted(file for folder in ("Granny-voice", "tests", "benchmarks") for file in (TOP / folder).rglob("*.py"))
POSIX_MODULES = {"curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
POSIX_NAMES = {
    "os": {
        *("chown", "fchmod", "fork", "forkpty", "getegid", "geteuid", "getgid", "getpgid", "getuid", "killpg"),
        *("lchown", "mkfifo", "mknod", "openpty", "setegid", "seteuid", "setgid", "setsid", "setuid", "statvfs"),
        *("sysconf", "uname", "wait", "waitid", "WNOHANG", "EX_OK", "EX_CONFIG", "EX_SOFTWARE", "EX_TEMPFAIL"),
    },
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGQUIT", "SIGSTOP", "SIGUSR1", "SIGUSR2", "alarm"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
}
"""What only POSIX has, by the module that would have it."""


def done_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a module that run when it is imported: not the bodies of functions, nor what a platform guards."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "platform" in ast.dump(child.test):
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)):
                yield part
                yield from done_at_import(part)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from done_at_import(child)


def posix_only(source: str) -> set[str]:
    """The names that a module needs when it is imported, and that Windows lacks."""
    found: set[str] = set()
    for node in done_at_import(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & POSIX_MODULES
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} & POSIX_MODULES
            found |= {alias.name for alias in node.names} & POSIX_NAMES.get(node.module, set())
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} & POSIX_NAMES.get(node.value.id, set())
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TOP)))
def test_a_module_can_be_imported_where_there_is_no_posix(file: Path) -> None:
    """So Granny starts there, and all tests are at least collected."""
    assert posix_only(file.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "import pty",
        "from signal import SIGKILL",
        "@mark(os.geteuid() == 0)\ndef test(): ...",
        "def f(s=signal.SIGHUP): ...",
    ],
)
def test_what_would_break_an_import_is_seen(source: str) -> None:
    assert posix_only(source)


def test_a_taken_port_has_its_reason_where_the_system_has_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """`os.strerror` knows no error of a socket on Windows."""
    monkeypatch.setattr(os, "strerror", lambda _number: "Unknown error")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = ask_port(listener.getsockname()[1])
    assert "address already in use" in answer.findings[0].evidence


async def test_the_recorded_caller_hangs_up_where_no_process_can_be_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On Windows `send_signal(SIGINT)` raises ValueError."""

    def refuse(_process: object, _signal: int) -> None:
        raise ValueError

    monkeypatch.setattr(asyncio.subprocess.Process, "send_signal", refuse)
    monkeypatch.setattr(caller, "sys", SimpleNamespace(platform="win32"))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")
    await caller._hang_up(process, asyncio.create_task(process.wait()))
    assert process.returncode


def test_what_a_console_cannot_show_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows' consoles and pipes often have 256 characters, and the name of a folder may have others."""
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="cp1252", newline="\n"))
    monkeypatch.setattr(talk, "nothing_is_set", lambda _report: True)
    monkeypatch.setattr(talk, "look", lambda _occasion: (None, None))

    async def rehearse(_reason: str | None) -> int:
        print("recordings/\N{GREEK SMALL LETTER ALPHA}.wav", flush=True)  # noqa: T201  as `talk` does
        return 0

    monkeypatch.setattr(talk, "rehearse", rehearse)
    assert talk.main([]) == 0
    assert rb"recordings/\u03b1.wav" in out.getvalue()


@pytest.mark.parametrize("script", ["talk", "link", "record"])
def test_whoever_prints_for_a_person_can_show_anything(script: str) -> None:
    """`terminal.run` does so for the check-up; the worker's report goes to stderr, which escapes by itself."""
    assert terminal.show_anything.__name__ + "()" in (TOP / f"Granny-voice/granny/commands/{script}.py").read_text(
        encoding="utf-8"
    )


def test_a_process_may_take_long_to_begin_and_one_is_there_before_the_first_call() -> None:
    """Without a fork server that is some 4 s, and on a busy machine more than the framework's limit of 10."""
    server = GrannyServer()
    idle = server._num_idle_processes
    assert not isinstance(idle, int)
    assert (idle.dev_default, idle.prod_default >= 1) == (1, True)
    assert server._initialize_process_timeout >= 60
