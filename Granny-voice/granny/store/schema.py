"""The tables, as the newest migration leaves them; a test holds the two together on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

_MILLIONTHS = Decimal(1_000_000)


class Utc(TypeDecorator[datetime]):
    """A moment; SQLite knows no zones, so UTC is meant there, and comes back as such."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        utc = value.astimezone(timezone.utc)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.astimezone(timezone.utc) if dialect.name == "postgresql" else value.replace(tzinfo=timezone.utc)


class Dollars(TypeDecorator[Decimal]):
    """An amount to the millionth, kept as a whole number: SQLite has no decimals, and sums must be exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002  SQLAlchemy's
        """To the database."""
        return None if value is None else int((value * _MILLIONTHS).to_integral_value())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ANN401, ARG002  SQLAlchemy's
        """From the database; PostgreSQL sums whole numbers as decimals."""
        return None if value is None else Decimal(int(value)) / _MILLIONTHS


class Slugs(TypeDecorator[Sequence[str]]):
    """Several slugs, in which there are no spaces."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:  # noqa: ARG002  SQLAlchemy's
        """To the database."""
        return " ".join(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:  # noqa: ARG002  SQLAlchemy's
        """From the database."""
        return tuple((value or "").split())


METADATA = MetaData()

COUNTED = ("person", "day", "seconds", "troubled", "cost", "first_word", "answer_p50", "answer_p95")
"""What is added up of many calls at once: it stands in the index by time, so that each call need not be looked up."""

CALLS = Table(
    "calls",
    METADATA,
    Column("job", String(100), primary_key=True),
    Column("started", Utc(), nullable=False),
    Column("day", Date(), nullable=False),
    Column("person", String(64), nullable=False),
    Column("by", String(16), nullable=False),
    Column("seconds", Float(), nullable=False),
    Column("ending", String(64), nullable=False),
    Column("fault", String(64)),
    Column("first_word", Float()),
    Column("answer_p50", Float()),
    Column("answer_p95", Float()),
    Column("turns", Integer(), nullable=False),
    Column("interruptions", Integer(), nullable=False),
    Column("spoken_faults", Slugs(), nullable=False),
    Column("troubled", Boolean(), nullable=False),
    Column("input_tokens", BigInteger(), nullable=False),
    Column("cached_tokens", BigInteger(), nullable=False),
    Column("output_tokens", BigInteger(), nullable=False),
    Column("cost", Dollars()),
    Column("serious", Slugs(), nullable=False),
    Index("calls_started", "started", *COUNTED),
    Index("calls_person_started", "person", "started"),
)
"""Calls that have ended. `day` is the date on which one started, where she lives; `troubled`: something went wrong."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("made", Utc(), nullable=False),
    Column("not_before", Utc(), nullable=False),
    Column("text", Text(), nullable=False),
    Column("attempts", Integer(), nullable=False),
    Column("claimed_until", Utc()),
    Index("outbox_not_before", "not_before"),
)
"""Alerts that are to be sent; until `claimed_until` a worker is at it, and no other takes it."""

TOLD = Table(
    "told",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("value", Text(), nullable=False),
    Column("at", Utc(), nullable=False),
)
"""What was taken note of: when something was last told, whether it is still so."""

LINKS = Table(
    "links",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("person", String(64), nullable=False),
    Column("made", Utc(), nullable=False),
)
"""The links to her page, each by the SHA-256 of its secret. `kind`: call, or family."""
