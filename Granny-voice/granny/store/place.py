"""Where the store is: a file of SQLite, or a PostgreSQL server."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from granny.config.settings import Settings

FILE = "granny.sqlite3"
_AS_IT_COUNTS = os.access in os.supports_effective_ids


@dataclass(frozen=True, slots=True)
class Place:
    """One of the two.

    Attributes:
        file: of SQLite; None where it is a server.
        url: the server's, with its password.
    """

    file: Path | None = None
    url: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """How it is called in a report: no user, no password, no host."""
        return str(self.file) if self.file else "PostgreSQL"


def place_of(settings: Settings) -> Place | None:
    """Where these settings have it; None: nowhere is set, and this user has no place where a file could be made.

    So it is in an image that nobody can write to, and nothing is wrong with that.
    """
    if settings.database_url:
        return Place(url=settings.database_url.get_secret_value())
    folder = settings.data_place
    if folder is None:
        return None
    is_meant = settings.data_folder is not None or os.path.lexists(folder / FILE)
    return Place(file=folder / FILE) if is_meant or _can_be_made_in(folder) else None


def _can_be_made_in(folder: Path) -> bool:
    there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK, effective_ids=_AS_IT_COUNTS)
