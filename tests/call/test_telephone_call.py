"""What a telephone's call has come to, and what its end is called."""

from __future__ import annotations

import pytest
from livekit import rtc

from fakes import Person
from granny.call.ending import ENDED_WELL, Ending
from granny.call.telephone_call import DEAD_SECONDS, TelephoneCall
from granny.rooms.dispatch import Way
from granny.rooms.telephones import RingOutcome

Reason = rtc.DisconnectReason
SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP


def call(way: Way | None, *statuses: str, rule: str = "") -> TelephoneCall:
    """A call whose telephone has told so much of itself, one after the other."""
    telephone = TelephoneCall(way)
    for status in statuses:
        attributes = {"sip.callStatus": status, **({"sip.ruleID": rule} if rule else {})}
        telephone.look(Person("phone", kind=SIP, attributes=attributes))
    return telephone


def test_a_call_of_which_nothing_is_told_and_nothing_seen_is_no_telephones() -> None:
    telephone = TelephoneCall()
    telephone.look(Person())
    assert (telephone.is_one, telephone.rings, telephone.is_rung) == (False, False, False)


def test_a_telephone_that_is_expected_rings_until_it_is_answered() -> None:
    assert call(Way.RING).rings
    assert call(Way.RING, "dialing", "ringing").rings
    assert not call(Way.RING, "dialing", "ringing", "active").rings


def test_a_telephone_that_nobody_told_of_is_known_when_it_is_seen() -> None:
    """Somebody's own dispatch rule says nothing of the way, and somebody's own dialling neither."""
    assert (call(None, "ringing", rule="SDR_1").rings, call(None, "ringing", rule="SDR_1").is_rung) == (True, False)
    assert (call(None, "ringing").rings, call(None, "ringing").is_rung) == (True, True)


def test_who_has_answered_stays_answered() -> None:
    assert call(None, "ringing", "active", "hangup", rule="SDR_1").is_answered


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        (Reason.USER_REJECTED, Ending.DECLINED),
        (Reason.USER_UNAVAILABLE, Ending.NOT_ANSWERED),
        (Reason.SIP_TRUNK_FAILURE, Ending.UNREACHABLE),
        (Reason.MEDIA_FAILURE, Ending.UNREACHABLE),
        (Reason.CLIENT_INITIATED, Ending.NOT_ANSWERED),
        (Reason.ROOM_DELETED, Ending.NOT_ANSWERED),
        (Reason.UNKNOWN_REASON, Ending.NOT_ANSWERED),
    ],
)
def test_a_ring_that_nobody_takes_is_called_by_what_the_network_says(reason: int, ending: Ending) -> None:
    assert call(Way.RING, "dialing", "ringing", "hangup").ending(reason, was_heard=False) is ending


TAKEN = (RingOutcome.ANSWERED, RingOutcome.NO_CONVERSATION)


@pytest.mark.parametrize("outcome", [one for one in RingOutcome if one not in TAKEN])
def test_whoever_has_dialled_knows_it_best(outcome: RingOutcome) -> None:
    telephone = call(Way.RING, "ringing")
    telephone.told(outcome)
    assert telephone.ending(Reason.USER_REJECTED, was_heard=False).value == outcome.value


@pytest.mark.parametrize("outcome", TAKEN)
def test_that_somebody_took_the_call_is_no_end_of_its_ringing(outcome: RingOutcome) -> None:
    telephone = call(Way.RING, "ringing")
    telephone.told(outcome)
    assert telephone.ending(Reason.USER_REJECTED, was_heard=False) is Ending.DECLINED


def test_a_call_that_was_answered_has_its_own_end_whatever_is_told_of_the_dialling() -> None:
    telephone = call(Way.RING, "ringing", "active")
    telephone.told(RingOutcome.BUSY)
    assert telephone.ending(Reason.CLIENT_INITIATED, was_heard=True) is Ending.HUNG_UP


def test_a_telephone_that_never_came_was_not_reached() -> None:
    assert call(Way.RING).ending(Reason.UNKNOWN_REASON, was_heard=False) is Ending.UNREACHABLE


@pytest.mark.parametrize("statuses", [(), ("ringing",)])
def test_a_caller_who_gave_up_before_she_answered_has_hung_up_early(statuses: tuple[str, ...]) -> None:
    assert call(Way.PHONE, *statuses).ending(Reason.CLIENT_INITIATED, was_heard=False) is Ending.HUNG_UP_EARLY


@pytest.mark.parametrize(
    ("reason", "was_heard", "silent_for", "ending"),
    [
        (Reason.CLIENT_INITIATED, True, 0.0, Ending.HUNG_UP),
        (Reason.CLIENT_INITIATED, False, 0.0, Ending.HUNG_UP_EARLY),
        (Reason.ROOM_DELETED, True, 0.0, Ending.HUNG_UP),
        (Reason.CLIENT_INITIATED, True, DEAD_SECONDS - 0.1, Ending.HUNG_UP),
        (Reason.CLIENT_INITIATED, True, DEAD_SECONDS, Ending.LINE_DEAD),
        (Reason.USER_UNAVAILABLE, True, 0.0, Ending.LINE_DEAD),
        (Reason.SIP_TRUNK_FAILURE, True, 0.0, Ending.LINE_DEAD),
        (Reason.SIGNAL_CLOSE, True, 0.0, Ending.LINE_DEAD),
    ],
)
def test_a_call_that_was_answered_ends_by_somebodys_wish_or_by_a_dead_line(
    reason: int,
    was_heard: bool,  # noqa: FBT001  a row of the table
    silent_for: float,
    ending: Ending,
) -> None:
    telephone = call(Way.PHONE, "ringing", "active", rule="SDR_1")
    assert telephone.ending(reason, was_heard=was_heard, silent_for=silent_for) is ending


def test_nothing_but_a_call_that_was_talked_in_has_ended_well() -> None:
    for reason in Reason.values():
        for telephone in (call(Way.RING), call(Way.RING, "ringing"), call(Way.PHONE, "ringing")):
            assert telephone.ending(reason, was_heard=False) not in ENDED_WELL
