"""One call that she makes: the room, herself in it, the telephone that rings, and what came of it.

She is in the room before anybody's telephone rings: whoever answers is not to hear silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from livekit import api
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.sip import CreateSIPParticipantRequest

from granny import faults
from granny.config.settings import Settings
from granny.faults import Fault, Finding
from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.dispatch import Way
from granny.rooms.occupants import Occupants
from granny.rooms.telephones import RING, RingOutcome, outcome_told
from granny.rooms.telephony import Bridge, bridge_of
from granny.rooms.tokens import Invitation

logger = logging.getLogger("granny.phone")

RINGS_SECONDS = 30
"""So long a telephone rings at the most, and no longer than SIP's Timer B of 32 s (RFC 3261, 17.1.1.2).

livekit/sip 1.11.0 sets that timer after it has sent the INVITE. Where the first answer has come by then, it is not
stopped: the call is lost, and the telephone rings on without anybody behind it.
"""
_COMES_SECONDS = 12.0
"""So long she may take to be in the room: a worker that has just started takes ten."""
_ROOMS = 3
"""LiveKit offers a call once: where the one worker is busy at that instant, it is begun anew."""
_LOOKS_SECONDS = 0.5
_ENDS_SECONDS = 3.0
"""So long a job that has been told that nobody took the call may take to end it."""
_FOLLOWS_SECONDS = 2.0
_MOST_MISSED = 15
"""So many looks into the room of a call may fail in a row."""
_GONE_LOOKS = 3
"""So many in a row without her while it rings: whom a telephone refuses she leaves at once, and that is told sooner."""
_ALONE_LOOKS = 8
"""So many in a row in which somebody has the receiver in hand and nobody speaks: no other worker has come by then."""
_MARGIN_SECONDS = 10.0
_GOOD_FOR = timedelta(minutes=2)

_BY_STATUS: Mapping[int, RingOutcome] = {
    408: RingOutcome.NOT_ANSWERED,
    480: RingOutcome.NOT_ANSWERED,
    487: RingOutcome.NOT_ANSWERED,
    486: RingOutcome.BUSY,
    600: RingOutcome.BUSY,
    603: RingOutcome.DECLINED,
    607: RingOutcome.DECLINED,
    608: RingOutcome.DECLINED,
}
"""What a telephone, or the network before it, answers (RFC 3261, 8197 and 8688); every other status is no way to it."""
_REFUSED = (401, 402, 403, 407)
"""What a provider answers that does not know her, or does not let her."""
_RUNG_OUT = ("canceled", "deadline_exceeded")
"""LiveKit's codes where a telephone has rung for its time, and no status was answered."""
_BY_CODE: Mapping[str, Fault] = {
    "not_found": faults.PHONE_OUT_MISSING,
    "unauthenticated": faults.LIVEKIT_UNAUTHORIZED,
    "permission_denied": faults.LIVEKIT_UNAUTHORIZED,
}
_BY_BRIDGE: Mapping[Bridge, Fault] = {
    Bridge.MISSING: faults.PHONE_SERVICE_MISSING,
    Bridge.BUSY: faults.PHONE_SERVICE_BUSY,
}


