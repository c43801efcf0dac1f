"""The typed end of a call: what it is called, and what it proves."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from granny import faults
from granny.call.ending import UNTOLD, CallEnd, CallEnded, Caller, CameBy, Ending
from granny.faults import Fault


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (CallEnd(Ending.GOODBYE), "ok"),
        (CallEnd(Ending.HUNG_UP), "ok"),
        (CallEnd(Ending.HUNG_UP_EARLY), "hung-up-early"),
        (CallEnd(Ending.NOBODY_CAME), "nobody-came"),
        (CallEnd(Ending.LINE_LOST), "line-lost"),
        (CallEnd(Ending.NOT_ANSWERED), "not-answered"),
        (CallEnd(Ending.BUSY), "busy"),
        (CallEnd(Ending.DECLINED), "declined"),
        (CallEnd(Ending.MACHINE), "machine"),
        (CallEnd(Ending.UNREACHABLE), "unreachable"),
        (CallEnd(Ending.LINE_DEAD), "line-dead"),
        (CallEnd(Ending.TURNED_AWAY), "turned-away"),
        (CallEnd.by(faults.OPENAI_SILENT.found("")), "openai-silent"),
    ],
)
def test_only_what_somebody_wished_is_called_well(end: CallEnd, outcome: str) -> None:
    assert end.outcome == outcome
    assert end.is_well == (outcome == "ok")


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        (faults.CALL_IDLE, Ending.FAULT),
        (faults.LIVEKIT_CONNECTION_LOST, Ending.FAULT),
        (faults.CALL_CRASHED, Ending.CRASHED),
        (faults.JOB_DIED, Ending.CRASHED),
    ],
)
def test_what_broke_in_granny_herself_is_told_apart(fault: Fault, ending: Ending) -> None:
    assert CallEnd.by(fault.found("")) == CallEnd(ending, fault.slug)


@pytest.mark.parametrize(("ending", "fault"), [(Ending.FAULT, None), (Ending.GOODBYE, "openai-silent")])
def test_a_fault_has_a_name_and_nothing_else_has_one(ending: Ending, fault: str | None) -> None:
    with pytest.raises(ValueError, match=ending.value):
        CallEnd(ending, fault)


def test_a_call_of_whose_end_nobody_told_has_crashed() -> None:
    assert CallEnd(Ending.CRASHED, "call-crashed") == UNTOLD


def test_who_called_is_not_shown_where_an_event_is_printed() -> None:
    """The identity of who calls by telephone holds the number."""
    caller = Caller(CameBy.PHONE, "sip_+15550100")
    assert "5550100" not in repr(CallEnded("AJ_1", "kitchen", CallEnd(Ending.GOODBYE), 60.0, caller))


def test_when_a_call_started_follows_from_its_end_and_its_length() -> None:
    at = datetime(2026, 11, 27, 0, 1, tzinfo=timezone.utc)
    ended = CallEnded("AJ_1", "kitchen", CallEnd(Ending.GOODBYE), 120.0, at=at)
    assert ended.started == datetime(2026, 11, 26, 23, 59, tzinfo=timezone.utc)
