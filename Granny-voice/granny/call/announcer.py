"""Says a recorded line to the caller and tells the room why; works when the agent session is closed, too."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from typing import Any

from livekit import api, rtc
from livekit.agents import AgentSession, JobContext
from livekit.agents.voice.io import AudioOutput

from granny.call import reports
from granny.call.greeting import Greeting
from granny.call.line_player import play_in_room, play_on, recordings_of
from granny.call.opening import HEAD_SECONDS
from granny.call.record import CallRecord
from granny.call.serious import Kind
from granny.call.wire import play_over, tell_fault, wire_of
from granny.config.settings import Settings
from granny.faults import Finding
from granny.lines import GREETINGS, Line, Recording
from granny.rooms.access import Access
from granny.rooms.occupants import AGENT, CALL
from granny.rooms.telephones import is_telephone

logger = logging.getLogger("granny.call")

FAULT = "granny.fault"
"""The participant attribute that says why she left, and the topic of the message for every fault told."""
_INTERRUPTION_SECONDS = 0.5
_JOIN_SECONDS = 10.0
"""The longest wait for the room, when a fault is faster than it."""
_CONNECTING_SECONDS = 10.0
"""The longest wait for a caller who has heard nothing yet. With the longest line it fits into a worker's goodbye."""
_CONNECTED_SECONDS = 5.0
"""The same for one who has: a device needs a fraction of a second to listen to one more track, and on a machine that
has much else to do, or a line with little room, nearly three."""


