"""Who is in a room, read from what LiveKit lists."""

from __future__ import annotations

import pytest
from livekit.protocol.models import ParticipantInfo, ParticipantPermission

from granny.rooms.occupants import AGENT, BUSY, CALL, COMING, LEAVING, PARTED, Occupants, Role

Kind = ParticipantInfo.Kind


def listed(kind: ParticipantInfo.Kind = Kind.STANDARD, *, sid: str = "PA_1", **attributes: str) -> ParticipantInfo:
    marks = {"granny." + name: value for name, value in attributes.items()}
    return ParticipantInfo(sid=sid, identity=f"who-{sid}", kind=kind, attributes=marks)


CALLER, HER, VOICE, OTHER = listed(), listed(Kind.AGENT, agent=CALL), listed(Kind.AGENT, agent=BUSY), listed(Kind.AGENT)
RECORDER, GONE = listed(Kind.EGRESS), ParticipantInfo(state=ParticipantInfo.State.DISCONNECTED)
PARTED_CALLER = listed(parted="1")
HIDDEN = ParticipantInfo(permission=ParticipantPermission(hidden=True))
LISTENER = ParticipantInfo(kind=Kind.AGENT, permission=ParticipantPermission(hidden=True))


@pytest.mark.parametrize(
    ("participant", "role"),
    [
        (CALLER, Role.CALLER),
        (listed(Kind.SIP), Role.CALLER),
        (listed(Kind.CONNECTOR), Role.CALLER),
        (PARTED_CALLER, Role.PARTED),
        (HER, Role.GRANNY),
        (VOICE, Role.BUSY),
        (listed(Kind.AGENT, agent=LEAVING), Role.DEVICE),
        (OTHER, Role.OTHER_AGENT),
        (listed(Kind.AGENT, agent="of another release"), Role.OTHER_AGENT),
        (RECORDER, Role.DEVICE),
        (listed(Kind.INGRESS), Role.DEVICE),
        (HIDDEN, Role.DEVICE),
        (LISTENER, Role.DEVICE),
        (listed(agent=CALL), Role.CALLER),
    ],
)
def test_everybody_is_something(participant: ParticipantInfo, role: Role) -> None:
    """A caller may say of themselves what they like: only LiveKit says who is an agent."""
    [one] = Occupants.of([participant]).everybody
    assert one.role is role


@pytest.mark.parametrize(
    ("there", "is_alone", "is_attended", "is_asked_to_wait"),
    [
        ([], False, False, False),
        ([CALLER], True, False, False),
        ([CALLER, HER], False, True, False),
        ([CALLER, OTHER], False, True, False),
        ([CALLER, VOICE], True, False, True),
        ([CALLER, VOICE, HER], False, True, True),
        ([CALLER, RECORDER], True, False, False),
        ([CALLER, LISTENER], True, False, False),
        ([HER], False, True, False),
        ([RECORDER], False, False, False),
        ([GONE], False, False, False),
        ([PARTED_CALLER], False, False, False),
        ([PARTED_CALLER, CALLER], True, False, False),
    ],
)
def test_who_is_alone_has_nobody_but_a_voice_that_asks_to_wait(
    there: list[ParticipantInfo],
    is_alone: bool,  # noqa: FBT001  a column of the table
    is_attended: bool,  # noqa: FBT001  as above
    is_asked_to_wait: bool,  # noqa: FBT001  as above
) -> None:
    found = Occupants.of(there)
    assert (found.is_alone, found.is_attended, found.is_asked_to_wait) == (is_alone, is_attended, is_asked_to_wait)


def telephone(status: str, sid: str = "PA_7") -> ParticipantInfo:
    return ParticipantInfo(sid=sid, kind=Kind.SIP, attributes={"sip.callStatus": status})


@pytest.mark.parametrize(
    ("there", "rings"),
    [
        ([telephone("ringing")], True),
        ([telephone("dialing")], True),
        ([telephone("ringing"), telephone("ringing", "PA_8"), VOICE, RECORDER], True),
        ([telephone("active")], False),
        ([listed(Kind.SIP)], False),
        ([telephone("ringing"), CALLER], False),
        ([CALLER], False),
        ([VOICE], False),
        ([], False),
    ],
)
def test_a_telephone_rings_until_somebody_answers(there: list[ParticipantInfo], *, rings: bool) -> None:
    """One whose bridge does not say is taken for answered: it is told what is the matter."""
    assert Occupants.of(there).rings is rings


def test_who_came_first_counts_and_agents_do_not() -> None:
    there = [
        ParticipantInfo(sid="PA_1", joined_at_ms=3000),
        ParticipantInfo(sid="PA_2", joined_at=2),  # an older LiveKit
        ParticipantInfo(sid="PA_3", joined_at_ms=1000, kind=Kind.AGENT),
    ]
    first = Occupants.of(there).first
    assert first
    assert (first.sid, first.joined_ms) == ("PA_2", 2000)
    assert Occupants().first is None


def test_a_worker_that_is_on_its_way_stands_with_its_caller() -> None:
    [one, other] = Occupants.of([listed(coming="AW_1"), listed(sid="PA_2")]).everybody
    assert (one.coming, other.coming) == ("AW_1", "")


def test_who_is_listed_and_not_there_does_not_count() -> None:
    there = Occupants.of([CALLER, listed(Kind.AGENT, sid="PA_2", agent=CALL)])
    assert there.is_attended
    assert there.without({"PA_2"}).is_alone
    assert there.hers == there.everybody[1:]


def test_the_marks_are_a_contract() -> None:
    """Another release of hers, in the same room, reads them."""
    assert (AGENT, CALL, BUSY) == ("granny.agent", "call", "busy")
    assert (PARTED, COMING) == ("granny.parted", "granny.coming")
