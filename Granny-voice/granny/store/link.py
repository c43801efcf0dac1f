"""A link to her page, as a value; of its secret only the hash is ever kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

_SECRET_BYTES = 16
"""128 bits: nobody guesses one."""
_ID_DIGITS = 8


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


def new_secret() -> str:
    """One that nobody has."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> str:
    """The SHA-256 of a secret: one of 128 random bits tells nothing of them, and a slow one would only be slow."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def id_in(hash_: str) -> str:
    """The id of the link with this hash."""
    return hash_[:_ID_DIGITS]


def id_of(secret: str) -> str:
    """The id of the link with this secret."""
    return id_in(hash_of(secret))
