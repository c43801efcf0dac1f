"""The page is light, comes whole from where it is served, and its one library is LiveKit's own build."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from granny.config.paths import HOME

SITE = HOME / "granny" / "page" / "site"
LIBRARY = "livekit-client.umd.js"
LIBRARY_SHA256 = "fb646f2260d84f91238d0a2dc10726c456631d6a26c7cafc43cfee5959b4d31d"
"""dist/livekit-client.umd.js of livekit-client 2.23.0, as npm has it."""
LICENCE = "livekit-client.LICENSE"
HEAVIEST = 200_000
"""Bytes, packed: what a slow line brings in some seconds."""
NOT_SERVED = {LICENCE, "package.json"}
LONGEST_FILE = 250
"""Lines, as of every other file."""


def served() -> list[Path]:
    return [file for file in sorted(SITE.rglob("*")) if file.is_file() and file.name not in NOT_SERVED]


def own() -> list[Path]:
    """What is written here, and text."""
    return [file for file in served() if file.name != LIBRARY and file.suffix != ".png"]


class Page(HTMLParser):
    """The ids and the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.addresses: set[str] = set()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {given["id"] or ""} if "id" in given else set()
        self.addresses |= {given[name] or "" for name in ("href", "src") if name in given}
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


def page(name: str = "index.html") -> Page:
    read = Page()
    read.feed((SITE / name).read_text(encoding="utf-8"))
    return read


def test_the_library_is_the_one_that_livekit_published() -> None:
    assert hashlib.sha256((SITE / LIBRARY).read_bytes()).hexdigest() == LIBRARY_SHA256
    assert "Apache License" in (SITE / LICENCE).read_text(encoding="utf-8")


def test_the_whole_page_is_no_heavier_than_a_slow_line_can_bear() -> None:
    assert sum(len(gzip.compress(file.read_bytes())) for file in served()) <= HEAVIEST


def test_nothing_of_it_is_fetched_from_elsewhere() -> None:
    """No font, no script, no picture: an address in a file of the page is a name of XML, or in a comment's place."""
    for file in own():
        assert set(re.findall(r"https?://[\w./]+", file.read_text(encoding="utf-8"))) <= {"http://www.w3.org/2000/svg"}


def test_every_file_that_the_page_names_is_there() -> None:
    icons = json.loads((SITE / "manifest.webmanifest").read_text(encoding="utf-8"))["icons"]
    names = page().addresses | page("family.html").addresses | {icon["src"] for icon in icons}
    for file in SITE.glob("*.js"):
        if file.name != LIBRARY:
            names |= set(re.findall(r'from "\./([\w./-]+)"', file.read_text(encoding="utf-8")))
    assert [name for name in sorted(names) if not (SITE / name).is_file()] == []


def test_nothing_stands_in_the_page_that_a_strict_policy_would_forbid() -> None:
    """No script, style or act of its own in the text of the page, and no text made into code or markup."""
    assert page().inline == page("family.html").inline == []
    for file in own():
        if file.suffix == ".js":
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|\.style\b",
                file.read_text(encoding="utf-8"),
            ), file.name


def test_whatever_the_code_puts_on_the_page_has_its_place() -> None:
    for name in ("screen.js", "main.js"):
        code = (SITE / name).read_text(encoding="utf-8")
        assert set(re.findall(r'(?:find|put|onTap)\("([\w-]+)"', code)) <= page().ids


def test_the_ids_that_others_hold_on_to_are_listed_at_the_top_of_the_page() -> None:
    comment = (SITE / "index.html").read_text(encoding="utf-8").partition("-->")[0]
    assert page().ids - {"picture", "words", "controls"} == set(re.findall(r"#(\w+)", comment))


def test_its_files_are_short_enough_to_be_read() -> None:
    for file in own():
        if file.parent.name != "words" and file.suffix in (".js", ".html"):
            assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE, file.name
