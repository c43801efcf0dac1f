"""What must last beyond a call."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from granny.config.settings._group import Group
from granny.config.settings._kinds import Allowed

_SCHEMES = ("postgresql", "postgres")


def _is_postgresql(url: SecretStr | None) -> SecretStr | None:
    """The port is looked at as well: `urlsplit` raises ValueError at one that is none."""
    parts = urlsplit(url.get_secret_value()) if url else None
    if parts and (parts.scheme not in _SCHEMES or not parts.path.strip("/") or parts.port == 0):
        msg = "no address of a database"
        raise ValueError(msg) from None
    return url


class StoreSettings(Group):
    """Her diary, which tells what became of each call and never a word that was said, and what else must last."""

    diary_days: int = Field(
        default=400,
        ge=0,
        le=3650,
        alias="GRANNY_DIARY_DAYS",
        description="How many days a call stays in the diary; 0 keeps no diary.",
    )
    database_url: Annotated[
        SecretStr | None,
        AfterValidator(_is_postgresql),
        Allowed("a PostgreSQL database's address, as in postgresql://granny:PASSWORD@db.example/granny"),
    ] = Field(
        default=None,
        alias="GRANNY_DATABASE_URL",
        description="A PostgreSQL database in which several machines keep it together, as in "
        "postgresql://granny:PASSWORD@db.example/granny; unset: a file of SQLite in GRANNY_DATA_FOLDER.",
    )
