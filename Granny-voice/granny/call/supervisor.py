"""Supervises a call: hears of every fault, and does what the watchdog says until the call is to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Mapping
from typing import Any

from livekit.agents import AgentSession, AgentStateChangedEvent, APIConnectionError, ErrorEvent, llm

from granny import faults
from granny.call import refusal, serious
from granny.call.announcer import Announcer
from granny.call.greeting import Greeting, greeting_line
from granny.call.instructions import GO_ON, HANG_UP, first_words, urgent
from granny.call.opening import Opening
from granny.call.realtime_model import VoiceSession
from granny.call.record import CallRecord
from granny.call.watchdog import AskAgain, End, FreeLine, Limits, Say, Watchdog
from granny.config.settings import Settings
from granny.diagnosis import diagnose_event, diagnose_exception
from granny.faults import Finding
from granny.lines import Line

logger = logging.getLogger("granny.call")

_TICK_SECONDS = 0.1
_ECHO_SECONDS = 3.0
"""As the framework's default for echo cancellation to settle."""
_AGAIN_SECONDS = 10.0
"""A line that was just mended may break and be mended once more, which the caller has been told of."""
_TRANSCRIPT = "conversation.item.input_audio_transcription.completed"
_LINES = {serious.Kind.CRISIS: Line.CRISIS, serious.Kind.EMERGENCY: Line.EMERGENCY}
_URGENT_TRIES = 5
_URGENT_SECONDS = 0.5
"""After so long an answer that was asked for has begun, or never will."""
_THROWN_OUT_SECONDS = 2.0
"""A connection that did not last so long was not wanted."""