class CannotRingError(Exception):
    """It is not the telephone's end that kept the call from being made."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.fault.slug)
        self.finding = finding


@dataclass(slots=True)
class _Found:
    """What her job has told of whom it found; until it has told anything, somebody has answered all the same.

    Attributes:
        told: all that it has told.
        is_alone: whether whoever answered is with nobody, not even a voice that asks to wait.
    """

    told: set[str] = field(default_factory=set)
    is_alone: bool = False

    def look(self, listed: Sequence[ParticipantInfo]) -> None:
        """These are in the room."""
        there = Occupants.of(listed)
        self.told.update(one.attributes[RING] for one in listed if RING in one.attributes)
        self.is_alone = there.is_alone and not there.is_asked_to_wait

    @property
    def outcome(self) -> RingOutcome:
        """Whoever was left alone before her first word has not been reached, and is rung again."""
        for found in (RingOutcome.MACHINE, RingOutcome.NO_CONVERSATION):
            if found.value in self.told:
                return found
        return RingOutcome.UNREACHABLE if self.is_alone and not self.told else RingOutcome.ANSWERED


class Ringer:
    """Makes calls by one trunk.

    Args:
        settings: her name for dispatch among them.
        rooms: LiveKit's.
        trunk: the id of the trunk by which she rings.
    """

    def __init__(self, settings: Settings, rooms: LiveKitRooms, trunk: str) -> None:
        self._settings, self._rooms, self._trunk = settings, rooms, trunk

    async def ring(self, person: str, number: str) -> RingOutcome:
        """One call, from the room to its end.

        Args:
            person: their slug.
            number: theirs, as E.164 has it.

        Raises:
            CannotRingError: nobody was rung, or nobody could be.
            asking.TROUBLES: LiveKit does not answer.
        """
        room = await self._room_with_her(person)
        async with self._ended_if_broken_off(room):
            outcome = await self._dialled_while_she_is_there(room, number)
        if outcome is RingOutcome.ANSWERED:
            return await self._followed(room)
        await self._told(room, outcome)
        return outcome

    async def _room_with_her(self, person: str) -> str:
        for _ in range(_ROOMS):
            room = (await self._rooms.open(lambda: self._invitation(person))).room
            async with self._ended_if_broken_off(room):
                if await self._is_there(room):
                    return room
            await self._ended(room)
        raise CannotRingError(faults.PHONE_NO_WORKER.found(f"Nobody came within {_ROOMS * _COMES_SECONDS:.0f} s."))

    def _invitation(self, person: str) -> Invitation:
        return Invitation.write(self._settings, person, way=Way.RING, good_for=_GOOD_FOR)

    async def _is_there(self, room: str) -> bool:
        for _ in range(int(_COMES_SECONDS / _LOOKS_SECONDS)):
            if Occupants.of(await self._rooms.participants(room)).hers:
                return True
            await asyncio.sleep(_LOOKS_SECONDS)
        return False

    @contextlib.asynccontextmanager
    async def _ended_if_broken_off(self, room: str) -> AsyncIterator[None]:
        """Whatever breaks it off, an interruption, too: nobody's telephone rings on."""
        try:
            yield
        except BaseException:
            await self._ended(room)
            raise

    async def _dialled_while_she_is_there(self, room: str, number: str) -> RingOutcome:
        """It does not ring on for somebody who would hear nobody, as where OpenAI takes her key no more."""
        dialled = asyncio.create_task(self._dialled(room, number))
        gone = asyncio.create_task(self._until_she_has_gone(room))
        try:
            await asyncio.wait((dialled, gone), return_when=asyncio.FIRST_COMPLETED)
            if not dialled.done():
                raise CannotRingError(faults.PHONE_NO_WORKER.found("She went before anybody answered."))
            return dialled.result()
        finally:
            dialled.cancel()
            gone.cancel()

    async def _until_she_has_gone(self, room: str) -> None:
        without = 0
        while without < _GONE_LOOKS:
            await asyncio.sleep(_LOOKS_SECONDS)
            with contextlib.suppress(*TROUBLES):
                is_there = Occupants.of(await self._rooms.participants(room)).hers
                without = 0 if is_there else without + 1

    async def _dialled(self, room: str, number: str) -> RingOutcome:
        """It rings until somebody answers, or nobody does."""
        call = CreateSIPParticipantRequest(
            sip_trunk_id=self._trunk,
            sip_call_to=number,
            room_name=room,
            participant_identity=f"callee-{secrets.token_hex(8)}",
            hide_phone_number=True,
            ringing_timeout=Duration(seconds=RINGS_SECONDS),
            wait_until_answered=True,
        )
        try:
            await self._rooms.api.sip.create_sip_participant(call, timeout=RINGS_SECONDS + _MARGIN_SECONDS)
        except asyncio.TimeoutError:
            return RingOutcome.NOT_ANSWERED
        except api.TwirpError as error:
            return outcome_of(error)
        return RingOutcome.ANSWERED

    async def _followed(self, room: str) -> RingOutcome:
        """Until the call is over; what her job has found at the other end, where it has said so."""
        found, missed, alone = _Found(), 0, 0
        while missed < _MOST_MISSED and alone < _ALONE_LOOKS:
            try:
                listed = await self._rooms.participants(room)
            except TROUBLES:
                missed += 1
            else:
                if not listed:
                    break
                found.look(listed)
                missed, alone = 0, alone + 1 if found.is_alone else 0
            await asyncio.sleep(_FOLLOWS_SECONDS)
        if alone >= _ALONE_LOOKS:
            await self._ended(room)
        return found.outcome

    async def _told(self, room: str, outcome: RingOutcome) -> None:
        """Her job ends the call when it is told that nobody took it; if not, it is ended here."""
        try:
            await self._rooms.tell(room, RING, outcome_told(outcome))
            for _ in range(int(_ENDS_SECONDS / _LOOKS_SECONDS)):
                await asyncio.sleep(_LOOKS_SECONDS)
                if not await self._rooms.participants(room):
                    return
        except TROUBLES as error:
            logger.warning("a call that nobody took is ended from outside", extra={"error": type(error).__name__})
        await self._ended(room)

    async def _ended(self, room: str) -> None:
        try:
            await self._rooms.end(room)
        except TROUBLES as error:
            logger.warning("room not ended", extra={"error": type(error).__name__})


def outcome_of(error: api.TwirpError) -> RingOutcome:
    """What has become of a call that was not answered.

    Raises:
        CannotRingError: it is not the telephone's end that refuses it.
    """
    status = error.sip_status_code if isinstance(error, api.SipCallError) else None
    if status in _REFUSED:
        raise CannotRingError(faults.PHONE_OUT_REFUSED.found(f"SIP {status}"))
    if status:
        return _BY_STATUS.get(status, RingOutcome.UNREACHABLE)
    if error.code in _RUNG_OUT:
        return RingOutcome.NOT_ANSWERED
    fault = _BY_BRIDGE.get(bridge_of(error)) or _BY_CODE.get(error.code, faults.LIVEKIT_UNAVAILABLE)
    raise CannotRingError(fault.found(f"LiveKit says: {error.code}."))
