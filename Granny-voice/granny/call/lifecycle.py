"""One call, from its first moment to its end: watched, hung up as it should be, and reported to the worker."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from types import TracebackType
from typing import Any

from livekit import rtc
from livekit.agents import (
    NOT_GIVEN,
    AgentSession,
    CloseEvent,
    CloseReason,
    FunctionToolsExecutedEvent,
    JobContext,
    NotGivenOr,
    UserStateChangedEvent,
)
from typing_extensions import Self

from granny import faults
from granny.call import reports
from granny.call.announcer import Announcer
from granny.call.attention import Ear
from granny.call.closing import Closing
from granny.call.ending import Ending
from granny.call.floor import Floor, OutvotedError
from granny.call.greeting import Greeting, greet
from granny.call.hello import HELLO_AGAIN_SECONDS
from granny.call.opening import Opening
from granny.call.outcome import Outcome, ending_by
from granny.call.presence import Presence
from granny.call.realtime_model import VoiceModel
from granny.call.receiver import Receiver
from granny.call.record import CallRecord
from granny.call.refused import RefusedError, why_refused
from granny.call.sound_watch import SoundWatch
from granny.call.stage import Event, Stage
from granny.call.supervisor import Supervisor, watchdog_of
from granny.call.telephone_call import TelephoneCall
from granny.call.watchdog import FreeLine, farewell
from granny.config.settings import Settings
from granny.faults import Finding
from granny.rooms.dispatch import way_of
from granny.rooms.telephones import RingOutcome

logger = logging.getLogger("granny.call")

_CALL = "granny.call"


class Call:
    """Everything around the agent session of one call.

    The call begins inside its `with`: what breaks there ends the call, and the caller is told.
    """

    def __init__(self, ctx: JobContext, settings: Settings) -> None:
        self._ctx = ctx
        self._settings = settings
        self._record = CallRecord()
        self._started = time.monotonic()
        self._floor = Floor(ctx.room, outvoted=self._on_outvoted)
        self._telephone = TelephoneCall(way_of(ctx.job.metadata))
        self._presence = Presence(ctx.room, self._telephone)
        self.opening = Opening(ctx, self._telephone, self.may_begin)
        self._receiver = Receiver(ctx.room, settings, self._telephone, self.opening)
        self._outcome = Outcome(ctx, self._presence, self._telephone, self._record)
        self._announcer = Announcer(ctx, settings, self._record)
        self._closing = Closing(
            ctx=ctx,
            settings=settings,
            floor=self._floor,
            announcer=self._announcer,
            presence=self._presence,
            receiver=self._receiver,
            outcome=self._outcome,
        )
        self._supervisor: Supervisor | None = None
        self._watching: asyncio.Task[None] | None = None
        ctx.proc.userdata[_CALL] = self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """What broke is said when the framework, which hears of it too, winds the job up.

        In a call that is left to another Granny nothing breaks: she has gone out of it in the middle. Nor does it in
        one that is refused.
        """
        if isinstance(error, RefusedError):
            self._closing.refused(error.finding)
            return True
        if isinstance(error, Exception) and not self._closing.is_outvoted:
            self._closing.broke(broken(error))
        return isinstance(error, Exception) and self._closing.is_outvoted

    async def greet(self) -> Greeting | None:
        """Join the room and begin to greet, if there is a recording; whatever else is to be said stops it.

        Raises:
            OutvotedError: another Granny goes on with the call.
            RefusedError: there is to be no call.
        """
        if finding := why_refused(self._ctx):
            raise RefusedError(finding)
        self._announcer.greeting = await greet(self._ctx, self._settings, self.opening)
        if self._closing.is_outvoted:
            raise OutvotedError
        return self._announcer.greeting

    @property
    def echo_seconds(self) -> NotGivenOr[float]:
        """So long she is deaf from her first sound on, until the caller's device knows her voice by its echo.

        A recorded greeting has taught it. Whom she rings may say hello once more, and is not to interrupt her by it.
        """
        if self._announcer.greeting:
            return 0.0
        return HELLO_AGAIN_SECONDS if self.opening.is_rung else NOT_GIVEN

    async def may_begin(self) -> bool:
        """Wait until the model may greet: at once, unless another Granny is in the room; False if she is to leave."""
        return await self._floor.given()

    def watch_over(self, session: AgentSession[Any]) -> None:
        """Leave the caller in no silence from now on; to be called before the agent session starts."""
        self._announcer.session, greeting = session, self._announcer.greeting
        watchdog = watchdog_of(self._settings, self._record, started=self._started, greeting=greeting)
        self._supervisor = Supervisor(session, self._announcer, self._settings, watchdog=watchdog, opening=self.opening)
        self._watching = asyncio.create_task(self._until_end(self._supervisor))
        if greeting:
            self._supervisor.follow(greeting)
            session.on("user_state_changed", self._on_caller)
        if isinstance(session.llm, VoiceModel):
            session.llm.listener = self._supervisor.listen
        session.once("close", self._on_close)
        session.on("function_tools_executed", self._on_tools)
        if self._ctx.is_fake_job():
            self._supervisor.met()
        else:
            when_hers = functools.partial(self._floor.when_hers, session)
            begin = functools.partial(self._receiver.met, session, self._supervisor)
            met, returned = (functools.partial(when_hers, do) for do in (begin, self._supervisor.returned))
            self._receiver.lend_ear(session, self._supervisor)
            self._presence.lend_ear(session, met=met, returned=returned, deserted=self._on_deserted)
        Ear(self._ctx.room, session)

    async def wind_up(self) -> None:
        """At the end of the job: say goodbye to a caller who is still there, and report the call."""
        was = self._closing.stage
        self._announcer.stop_greeting()
        self.opening.close()
        try:
            if self._closing.happens(Event.JOB_ENDS) is Stage.WINDING_UP:
                if self._watching:
                    self._watching.cancel()
                if was in (Stage.GOING_ON, Stage.BROKEN):
                    await self._closing.end_somehow(was)
            going_on = [task for task in (self._watching, self._closing.hanging_up) if task]
            await asyncio.gather(*going_on, return_exceptions=True)
        finally:  # also when the framework finds that the goodbye takes too long
            since = self.opening.answered_at or self._started
            reports.report(self._outcome.report(self._closing.end, since=since))

    async def _until_end(self, supervisor: Supervisor) -> None:
        hers, told = self._floor.audience, supervisor
        sound = SoundWatch(self._ctx.room, hers, listened=told.listened, unheard=told.unheard, deaf=told.deaf)
        self._outcome.sound = sound
        try:
            with sound.watched():
                step = await supervisor.keep_watch()
        except asyncio.CancelledError:
            if self._closing.happens(Event.WORKER_DIED) is not Stage.ORPHANED:
                raise
            await self._closing.come_back(faults.WORKER_DIED.found("the worker's main process is gone"))
        except Exception as error:
            logger.exception("watchdog failed")
            await self._closing.end_by(farewell(broken(error)))
        else:
            await (self._closing.free_line(step) if isinstance(step, FreeLine) else self._closing.end_by(step))

    def _on_outvoted(self) -> None:
        self._closing.outvoted()

    def _on_caller(self, event: UserStateChangedEvent) -> None:
        """Who speaks while she greets is listened to."""
        if event.new_state == "speaking" and not self.opening.is_hearing_out:
            self._announcer.stop_greeting()

    def _on_tools(self, event: FunctionToolsExecutedEvent) -> None:
        """She has said goodbye herself, or has found a machine."""
        frees_line = self._supervisor is not None and self._supervisor.frees_line
        ending = ending_by([called.name for called in event.function_calls], frees_line=frees_line)
        if ending is Ending.MACHINE:
            self._receiver.tell(RingOutcome.MACHINE)
        if ending:
            self._closing.said_goodbye(ending)

    def _on_close(self, event: CloseEvent) -> None:
        """The agent session has closed: by a fault, by the worker's stop, or because the call is over."""
        if event.reason is CloseReason.ERROR and self._supervisor:
            self._supervisor.fail(faults.CALL_CRASHED.found("the agent session closed"))
        self._closing.hang_up_if_nothing_is_left_to_say(Event.SESSION_CLOSED)

    def _on_deserted(self) -> None:
        """The last one has hung up."""
        self._closing.hang_up_if_nothing_is_left_to_say(Event.DESERTED)


async def wind_up(ctx: JobContext) -> None:
    """What the server does at the end of each job, while the room can still be spoken to."""
    call = ctx.proc.userdata.pop(_CALL, None)
    if isinstance(call, Call):
        await call.wind_up()


def broken(error: Exception) -> Finding:
    """What an exception that nobody expected makes of the call; its text may hold anything, its type does not."""
    fault = faults.LIVEKIT_CONNECTION_LOST if isinstance(error, rtc.ConnectError) else faults.CALL_CRASHED
    return fault.found(type(error).__name__)
