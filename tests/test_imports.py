"""The import rules: a module knows only those above it, and the check-up does not wait for livekit."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent / "Granny-voice"
PACKAGE = HOME / "granny"

ORDER = (
    "faults",
    "places",
    "env_file",
    "settings",
    "family_notes",
    "lines",
    "diagnosis",
    "report",
    "probes",
    "checkup",
    "terminal",
    "join",
    "dictation",
    "studio",
    "call_end",
    "call_record",
    "discretion",
    "strangers",
    "voice_model",
    "loudspeaker",
    "presence",
    "greeting",
    "persona",
    "intake",
    "ledger",
    "metrics",
    "small_http",
    "health",
    "refusal",
    "announcer",
    "attention",
    "watch",
    "stand_by",
    "call",
    "warm_up",
    "admission",
    "last_resort",
    "worker",
    "server",
)
"""Each may import those before it, and itself."""
SCRIPTS = ("talk", "documents")
PRINTING = ("terminal", "server", "join", "lines.__main__", *SCRIPTS)


def modules() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


def top(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_above_it(file: Path) -> None:
    mine = top(file)
    known = {name.split(".")[1] for name in imported(file) if name.startswith("granny.")}
    if mine == "rehearsal":
        assert known <= {"rehearsal"}
    elif mine not in SCRIPTS and file.name != "__main__.py":
        assert mine in ORDER, f"{mine} has no place in the order yet"
        assert known - {mine} <= set(ORDER[: ORDER.index(mine)])


def test_nobody_imports_a_script() -> None:
    for file in modules():
        assert not {f"granny.{script}" for script in SCRIPTS} & {n.rsplit(".", 1)[0] for n in imported(file)}


@pytest.mark.parametrize("module", ["granny.checkup", "granny.terminal", "granny.env_file", "granny.settings"])
def test_the_check_up_does_not_wait_for_livekit(module: str) -> None:
    """`import livekit.agents` takes seconds; the check-up must also be able to say that it is missing."""
    code = f"import sys, {module}; print(sorted(n for n in sys.modules if n.split('.')[0] in ('livekit', 'openai')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_only_scripts_and_the_server_print_or_exit(file: Path) -> None:
    name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
    if name in PRINTING or name.startswith("rehearsal"):
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
