"""A fault during a call: noticed, said to the caller, told to the room, and ended well. Never silence."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any

from livekit.agents import AgentSession, AgentStateChangedEvent, APIConnectionError, ErrorEvent, llm

from granny import faults, refusal
from granny.announcer import Announcer
from granny.diagnosis import diagnose_event, diagnose_exception
from granny.faults import Finding
from granny.persona import GO_ON, GREETING
from granny.settings import Settings
from granny.watch import AskAgain, End, Say, Watch

logger = logging.getLogger("granny.call")

_TICK_SECONDS = 0.1
_THROWN_OUT_SECONDS = 2.0
"""A connection that did not last so long was not wanted."""


class StandBy:
    """Watches one call, and does what the watch says.

    Attributes:
        is_ending: a farewell is being said, or has been.
    """

    def __init__(self, session: AgentSession[Any], announcer: Announcer, settings: Settings, *, watch: Watch) -> None:
        self.is_ending = False
        self._session = session
        self._announcer = announcer
        self._settings = settings
        self._watch = watch
        self._woken = asyncio.Event()
        self._opened_at: float | None = None
        self._reason: asyncio.Task[Finding] | None = None
        session.on("error", self._on_error)
        session.on("agent_state_changed", self._on_state)

    def listen(self, realtime: llm.RealtimeSession[Any]) -> None:
        """Hear what OpenAI says on this realtime session."""
        realtime.on("openai_server_event_received", self._on_event)
        realtime.on("session_reconnected", self._on_renewed)

    async def keep_watch(self) -> Finding:
        """Do what is due until the call is to end; then say so, and why."""
        while True:
            self._woken.clear()
            step = self._watch.step(time.monotonic())
            if isinstance(step, End):
                return await self.end(step)
            if isinstance(step, Say):
                await self._say(step)
            elif isinstance(step, AskAgain):
                self._ask_again()
            else:
                await self._tick()

    async def end(self, step: End) -> Finding:
        """Tell the caller and the room why the call ends."""
        self.is_ending = True
        self._note(step.finding)
        await self._announcer.close_session()
        await self._announcer.announce(step.line, self._announcer.tell_end(step.finding.fault.slug))
        return step.finding

    async def _say(self, step: Say) -> None:
        self._announcer.stop_greeting()  # one that nobody could hear yet
        if step.drop_answer:
            await self._announcer.silence_model()
        with self._announcer.model_held_back():
            if step.finding:
                self._note(step.finding)
                await self._announcer.announce(step.line, self._announcer.tell(step.finding.fault.slug))
            else:
                await self._announcer.announce(step.line)
        self._watch.answers.line_said(time.monotonic())

    def _note(self, finding: Finding) -> None:
        logger.warning("fault told", extra={"fault": finding.fault.slug, "evidence": finding.evidence})
        self._watch.record.spoken_faults.append(finding.fault.slug)

    def _ask_again(self) -> None:
        instructions = GO_ON if self._watch.answers.heard_any else GREETING
        with contextlib.suppress(RuntimeError):  # the agent session is closing
            self._session.generate_reply(instructions=instructions)

    async def _tick(self) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._woken.wait(), _TICK_SECONDS)

    def _on_error(self, event: ErrorEvent) -> None:
        error = getattr(event.error, "error", None)
        if not isinstance(error, Exception):
            return
        finding = diagnose_exception(error)
        is_lost = isinstance(error, APIConnectionError)
        if refusal.is_bare(error):
            self._ask_reason(finding)
            finding = faults.OPENAI_CONNECTION_LOST.found(finding.evidence)  # until the reason is known
        elif is_lost and self._was_thrown_out():
            self._ask_reason(finding)
        self._heed(finding, is_final=not event.error.recoverable, is_disconnected=is_lost)

    def _was_thrown_out(self) -> bool:
        """Whether OpenAI closed a connection as soon as it was open: the plugin may not have read why."""
        return self._opened_at is not None and time.monotonic() - self._opened_at < _THROWN_OUT_SECONDS

    def _ask_reason(self, finding: Finding) -> None:
        if self._reason is None or self._reason.done():
            self._reason = asyncio.create_task(refusal.reason(finding, self._settings))
            self._reason.add_done_callback(self._on_reason)

    def _on_reason(self, reason: asyncio.Task[Finding]) -> None:
        if not reason.cancelled() and not reason.exception():
            self._heed(reason.result())

    def _on_event(self, event: Mapping[str, object]) -> None:
        now = time.monotonic()
        if event.get("type") == "session.created":
            self._opened_at = now
        self._watch.event(event, now)
        if finding := diagnose_event(event):
            self._heed(finding)

    def _heed(self, finding: Finding, *, is_final: bool = False, is_disconnected: bool = False) -> None:
        self._watch.error(finding, time.monotonic(), is_final=is_final, is_disconnected=is_disconnected)
        self._woken.set()

    def _on_renewed(self, _: llm.RealtimeSessionReconnectedEvent) -> None:
        self._watch.renewed(time.monotonic())

    def _on_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._watch.answers.granny_started(time.monotonic())
        elif event.old_state == "speaking":
            self._watch.answers.granny_stopped(time.monotonic())