class Supervisor:
    """Watches one call, and does what the watchdog says."""

    def __init__(
        self,
        session: AgentSession[Any],
        announcer: Announcer,
        settings: Settings,
        *,
        watchdog: Watchdog,
        opening: Opening,
    ) -> None:
        self._session = session
        self._announcer = announcer
        self._settings = settings
        self._opening = opening
        self._watchdog = watchdog
        self._woken = asyncio.Event()
        self._opened_at: float | None = None
        self._returned_at = -math.inf
        self._reason: asyncio.Task[Finding | None] | None = None
        self._following: asyncio.Task[None] | None = None
        self._urging: asyncio.Task[None] | None = None
        self._kind: serious.Kind | None = None
        session.on("error", self._on_error)
        session.on("agent_state_changed", self._on_state)

    def listen(self, realtime: llm.RealtimeSession[Any]) -> None:
        """Hear what OpenAI says on this realtime session, which has just begun."""
        self._watchdog.connecting(time.monotonic())
        realtime.on("openai_server_event_received", self._on_event)
        realtime.on("session_reconnected", self._on_renewed)
        if isinstance(realtime, VoiceSession) and realtime.gate:
            realtime.gate.told = self._watchdog.answers

    def met(self) -> None:
        """She and her caller are in the room."""
        self._watchdog.met(time.monotonic())

    def rings(self) -> None:
        """A telephone is in the room, or will be, that nobody has answered yet."""
        self._watchdog.rings()

    def answered(self) -> None:
        """The call begins now: until the answer it was a telephone that rang."""
        self._watchdog.answered(time.monotonic())

    def caller_is_there(self) -> None:
        """The caller has given a sign of life without a word: a key was pressed."""
        self._watchdog.caller_is_there(time.monotonic())

    def follow(self, greeting: Greeting) -> None:
        """The watchdog hears of a recorded greeting what it hears of the model's answers through the agent session."""
        self._following = asyncio.create_task(self._follow(greeting))
        self._following.add_done_callback(self._on_followed)

    @property
    def frees_line(self) -> bool:
        """Whether the caller needs the telephone, to ring for help."""
        return self._watchdog.frees_line

    async def keep_watch(self) -> End | FreeLine:
        """Do what is due until the call is to end; how."""
        while True:
            self._woken.clear()
            step = self._watchdog.step(time.monotonic())
            if isinstance(step, End | FreeLine):
                return step
            if isinstance(step, Say):
                await self._say(step)
            elif isinstance(step, AskAgain):
                self._ask_again()
            else:
                await self._tick()

    async def _follow(self, greeting: Greeting) -> None:
        answers = self._watchdog.answers
        began_at = await greeting.begins()
        if began_at is not None:
            self._opening.begins()
            answers.granny_started(began_at)
            if self._opening.is_rung:  # it answers the hello
                answers.give_up(began_at)
            await self._be_deaf_to_echo(greeting)
            await greeting.over()
            answers.granny_stopped(time.monotonic())
        elif self._watchdog.record.turns == 0 and not answers.caller_speaks:
            answers.lost(time.monotonic())

    async def _be_deaf_to_echo(self, greeting: Greeting) -> None:
        """Until the caller's device knows her voice from the caller's; the framework does it for the model's voice."""
        self._session.input.set_audio_enabled(False)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(greeting.over(), _ECHO_SECONDS)
        self._session.input.set_audio_enabled(True)

    def _on_followed(self, following: asyncio.Task[None]) -> None:
        if not following.cancelled() and (error := following.exception()):
            self.fail(faults.CALL_CRASHED.found(type(error).__name__))

    def fail(self, finding: Finding) -> None:
        """Something broke for good that OpenAI knows nothing of."""
        self._heed(finding, is_final=True)

    def listened(self) -> None:
        """Somebody's device listens to her."""
        self._watchdog.listened(time.monotonic())

    def returned(self) -> None:
        """A line that was lost is there again: the caller cannot know, unless she is to be heard already."""
        now, answers = time.monotonic(), self._watchdog.answers
        if answers.heard_any and answers.is_quiet(now) and now - self._returned_at >= _AGAIN_SECONDS:
            self._returned_at = now
            self._watchdog.say(Say(line=Line.ARE_YOU_STILL_THERE))

    def unheard(self) -> None:
        """Nobody listens to her: whoever can hear nothing is off the line, and the room is told why."""
        self.fail(faults.CALL_UNHEARD.found("nobody listened, nor after a new beginning"))

    def deaf(self) -> None:
        """Nothing comes of an open microphone: the caller may hear her, and be able to do something about it."""
        finding = faults.CALL_DEAF.found("no packets, nor after a new beginning")
        self._watchdog.say(Say(line=Line.ARE_YOU_STILL_THERE, finding=finding))

    async def _say(self, step: Say) -> None:
        self._announcer.stop_greeting()  # one that nobody could hear yet
        self._opening.begins()
        if step.drop_answer:
            await self._announcer.silence_model()
        with self._announcer.model_held_back():
            await self._announcer.say(step.line, step.finding)
        self._watchdog.answers.line_said(time.monotonic())

    def _ask_again(self) -> None:
        with contextlib.suppress(RuntimeError):  # the agent session is closing
            self._session.generate_reply(instructions=self._asked_again())

    def _asked_again(self) -> str:
        """What an answer that was lost is asked for with; one on whom to ring must be that one again."""
        if self._kind and self._watchdog.owes_number:
            return self._urgent(self._kind)
        return GO_ON if self._watchdog.answers.heard_any else first_words(is_rung=self._opening.is_rung)

    async def _tick(self) -> None:
        waking = asyncio.create_task(self._woken.wait())
        try:  # not `wait_for`: up to Python 3.11 it swallows a stop that comes in the moment of a fault
            await asyncio.wait([waking], timeout=_TICK_SECONDS)
        finally:
            waking.cancel()

    def _on_error(self, event: ErrorEvent) -> None:
        error = getattr(event.error, "error", None)
        if not isinstance(error, Exception):
            return
        finding = diagnose_exception(error)
        if refusal.is_bare(error) or self._was_thrown_out(error):
            self._ask_reason(finding)
            finding = faults.OPENAI_CONNECTION_LOST.found(finding.evidence)  # until the reason is known
        is_lost = isinstance(error, APIConnectionError)
        self._heed(finding, is_final=not event.error.recoverable, is_disconnected=is_lost)

    def _was_thrown_out(self, error: Exception) -> bool:
        """Whether OpenAI closed a connection as soon as it was open, be it that nothing was read on it."""
        if not isinstance(error, APIConnectionError):
            return False
        opened_at, self._opened_at = self._opened_at, None
        was_held = opened_at is not None and time.monotonic() - opened_at >= _THROWN_OUT_SECONDS
        return not was_held and refusal.was_let_in(error)

    def _ask_reason(self, finding: Finding) -> None:
        if self._reason is None or self._reason.done():
            self._reason = asyncio.create_task(refusal.reason(finding, self._settings))
            self._reason.add_done_callback(self._on_reason)

    def _on_reason(self, reason: asyncio.Task[Finding | None]) -> None:
        if not reason.cancelled() and not reason.exception() and (finding := reason.result()):
            self._heed(finding)

    def _on_event(self, event: Mapping[str, object]) -> None:
        now = time.monotonic()
        if event.get("type") == "session.created":
            self._opened_at = now
        self._opening.take(event, now)
        self._watchdog.event(event, now)
        if event.get("type") == _TRANSCRIPT and (kind := serious.heard_in(str(event.get("transcript")))):
            self._on_serious(kind)
        if finding := diagnose_event(event):
            self._heed(finding)

    def _on_serious(self, kind: serious.Kind) -> None:
        """Tell the model at once whom the caller must ring; that it was serious is all that a log says of it."""
        logger.warning("serious words", extra={"kind": kind.value})
        self._announcer.danger_named(kind)
        self._kind = kind
        self._watchdog.serious(_LINES[kind], time.monotonic())
        if kind is serious.Kind.EMERGENCY and self._opening.is_by_telephone:
            self._watchdog.free_line()
        if self._urging:
            self._urging.cancel()
        self._urging = asyncio.create_task(self._urge(kind))

    async def _urge(self, kind: serious.Kind) -> None:
        """In the place of the answer under way, which does not know yet how serious it is.

        An answer that OpenAI begins in the same moment cannot be stopped before it is known, and until then stands in
        the way.
        """
        for _ in range(_URGENT_TRIES):
            await self._announcer.silence_model()
            with contextlib.suppress(RuntimeError):  # the agent session is closing
                self._session.generate_reply(instructions=self._urgent(kind))
            await asyncio.sleep(_URGENT_SECONDS)
            if self._watchdog.is_told:
                return

    def _urgent(self, kind: serious.Kind) -> str:
        words = urgent(kind, self._settings)
        return f"{words} {HANG_UP}" if self._watchdog.frees_line else words

    def _heed(self, finding: Finding, *, is_final: bool = False, is_disconnected: bool = False) -> None:
        self._watchdog.error(finding, time.monotonic(), is_final=is_final, is_disconnected=is_disconnected)
        self._woken.set()

    def _on_renewed(self, _: llm.RealtimeSessionReconnectedEvent) -> None:
        self._watchdog.renewed(time.monotonic())

    def _on_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._opening.begins()
            self._watchdog.answers.granny_started(time.monotonic())
        elif event.old_state == "speaking":
            self._watchdog.answers.granny_stopped(time.monotonic())


def watchdog_of(settings: Settings, record: CallRecord, *, started: float, greeting: Greeting | None) -> Watchdog:
    """The watchdog over a call that began then, with its settings' limits; she has greeted if there is a recording."""
    limits = Limits(idle=settings.idle_seconds, longest=60 * settings.max_call_minutes, tokens=settings.max_call_tokens)
    line, is_greeted = greeting_line(settings), greeting is not None
    return Watchdog(record, limits=limits, greeting=line, started=started, is_greeted=is_greeted)
