"""Where the store is: a file of SQLite, or a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from granny.config.settings import Settings

FILE = "granny.sqlite3"


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
    """Where these settings have it; None: no server is set, and this user has no place for a file."""
    if settings.database_url:
        return Place(url=settings.database_url.get_secret_value())
    return Place(file=settings.data_place / FILE) if settings.data_place else None
