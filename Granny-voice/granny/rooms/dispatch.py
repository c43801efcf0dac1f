"""What a job is told of its call, in its dispatch's metadata: LiveKit's secret signs it, nobody in the room writes it.

A participant's attributes and metadata would not do: a client whose token lets it change its own could be anybody, and
they are known only once the participant has come, when she should be speaking already.
"""

from __future__ import annotations

import json
from enum import Enum

_PERSON, _WAY = "person", "way"


class Way(str, Enum):
    """By which way a call comes, where the dispatch says so; a call from a page or an app says nothing."""

    PHONE = "phone"
    """Somebody has called her by telephone."""
    RING = "ring"
    """She calls somebody by telephone."""


def job_metadata(person: str = "", way: Way | None = None) -> str:
    """What a dispatch for this person, or by this way, carries; empty where there is nothing to tell."""
    told = {_PERSON: person, _WAY: way.value if way else ""}
    said = {name: value for name, value in told.items() if value}
    return json.dumps(said, ensure_ascii=False) if said else ""


def person_of(metadata: str) -> str | None:
    """The person in a job's metadata, which may be another program's and of any form; None if none is named."""
    return _told(metadata).get(_PERSON) or None


def way_of(metadata: str) -> Way | None:
    """The way in a job's metadata, likewise; None where it says none that is known here."""
    way = _told(metadata).get(_WAY)
    return Way(way) if way in tuple(Way) else None


def _told(metadata: str) -> dict[str, str]:
    try:
        told = json.loads(metadata)
    except (ValueError, RecursionError):
        return {}
    named = told.items() if isinstance(told, dict) else ()
    return {name: value for name, value in named if isinstance(value, str)}
