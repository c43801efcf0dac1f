"""The people's files: how they go wrong, slug → scenarios, and those that work, as families write them."""

from __future__ import annotations

import codecs
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from granny.config.paths import HOME
from scenarios._powers import powerless
from scenarios.environment import GOOD, NOTE, NUMBER, Arrange, Scenario, lines, local

FOLDER = "Granny-voice/people"
ANNA = f"""\
called = "Anna"
language = "de"
notes = \"\"\"
{NOTE}
speed = nothing of that kind: this is a line of the notes
\"\"\"
numbers = ["{NUMBER}"]
"""
EXAMPLE = (HOME / "people" / "anna.toml.example").read_text(encoding="utf-8")


def files(**people: str | bytes) -> dict[str, bytes]:
    """A good env file, and a file for each of these people."""
    given = {f"{FOLDER}/{slug}.toml": text for slug, text in people.items()}
    return local(lines()) | {path: text if isinstance(text, bytes) else text.encode() for path, text in given.items()}


def _anna(title: str, text: str | bytes, *, where: str = "", variable: str = "", severity: str = "fatal") -> Scenario:
    return Scenario(
        title=f"a person: {title}",
        files=files(anna=text),
        where=where or "people/anna.toml:1",
        variable=variable or None,
        severity=severity,
    )


def _value(name: str, value: str, *, title: str = "") -> Scenario:
    """In the line behind the notes a value that may not be."""
    text = f'notes = """\n{name} = 1\n{NOTE}"""\n{name} = {value}\n'
    if name == "notes":
        text = f"called = 'Anna'\n\n\nnotes = {value}\n"
    return _anna(f"{name}, {title or value[:20]}", text, where="people/anna.toml:4", variable=name)


def _unknown(title: str, text: str, *, variable: str = "", where: str = "") -> Scenario:
    return _anna(title, text, variable=variable, where=where, severity="warning")


def _line(title: str, text: str, *, line: int = 2) -> Scenario:
    return _anna(title, f"# {NOTE}\n{text}", where=f"people/anna.toml:{line}")


def _put(what: Callable[[Path, ExitStack], None], *, others: bool = True) -> Arrange:
    def arrange(top: Path, undo: ExitStack) -> None:
        folder = top / FOLDER
        folder.mkdir(exist_ok=True)
        if others:
            file = folder / "berta.toml"
            file.write_text("called = 'Berta'\n")
            file.chmod(0o600)
        what(folder, undo)

    return arrange


def _broken(title: str, what: Callable[[Path, ExitStack], None], *, where: str = "people/anna.toml") -> Scenario:
    return Scenario(title=f"a person: {title}", files=local(lines()), arrange=_put(what), where=where)


