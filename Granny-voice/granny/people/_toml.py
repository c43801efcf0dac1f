"""TOML as a family writes it: the values and the line of each name, or the line that cannot be read and its form."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_AT = re.compile(r"\(at line (\d+), column \d+\)$")
_TWICE = "Cannot overwrite"
"""How the messages of tomllib and tomli begin where a name is met again; they are not shown, for they hold text."""
_TWICE_FORM = "a name that stands there a second time"
_ENDLESS = re.compile(r"\"{3}|'{3}")
_ENDLESS_FORM = "three quotes that are never closed, which take all lines below with them"

_NAMED = r"\s*[\w.\"'-]+\s*"
_FORMS = (
    (re.compile(r"\s*(<{7}|={7}|>{7}|\|{7})"), "a mark that git leaves where two versions collide"),
    (re.compile(_NAMED + r"=\s*[\u00ab\u00bb\u2018-\u201f]"), "typographic quotes, as a word processor makes them"),
    (re.compile(_NAMED + ":"), "a colon where the equals sign should be"),
    (re.compile(_NAMED + r"=\s*(#.*)?$"), "no value after the equals sign"),
    (re.compile(_NAMED + r"=\s*\"[^\"]*\\"), "a backslash inside quotes, which must be written twice"),
    (re.compile(_NAMED + r"=\s*(\"[^\"]*|'[^']*)$"), "a quote that is never closed"),
    (re.compile(_NAMED + r"=\s*(\"[^\"]*\"|'[^']*')\s*[^\s#]"), "something behind the closing quote"),
    (re.compile(_NAMED + r"=\s*\["), "brackets in which something is missing: a quote, a comma, or the closing one"),
    (re.compile(_NAMED + r"=\s*[^\s\"'\[{]"), "a text without quotes"),
    (re.compile(r"[^=]*$"), "no NAME = value"),
)
_OTHER = "not as TOML has it"

_LONG_TEXT = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')', re.DOTALL)
_NAME = re.compile(r"^[ \t]*(?:\[{1,2}[ \t]*)?[\"']?([\w-]+)[\"']?[ \t]*[\]=.]", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says.

    Attributes:
        values: by their names.
        lines: the line of each name as far as it could be found; the first is 1.
    """

    values: Mapping[str, Any] = field(repr=False)
    lines: Mapping[str, int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a file is no TOML.

    Attributes:
        line: where; the first is 1.
        form: what stands there, in our own words.
    """

    line: int
    form: str


def understand(text: str) -> Table | Misread:
    """Read a text.

    Raises:
        ModuleNotFoundError: tomli is not installed (Python 3.10).
    """
    try:
        return Table(tomllib.loads(text), _lines(text))
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError, as is a number of 5,000 digits
        return _misread(text, str(error))


def _lines(text: str) -> Mapping[str, int]:
    """Of a text that is TOML; what stands within a text of several lines is no name."""
    plain = _LONG_TEXT.sub(lambda found: "\n" * found[0].count("\n"), text)
    found: dict[str, int] = {}
    for name in _NAME.finditer(plain):
        found.setdefault(name[1], plain.count("\n", 0, name.start(1)) + 1)
    return found


def _misread(text: str, message: str) -> Misread:
    lines = text.split("\n")
    if at := _AT.search(message):
        number = int(at[1])
        form = _TWICE_FORM if message.startswith(_TWICE) else _form(lines[number - 1])
        return Misread(number, form)
    endless = [number for number, line in enumerate(lines, start=1) if _ENDLESS.search(line)]
    if endless:
        return Misread(endless[-1], _ENDLESS_FORM)
    named = [number for number, line in enumerate(lines, start=1) if "=" in line]
    return Misread(number := named[-1] if named else 1, _form(lines[number - 1]))


def _form(line: str) -> str:
    return next((form for pattern, form in _FORMS if pattern.match(line)), _OTHER)
