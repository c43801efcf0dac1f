"""What a telephone tells of itself is read from its attributes, and what a job is told of a ring from a packet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit import rtc
from livekit.protocol.models import ParticipantInfo

from granny.call.ending import Ending
from granny.rooms.telephones import (
    CallStatus,
    RingOutcome,
    Telephone,
    is_on_the_line,
    is_telephone,
    outcome_heard,
    outcome_told,
    telephone_of,
)

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
BROWSER = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
CALLS = {
    "sip.phoneNumber": "+4930555001",
    "sip.trunkPhoneNumber": "+4930555002",
    "sip.ruleID": "SDR_1",
    "sip.callStatus": "active",
}


@dataclass
class Somebody:
    kind: int = SIP
    attributes: Mapping[str, str] = field(default_factory=dict)


def test_a_telephone_is_known_by_its_kind_in_the_sdk_and_in_the_api() -> None:
    assert is_telephone(Somebody())
    assert is_telephone(ParticipantInfo(kind=ParticipantInfo.Kind.SIP))
    assert not is_telephone(Somebody(kind=BROWSER, attributes=CALLS))


def test_who_calls_and_who_is_rung_is_told_apart_by_the_rule() -> None:
    assert telephone_of(Somebody(attributes=CALLS)) == Telephone(
        "+4930555001", "+4930555002", CallStatus.ACTIVE, is_rung=False
    )
    rung = {name: value for name, value in CALLS.items() if name != "sip.ruleID"}
    assert telephone_of(Somebody(attributes=rung)).is_rung


def test_a_bridge_that_hides_numbers_tells_none() -> None:
    hidden = telephone_of(Somebody(attributes={"sip.callStatus": "ringing"}))
    assert (hidden.number, hidden.called) == ("", "")


def test_a_number_is_not_shown() -> None:
    assert "4930555" not in repr(telephone_of(Somebody(attributes=CALLS)))


@pytest.mark.parametrize(
    ("status", "is_answered"),
    [("dialing", False), ("ringing", False), ("automation", False), ("active", True), ("hangup", False)],
)
def test_a_telephone_is_on_the_line_once_it_is_answered(status: str, *, is_answered: bool) -> None:
    assert is_on_the_line(Somebody(attributes={"sip.callStatus": status})) is is_answered


@pytest.mark.parametrize("attributes", [{}, {"sip.callStatus": "bridging"}])
def test_of_whom_the_bridge_tells_nothing_is_not_left_in_silence(attributes: dict[str, str]) -> None:
    assert telephone_of(Somebody(attributes=attributes)).status is CallStatus.UNKNOWN
    assert is_on_the_line(Somebody(attributes=attributes))


def test_whoever_is_no_telephone_is_on_the_line() -> None:
    assert is_on_the_line(Somebody(kind=BROWSER, attributes={"sip.callStatus": "ringing"}))


@pytest.mark.parametrize("outcome", RingOutcome)
def test_what_a_job_is_told_of_a_ring_is_read_again(outcome: RingOutcome) -> None:
    assert outcome_heard(outcome_told(outcome)) is outcome


@given(st.binary())
def test_any_other_packet_tells_no_outcome(data: bytes) -> None:
    assert outcome_heard(data) is None


@pytest.mark.parametrize(
    "data", [b'{"outcome": "won"}', b'{"outcome": 1}', b'["busy"]', b'"busy"', b"null", b"[" * 90_000]
)
def test_another_programs_packet_tells_no_outcome(data: bytes) -> None:
    assert outcome_heard(data) is None


def test_whatever_becomes_of_a_ring_is_an_ending_unless_somebody_took_the_call() -> None:
    """Then the call has an end of its own."""
    endings = {ending.value for ending in Ending}
    assert {outcome.value for outcome in RingOutcome} - endings == {"answered", "no-conversation"}
