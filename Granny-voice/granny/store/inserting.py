"""An INSERT that knows what to do about a row that is there already; each database has its own, in the same words."""

from __future__ import annotations

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def inserting(connection: Connection, table: Table) -> Insert:
    """For this table, in the dialect of this connection."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
