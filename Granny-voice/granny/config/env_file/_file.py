"""An env file on the disk: what it is, what it says, and files beside it that were meant to be it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from granny.config.env_file._encoding import Undecodable, decode
from granny.config.env_file._lines import Assignment, Content, understand
from granny.faults import ENV_FILE_ENCODING, ENV_FILE_IS_DIRECTORY, ENV_FILE_UNREADABLE, Finding

_NOTHING = Content()
_LARGEST_BYTES = 256 * 1024
_MOST_ENTRIES = 5000
_ALIKE = re.compile(r"[._ ]*(dot)?(env|evn|nev).*|.*[. _]env([. _].*)?")
_EXAMPLES = ("example", "sample", "template", "dist", "default")


@dataclass(frozen=True, slots=True, repr=False)
class EnvFile:
    """One env file, read or not.

    Attributes:
        path: where it was looked for.
        mode: its permissions as `os.stat` gives them, or None if nothing is there.
        content: what it says; empty if it could not be read.
        fault: why it could not be read.
    """

    path: Path
    mode: int | None = None
    content: Content = _NOTHING
    fault: Finding | None = None

    @property
    def is_there(self) -> bool:
        """Whether it was found and read."""
        return self.mode is not None and self.fault is None

    def where(self, line: int) -> str:
        """The place of a line, as a report shows it: `.env.local:3`."""
        return f"{self.path.name}:{line}"

    def assigned(self, name: str) -> Assignment | None:
        """The assignment of a name that counts, which is the last."""
        return next((item for item in reversed(self.content.assignments) if item.name == name), None)

    def lost(self, name: str) -> bool:
        """Whether the file sets a name for a person, and not for python-dotenv."""
        assigned = self.assigned(name)
        if assigned:
            return assigned.value is None
        return any(name in lost.names for lost in self.content.lost)


def read(path: Path, *, environ: Mapping[str, str], known: Sequence[str]) -> EnvFile:
    """Read one env file; whatever is wrong with it is in the result, nothing is raised for it.

    Raises:
        ImportError: python-dotenv is not installed.
    """
    try:
        status = path.stat()
        mode = status.st_mode
        if not stat.S_ISREG(mode):
            return EnvFile(path, fault=_not_a_file(path, mode))
        if status.st_size > _LARGEST_BYTES:
            return EnvFile(path, fault=_unreadable(path, "it is larger than 256 kB, which no env file is"))
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return EnvFile(path, fault=_broken_link(path))
    except (OSError, ValueError) as error:
        return EnvFile(path, fault=_unreadable(path, f"the system says: {_reason(error)}"))
    return _from_bytes(EnvFile(path, mode), data, environ=environ, known=known)


def _from_bytes(file: EnvFile, data: bytes, *, environ: Mapping[str, str], known: Sequence[str]) -> EnvFile:
    text = decode(data)
    if isinstance(text, Undecodable):
        where = file.where(text.line) if text.line else file.path.name
        return EnvFile(file.path, file.mode, fault=ENV_FILE_ENCODING.found(f"{text.reason}.", where=where))
    content = understand(text, environ=environ, known=known)
    if content.endless:
        return EnvFile(file.path, file.mode, fault=_unreadable(file.path, "reading it would take for ever"))
    return EnvFile(file.path, file.mode, content)


def _not_a_file(path: Path, mode: int) -> Finding:
    if stat.S_ISDIR(mode):
        return ENV_FILE_IS_DIRECTORY.found("A folder has this name.", where=path.name)
    return _unreadable(path, "it is a pipe or a device; Granny reads ordinary files only")


def _broken_link(path: Path) -> Finding | None:
    if not path.is_symlink():
        return None
    return ENV_FILE_IS_DIRECTORY.found("A link has this name, and it leads to nothing.", where=path.name)


def _unreadable(path: Path, reason: str) -> Finding:
    return ENV_FILE_UNREADABLE.found(f"{reason[0].upper()}{reason[1:]}.", where=path.name)


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number else "the path is not valid"


def look_alikes(
    folders: Iterable[Path], *, names: Sequence[str], but: Sequence[Path]
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Files that seem to be meant as env files, each with those of the names that it holds (at least one)."""
    for folder in dict.fromkeys(folders):
        for path in _alike(folder):
            held = () if path in but else _held(path, names)
            if held:
                yield path, held


def _alike(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(_MOST_ENTRIES))]  # noqa: B905  the shorter one ends it
    except OSError:
        return []
    return [folder / name for name in sorted(names) if _is_alike(name.lower())]


def _is_alike(name: str) -> bool:
    return bool(_ALIKE.fullmatch(name)) and not any(word in name for word in _EXAMPLES)


def _held(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
            return ()
        text = path.read_bytes().replace(b"\0", b"").decode(errors="ignore")
    except OSError:
        return ()
    lines = (line.strip() for line in text.splitlines())
    heads = (line.split("=")[0] for line in lines if not line.startswith("#") and not line.endswith("="))
    words = {word for head in heads for word in re.findall(r"[A-Z0-9_]+", head)}
    return tuple(name for name in names if name in words)
