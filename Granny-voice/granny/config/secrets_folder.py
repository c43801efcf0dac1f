"""A folder of secrets, as Kubernetes, Docker and systemd mount it: a file for each, named as its variable is.

The file holds the value alone; blanks and line breaks round it do not count, for most programs end a file with one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from granny.config.env_file import Assignment, Content, EnvFile, Undecodable, decode, nearest
from granny.faults import SECRET_FILE_UNREADABLE, Finding

VARIABLE = "GRANNY_SECRETS_FOLDER"
"""Where the folder is; set in the environment or in an env file."""

_LARGEST_BYTES = 64 * 1024
_HIDDEN = "."
"""Kubernetes keeps the files themselves in folders whose names begin so, and links to them."""


@dataclass(frozen=True, slots=True, repr=False)
class SecretFile(EnvFile):
    """One file of the folder, seen as an env file with a single assignment."""

    def where(self, line: int) -> str:  # noqa: ARG002  the whole file is the place
        """The place, as a report shows it: the file."""
        return str(self.path)

    def lost(self, name: str) -> bool:
        """Whether it is this variable's, and cannot be read."""
        return self.fault is not None and self.path.name == name


@dataclass(frozen=True, slots=True, repr=False)
class SecretsFolder:
    """The folder, read or not.

    Attributes:
        path: where it was looked for.
        files: those whose names are those of variables, or nearly.
        problem: why the folder could not be read, in our own words; empty if it could.
    """

    path: Path
    files: tuple[SecretFile, ...] = ()
    problem: str = ""


def place(text: str | None) -> Path | None:
    """The folder that the variable names, as a whole path; ~ is the home folder. None where it is not set, or empty."""
    return Path(os.path.abspath(os.path.expanduser(text))) if text else None  # noqa: PTH100, PTH111  Path's raise


def values(folder: Path, names: Iterable[str]) -> Mapping[str, str]:
    """What the folder sets of these variables.

    Raises:
        UnicodeDecodeError, OSError: a file cannot be read; the first may hold values.
    """
    files = ((name, folder / name) for name in names if name != VARIABLE)
    return {name: file.read_text(encoding="utf-8-sig").strip() for name, file in files if file.is_file()}


def read(folder: Path, *, known: Sequence[str]) -> SecretsFolder:
    """Read the files of variables; whatever is wrong with one is in the result, nothing is raised for it.

    Args:
        folder: it may hold other programs' secrets, too: those are let alone.
        known: the variables that matter.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (OSError, ValueError) as error:
        return SecretsFolder(folder, problem=f"The system says: {_reason(error)}.")
    named = (name for name in names if not name.startswith(_HIDDEN) and (name in known or nearest(name, known)))
    return SecretsFolder(folder, tuple(_file(folder / name) for name in named))


def _file(path: Path) -> SecretFile:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _unreadable(path, "A folder has this name." if path.is_dir() else "It is a pipe or a device.")
        if status.st_size > _LARGEST_BYTES:
            return _unreadable(path, "It is larger than 64 kB, which no secret is.")
        text = decode(path.read_bytes())
    except FileNotFoundError:
        return _unreadable(path, "A link has this name, and it leads to nothing.")
    except OSError as error:
        return _unreadable(path, f"The system says: {_reason(error)}.")
    if isinstance(text, Undecodable):
        return _unreadable(path, f"{text.reason[0].upper()}{text.reason[1:]}.")
    return SecretFile(path, status.st_mode, Content((Assignment(path.name, 1, text.strip()),)))


def _unreadable(path: Path, evidence: str) -> SecretFile:
    finding: Finding = SECRET_FILE_UNREADABLE.found(evidence, variable=path.name, where=str(path))
    return SecretFile(path, fault=finding)


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number else "the path is not valid"
