"""Calls and messages as the tests of the store need them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from granny.store.rows import CallRow, Message, Urgency

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc)


def call(job: str, *, ago: timedelta = timedelta(0), **others: Any) -> CallRow:
    """A call that went well, so long before `NOON`, but for what is told."""
    usual: dict[str, Any] = {"person": "anna", "by": "web", "seconds": 60.0, "ending": "goodbye"}
    return CallRow(job=job, started=NOON - ago, **{**usual, **others})


def message(name: str, *, ago: timedelta = timedelta(0), **others: Any) -> Message:
    """A message that may be sent since it was made."""
    usual: dict[str, Any] = {"slug": "openai-out-of-credit", "urgency": Urgency.URGENT, "text": "Fixed words."}
    return Message(id=name, made=NOON - ago, **{"not_before": NOON - ago, **usual, **others})
