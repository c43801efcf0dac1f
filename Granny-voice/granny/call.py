"""One call, from its first moment to its end: watched, hung up as it should be, and reported to the worker."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

import aiohttp
from livekit import api, rtc
from livekit.agents import (
    AgentSession,
    CloseEvent,
    CloseReason,
    FunctionToolsExecutedEvent,
    JobContext,
    UserStateChangedEvent,
    utils,
)

from granny import faults, ledger
from granny.announcer import Announcer
from granny.call_record import CallRecord
from granny.faults import Finding
from granny.greeting import Greeting, greeting_line
from granny.loudspeaker import people
from granny.settings import Settings
from granny.stand_by import StandBy
from granny.voice_model import VoiceModel
from granny.watch import Limits, Watch, farewell

logger = logging.getLogger("granny.call")

_CALL = "granny.call"
_END_CALL = "end_call"
_ECHO_SECONDS = 3.0
"""As the framework's default for echo cancellation to settle."""
_LEAVE_SECONDS = 5.0


class Call:
    """Everything around the agent session of one call; to be made before the session starts."""

    def __init__(
        self, session: AgentSession[Any], ctx: JobContext, settings: Settings, *, greeting: Greeting | None = None
    ) -> None:
        """Watch over the call from now on.

        Args:
            session: the agent session.
            ctx: the job.
            settings: as the worker read them.
            greeting: the recorded greeting that is being said, if there is one.
        """
        self._session = session
        self._ctx = ctx
        self._record = CallRecord()
        self._started = greeting.answered_at if greeting else time.monotonic()
        self._is_over = self._is_winding_up = self._is_orphaned = False
        self._watch = Watch(
            self._record,
            limits=_limits(settings),
            greeting=greeting_line(settings),
            started=self._started,
            is_greeted=greeting is not None,
        )
        self._announcer = Announcer(session, ctx, settings, greeting=greeting)
        self._stand_by = StandBy(session, self._announcer, settings, watch=self._watch)
        self._tasks = [asyncio.create_task(self._until_fault())]
        if greeting:
            self._tasks.append(asyncio.create_task(self._follow(greeting)))
            session.on("user_state_changed", self._on_caller)
        if isinstance(session.llm, VoiceModel):
            session.llm.listener = self._stand_by.listen
        session.once("close", self._on_close)
        session.on("function_tools_executed", self._on_tools)
        ctx.proc.userdata[_CALL] = self

    async def wind_up(self) -> None:
        """At the end of the job: say goodbye to a caller who is still there, and report the call."""
        self._is_winding_up = True
        self._announcer.stop_greeting()
        try:
            if not self._stand_by.is_ending:
                self._tasks[0].cancel()
                if not self._is_over and self._ctx.room.isconnected() and not self._ctx.is_fake_job():
                    await self._end_by(await self._stand_by.end(farewell(faults.WORKER_STOPPING.found("told to stop"))))
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:  # also when the framework finds that the goodbye takes too long
            self._record.seconds = time.monotonic() - self._started
            ledger.report(self._record, job_id=self._ctx.job.id)

    @utils.log_exceptions(logger=logger)
    async def _until_fault(self) -> None:
        try:
            finding = await self._stand_by.keep_watch()
        except asyncio.CancelledError:
            if self._is_winding_up:
                raise
            finding = await self._orphaned()
        await self._end_by(finding)

    async def _orphaned(self) -> Finding:
        """The worker was killed: its jobs end without winding up, but not before their tasks, which are cancelled.

        A farewell that was cut off by it is said anew.
        """
        self._is_orphaned = True
        finding = faults.WORKER_DIED.found("the worker's main process is gone")
        try:
            await self._announcer.rejoin()
        except (rtc.ConnectError, asyncio.TimeoutError):
            logger.exception("no way back into the room")
            return finding
        return await self._stand_by.end(farewell(finding))

    async def _end_by(self, finding: Finding) -> None:
        self._record.outcome = finding.fault.slug
        await self._hang_up(finding.fault.slug)

    async def _follow(self, greeting: Greeting) -> None:
        """The watch hears of the greeting what it hears of the model's answers through the agent session."""
        began_at = await greeting.begins()
        if began_at is not None:
            self._watch.answers.granny_started(began_at)
            await self._be_deaf_to_echo(greeting)
            await greeting.over()
            self._watch.answers.granny_stopped(time.monotonic())
        elif self._record.turns == 0 and not self._watch.answers.caller_speaks:
            self._watch.answers.lost(time.monotonic())

    async def _be_deaf_to_echo(self, greeting: Greeting) -> None:
        """Until the caller's device knows her voice from the caller's; the framework does it for the model's voice."""
        self._session.input.set_audio_enabled(False)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(greeting.over(), _ECHO_SECONDS)
        self._session.input.set_audio_enabled(True)

    def _on_caller(self, event: UserStateChangedEvent) -> None:
        """Who speaks while she greets is listened to."""
        if event.new_state == "speaking":
            self._announcer.stop_greeting()

    def _on_tools(self, event: FunctionToolsExecutedEvent) -> None:
        """She has said goodbye herself."""
        if any(called.name == _END_CALL for called in event.function_calls):
            self._is_over = True

    def _on_close(self, event: CloseEvent) -> None:
        """The agent session has closed; unless a fault or the worker's stop closed it, the call is over."""
        if event.reason is CloseReason.PARTICIPANT_DISCONNECTED:
            self._is_over = True
        if self._is_over and not self._stand_by.is_ending:
            self._tasks.append(asyncio.create_task(self._hang_up(event.reason.value)))

    async def _hang_up(self, reason: str) -> None:
        """Leave, and end the room when only she and her caller were in it."""
        self._is_over = True
        self._ctx.shutdown(reason=reason)
        if not self._ctx.is_fake_job():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._leave(), _LEAVE_SECONDS)

    async def _leave(self) -> None:
        room = self._announcer.room
        if room.isconnected() and not is_private(room):
            await room.disconnect()
        elif self._is_orphaned:
            await delete(self._ctx.job.room.name)  # the job's own means are gone with its worker
        elif room.isconnected():
            await self._ctx.delete_room()


async def wind_up(ctx: JobContext) -> None:
    """What the server does at the end of each job, while the room can still be spoken to."""
    call = ctx.proc.userdata.pop(_CALL, None)
    if isinstance(call, Call):
        await call.wind_up()


async def delete(room: str) -> None:
    """End a room by its name; LIVEKIT_… are in the environment."""
    async with api.LiveKitAPI() as livekit:
        try:
            await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
        except (api.TwirpError, aiohttp.ClientError) as error:
            logger.warning("room not ended", extra={"error": type(error).__name__})


def is_private(room: rtc.Room) -> bool:
    """Whether only she and at most one caller are in the room, so that her leaving ends it."""
    return people(room) <= 1


def _limits(settings: Settings) -> Limits:
    return Limits(idle=settings.idle_seconds, longest=60 * settings.max_call_minutes, tokens=settings.max_call_tokens)
