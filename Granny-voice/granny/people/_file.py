"""One person's file: what it says, or what is wrong with it and in which line; never the words themselves."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path, PurePath

from pydantic import ValidationError

from granny.config.env_file import Undecodable, decode
from granny.config.paths import PEOPLE_FOLDER
from granny.faults import (
    PERSON_FILE_ENCODING,
    PERSON_FILE_LINE_UNREADABLE,
    PERSON_FILE_UNREADABLE,
    PERSON_KEY_UNKNOWN,
    PERSON_VALUE_INVALID,
    Finding,
)
from granny.people._person import FIELDS, Person, what_is_allowed
from granny.people._toml import Misread, Table, understand

ENDING = ".toml"
_LARGEST_BYTES = 32 * 1024
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe without a writer would be waited for."""
_SLUG = re.compile(r"[^\W_][\w .-]{0,63}")
_ALIASES = {
    "name": "called",
    "nickname": "called",
    "lang": "language",
    "about": "notes",
    "phone": "numbers",
    "phones": "numbers",
    "telephone": "numbers",
    "tel": "numbers",
    "granny_name": "granny",
    "patient": "patience",
    "max_call_minutes": "longest_call",
    "minutes": "longest_call",
    "time_zone": "timezone",
    "zone": "timezone",
    "emergency": "emergency_number",
    "crisis": "crisis_line",
}
"""What people write, and the letters alone do not tell."""


@dataclass(frozen=True, slots=True, repr=False)
class PersonFile:
    """A person's file, read or not.

    Attributes:
        path: where it lies.
        slug: the person's, by which links and dispatches name one; never what the person is called.
        mode: its permissions as `os.stat` gives them, or None if they are not known.
        person: what it says; None where it cannot be read, or says something that may not be.
        lines: the line of each name in it, as far as it is known.
        findings: what is wrong with it.
    """

    path: Path
    slug: str
    mode: int | None = None
    person: Person | None = None
    lines: Mapping[str, int] | None = None
    findings: tuple[Finding, ...] = ()

    def where(self, name: str = "") -> str:
        """The place of a name, as a report shows it: `people/anna.toml:3`."""
        line = (self.lines or {}).get(name)
        return place(self.path, line)


def place(path: Path, line: int | None = None) -> str:
    """A file of the folder, or a line in it, as a report shows it."""
    return f"{PEOPLE_FOLDER}/{path.name}" + (f":{line}" if line else "")


def slug_of(name: str) -> str | None:
    """The person whose file has this name; None if it is not the name of a person's file."""
    file = PurePath(unicodedata.normalize("NFC", name))
    return file.stem if file.suffix.lower() == ENDING and _SLUG.fullmatch(file.stem) else None


def read_file(path: Path, slug: str) -> PersonFile:
    """Read one; whatever is wrong with it is in the result, nothing is raised for it.

    Raises:
        ModuleNotFoundError: tomli is not installed (Python 3.10).
    """
    file = PersonFile(path, slug)
    try:
        with open(path, "rb", opener=_opened) as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if not stat.S_ISREG(mode):
                return _unreadable(file, "It is a folder, a pipe or a device.")
            data = opened.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        return _unreadable(file, "A link has this name, and it leads to nothing.")
    except IsADirectoryError:
        return _unreadable(file, "A folder has this name.")
    except OSError as error:
        return _unreadable(file, f"The system says: {os.strerror(error.errno or 0)}.")
    if len(data) > _LARGEST_BYTES:
        return _unreadable(file, f"It is larger than {_LARGEST_BYTES // 1024} kB.")
    return _understood(replace(file, mode=mode), data)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | _AT_ONCE)


def _understood(file: PersonFile, data: bytes) -> PersonFile:
    text = decode(data)
    if isinstance(text, Undecodable):
        evidence = f"{text.reason[0].upper()}{text.reason[1:]}."
        return _with(file, PERSON_FILE_ENCODING.found(evidence, where=place(file.path, text.line)))
    read = understand(text)
    if isinstance(read, Misread):
        evidence = f"Line {read.line}: {read.form}."
        return _with(file, PERSON_FILE_LINE_UNREADABLE.found(evidence, where=place(file.path, read.line)))
    return _judged(replace(file, lines=read.lines), read)


def _judged(file: PersonFile, table: Table) -> PersonFile:
    unknown = tuple(_unknown(file, name) for name in table.values if name not in FIELDS)
    try:
        person = Person.model_validate(dict(table.values))
    except ValidationError as error:
        return _with(file, *_invalid(file, error), *unknown)
    return _with(replace(file, person=person), *unknown)


def _unknown(file: PersonFile, name: str) -> Finding:
    """The name is shown only if it is nearly one of ours: it may be anything, a piece of the notes too."""
    plain = name.strip().lower().replace("-", "_")
    right = _ALIASES.get(plain) or next(iter(get_close_matches(plain, FIELDS, n=1, cutoff=0.75)), None)
    evidence = f"Did you mean {right}?" if right else f"Known are {', '.join(FIELDS)}."
    return PERSON_KEY_UNKNOWN.found(evidence, variable=right, where=file.where(name))


def _invalid(file: PersonFile, error: ValidationError) -> Iterator[Finding]:
    """One finding for each name, however much of its value is wrong."""
    details = error.errors(include_input=False, include_url=False)
    for name, kind in {str(detail["loc"][0]): detail["type"] for detail in details}.items():
        yield PERSON_VALUE_INVALID.found(what_is_allowed(name, kind), variable=name, where=file.where(name))


def _unreadable(file: PersonFile, evidence: str) -> PersonFile:
    return _with(file, PERSON_FILE_UNREADABLE.found(evidence, where=place(file.path)))


def _with(file: PersonFile, *findings: Finding) -> PersonFile:
    return replace(file, findings=(*file.findings, *findings))
