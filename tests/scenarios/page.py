"""Her page: how its address, the data folder and the links in it go wrong, slug → scenarios, and those that work."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from granny.preflight.checkup import Port
from granny.store.old_links import FOLDER
from keeping import links_in, make_old_link
from scenarios._powers import powerless
from scenarios.environment import GOOD, Arrange, Scenario, lines, local
from scenarios.people import files

_HTTPS = "https://granny.example"
_URL, _DATA = "GRANNY_PAGE_URL", "GRANNY_DATA_FOLDER"

Then = Callable[[Path, ExitStack], None]


def _nothing(folder: Path, undo: ExitStack) -> None:
    """The links are as they were made."""


def kept(*people: str, then: Then = _nothing) -> Arrange:
    """A data folder with a link for each of these, as they were kept before the store."""

    def arrange(top: Path, undo: ExitStack) -> dict[str, str]:
        folder = top / "data"
        for person in people:
            make_old_link(folder, person)
        then(folder, undo)
        return {_DATA: str(folder)}

    return arrange


def _in_store(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  the signature of Arrange
    """A link in the store, for somebody of whom there is no file."""
    links_in(top / "data").make("anna")
    return {_DATA: str(top / "data")}


def _insecure(url: str) -> Scenario:
    return Scenario(
        title=url, files=local(lines(**{_URL: url})), variable=_URL, where=".env.local:5", severity="warning"
    )


def _listens(host: str) -> Scenario:
    return Scenario(
        title=f"at {host}",
        environ={**GOOD, "GRANNY_PAGE_HOST": host},
        variable="GRANNY_PAGE_HOST",
        where="environment",
        severity="warning",
    )


def _unusable(title: str, then: Then, *, made: bool = True) -> Scenario:
    """The data folder is there, or something else in its place."""
    arrange = kept(*("",) if made else (), then=then)
    return Scenario(title=title, environ=GOOD, arrange=arrange, variable=_DATA, where="environment", severity="warning")


def _a_file(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  the signature of Then
    folder.touch()


def _above_is_a_file(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    folder.parent.joinpath("file").touch()
    folder.symlink_to(folder.parent / "file" / "data")


def _links_are_a_file(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    folder.mkdir()
    (folder / FOLDER).touch()


def _mode(mode: int, name: str = "") -> Then:
    def then(folder: Path, undo: ExitStack) -> None:
        if sys.platform == "win32":
            pytest.skip("on Windows folders have no mode")
        (folder / name).chmod(mode)
        undo.callback((folder / name).chmod, 0o700)
        if os.geteuid() == 0:
            undo.enter_context(powerless())

    return then


def _cannot_be_made(folder: Path, undo: ExitStack) -> None:
    above = folder.parent
    _mode(0o500)(above, undo)


def _spoilt(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    for file in (folder / FOLDER).iterdir():
        file.write_bytes(b"")


def _unreadable(folder: Path, undo: ExitStack) -> None:
    (file,) = (folder / FOLDER).iterdir()
    _mode(0, f"{FOLDER}/{file.name}")(folder, undo)


def _a_pipe(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes with a name")
    (file,) = (folder / FOLDER).iterdir()
    file.unlink()
    os.mkfifo(file)


def _link(title: str, then: Then, *people: str) -> Scenario:
    return Scenario(
        title=f"a link: {title}", environ=GOOD, arrange=kept(*people or ("",), then=then), severity="warning"
    )


def _no_home(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  the signature of Arrange
    if sys.platform != "linux":
        pytest.skip("elsewhere a user always has a place")
    return {"XDG_DATA_HOME": "", "HOME": "nowhere", "GRANNY_PAGE_PORT": "0"}


def _home(mode: int) -> Arrange:
    """The user's own data folder is there, of this mode and without links."""

    def arrange(top: Path, undo: ExitStack) -> dict[str, str]:
        if sys.platform != "linux":
            pytest.skip("elsewhere no variable names the place")
        folder = top / "home" / "granny"
        folder.mkdir(parents=True)
        _mode(mode)(folder, undo)
        return {"XDG_DATA_HOME": str(top / "home"), "GRANNY_PAGE_PORT": "0"}

    return arrange


_not_to_be_read = _home(0)


