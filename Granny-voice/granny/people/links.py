"""The links to her page, for callers and for the family: made, listed, revoked; of a secret only the hash is kept.

Each is a file of its own in the data folder, named after the SHA-256 of its secret. So two programs that make links at
the same time cannot lose one, and one that is revoked is gone from that moment, for a page that runs as well.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import secrets
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

from granny.config.family_notes import read_at_most
from granny.config.paths import make_private
from granny.people._file import ENDING, slug_of

logger = logging.getLogger("granny.people")

FOLDER = "links"
_SECRET_BYTES = 16
"""128 bits: nobody guesses one."""
_ID_DIGITS = 8
_LARGEST_BYTES = 4096
_NAME = re.compile(r"[0-9a-f]{64}")


class Kind(str, Enum):
    """What a link is good for; neither opens what the other does."""

    CALL = "call"
    """Calling her."""
    FAMILY = "family"
    """The family's page."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is good until it is revoked.

    Attributes:
        id: by which it is listed and revoked: how its hash begins.
        person: the slug of the one who calls with it, or whose calls it shows; empty: nobody in particular.
        made: when.
        kind: what it is good for.
    """

    id: str
    person: str
    made: datetime
    kind: Kind = Kind.CALL


def _named(person: str) -> str:
    if person and slug_of(f"{person}{ENDING}") != person:
        msg = "no person's file could have this name"
        raise ValueError(msg)
    return person


class _Kept(BaseModel):
    """What is in a link's file."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    person: Annotated[str, AfterValidator(_named)]
    made: AwareDatetime
    kind: Kind = Kind.CALL


class Links:
    """The links of a data folder, as they are at the moment of each question."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made yet.

        Args:
            folder: the data folder.
        """
        self._folder = folder / FOLDER

    def make(self, person: str = "", kind: Kind = Kind.CALL) -> str:
        """A new link's secret, which is shown this once.

        Args:
            person: the slug of the one who will call with it, or whose calls it will show; empty: nobody in particular.
            kind: what it is to be good for.

        Raises:
            ValueError: no person's file could have this name.
            OSError: it cannot be kept.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        kept = _Kept(person=unicodedata.normalize("NFC", person), made=datetime.now(timezone.utc), kind=kind)
        _prepare(self._folder)
        _write(self._folder / _digest(secret), kept.model_dump_json())
        return secret

    def all(self) -> tuple[Link, ...]:
        """Those that can be read, the oldest first; none where nothing was ever made.

        Raises:
            OSError: the folder cannot be read.
        """
        links = (self._read(name) for name in self._names())
        return tuple(sorted(filter(None, links), key=lambda link: (link.made, link.id)))

    def spoilt(self) -> tuple[str, ...]:
        """The ids of those whose file is there and cannot be read: whoever has one of them cannot call.

        Raises:
            OSError: the folder cannot be read.
        """
        good = {link.id for link in self.all()}
        return tuple(name[:_ID_DIGITS] for name in self._names() if name[:_ID_DIGITS] not in good)

    def revoke(self, id_or_person: str) -> tuple[str, ...]:
        """Take back the one with this id, or all of this person; returns the ids of what was taken back.

        Raises:
            OSError: the folder cannot be read or changed.
        """
        meant = unicodedata.normalize("NFC", id_or_person)
        of_person = {link.id for link in self.all() if meant and link.person == meant}
        found = [name for name in self._names() if name[:_ID_DIGITS] in {meant, *of_person}]
        for name in found:
            (self._folder / name).unlink(missing_ok=True)
        return tuple(name[:_ID_DIGITS] for name in found)

    def holder(self, secret: str) -> Link | None:
        """The link with this secret, as it is now; None if there is none, or its file is spoilt.

        Raises:
            OSError: it cannot be told at the moment, as when too many files are open.
        """
        name = _digest(secret)
        try:
            return self._link(name)
        except FileNotFoundError:
            return None
        except ValidationError:
            logger.error("the file of a link is spoilt", extra={"link": name[:_ID_DIGITS]})
            return None

    def _names(self) -> Iterator[str]:
        with suppress(FileNotFoundError):
            yield from (name for name in sorted(os.listdir(self._folder)) if _NAME.fullmatch(name))  # noqa: PTH208  names alone

    def _read(self, name: str) -> Link | None:
        with suppress(OSError, ValidationError):
            return self._link(name)
        return None

    def _link(self, name: str) -> Link:
        kept = _Kept.model_validate_json(read_at_most(self._folder / name, _LARGEST_BYTES))
        return Link(name[:_ID_DIGITS], kept.person, kept.made, kept.kind)


def id_of(secret: str) -> str:
    """The id of the link with this secret."""
    return _digest(secret)[:_ID_DIGITS]


def _digest(secret: str) -> str:
    """A hash of 128 random bits tells nothing of them; a slow one, as for passwords, would only be slow."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for this user only."""
    number, part = tempfile.mkstemp(dir=path.parent, suffix=".part")  # mode 0600
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
            _give_to_owner_of(path.parent, number)
        Path(part).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(part).unlink()
        raise


def _prepare(folder: Path) -> None:
    """Make the folder if it is missing. By a link in its place its owner could lead root anywhere.

    Raises:
        OSError: it cannot be made, or is something else.
    """
    if folder.is_symlink():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not folder.exists():
        make_private(folder)
        made = os.open(folder, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)) if os.name == "posix" else None
        if made is not None:
            _give_to_owner_of(folder.parent, made)
            os.close(made)


def _give_to_owner_of(folder: Path, made: int) -> None:
    """What root makes in a folder of somebody else's must be theirs to read: her page runs as that user."""
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(made, owner.st_uid, owner.st_gid)
