"""Whom a call is for, in the metadata of its dispatch: LiveKit's secret signs it, and no one in the room can write it.

A participant's attributes and metadata would not do: a client whose token lets it change its own could be anybody, and
they are known only once the participant has come, when she should be speaking already.
"""

from __future__ import annotations

import json

_PERSON = "person"


def job_metadata(person: str) -> str:
    """What a dispatch for this person carries."""
    return json.dumps({_PERSON: person}, ensure_ascii=False)


def person_of(metadata: str) -> str | None:
    """The person in a job's metadata, which may be another program's and of any form; None if none is named."""
    try:
        told = json.loads(metadata)
    except (ValueError, RecursionError):
        return None
    person = told.get(_PERSON) if isinstance(told, dict) else None
    return person if isinstance(person, str) else None
