"""Who has the floor: she begins at once where no other Granny is in the room, else as `granny.call.election` has it."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession

from granny.call.audience import Audience
from granny.call.election import Candidate, Election, Verdict
from granny.rooms.occupants import AGENT, CALL, LEAVING

logger = logging.getLogger("granny.call")

HEARD = "granny.heard"
"""The participant attribute that says since when a caller listens to her, in seconds since the epoch."""
CLAIM = "granny.claim"
"""The one that says that she claims the call."""
_CLAIMED = "yes"
_TICK_SECONDS = 0.1
_CLOCKS_DIFFER_SECONDS = 2.0
"""By so much her machine's clock and LiveKit's may."""


class OutvotedError(Exception):
    """Another Granny goes on with the call: nothing more is to be done, said or told."""


class Floor:
    """Her part in the election of one room: what she tells the others, and what she learns of them.

    Args:
        room: the room, which she may be yet to join.
        outvoted: called once, when it is for her to leave.
    """

    def __init__(self, room: rtc.Room, *, outvoted: Callable[[], None]) -> None:
        self.audience = Audience(room, changed=self._tell_heard)
        self._room = room
        self._outvoted = outvoted
        self._election = Election()
        self._verdict = Verdict.SPEAK
        self._has_joined = self._is_away = self._has_begun = False
        self._changed = asyncio.Event()
        self._told: dict[str, str] = {}
        self._contest: asyncio.Task[None] | None = None
        self._going_on: set[asyncio.Task[None]] = set()
        room.on("connection_state_changed", self._look)
        room.on("participant_connected", self._on_came)
        room.on("participant_disconnected", self._look)
        room.on("participant_attributes_changed", self._look)
        room.on("reconnecting", self._on_out)
        room.on("reconnected", self._on_back)

    @property
    def is_hers(self) -> bool:
        """Whether she may begin now."""
        self._look()
        return self._begins()

    async def given(self) -> bool:
        """Wait until she may begin, at once where no other is; False if it is for her to leave."""
        self._look()
        while self._verdict in (Verdict.WAIT, Verdict.CLAIM):
            self._changed.clear()
            await self._changed.wait()
        return self._begins()

    def _begins(self) -> bool:
        if self._verdict is Verdict.SPEAK and not self._has_begun:
            self._has_begun = True
            if self.audience.heard_at:  # while she waited
                self._tell_heard()
        return self._verdict is Verdict.SPEAK

    def when_hers(self, session: AgentSession[Any], begin: Callable[[], None]) -> None:
        """Begin as soon as she may; until then the agent session hears nobody, so that no two answer."""
        if self.is_hers:
            begin()
        else:
            self._spawn(self._hold(session, begin))

    async def _hold(self, session: AgentSession[Any], begin: Callable[[], None]) -> None:
        session.input.set_audio_enabled(False)
        if await self.given():
            session.input.set_audio_enabled(True)
            begin()

    def _on_came(self, participant: rtc.RemoteParticipant) -> None:
        """Somebody comes after her, or is found there as she comes back."""
        if _is_granny(participant) and self._is_away:
            self._election.came_later = True
        elif _is_granny(participant) and not self._has_joined:
            self._joined(found=len(self._others()) - 1)
        self._look()

    def _joined(self, *, found: int) -> None:
        self._has_joined, self._election.came_later = True, found > 0

    def _on_out(self) -> None:
        self._is_away = True

    def _on_back(self) -> None:
        """What is known of her may be of before, or have been lost."""
        self._is_away = False
        self._told.clear()
        self._tell({CLAIM: ""})
        self._tell_heard()

    def _look(self, *_: object) -> None:
        if self._verdict is Verdict.LEAVE:
            return
        if not self._has_joined and self._room.isconnected():
            self._joined(found=len(self._others()))
        there = self._others()
        if there and (self._contest is None or self._contest.done()):
            logger.warning("another Granny is in the room", extra={"others": len(there)})
            self._told.clear()  # she may not have been told of it, or it was lost
            self._tell_heard()
            self._contest = asyncio.create_task(self._until_alone())
        if there or self._verdict is not Verdict.SPEAK:
            self._decide(there)

    async def _until_alone(self) -> None:
        """Time alone may decide."""
        while self._verdict is not Verdict.LEAVE and (there := self._others()):
            self._decide(there)
            await asyncio.sleep(_TICK_SECONDS)

    def _others(self) -> list[Candidate]:
        """A room that was lost holds nobody."""
        return others(self._room) if self._room.isconnected() else []

    def _decide(self, there: list[Candidate]) -> None:
        she = _candidate(self._room.local_participant)
        verdict = self._election.step(she, there, time.monotonic())
        if verdict is Verdict.CLAIM:
            self._tell({CLAIM: _CLAIMED})
        if verdict is not self._verdict:
            self._verdict = verdict
            self._changed.set()
            if verdict is Verdict.LEAVE:
                self._tell({AGENT: LEAVING})  # else the other might find her ahead, and leave as well
                self._outvoted()

    def _tell_heard(self) -> None:
        """Somebody listens to her, or nobody does any more; who has not begun has nothing to be heard of."""
        heard_at = self.audience.heard_at if self._has_begun else None
        self._tell({HEARD: f"{heard_at:.3f}" if heard_at else ""})

    def _tell(self, attributes: dict[str, str]) -> None:
        if not self._room.isconnected() or attributes.items() <= self._told.items():
            return
        self._told |= attributes
        mark = LEAVING if self._verdict is Verdict.LEAVE else CALL
        self._spawn(self._set({AGENT: mark, **attributes}))

    async def _set(self, attributes: dict[str, str]) -> None:
        try:
            await self._room.local_participant.set_attributes(attributes)
        except Exception as error:  # noqa: BLE001  the SDK does not say which; without a mark she is not heard
            logger.warning("not marked in the room", extra={"error": type(error).__name__})

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)


def others(room: rtc.Room) -> list[Candidate]:
    """Every other Granny in a room who holds, or would hold, its call."""
    return [_candidate(one) for one in room.remote_participants.values() if _is_granny(one)]


def _is_granny(participant: rtc.Participant) -> bool:
    is_agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return is_agent and participant.attributes.get(AGENT) == CALL


def _candidate(participant: rtc.Participant) -> Candidate:
    attributes = participant.attributes
    joined_at = participant.joined_at.timestamp() if participant.joined_at else 0.0
    heard_at = _seconds(attributes.get(HEARD))
    if heard_at is not None and heard_at < joined_at - _CLOCKS_DIFFER_SECONDS:
        heard_at = None  # LiveKit lets her in with what she was marked with before her line broke
    return Candidate(
        participant.identity,
        joined_at=joined_at,
        heard_at=heard_at,
        is_claiming=attributes.get(CLAIM) == _CLAIMED,
    )


def _seconds(told: str | None) -> float | None:
    try:
        seconds = float(told or "nan")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
