"""How a call closes, whatever ends it: what its caller is told, how she hangs up, and what that end is called."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field

from livekit import rtc
from livekit.agents import JobContext

from granny import faults
from granny.call.announcer import Announcer
from granny.call.ending import CallEnd, Ending
from granny.call.floor import Floor
from granny.call.leaving import leave, leave_alone
from granny.call.line_player import people
from granny.call.outcome import Outcome
from granny.call.presence import Presence
from granny.call.receiver import Receiver
from granny.call.stage import Event, Stage, after
from granny.call.watchdog import End, FreeLine, farewell
from granny.config.settings import Settings
from granny.faults import Finding

logger = logging.getLogger("granny.call")

_LEAVE_SECONDS = 5.0
_STOPPING = faults.WORKER_STOPPING.found("told to stop")


@dataclass(slots=True, kw_only=True)
class Closing:
    """Of one call.

    Attributes:
        ctx: its job.
        settings: whose key a room is left with, where the job's own means are gone.
        floor: whether nothing is to be said over another's voice.
        announcer: by which its caller is told.
        presence: who is there to be told.
        receiver: the telephone, which a call may end by.
        outcome: what the end is called.
        stage: how far the call has come.
        end: how it has ended, once it has.
        hanging_up: the work by which she leaves, where nobody waits for it.
    """

    ctx: JobContext
    settings: Settings
    floor: Floor
    announcer: Announcer
    presence: Presence
    receiver: Receiver
    outcome: Outcome
    stage: Stage = Stage.GOING_ON
    end: CallEnd | None = None
    hanging_up: asyncio.Task[None] | None = None
    _last_word: End = field(init=False, default_factory=lambda: farewell(_STOPPING))

    def happens(self, event: Event) -> Stage:
        """What the call has come to by it."""
        self.stage = after(self.stage, event)
        return self.stage

    @property
    def is_outvoted(self) -> bool:
        """Whether another Granny goes on with the call."""
        return self.end is not None and self.end.ending is Ending.OTHER_GRANNY

    def broke(self, finding: Finding) -> None:
        """A bug has ended the code of the call; the caller is told when the framework winds the job up."""
        self._last_word = farewell(finding)
        self.happens(Event.BROKE)

    def refused(self, finding: Finding) -> None:
        """There is to be no call."""
        self.happens(Event.FAULT)
        self.hanging_up = asyncio.create_task(self._refuse(finding))

    def said_goodbye(self, ending: Ending) -> None:
        """She has ended it herself; the end of the agent session follows."""
        self.end = self.end or CallEnd(ending)
        self.happens(Event.SAID_GOODBYE)

    def outvoted(self) -> None:
        """The caller hears another Granny: she goes, and leaves the room to the two."""
        logger.warning("another Granny goes on with the call")
        if self.happens(Event.OUTVOTED) is Stage.LEAVING and self.hanging_up is None:
            self.end = CallEnd(Ending.OTHER_GRANNY)
            self.hanging_up = asyncio.create_task(self._step_aside())

    def hang_up_if_nothing_is_left_to_say(self, event: Event) -> None:
        """As this makes it, which has happened."""
        if self.happens(event) is Stage.LEAVING and self.hanging_up is None:
            self.end = self.end or self.outcome.gone()
            self.hanging_up = asyncio.create_task(self._hang_up(self.end.ending.value))

    async def end_somehow(self, was: Stage) -> None:
        """The job is to end, and no fault of OpenAI's is the reason."""
        if self.presence.is_room_gone:
            self.end = self.outcome.gone()
            if self.end.fault == faults.LIVEKIT_CONNECTION_LOST.slug:
                await self.come_back(faults.LIVEKIT_CONNECTION_LOST.found("the room was lost"))
        elif was is Stage.BROKEN:
            await self.end_by(self._last_word)
        elif self.ctx.is_fake_job():
            self.end = CallEnd(Ending.HUNG_UP)
        elif self.ctx.room.isconnected() and not people(self.ctx.room):
            self.end = self.outcome.gone()  # a room's end may reach the worker before it reaches the job
        else:
            await self.end_by(self._last_word)

    async def come_back(self, finding: Finding) -> None:
        """Into a room that was lost while the caller was in it, to say so."""
        self.end = CallEnd.by(finding)
        try:
            await self.announcer.rejoin()
        except (rtc.ConnectError, asyncio.TimeoutError, ValueError):  # or LiveKit's address and key are not known here
            logger.exception("no way back into the room")
            self.ctx.shutdown(reason=finding.fault.slug)
        else:
            await self.end_by(farewell(finding))

    async def end_by(self, step: End) -> None:
        """Tell the caller by what it ends, unless another Granny speaks, and hang up."""
        if not await self.floor.given():  # nothing is told over another's voice
            self.end = CallEnd(Ending.OTHER_GRANNY)
            return
        self.happens(Event.FAULT)
        self.end = self.outcome.by(step.finding)
        try:
            if self.end.fault:
                if not self.outcome.is_conversation:
                    self.receiver.answered_in_vain()
                line = None if self.presence.is_ringing_out else step.line
                await self.announcer.end(line, step.finding)
            else:  # nobody is there to be told
                await self.announcer.close_session()
        finally:
            await self._hang_up(self.end.fault or self.end.ending.value)

    async def free_line(self, step: FreeLine) -> None:
        """So that the caller can ring for help."""
        self.happens(Event.FAULT)
        self.end = CallEnd(Ending.LINE_FREED)
        await self.announcer.close_session()
        await self.announcer.say(step.line)
        await self._hang_up(self.end.ending.value)

    async def _refuse(self, finding: Finding) -> None:
        """Say why there is no call, and hang up; OpenAI never hears of it."""
        with contextlib.suppress(rtc.ConnectError):  # then there is nobody to tell
            await self.ctx.connect()
        await self.end_by(farewell(finding))

    async def _step_aside(self) -> None:
        await self.announcer.close_session()
        self.ctx.shutdown(reason=Ending.OTHER_GRANNY.value)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.ctx.room.disconnect(), _LEAVE_SECONDS)

    async def _hang_up(self, reason: str) -> None:
        """Leave, and end the room when only she and her caller were in it."""
        self.ctx.shutdown(reason=reason)
        if not self.ctx.is_fake_job():
            room, is_orphaned = self.announcer.room, self.stage is Stage.ORPHANED
            await self.receiver.linger(room)
            leaving = leave_alone(self.ctx, room, self.settings) if is_orphaned else leave(self.ctx, room)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(leaving, _LEAVE_SECONDS)
