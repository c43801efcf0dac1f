"""One call that she makes, against LiveKit's API: when it rings, what it is called, and that nothing rings on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from livekit import api
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.room import CreateRoomRequest, SendDataRequest
from livekit.protocol.sip import CreateSIPParticipantRequest

from fakes._livekit_api import LiveKitApi, Refusal, Said, livekit_api, she, that_rings
from granny import faults
from granny.faults import Fault
from granny.phone import ringing
from granny.phone.ringing import CannotRingError, Ringer
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.dispatch import Way, person_of, way_of
from granny.rooms.telephones import RING, RingOutcome, outcome_heard
from scenarios._scene import settings
from scenarios.phone import OTHER, RINGS

CALLEE = ParticipantInfo(sid="PA_callee", identity="callee", kind=ParticipantInfo.Kind.SIP)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_LOOKS_SECONDS", 0.01)
    monkeypatch.setattr(ringing, "_FOLLOWS_SECONDS", 0.01)


@pytest.fixture
async def livekit() -> AsyncIterator[LiveKitApi]:
    async with livekit_api() as made:
        yield made


async def rung(livekit: LiveKitApi) -> RingOutcome:
    hers = settings(**livekit.environment, GRANNY_AGENT_NAME="granny", **RINGS)
    async with aiohttp.ClientSession() as session:
        return await Ringer(hers, LiveKitRooms(session, Access.of(hers)), "ST_out").ring("anna", OTHER)


def methods(livekit: LiveKitApi) -> list[str]:
    """What was asked, looks into the room left out."""
    return [method for method, _ in livekit.asked if method != "ListParticipants"]


async def test_she_is_in_the_room_before_it_rings(livekit: LiveKitApi) -> None:
    """Whoever answers is not to hear silence."""
    that_rings(livekit, looks=([], [], [she()], [she(), CALLEE], []))
    assert await rung(livekit) is RingOutcome.ANSWERED
    asked = [method for method, _ in livekit.asked]
    assert asked[:5] == ["CreateRoom", *["ListParticipants"] * 3, "CreateSIPParticipant"]


async def test_her_job_is_told_whom_she_rings(livekit: LiveKitApi) -> None:
    that_rings(livekit, looks=([she()], []))
    await rung(livekit)
    (agent,) = CreateRoomRequest.FromString(livekit.bodies("CreateRoom")[0]).agents
    assert (agent.agent_name, person_of(agent.metadata), way_of(agent.metadata)) == ("granny", "anna", Way.RING)


async def test_the_room_does_not_learn_the_number(livekit: LiveKitApi) -> None:
    that_rings(livekit, looks=([she()], []))
    await rung(livekit)
    call = CreateSIPParticipantRequest.FromString(livekit.bodies("CreateSIPParticipant")[0])
    assert (call.sip_trunk_id, call.sip_call_to, call.hide_phone_number) == ("ST_out", OTHER, True)
    assert OTHER[-6:] not in f"{call.room_name} {call.participant_identity} {call.participant_name}"


async def test_nobodys_telephone_rings_on_when_the_service_has_lost_the_call(livekit: LiveKitApi) -> None:
    """It may lose one after 32 s, and would not tell the telephone."""
    that_rings(livekit, looks=([she()], []))
    await rung(livekit)
    call = CreateSIPParticipantRequest.FromString(livekit.bodies("CreateSIPParticipant")[0])
    assert 30 <= call.ringing_timeout.seconds < 32


async def test_a_call_is_followed_to_its_end(livekit: LiveKitApi) -> None:
    """It is hers, and nobody ends it from outside."""
    that_rings(livekit, looks=([she()], [she(), CALLEE], [she(**{RING: "answered"}), CALLEE], [she()], []))
    assert await rung(livekit) is RingOutcome.ANSWERED
    assert methods(livekit) == ["CreateRoom", "CreateSIPParticipant"]


async def test_an_answering_machine_is_what_her_job_has_heard(livekit: LiveKitApi) -> None:
    that_rings(livekit, looks=([she()], [she(), CALLEE], [she(**{RING: "machine"}), CALLEE], []))
    assert await rung(livekit) is RingOutcome.MACHINE


async def test_who_has_answered_and_was_not_talked_with_is_what_her_job_has_found(livekit: LiveKitApi) -> None:
    """It says first that somebody has answered."""
    answered, apologises = she(**{RING: "answered"}), she(**{RING: "no-conversation"})
    that_rings(livekit, looks=([she()], [answered, CALLEE], [apologises, CALLEE], []))
    assert await rung(livekit) is RingOutcome.NO_CONVERSATION


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (486, RingOutcome.BUSY),
        (600, RingOutcome.BUSY),
        (603, RingOutcome.DECLINED),
        (408, RingOutcome.NOT_ANSWERED),
        (480, RingOutcome.NOT_ANSWERED),
        (487, RingOutcome.NOT_ANSWERED),
        (404, RingOutcome.UNREACHABLE),
        (484, RingOutcome.UNREACHABLE),
        (503, RingOutcome.UNREACHABLE),
    ],
)
async def test_what_the_telephone_answers_has_a_name(livekit: LiveKitApi, status: int, outcome: RingOutcome) -> None:
    """Her job is told, so that it ends the call by that name; the room is gone before it could be ended here."""
    that_rings(livekit, dialled=Refusal.by_telephone(status), looks=([she()], []))
    assert await rung(livekit) is outcome
    assert methods(livekit) == ["CreateRoom", "CreateSIPParticipant", "SendData"]
    told = SendDataRequest.FromString(livekit.bodies("SendData")[0])
    assert told.topic == RING
    assert outcome_heard(told.data) is outcome


@pytest.mark.parametrize("code", ["canceled", "deadline_exceeded"])
async def test_a_telephone_that_rings_in_vain_was_not_answered(livekit: LiveKitApi, code: str) -> None:
    """LiveKit tells no status of it."""
    that_rings(livekit, dialled=Refusal(code, "sip request timed out", status=408), looks=([she()], []))
    assert await rung(livekit) is RingOutcome.NOT_ANSWERED


async def test_a_job_that_does_not_listen_is_ended(livekit: LiveKitApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_ENDS_SECONDS", 0.03)
    that_rings(livekit, dialled=Refusal.by_telephone(486), looks=([she()],))
    assert await rung(livekit) is RingOutcome.BUSY
    assert methods(livekit)[-2:] == ["SendData", "DeleteRoom"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (Refusal.by_telephone(401), faults.PHONE_OUT_REFUSED),
        (Refusal.by_telephone(403), faults.PHONE_OUT_REFUSED),
        (Refusal.by_telephone(407), faults.PHONE_OUT_REFUSED),
        (Refusal("unavailable", "no response from servers"), faults.PHONE_SERVICE_MISSING),
        (Refusal("unavailable", "cpu exhausted"), faults.PHONE_SERVICE_BUSY),
        (Refusal("not_found", "requested sip trunk does not exist"), faults.PHONE_OUT_MISSING),
        (Refusal("internal", "something else"), faults.LIVEKIT_UNAVAILABLE),
    ],
)
async def test_what_is_no_telephones_answer_is_a_fault(livekit: LiveKitApi, said: Refusal, fault: Fault) -> None:
    """Whatever it is, the room is ended, and the number is not in its words."""
    that_rings(livekit, dialled=said, looks=([she()],))
    with pytest.raises(CannotRingError) as raised:
        await rung(livekit)
    assert raised.value.finding.fault is fault
    assert "5042" not in f"{raised.value} {raised.value.finding}"
    assert methods(livekit)[-1] == "DeleteRoom"


async def test_without_a_worker_nobody_is_rung(livekit: LiveKitApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_COMES_SECONDS", 0.05)
    that_rings(livekit, looks=([],))
    with pytest.raises(CannotRingError) as raised:
        await rung(livekit)
    assert raised.value.finding.fault is faults.PHONE_NO_WORKER
    assert methods(livekit) == ["CreateRoom", "DeleteRoom"] * 3


async def test_where_she_was_busy_for_an_instant_she_is_sent_for_again(
    livekit: LiveKitApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "_COMES_SECONDS", 0.01)
    that_rings(livekit, looks=([], [she()], []))
    assert await rung(livekit) is RingOutcome.ANSWERED
    assert methods(livekit) == ["CreateRoom", "DeleteRoom", "CreateRoom", "CreateSIPParticipant"]


async def test_a_room_that_is_gone_has_nobody_in_it(livekit: LiveKitApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """She has come and left again: that is not LiveKit's trouble."""
    monkeypatch.setattr(ringing, "_COMES_SECONDS", 0.05)
    that_rings(livekit, looks=([],))
    livekit.answers["ListParticipants"] = Refusal("not_found", status=404)
    with pytest.raises(CannotRingError) as raised:
        await rung(livekit)
    assert raised.value.finding.fault is faults.PHONE_NO_WORKER


