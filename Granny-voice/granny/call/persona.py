"""Who Granny is in a call: how she begins it, and what she can do besides talking: end it, and tell the time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any

from livekit import rtc
from livekit.agents import Agent, ModelSettings, get_job_context, llm
from livekit.agents.beta.tools import EndCallTool

from granny.call import clock
from granny.call.greeting import Greeting, until_somebody_is_there
from granny.call.hearing import MANNERS, Hearing
from granny.call.instructions import GREETING, instructions
from granny.call.realtime_model import RATE
from granny.config.settings import Settings

_END_WHEN = "Only when the caller has said goodbye, or has said that they want to stop."
_GOODBYE = "Say a short, warm goodbye."


class Granny(Agent):
    """The agent of one call."""

    def __init__(
        self,
        settings: Settings,
        *,
        greeting: Greeting | None = None,
        may_begin: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """She, for one call.

        Args:
            settings: her name, her language, her caller.
            greeting: her recorded greeting, which is being said; without one the model makes it.
            may_begin: waits until the model may greet; False if it is not to.
        """
        self._settings = settings
        manner = MANNERS.get(settings.hearing)
        self._hearing = Hearing(manner, RATE) if manner else None
        self._greeting = greeting
        self._may_begin = may_begin
        self._waiting: asyncio.Task[None] | None = None
        super().__init__(
            instructions=instructions(settings),
            tools=[EndCallTool(extra_description=_END_WHEN, end_instructions=_GOODBYE, delete_room=False)],
        )

    @llm.function_tool
    async def look_at_the_clock(self) -> str:
        """Tell the weekday, the date and the hour where the caller lives, and what is celebrated there."""
        return clock.told(self._settings, clock.now())

    async def on_enter(self) -> None:
        """She greets first, if she has not begun already."""
        if self._greeting:
            realtime = self.realtime_llm_session
            await self._remember(await self._greeting.heard(), realtime)
        elif await self._somebody_is_there():
            self.session.generate_reply(instructions=GREETING)

    def realtime_audio_output_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterable[rtc.AudioFrame]:
        """What the model says, on its way to the caller."""
        as_it_is = Agent.default.realtime_audio_output_node(self, audio, model_settings)
        return _heard_through(self._hearing, as_it_is) if self._hearing else as_it_is

    async def on_exit(self) -> None:
        """Nothing of the session may outlast the call."""
        if self._waiting:
            self._waiting.cancel()
        if self._greeting:
            self._greeting.stop()

    async def _somebody_is_there(self) -> bool:
        """Wait for it: nobody pays for a greeting into an empty room. False if the call ends before."""
        ctx = get_job_context(required=False)
        if ctx is None or ctx.is_fake_job():  # a console call has its caller and no room
            return True
        self._waiting = asyncio.create_task(until_somebody_is_there(ctx.room))
        await asyncio.wait([self._waiting])
        if self._waiting.cancelled():
            return False
        return self._may_begin is None or await self._may_begin()

    async def _remember(self, said: llm.ChatMessage, realtime: llm.RealtimeSession[Any]) -> None:
        """Enter into the conversation what was said without the model, in its place by time.

        A model that cannot be reached learns nothing of it; that is then the least trouble of the call. What it has
        heard meanwhile is known to it alone, and stays so.
        """
        self.session.history.insert(said)
        known = realtime.chat_ctx.copy()
        known.insert(said)
        with contextlib.suppress(llm.RealtimeError):
            await self.update_chat_ctx(known)


async def _heard_through(hearing: Hearing, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
    async for frame in audio:
        yield hearing.frame(frame)
