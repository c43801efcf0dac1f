"""What Alembic runs round a migration: in the connection, and in the transaction, of whoever asked for it."""

from __future__ import annotations

from alembic import context

from granny.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
context.run_migrations()