def _away(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
    return {_DATA: str(top / "not" / "there" / "yet")}


def _taken_port(top: Path, undo: ExitStack) -> dict[str, str]:
    listener = undo.enter_context(socket.create_server(("127.0.0.1", 0)))
    return {**(kept("")(top, undo) or {}), "GRANNY_PAGE_PORT": str(listener.getsockname()[1])}


def _opened(title: str, arrange: Arrange, *, variable: str | None = None, severity: str = "fatal") -> Scenario:
    """The page is about to be served."""
    where = "environment" if variable else None
    return Scenario(
        title=title,
        environ={**GOOD, "GRANNY_PAGE_PORT": "0"},
        arrange=arrange,
        opens=Port.PAGE,
        variable=variable,
        where=where,
        severity=severity,
    )


SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "port-in-use": (_opened("the page's", _taken_port, variable="GRANNY_PAGE_PORT"),),
    "page-without-links": (
        _opened("none was made", _away, severity="warning"),
        _opened("the last was taken back", kept(), severity="warning"),
    ),
    "page-url-insecure": (
        _insecure("http://granny.example"),
        _insecure("http://192.168.178.20:8080"),
        _insecure("http://granny.local:8080"),
        _insecure("http://localhost.example"),
        _listens("192.168.178.20"),
        _listens("fd00::1"),
    ),
    "data-folder-unusable": (
        _opened("opened: its links are a file", kept(then=_links_are_a_file), variable=_DATA),
        _opened("opened: closed", kept("", then=_mode(0)), variable=_DATA),
        _unusable("a file", _a_file, made=False),
        _unusable("below a file", _above_is_a_file, made=False),
        _unusable("its links are a file", _links_are_a_file, made=False),
        _unusable("read-only", _mode(0o500)),
        _unusable("closed", _mode(0)),
        _unusable("its links are closed", _mode(0o500, FOLDER)),
        _unusable("cannot be made", _cannot_be_made, made=False),
        Scenario(title="no home for a page", environ=GOOD, arrange=_no_home, variable=_DATA, opens=Port.PAGE),
        Scenario(
            title="a page that may not look", environ=GOOD, arrange=_not_to_be_read, variable=_DATA, opens=Port.PAGE
        ),
    ),
    "data-folder-exposed": (
        _link("all may see them", _mode(0o755, FOLDER)),
        _link("all may make some", _mode(0o777, FOLDER)),
    ),
    "link-unreadable": (
        _link("emptied", _spoilt),
        _link("two are spoilt", _spoilt, "", ""),
        _link("forbidden", _unreadable),
        _link("a pipe", _a_pipe),
    ),
    "link-person-unknown": (
        Scenario(
            title="a link for nobody",
            files=files(anna=""),
            arrange=kept("ana", "anna", ""),
            where="people/ana.toml",
            severity="warning",
        ),
        Scenario(title="in the store", environ=GOOD, arrange=_in_store, where="people/anna.toml", severity="warning"),
        Scenario(
            title="no folder", environ=GOOD, arrange=kept("anna", "anna"), where="people/anna.toml", severity="warning"
        ),
    ),
    "setting-invalid": (
        Scenario(
            title="the page's port",
            files=local(lines(GRANNY_PAGE_PORT="80800")),
            variable="GRANNY_PAGE_PORT",
            where=".env.local:5",
        ),
        Scenario(
            title="the page's address",
            files=local(lines(GRANNY_PAGE_URL="granny.example")),
            variable="GRANNY_PAGE_URL",
            where=".env.local:5",
        ),
        Scenario(
            title="a name for an address",
            files=local(lines(GRANNY_PAGE_HOST="localhost")),
            variable="GRANNY_PAGE_HOST",
            where=".env.local:5",
        ),
    ),
}


def _valid(title: str, arrange: Arrange | None = None, **environ: str) -> Scenario:
    return Scenario(title=f"her page: {title}", environ={**GOOD, **environ}, arrange=arrange)


VALID: tuple[Scenario, ...] = (
    _valid("https", GRANNY_PAGE_URL="https://granny.example"),
    _valid("this machine by its number", GRANNY_PAGE_URL="http://127.0.0.1:8080"),
    _valid("this machine by its name", GRANNY_PAGE_URL="http://localhost:8080"),
    _valid("this machine's IPv6", GRANNY_PAGE_HOST="::1", GRANNY_PAGE_URL="http://[::1]:8080"),
    _valid("every address, behind a proxy", GRANNY_PAGE_HOST="0.0.0.0", GRANNY_PAGE_URL="https://granny.example"),  # noqa: S104  read, not bound
    _valid("a data folder that is not there yet", _away),
    _valid("a worker that keeps nothing, in an image that nobody can write to", _home(0o500), GRANNY_PAGE_URL=_HTTPS),
    _valid("a worker that keeps nothing, and has no home", _no_home, GRANNY_PAGE_URL=_HTTPS),
    _valid("links for nobody in particular", kept("", "")),
    _valid("a folder shared with a group", kept("", then=_mode(0o770, FOLDER))),
    Scenario(title="her page: links for two people", files=files(anna="", berta=""), arrange=kept("anna", "berta")),
    Scenario(title="her page: a link for a person whose file is broken", files=files(anna=""), arrange=kept("anna")),
)
