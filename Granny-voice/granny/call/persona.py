"""Who Granny is in a call: how she begins it, and what she can do besides talking: end it, and tell the time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from livekit import rtc
from livekit.agents import Agent, ModelSettings, llm
from livekit.agents.beta.tools import EndCallTool
from livekit.agents.voice.speech_handle import SpeechHandle

from granny.call import clock
from granny.call.greeting import Greeting
from granny.call.hearing import MANNERS, Hearing
from granny.call.hello import Due
from granny.call.instructions import BY_TELEPHONE, LEAVE_WORD, SHE_RINGS, first_words, instructions
from granny.call.opening import Opening
from granny.call.realtime_model import RATE, VoiceModel
from granny.config.settings import Settings

ANSWERING_MACHINE = "answering_machine"
"""The tool by which the model says that it is no person who has answered."""
_MACHINE_WHEN = "Call this, and say nothing, when the call that you have made was answered by a machine or a recording."
_BEEP_SECONDS = 1.0
"""After the announcement comes a tone; in it are pauses that are shorter."""
_ANNOUNCEMENT_SECONDS = 30.0
"""No announcement is longer."""
_TICK_SECONDS = 0.1
_END_WHEN = "Only when the caller has said goodbye, or has said that they want to stop."
_OR_WHEN = "Or, in an emergency, when you have said the number twice: the caller needs the telephone."
_GOODBYE = "Say a short, warm goodbye."


class Granny(Agent):
    """The agent of one call."""

    def __init__(
        self,
        settings: Settings,
        *,
        greeting: Greeting | None = None,
        opening: Opening | None = None,
    ) -> None:
        """She, for one call.

        Args:
            settings: her name, her language, her caller.
            greeting: her recorded greeting, which is being said; without one the model makes it.
            opening: when she may begin; without one she may.
        """
        self._settings = settings
        manner = MANNERS.get(settings.hearing)
        self._hearing = Hearing(manner, RATE) if manner else None
        self._greeting = greeting
        self._opening = opening
        self._waiting: asyncio.Task[Due] | None = None
        self._leaving_word: asyncio.Task[None] | None = None
        is_by_telephone, is_rung = (opening.is_by_telephone, opening.is_rung) if opening else (False, False)
        besides = (BY_TELEPHONE if is_by_telephone else "", SHE_RINGS if is_rung else "")
        end_when = f"{_END_WHEN} {_OR_WHEN}" if is_by_telephone else _END_WHEN
        end_call = EndCallTool(extra_description=end_when, end_instructions=_GOODBYE, delete_room=False)
        machine = llm.function_tool(self._on_machine, name=ANSWERING_MACHINE, description=_MACHINE_WHEN)
        super().__init__(
            instructions=instructions(settings, *besides), tools=[end_call, machine] if is_rung else [end_call]
        )

    @llm.function_tool
    async def look_at_the_clock(self) -> str:
        """Tell the weekday, the date and the hour where the caller lives, and what is celebrated there."""
        return clock.told(self._settings, clock.now())

    async def _on_machine(self) -> None:
        self._leaving_word = asyncio.create_task(self._leave_word())

    async def _leave_word(self) -> None:
        """After announcement and tone, which are nobody to be answered, or who interrupts; then the call is over."""
        if isinstance(self.session.llm, VoiceModel):
            self.session.llm.hear_out()
        await self._until_it_has_spoken()
        self.session.input.set_audio_enabled(False)
        with contextlib.suppress(RuntimeError):  # the agent session is closing
            await self.session.generate_reply(instructions=LEAVE_WORD, tool_choice="none")
        self.session.shutdown()

    async def _until_it_has_spoken(self) -> None:
        quiet = 0
        for _ in range(int(_ANNOUNCEMENT_SECONDS / _TICK_SECONDS)):
            await asyncio.sleep(_TICK_SECONDS)
            quiet = 0 if self.session.user_state == "speaking" else quiet + 1
            if quiet * _TICK_SECONDS >= _BEEP_SECONDS:
                return

    async def on_enter(self) -> None:
        """She greets first, if she has not begun already."""
        if self._greeting:
            realtime = self.realtime_llm_session
            said = await self._greeting.heard()
            if not self._greeting.is_left_to_model:
                await self._remember(said, realtime)
                return
        is_rung = self._opening is not None and self._opening.is_rung
        while await self._may_begin():
            greeting = self.session.generate_reply(instructions=first_words(is_rung=is_rung))
            if not is_rung or not await self._is_spoken_into(greeting):
                return

    def realtime_audio_output_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterable[rtc.AudioFrame]:
        """What the model says, on its way to the caller."""
        heard: AsyncIterable[rtc.AudioFrame] = Agent.default.realtime_audio_output_node(self, audio, model_settings)
        if self._hearing:
            heard = _heard_through(self._hearing, heard)
        return _once_open(self._opening, heard) if self._opening and self._opening.is_by_telephone else heard

    async def on_exit(self) -> None:
        """Nothing of the session may outlast the call."""
        for going_on in (self._waiting, self._leaving_word):
            if going_on:
                going_on.cancel()
        if self._greeting:
            self._greeting.stop()

    async def _is_spoken_into(self, greeting: SpeechHandle) -> bool:
        """Whether a late hello has cut her short: whom she rings hears the whole of what she says first."""
        await greeting
        return greeting.interrupted and self._opening is not None and self._opening.is_spoken_into

    async def _may_begin(self) -> bool:
        """Wait for it: nobody pays for a greeting into an empty room, or a ringing telephone. False if not at all."""
        if self._opening is None:
            return True
        self._waiting = asyncio.create_task(self._opening.over())
        await asyncio.wait([self._waiting])
        return not self._waiting.cancelled() and await self._opening.may_begin()

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


async def _once_open(opening: Opening, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
    """What a telephone network would swallow waits."""
    await opening.sounds()
    async for frame in audio:
        yield frame


async def _heard_through(hearing: Hearing, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
    hearing.begin()
    async for frame in audio:
        yield hearing.frame(frame)
