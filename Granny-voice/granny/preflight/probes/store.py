"""Can the store be used as it is: is its database there, this version's, and to itself?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from granny.config.settings import Settings
from granny.faults import STORE_EXPOSED, Finding
from granny.net.answer import Answer
from granny.store.clerk import Errands
from granny.store.place import Place, place_of
from granny.store.standing import Standing, finding, look
from granny.store.trouble import StoreError

_OTHERS_MAY = stat.S_IROTH | stat.S_IWOTH
"""A group may be those whom it is shared with, as in Kubernetes."""
_SECONDS = 8.0
"""Shorter than a probe may take."""
_DETAILS = {
    Standing.NOTHING: "{place}, to be made",
    Standing.DUE: "{place}, to be brought to this version's form",
    Standing.BROKEN_OFF: "{place}, to be brought to this version's form",
}


def file_is_there(settings: Settings) -> bool:
    """Whether there is a file to look at; one is made when the first call has ended."""
    place = place_of(settings)
    return bool(place and place.file and os.path.lexists(place.file))


def ask_store(settings: Settings) -> Answer:
    """All that is wrong with the store of these settings, which is looked at and not changed."""
    place = place_of(settings)
    if place is None:
        return Answer("none: this user has no folder for it")
    try:
        seen = look(place)
    except StoreError as error:
        return Answer(f"{place.shown}, not to be reached", (error.finding, *_exposed(place)))
    found = finding(place, seen)
    detail = _DETAILS.get(seen.standing, "{place}").format(place=place.shown)
    return Answer(detail, (*((found,) if found else ()), *_exposed(place)))


async def ask(settings: Settings) -> Answer:
    """The same of a server, which may let one wait; the thread that waits keeps no process from ending."""
    errands = Errands()
    try:
        return await errands(lambda: ask_store(settings), _SECONDS)
    except StoreError as error:
        return Answer("PostgreSQL, not to be reached", (error.finding,))
    finally:
        errands.end()


def _exposed(place: Place) -> Iterator[Finding]:
    if os.name == "nt" or not place.file:
        return
    try:
        mode = place.file.stat().st_mode
    except OSError:  # it is not there, or not to be looked at
        return
    if mode & _OTHERS_MAY:
        yield STORE_EXPOSED.found(f"Its permissions are {mode & 0o777:03o}.", where=str(place.file))
