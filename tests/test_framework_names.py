"""Only `granny.worker.framework` touches what livekit-agents does not promise: names that begin with an underscore."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HOME = Path(__file__).resolve().parent.parent / "Granny-voice"
ALLOWED = "granny.worker.framework"
OURS = re.compile(r"agent|granny(\.\w+)*")
_PRIVATE = re.compile(r"_(?!_)\w*")
_PRIVATE_MODULE = re.compile(r"livekit(\.\w+)*\._\w+(\.\w+)*")
_REACHING = ("getattr", "setattr", "hasattr", "delattr")
_ITSELF = ("self", "cls", "super()")

NOT_THE_FRAMEWORKS = {"os._exit"}
"""Private by name only: Python documents it."""


def modules() -> dict[str, Path]:
    files = {".".join(file.relative_to(HOME).with_suffix("").parts): file for file in HOME.rglob("*.py")}
    return {name.removesuffix(".__init__"): file for name, file in files.items() if OURS.fullmatch(name)}


def touched(source: str, module: ModuleType | None = None) -> set[str]:
    """The private names of others that a module touches.

    Args:
        source: its text.
        module: it itself, imported, if there are classes in it that may derive from the framework's.
    """
    tree = ast.parse(source)
    found = {*_imported(tree), *_named_in_text(tree), *_of_others(tree)} - NOT_THE_FRAMEWORKS
    for node in tree.body:
        if module and isinstance(node, ast.ClassDef):
            found |= _inherited(node, getattr(module, node.name))
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names if _is_theirs(f"{node.module}.{one.name}"))
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names if _is_theirs(one.name))


def _is_theirs(name: str) -> bool:
    first, *rest = name.split(".")
    return first == "livekit" and any(map(_PRIVATE.fullmatch, rest))


def _named_in_text(tree: ast.AST) -> Iterator[str]:
    """A module named in a string, and an attribute reached for by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PRIVATE_MODULE.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in _REACHING and len(node.args) > 1:
            name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
            if isinstance(name, str) and _PRIVATE.fullmatch(name):
                yield f"{ast.unparse(node.args[0])}.{name}"


def _of_others(tree: ast.AST) -> Iterator[str]:
    """Of an object that is not the class's own; whose it is nobody can tell, so it is nobody's to touch."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _PRIVATE.fullmatch(node.attr):
            whose = ast.unparse(node.value)
            if whose not in _ITSELF:
                yield f"{whose}.{node.attr}"


def _inherited(node: ast.ClassDef, itself: type) -> set[str]:
    """What a class takes from the framework's own classes by `self`, overrides, or hides by a name of its own."""
    theirs = private_names(tuple(base for base in itself.__mro__ if base.__module__.split(".")[0] == "livekit"))
    used = {
        *(one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and ast.unparse(one.value) in _ITSELF),
        *(one.name for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))),
        *(one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)),
    }
    return {f"{node.name}.{name}" for name in used & theirs}


@functools.cache
def private_names(bases: tuple[type, ...]) -> frozenset[str]:
    """All that these classes define, and all that their methods give to `self`."""
    names = {name for base in bases for name in vars(base)}
    for base in bases:
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(base)))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
                names.add(node.attr)
    return frozenset(name for name in names if _PRIVATE.fullmatch(name))


@pytest.mark.parametrize("name", sorted(modules().keys() - {ALLOWED}))
def test_no_other_module_touches_what_the_framework_does_not_promise(name: str) -> None:
    """If there is no public way, `granny.worker.framework` is the place, with a reason and a contract test."""
    source = modules()[name].read_text(encoding="utf-8")
    module = importlib.import_module(name) if re.search(r"^class \w+\(", source, re.MULTILINE) else None
    assert touched(source, module) == set()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from livekit.agents.tokenize import _basic_hyphenator", "livekit.agents.tokenize._basic_hyphenator"),
        ("from livekit.agents._exceptions import APIError", "livekit.agents._exceptions.APIError"),
        ("import livekit.agents.ipc._preload", "livekit.agents.ipc._preload"),
        ("module = 'livekit.agents.ipc._preload'", "livekit.agents.ipc._preload"),
        ("server._loop", "server._loop"),
        ("self.ctx._room", "self.ctx._room"),
        ("setattr(server, '_loop', None)", "server._loop"),
        ("super(Worker, self)._is_available()", "super(Worker, self)._is_available"),
    ],
)
def test_a_private_name_is_found_wherever_it_is(source: str, name: str) -> None:
    assert touched(source) == {name}


INHERITING = """
from livekit.agents import Agent, AgentServer

class Server(AgentServer):
    _own = 1
    {body}

class Persona(Agent):
    def say(self):
        return self._own
"""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("def ask(self): return self._draining", "_draining"),
        ("def ask(self): self._api = None", "_api"),
        ("def ask(self): return super()._is_available()", "_is_available"),
        ("def _is_available(self): return True", "_is_available"),
        ("async def _update_worker_status(self): pass", "_update_worker_status"),
        ("_connecting: bool", "_connecting"),
        ("_closed = False", "_closed"),
        ("def ask(self): return self._own", None),
        ("def ask(self): return self.draining", None),
    ],
)
def test_a_private_name_is_found_in_a_class_that_inherits_it(body: str, name: str | None) -> None:
    """Also one that a method of the framework's gives to itself while it runs, as `_api`."""
    source = INHERITING.format(body=body)
    module = ModuleType("inheriting")
    exec(source, vars(module))  # noqa: S102  our own, of the lines above
    assert touched(source, module) == ({f"Server.{name}"} if name else set())
