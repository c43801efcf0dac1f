"""The links as they were kept before the store: a file each in the data folder, which the store takes over once."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, ValidationError

from granny.config.family_notes import read_at_most
from granny.store.link import Kind, Link, id_in

if TYPE_CHECKING:  # SQLAlchemy, of which a check-up knows nothing
    from granny.store.links import Links

logger = logging.getLogger("granny.store")

FOLDER = "links"
_LARGEST_BYTES = 4096
_LONGEST_NAME = 64
_NAME = re.compile(r"[0-9a-f]{64}")


def _named(person: str) -> str:
    if len(person) > _LONGEST_NAME or not person.isprintable():
        msg = "no person's name"
        raise ValueError(msg)
    return person


class _Kept(BaseModel):
    """What is in a link's file."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    person: Annotated[str, AfterValidator(_named)]
    made: AwareDatetime
    kind: Kind = Kind.CALL


def old_links(place: Path) -> dict[str, Link]:
    """Those of a data folder that can be read, by their hashes.

    Raises:
        OSError: the folder cannot be read.
    """
    links = ((name, _read(place / FOLDER / name)) for name in _names(place))
    return {name: Link(id_in(name), kept.person, kept.made, kept.kind) for name, kept in links if kept}


def spoilt(place: Path) -> tuple[str, ...]:
    """The ids of those whose file cannot be read: whoever has one of them cannot call.

    Raises:
        OSError: the folder cannot be read.
    """
    return tuple(id_in(name) for name in _names(place) if _read(place / FOLDER / name) is None)


def take_over(place: Path, links: Links) -> None:
    """Move those of a data folder into the store; what is spoilt stays where it is.

    A file goes once its link is kept: whoever is interrupted takes it over again, and nothing comes of it.

    Raises:
        StoreError: they cannot be kept.
        OSError: a file cannot be read or taken away.
    """
    found = old_links(place)
    links.keep(found)
    for name in found:
        (place / FOLDER / name).unlink(missing_ok=True)
    if found:
        logger.info("links were taken over", extra={"links": len(found)})
    with suppress(OSError):  # it is not there, or something else is in it
        (place / FOLDER).rmdir()


def forget(place: Path, id_: str) -> bool:
    """Take away the spoilt one with this id; returns whether it was there.

    Raises:
        OSError: it cannot be taken away.
    """
    names = [name for name in _names(place) if id_in(name) == id_]
    for name in names:
        (place / FOLDER / name).unlink(missing_ok=True)
    return bool(names)


def _names(place: Path) -> Iterator[str]:
    with suppress(FileNotFoundError):
        yield from (name for name in sorted(os.listdir(place / FOLDER)) if _NAME.fullmatch(name))  # noqa: PTH208  names alone


def _read(file: Path) -> _Kept | None:
    with suppress(OSError, ValidationError):
        return _Kept.model_validate_json(read_at_most(file, _LARGEST_BYTES))
    return None