async def test_another_agent_in_the_room_is_not_she(livekit: LiveKitApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """One without a name comes into every room of the project."""
    monkeypatch.setattr(ringing, "_COMES_SECONDS", 0.05)
    that_rings(livekit, looks=([ParticipantInfo(sid="PA_x", identity="x", kind=ParticipantInfo.Kind.AGENT)],))
    with pytest.raises(CannotRingError) as raised:
        await rung(livekit)
    assert raised.value.finding.fault is faults.PHONE_NO_WORKER
    assert "CreateSIPParticipant" not in methods(livekit)


async def test_it_does_not_ring_on_for_somebody_who_would_hear_nobody(livekit: LiveKitApi) -> None:
    """She came, and left again before anybody answered: as where OpenAI takes her key no more."""
    that_rings(livekit, looks=([she()], [she()], [CALLEE], [CALLEE], [CALLEE]))
    del livekit.answers["CreateSIPParticipant"]  # it rings
    with pytest.raises(CannotRingError) as raised:
        await rung(livekit)
    assert raised.value.finding.fault is faults.PHONE_NO_WORKER
    assert methods(livekit) == ["CreateRoom", "CreateSIPParticipant", "DeleteRoom"]


async def test_whoever_has_answered_and_is_left_alone_is_hung_up_on_and_rung_again(livekit: LiveKitApi) -> None:
    """A receiver in which nobody speaks is worse than none."""
    that_rings(livekit, looks=([she()], *[[CALLEE]] * 20, []))
    assert await rung(livekit) is RingOutcome.UNREACHABLE
    assert methods(livekit) == ["CreateRoom", "CreateSIPParticipant", "DeleteRoom"]


async def test_whom_she_has_spoken_with_is_reached_though_her_worker_died(livekit: LiveKitApi) -> None:
    answered = she(**{RING: "answered"})
    that_rings(livekit, looks=([she()], [answered, CALLEE], *[[CALLEE]] * 20, []))
    assert await rung(livekit) is RingOutcome.ANSWERED
    assert methods(livekit)[-1] == "DeleteRoom"


async def test_another_worker_may_come_to_whom_she_has_left(livekit: LiveKitApi) -> None:
    """It takes some seconds, in which nothing is ended."""
    answered = she(**{RING: "answered"})
    alone = [CALLEE]
    that_rings(livekit, looks=([she()], [answered, CALLEE], alone, alone, alone, [answered, CALLEE], []))
    assert await rung(livekit) is RingOutcome.ANSWERED
    assert methods(livekit) == ["CreateRoom", "CreateSIPParticipant"]


async def test_who_ends_the_command_ends_the_ringing(livekit: LiveKitApi) -> None:
    that_rings(livekit, looks=([she()],))
    del livekit.answers["CreateSIPParticipant"]  # it rings
    ringing_on = asyncio.create_task(rung(livekit))
    await livekit.hangs.wait()
    ringing_on.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ringing_on
    assert methods(livekit)[-1] == "DeleteRoom"


async def test_who_ends_the_command_leaves_a_conversation_alone(livekit: LiveKitApi) -> None:
    """She talks with somebody by then, who is not to be hung up on."""
    that_rings(livekit, looks=([she()], [she(), CALLEE], [she(), CALLEE], [she(), CALLEE]))
    talking = asyncio.create_task(rung(livekit))
    while len(livekit.bodies("ListParticipants")) < 3:  # noqa: ASYNC110  a list has no event
        await asyncio.sleep(0.01)
    talking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await talking
    assert "DeleteRoom" not in methods(livekit)


async def test_a_look_that_fails_is_not_the_end(livekit: LiveKitApi) -> None:
    looks = iter([[she()], None, [she(**{RING: "machine"})], None, []])

    def look() -> Said:
        there = next(looks)
        return Refusal("unavailable") if there is None else api.ListParticipantsResponse(participants=there)

    that_rings(livekit, looks=([she()],))
    livekit.answers["ListParticipants"] = look
    assert await rung(livekit) is RingOutcome.MACHINE
