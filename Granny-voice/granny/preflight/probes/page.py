"""Can somebody talk on her page where it is reached, and are the links to it kept, and good?"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from granny.config.paths import PEOPLE_FOLDER
from granny.config.settings import Settings
from granny.config.settings.page import PageSettings
from granny.faults import (
    DATA_FOLDER_EXPOSED,
    DATA_FOLDER_UNUSABLE,
    LINK_PERSON_UNKNOWN,
    LINK_UNREADABLE,
    PAGE_URL_INSECURE,
    PAGE_WITHOUT_LINKS,
    Finding,
    Severity,
)
from granny.net.answer import Answer
from granny.people import ENDING, read
from granny.store.link import Link
from granny.store.old_links import FOLDER, spoilt
from granny.store.seen_links import seen_links

_URL, _HOST, _DATA = "GRANNY_PAGE_URL", "GRANNY_PAGE_HOST", "GRANNY_DATA_FOLDER"
_ABOUT_PAGE = frozenset(PageSettings.model_fields)
_FOLDER_FIELD = "data_folder"
_OTHERS_MAY = stat.S_IROTH | stat.S_IWOTH
"""A group may be those whom the folder is shared with: Kubernetes gives a volume to one (fsGroup)."""
_AS_IT_COUNTS = os.access in os.supports_effective_ids
_NO_HOME = "It is not set, and this user has no home folder."
_MORE = "; {count} more like it."

Where = Callable[[str], "str | None"]


def tells_of_page(settings: Settings) -> bool:
    """Whether anything was set, or is kept, for her page."""
    return bool(settings.model_fields_set & _ABOUT_PAGE) or _keeps(settings)


def _keeps(settings: Settings) -> bool:
    """Whether links are kept here, or are to be: a worker whose page is elsewhere has no use for the folder."""
    place = settings.data_place
    return _FOLDER_FIELD in settings.model_fields_set or bool(place and (_has_old(place) or _seen(place)))


def _has_old(place: Path) -> bool:
    return os.path.lexists(place / FOLDER)


def _seen(place: Path) -> tuple[Link, ...] | None:
    """The links of a data folder; None if it cannot be read."""
    try:
        return seen_links(place)
    except OSError:
        return None


def ask_page(settings: Settings, *, people: Path | None = None, where: Where = lambda _: None) -> Answer:
    """All that is wrong with the page's address, with the data folder and with the links in it.

    Args:
        settings: of the page.
        people: the folder of the people whom links may be for.
        where: the place that sets a variable.
    """
    insecure = tuple(_insecure(settings, where))
    place = settings.data_place
    if settings.database_url or not place or not _keeps(settings):
        return Answer(settings.page_address, insecure)
    if evidence := why_unusable(place):
        found = DATA_FOLDER_UNUSABLE.found(evidence, variable=_DATA, where=where(_DATA), severity=Severity.WARNING)
        return Answer(settings.page_address, (*insecure, found))
    good = _seen(place) or ()
    detail = f"{settings.page_address}, {len(good)} {'link' if len(good) == 1 else 'links'}"
    return Answer(detail, (*insecure, *_exposed(place / FOLDER), *_spoilt(place), *_of_nobody(good, people)))


def ask_open_page(settings: Settings, *, people: Path | None = None, where: Where = lambda _: None) -> Answer:
    """The same for a page that is about to be served: it has to have a link; what a server has is not asked here.

    Args:
        settings: of the page.
        people: the folder of the people whom links may be for.
        where: the place that sets a variable.
    """
    answer = ask_page(settings, people=people, where=where)
    place = settings.data_place
    links = _seen(place) if place else None
    if settings.database_url:
        return answer
    if links is None:
        evidence = why_unusable(place) if place else _NO_HOME
        return Answer(answer.detail, (DATA_FOLDER_UNUSABLE.found(evidence, variable=_DATA, where=where(_DATA)),))
    if links:
        return answer
    return replace(answer, findings=(*answer.findings, PAGE_WITHOUT_LINKS.found(f"Looked in {place}.")))


def why_unusable(place: Path) -> str:
    """Why nothing can be kept in a folder, in our own words; empty if it can. One that is not there could be made."""
    there = next(one for one in (place, *place.absolute().parents) if os.path.lexists(one))
    folders = [there] if there != place else [one for one in (place, place / FOLDER) if os.path.lexists(one)]
    for folder in folders:
        if not folder.is_dir():
            return f"{folder} is no folder."
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=_AS_IT_COUNTS):
            return f"This user may not read {folder}, or not write into it."
    return ""


def _insecure(settings: Settings, where: Where) -> Iterator[Finding]:
    address = urlsplit(settings.page_address)
    if address.scheme != "https" and not _is_here(address.hostname or ""):
        variable = _URL if settings.page_url else _HOST
        evidence = f"{settings.page_address} begins with http:, and is not this machine."
        yield PAGE_URL_INSECURE.found(evidence, variable=variable, where=where(variable))


def _is_here(host: str) -> bool:
    """Whether browsers take a name for the machine they run on. Source: W3C, Secure Contexts, section 3.1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _exposed(folder: Path) -> Iterator[Finding]:
    mode = folder.stat().st_mode if os.name != "nt" and folder.is_dir() else 0
    if mode & _OTHERS_MAY:
        yield DATA_FOLDER_EXPOSED.found(f"Its permissions are {mode & 0o777:03o}.", variable=_DATA, where=str(folder))


def _spoilt(place: Path) -> Iterator[Finding]:
    """Of those that were kept before the store, and could not be taken over."""
    if ids := spoilt(place):
        yield LINK_UNREADABLE.found(_ids(ids))


def _of_nobody(links: Sequence[Link], people: Path | None) -> Iterator[Finding]:
    """One finding for each person of whom there is no file; of a folder that cannot be read nothing is said."""
    if not people or ((folder := read(people)).findings and not folder.files):
        return
    known = {"", *(file.slug for file in folder.files)}
    for person in sorted({link.person for link in links} - known):
        ids = [link.id for link in links if link.person == person]
        yield LINK_PERSON_UNKNOWN.found(_ids(ids), where=f"{PEOPLE_FOLDER}/{person}{ENDING}")


def _ids(ids: Sequence[str]) -> str:
    """The first of several; whoever has put one right will put right the others."""
    first, *others = ids
    return f"Its ID is {first}" + (_MORE.format(count=len(others)) if others else ".")