def _a_folder(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  the signature of what is put
    (folder / "anna.toml").mkdir()


def _to_nowhere(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    (folder / "anna.toml").symlink_to(folder / "nowhere")


def _a_pipe(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes with a name")
    os.mkfifo(folder / "anna.toml")


def _forbidden(folder: Path, undo: ExitStack) -> None:
    if sys.platform == "win32":
        pytest.skip("on Windows files have no mode")
    (folder / "anna.toml").touch(mode=0)
    if os.geteuid() == 0:
        undo.enter_context(powerless())


def _closed(folder: Path, undo: ExitStack) -> None:
    if sys.platform == "win32":
        pytest.skip("on Windows folders have no mode")
    folder.chmod(0)
    undo.callback(folder.chmod, 0o700)
    if os.geteuid() == 0:
        undo.enter_context(powerless())


def _open_to_all(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    if sys.platform == "win32":
        pytest.skip("on Windows files have no mode")
    for file in folder.iterdir():
        file.chmod(0o644)


def _no_folder(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  the signature of Arrange
    (top / FOLDER).touch()


def _mode(mode: int, *, folder_mode: int = 0o700) -> Arrange:
    def arrange(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
        if os.name == "nt":
            pytest.skip("on Windows files have no mode")
        (top / FOLDER / "anna.toml").chmod(mode)
        (top / FOLDER).chmod(folder_mode)

    return arrange


def _exposed(title: str, arrange: Arrange, *, where: str = "people/anna.toml") -> Scenario:
    return Scenario(title=title, files=files(anna=ANNA), arrange=arrange, where=where, severity="warning")


def _repository(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    subprocess.run(["git", "init", "-q", top], check=True)
    (top / ".gitignore").write_text(".env*\n")


def _tracked(top: Path, undo: ExitStack) -> None:
    _repository(top, undo)
    (top / ".gitignore").write_text(".env*\nGranny-voice/people/*\n")
    subprocess.run(["git", "-C", top, "add", "-f", f"{FOLDER}/anna.toml"], check=True)


def _misnamed(name: str) -> Scenario:
    return Scenario(
        title=f"a person: {name}",
        files=local(lines()) | {f"{FOLDER}/{name}": ANNA.encode()},
        where=f"people/{name}",
        severity="warning",
    )


SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "people-folder-unreadable": (
        Scenario(title="a file in the folder's place", files=local(lines()), arrange=_no_folder, where="people"),
        _broken("the folder is closed", _closed, where="people"),
    ),
    "person-file-unreadable": (
        _broken("a folder of that name", _a_folder),
        _broken("a link to nothing", _to_nowhere),
        _broken("a pipe", _a_pipe),
        _broken("forbidden", _forbidden),
        _anna("far too large", f"# {NOTE}\n" * 900, where="people/anna.toml"),
    ),
    "person-file-encoding": (
        _anna("UTF-16", ANNA.encode("utf-16"), where="people/anna.toml"),
        _anna("Windows-1252", f"# {NOTE}\ncalled = 'Käthe'\n".encode("cp1252"), where="people/anna.toml:2"),
        _anna("a word processor's", b"{\\rtf1 Anna}", where="people/anna.toml"),
    ),
    "person-file-line-unreadable": (
        _line("no quotes", f"notes = {NOTE}\n"),
        _line("typographic quotes", f"notes = \u201e{NOTE}\u201c\n"),
        _line("a colon", f'notes: "{NOTE}"\n'),
        _line("no value", "notes =\n"),
        _line("a quote not closed", f'notes = "{NOTE}\n'),
        _line("three quotes not closed", f'notes = """\n{NOTE}\n\n'),
        _line("a number without quotes", f"numbers = [{NUMBER[:3]} {NUMBER[3:]}]\n"),
        _line("brackets not closed", f'numbers = ["{NUMBER}",\n'),
        _line("a backslash", f'notes = "C:\\Users\\{NOTE}"\n'),
        _line("text behind the quote", f'notes = "{NOTE}" and more\n'),
        _line("the same twice", f'called = "Anna"\ncalled = "{NOTE}"\n', line=3),
        _line("a sentence", f"{NOTE} is 85\n"),
        _line("a mark of git's", f"<<<<<<< HEAD\nnotes = '{NOTE}'\n"),
        _line("brackets in brackets", "numbers = " + "[" * 9000 + "\n"),
        _line("a number of 5,000 digits", "speed = " + "1" * 5000 + "\n"),
        _anna("two byte order marks", codecs.BOM_UTF8 * 2 + ANNA.encode()),
    ),
    "person-file-misnamed": (
        _misnamed("anna.toml.txt"),
        _misnamed("anna.tml"),
        _misnamed("anna"),
        _misnamed("-anna.toml"),
        _misnamed("anna\u00df+.toml"),
        Scenario(
            title="a name of unprintable letters",
            files=local(lines()) | {f"{FOLDER}/anna\u202e.toml": ANNA.encode()},
            where="people",
            severity="warning",
        ),
    ),
    "person-file-exposed": (
        _exposed("a person's file that all may read", _mode(0o644)),
        _exposed("a person's file that the group may write", _mode(0o660)),
        _exposed("a folder of people that all may write", _mode(0o600, folder_mode=0o777), where="people"),
        Scenario(
            title="two people's files that all may read",
            files=files(anna=ANNA, berta=""),
            arrange=_put(_open_to_all),
            where="people/anna.toml",
            severity="warning",
        ),
    ),
    "person-file-tracked": (
        Scenario(
            title="a person's file", files=files(anna=ANNA), arrange=_repository, where="people", severity="warning"
        ),
        Scenario(
            title="a person's file in git", files=files(anna=ANNA), arrange=_tracked, where="people", severity="warning"
        ),
    ),
    "person-key-unknown": (
        _unknown("a slip", f'note = "{NOTE}"\n', variable="notes"),
        _unknown("capital letters", f'Notes = "{NOTE}"\n', variable="notes"),
        _unknown("another word", f'phone = "{NUMBER}"\n', variable="numbers"),
        _unknown("of no likeness", f'"{NOTE}" = "{NOTE}"\n'),
        _unknown("a heading", f'# {NOTE}\n[anna]\ncalled = "Anna"\n', where="people/anna.toml:2"),
        _unknown("two headings", f'[[people]]\ncalled = "Anna"\nnotes = "{NOTE}"\n'),
        _unknown("a dot", f'notes.about = "{NOTE}"\n'.replace("notes", "family")),
    ),
    "person-value-invalid": (
        _value("called", '""'),
        _value("called", "7"),
        _value("called", '"' + "A" * 41 + '"', title="too long"),
        _value("language", '"German"'),
        _value("notes", f'"{NOTE * 250}"', title="too long"),
        _value("notes", f'["{NOTE}"]', title="a list"),
        _value("numbers", f'["{NUMBER}", "030 1234567"]', title="no country"),
        _value("numbers", NUMBER[1:], title="no quotes"),
        _value("numbers", f'["{NUMBER}{NUMBER[1:]}"]', title="too many digits"),
        _value("numbers", '["nobody"]'),
        _value("granny", '"Oma\\nErna"'),
        _value("speed", "2"),
        _value("speed", "nan"),
        _value("speed", '"slow"'),
        _value("speed", "true"),
        _value("eagerness", '"patient"'),
        _value("longest_call", "0"),
        _value("longest_call", "1979-05-27"),
    ),
    "person-number-twice": (
        Scenario(
            title="two people with one number",
            files=files(anna=ANNA, berta=f'numbers = ["+1 212 555 0123", "0049 (0)911-5550173"]  # {NOTE}\n'),
            variable="numbers",
            where="people/berta.toml:1",
        ),
    ),
}
"""Whatever is wrong with them, no note and no number is shown."""


def _kubernetes(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    """As kubelet lays a secret: links to links, files of mode 0440."""
    kept = top / FOLDER / "..2026_11_27_10_00_00.1"
    kept.mkdir(parents=True)
    (top / FOLDER / "..data").symlink_to(kept.name)
    (kept / "anna.toml").write_text(ANNA)
    (kept / "anna.toml").chmod(0o440)
    (top / FOLDER / "anna.toml").symlink_to("..data/anna.toml")


def _nobody(folder: Path, undo: ExitStack) -> None:
    """An empty folder."""


def _what_else_lies_there(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    for name in (".anna.toml.swp", "._anna.toml", "anna.toml.example", "anna.toml~", "anna.toml.old", "README.md"):
        (folder / name).write_bytes(b"\0")


def _valid(title: str, text: str | bytes) -> Scenario:
    return Scenario(title=f"a person: {title}", files=files(anna=text))


VALID: tuple[Scenario, ...] = (
    _valid("all of it", ANNA),
    _valid("the example", EXAMPLE),
    _valid("nothing said", "# later\n"),
    _valid("an empty file", ""),
    _valid("Windows", ANNA.replace("\n", "\r\n").encode("utf-8-sig")),
    _valid("one number without brackets", f'numbers = "{NUMBER}"\n'),
    _valid("a number as on a letter", 'numbers = ["+49 (0)911 / 555 01-73", "tel:+1-212-555-0123"]\n'),
    _valid("quotes of the other kind", f"called = 'Anna'\nnotes = '''\n{NOTE} \"so\" '''\n"),
    _valid("whole numbers", "speed = 1\nlongest_call = 30\n"),
    _valid("names in quotes", f'"called" = "Anna"\n"notes" = "{NOTE}"\n'),
    Scenario(title="two people", files=files(anna=ANNA, berta='called = "Berta"\n')),
    Scenario(title="people with names of their own", files=files(**{"Oma Käthe": "", "Ольга-2": "", "J. R": ""})),
    Scenario(title="people of Kubernetes", environ=GOOD, arrange=_kubernetes),
    Scenario(title="a folder of nobody", files=local(lines()), arrange=_put(_nobody, others=False)),
    Scenario(title="what else lies beside people", files=local(lines()), arrange=_put(_what_else_lies_there)),
)
