"""The house's rules: which room may know which, what is private to a room, and who may print."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import granny

HOME = Path(__file__).resolve().parent.parent / "Granny-voice"
PACKAGE = HOME / "granny"

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "faults": (),
    "logs": (),
    "config": ("faults",),
    "diagnosis": ("faults",),
    "net": ("faults", "config", "diagnosis"),
    "lines": ("faults", "config"),
    "rooms": ("faults", "config"),
    "people": ("faults", "config"),
    "store": ("faults", "config"),
    "preflight": ("faults", "config", "diagnosis", "net", "lines", "rooms", "people", "store"),
    "call": ("faults", "logs", "config", "diagnosis", "net", "lines", "rooms", "preflight"),
    "worker": (
        "faults",
        "logs",
        "config",
        "diagnosis",
        "net",
        "lines",
        "rooms",
        "people",
        "store",
        "preflight",
        "call",
    ),
    "diary": ("faults", "config", "store", "call", "worker"),
    "page": ("faults", "logs", "config", "diagnosis", "net", "lines", "rooms", "people", "store"),
    "phone": ("faults", "logs", "config", "net", "rooms", "people"),
    "alerts": ("faults", "logs", "config", "net", "people", "store", "call", "worker"),
    "commands": (
        *("faults", "logs", "config", "net", "lines", "rooms", "people", "store", "preflight", "worker", "page"),
        *("phone", "alerts"),
        "rehearsal",
    ),
    "rehearsal": (),
}
"""Each room and those it may know, in the order in which they are read."""
FEATURES: tuple[str, ...] = ("diary", "page", "phone", "alerts")
"""One room a feature; none knows another, and the worker knows none: they subscribe in `worker.hooks`."""
FACES = {
    "preflight": ("checkup", "report", "terminal"),
    "worker": ("exchange", "hooks", "line_recorder", "server", "voices"),
}
"""Of these rooms others may know no more than this."""
LIVEKIT_FROM = ("rooms", "call", "worker", "commands", "rehearsal", *FEATURES)
"""`import livekit.agents` takes seconds; whoever stands above does not need it."""
PRINTING = ("commands", "rehearsal")
PRINTING_MODULES = ("preflight.terminal", "worker.server", "worker.telling")

ENVIRONMENT = {
    "config.settings.__init__": "the settings are read there, and what libraries need of a file is put there",
    "config.user_folders": "XDG_… and LOCALAPPDATA: where a user's programs keep things",
    "config.env_file._values": "a file may refer to it: ${NAME}",
    "preflight.checkup": "the report says whether a value is the environment's or a file's",
    "preflight.terminal": "NO_COLOR and TERM",
    "net.sending": "SSL_CERT_FILE, under the name by which requests, below Apprise, knows it",
    "net.http": "where there is no trust store, certifi's is named for all that is started from here",
    "worker.server": "the framework and its job processes read LIVEKIT_… there",
    "worker.framework": "LIVEKIT_AGENT_NAME, as livekit-agents has it",
    "worker.metrics": "PROMETHEUS_MULTIPROC_DIR, as Prometheus' client has it",
    "commands.talk": "the worker in it reads there what a rehearsal sets, and DISPLAY says whether there is a desktop",
    "commands._recorded_call": "agent.py, started in a process of its own, inherits it",
    "rehearsal.rig.livekit_server": "a LiveKit server that tests are given",
    "rehearsal.rig.sip_bridge": "LiveKit's SIP service, started in a process of its own, inherits it",
    "rehearsal.rig.worker": "a worker, started in a process of its own, inherits it",
}
"""Who may look at the process's environment, and why; everybody else is handed settings."""


def modules() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("*.py") if file.parent != PACKAGE)


def named(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts)


def room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0]


def imported(file: Path) -> set[str]:
    """Full names of what a file imports, wherever in it; of a name from a module, both together."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def ours(file: Path) -> list[list[str]]:
    """The parts of each name imported from this package, below `granny`."""
    return [name.split(".")[1:] for name in imported(file) if name.startswith("granny.")]


every_module = pytest.mark.parametrize("file", modules(), ids=named)


@every_module
def test_a_room_knows_only_those_above_it(file: Path) -> None:
    known = {parts[0] for parts in ours(file)} - {room(file)}
    assert known <= set(MAY_IMPORT[room(file)])


@every_module
def test_a_room_with_a_face_shows_others_no_more(file: Path) -> None:
    for known, face in FACES.items():
        if room(file) != known:
            assert {parts[1] for parts in ours(file) if parts[0] == known} <= set(face)


@every_module
def test_what_begins_with_an_underscore_stays_in_its_package(file: Path) -> None:
    for parts in ours(file):
        for depth, part in enumerate(parts[:-1]):
            if part.startswith("_"):
                assert file.is_relative_to(PACKAGE.joinpath(*parts[:depth])), f"{'.'.join(parts)} is private"


@every_module
def test_only_the_lower_rooms_know_livekit(file: Path) -> None:
    if room(file) not in LIVEKIT_FROM:
        assert not [name for name in imported(file) if name.split(".")[0] == "livekit"]


def test_no_room_is_missing_and_the_reading_order_is_theirs() -> None:
    """`granny/__init__` lists the rooms in an order in which each knows only those before it."""
    told = re.findall(r"^    (\w+)  ", granny.__doc__ or "", re.MULTILINE)
    there = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    assert set(told) == there == set(MAY_IMPORT)
    for number, name in enumerate(told):
        assert set(MAY_IMPORT[name]) <= {*told[:number], "rehearsal"}


@pytest.mark.parametrize(
    "module",
    ["granny.preflight.checkup", "granny.preflight.terminal", "granny.config.env_file", "granny.config.settings"],
)
def test_the_check_up_does_not_wait_for_livekit(module: str) -> None:
    """`import livekit.agents` takes seconds; the check-up must also be able to say that it is missing."""
    code = f"import sys, {module}; print(sorted(n for n in sys.modules if n.split('.')[0] in ('livekit', 'openai')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_worker_that_has_held_no_call_has_not_met_the_database() -> None:
    """SQLAlchemy takes 18 MB and half a second; its features have subscribed."""
    code = """
        import asyncio, sys
        import agent
        from granny.config.settings import Settings
        from granny.worker.hooks import Hooks

        async def subscribed() -> None:
            hooks = Hooks()
            hooks.let_in(agent.server.features, Settings(OPENAI_API_KEY="none"))
            assert hooks._call_ended

        asyncio.run(subscribed())
        heavy = {"sqlalchemy", "alembic", "psycopg", "apprise"}
        print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
        """
    done = subprocess.run([sys.executable, "-c", dedent(code)], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_settings_are_passed_down_and_not_by_the_environment() -> None:
    looking = {
        named(file)
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv", "os.putenv"}
    }
    assert looking == set(ENVIRONMENT)


@every_module
def test_only_commands_and_the_server_print_or_exit(file: Path) -> None:
    if room(file) in PRINTING or named(file) in PRINTING_MODULES:
        return
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {"print", "sys.exit", "exit", "os._exit", "quit"}


def test_no_two_test_files_have_one_name() -> None:
    """Side by side pytest could not tell them apart, and would run neither the second nor say much about it."""
    names = [file.name for file in Path(__file__).parent.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