class Announcer:
    """Her voice of last resort, for one call.

    Attributes:
        room: where she speaks.
        session: the agent session, once there is one.
        greeting: the recorded greeting that is being said, if there is one.
    """

    def __init__(self, ctx: JobContext, settings: Settings, record: CallRecord) -> None:
        self.room = ctx.room
        self.session: AgentSession[Any] | None = None
        self.greeting: Greeting | None = None
        self._ctx = ctx
        self._settings = settings
        self._record = record
        self._patience = _CONNECTING_SECONDS
        self._has_introduced = self._has_played = False
        ctx.room.on("local_track_subscribed", self._on_listener)

    async def rejoin(self) -> None:
        """Come into the room anew, in the job's place: its own connection is of no use any more.

        Raises:
            livekit.rtc.ConnectError, asyncio.TimeoutError: it cannot be done.
        """
        if self._ctx.is_fake_job():
            return
        job, room, access = self._ctx.job.room, rtc.Room(), Access.of(self._settings)
        token = (  # the job's own is good for an hour only
            api.AccessToken(access.key, access.secret)
            .with_identity(self._ctx.room.local_participant.identity)
            .with_kind("agent")
            .with_attributes({AGENT: CALL})
            .with_grants(api.VideoGrants(room_join=True, room=job.name, agent=True, can_update_own_metadata=True))
        )
        options = rtc.RoomOptions(auto_subscribe=False)  # she only speaks
        await asyncio.wait_for(room.connect(access.url, token.to_jwt(), options), _JOIN_SECONDS)
        self.room = room

    async def say(self, line: Line, finding: Finding | None = None) -> None:
        """Say a line in a call that goes on, and tell the room of the fault if it is for one."""
        if finding:
            self._note(finding)
            await self._announce(line, self._tell(finding.fault.slug))
        else:
            await self._announce(line)

    async def end(self, line: Line | None, finding: Finding) -> None:
        """Tell the caller and the room why the call ends; without a line, where nobody is there to hear one."""
        self._note(finding)
        await self.close_session()
        await self._announce(line, self._tell_end(finding.fault.slug))

    def _introduced(self, line: Line | None) -> tuple[Line, ...]:
        """Whoever has not heard what she is is told it first, once; a greeting does it itself."""
        if line is None:
            return ()
        if self._has_introduced or line in GREETINGS or line is Line.COMPUTER_COMPANION or self._is_known():
            return (line,)
        self._has_introduced = True
        return (Line.COMPUTER_COMPANION, line)

    def _is_known(self) -> bool:
        """Whether the caller has heard of her, and what she is: a fault may have cut her recorded greeting short."""
        is_hidden = self.greeting is not None and self.greeting.hides_her(self._settings.language)
        return self._record.first_word is not None and not is_hidden

    def _note(self, finding: Finding) -> None:
        logger.warning("fault told", extra={"fault": finding.fault.slug, "evidence": finding.evidence})
        self._record.spoken_faults.append(finding.fault.slug)

    async def _announce(self, line: Line | None, *telling: Coroutine[None, None, None]) -> None:
        """Say a line, and tell the room meanwhile; if the one fails, the other is done all the same."""
        done = await asyncio.gather(self._play_all(self._introduced(line)), *telling, return_exceptions=True)
        for failed in done:
            if isinstance(failed, Exception):
                logger.error("announcement failed", exc_info=failed)

    async def _tell(self, slug: str) -> None:
        """Send the room a data message with a fault, or tell it over the wire."""
        if await self._is_in_room():
            await self.room.local_participant.publish_data(json.dumps({"fault": slug}), topic=FAULT)
        elif wire := wire_of(self._ctx):
            tell_fault(wire, slug)

    async def _tell_end(self, slug: str) -> None:
        """Tell the worker, tell the room, and leave the fault as an attribute: it is why she leaves."""
        reports.raise_alarm(slug, job_id=self._ctx.job.id)
        await self._tell(slug)
        if await self._is_in_room():
            await self.room.local_participant.set_attributes({FAULT: slug})

    def danger_named(self, kind: Kind) -> None:
        """By the caller: the family is told at once, if whoever calls has agreed to it; never with what words."""
        if self._settings.alert_danger == "on":
            person = self._ctx.proc.userdata.get(reports.PERSON, "")
            reports.raise_danger(kind.value, job_id=self._ctx.job.id, person=person)

    async def silence_model(self) -> None:
        """Nothing more is heard of the model's present answer, nor of the greeting."""
        self.stop_greeting()
        if self.session:
            with contextlib.suppress(RuntimeError, asyncio.TimeoutError):  # the agent session is not running
                await asyncio.wait_for(self.session.interrupt(force=True), _INTERRUPTION_SECONDS)

    async def close_session(self) -> None:
        """Nothing more is heard of the model at all, nor does it hear anything."""
        self.stop_greeting()
        if self.session is None:
            return
        if self._ctx.is_fake_job():  # it has no other way to the caller, who is to hear why
            self.session.input.set_audio_enabled(False)
            await self.silence_model()
        else:
            self.session.shutdown(drain=False)

    def stop_greeting(self) -> None:
        """Nothing more is heard of the greeting."""
        if self.greeting:
            self.greeting.stop()

    @contextlib.contextmanager
    def model_held_back(self) -> Iterator[None]:
        """What the model says meanwhile is heard afterwards."""
        output = None if self._ctx.is_fake_job() else self._output
        if output is None:
            yield
            return
        output.pause()
        try:
            yield
        finally:
            output.resume()

    async def _play_all(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            await self._play(line)

    async def _play(self, line: Line) -> None:
        for recording in await recordings_of(line, self._settings):
            if await self._is_in_room():
                await play_in_room(self.room, self._whole_by_telephone(recording), patience=self._patience)
            elif wire := wire_of(self._ctx):
                await play_over(wire, recording)
            elif self._ctx.is_fake_job() and self._output:
                await play_on(self._output, recording)

    def _whole_by_telephone(self, recording: Recording) -> Recording:
        """To be picked up by a recording is to hear its head swallowed, unless that is silence."""
        is_first = not self._has_played and self._record.first_word is None
        self._has_played = True
        if not is_first or not any(map(is_telephone, self.room.remote_participants.values())):
            return recording
        return replace(recording, pcm=bytes(2 * int(HEAD_SECONDS * recording.sample_rate)) + recording.pcm)

    @property
    def _output(self) -> AudioOutput | None:
        return self.session.output.audio if self.session else None

    def _on_listener(self, _: rtc.LocalTrack) -> None:
        self._patience = _CONNECTED_SECONDS

    async def _is_in_room(self) -> bool:
        """Whether there is a room, and she is in it; waits until she has joined."""
        if self._ctx.is_fake_job():
            return False
        if self.room is self._ctx.room:
            await asyncio.wait_for(self._ctx.connect(), _JOIN_SECONDS)
        return self.room.isconnected()
