"""A caller who goes on, heard by the stand-in through a whole agent session: nothing of the answer is left."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from livekit import rtc
from livekit.agents import Agent, AgentSession, function_tool
from livekit.agents.utils import http_context
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities, TextOutput
from typing_extensions import override

from granny.call.realtime_model import RATE, TURNS, VoiceModel, realtime_model
from granny.config.settings import Settings
from granny.rehearsal.openai.record import ConnectionRecord
from granny.rehearsal.openai.script import Script, ToolCall
from granny.rehearsal.openai.standin import StandIn
from rehearsal.raw_client import GUARD, KEY, silence, speech

PAUSE = silence(340)
"""Longer than the silence by which an eager OpenAI knows a turn's end; sent at once, it is as long."""
HALF = len(speech()) // 4 * 2


class Microphone(AudioInput):
    """What the caller says, as fast as it is taken."""

    def __init__(self) -> None:
        super().__init__(label="microphone")
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    def say(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), RATE // 25):
            piece = pcm[start : start + RATE // 25]
            self._frames.put_nowait(rtc.AudioFrame(piece, RATE, 1, len(piece) // 2))

    @override
    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.get()


class Loudspeaker(AudioOutput):
    """What the caller hears: all that is not taken back before the next flush."""

    def __init__(self) -> None:
        super().__init__(label="loudspeaker", capabilities=AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self.heard = b""
        self._segment = 0.0

    @override
    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        if not self._segment:
            self.on_playback_started(created_at=0.0)
        await super().capture_frame(frame)
        self.heard += bytes(frame.data)
        self._segment += frame.duration

    @override
    def flush(self) -> None:
        super().flush()
        if self._segment:
            self.on_playback_finished(playback_position=self._segment, interrupted=False)
        self._segment = 0.0

    @override
    def clear_buffer(self) -> None:
        pass


class Captions(TextOutput):
    """Her words as they are shown."""

    def __init__(self) -> None:
        super().__init__(label="captions", next_in_chain=None)
        self.shown = ""

    @override
    async def capture_text(self, text: str) -> None:
        self.shown += text

    @override
    def flush(self) -> None:
        pass


class Hostess(Agent):
    """She can end the call."""

    def __init__(self) -> None:
        super().__init__(instructions="Be kind.")
        self.has_ended = False

    @function_tool
    async def end_call(self) -> str:
        """Hang up."""
        self.has_ended = True
        return "goodbye"


@dataclass
class Talk:
    """An agent session without a room, and both its ends; an answer is held until `let_go`."""

    standin: StandIn
    model: VoiceModel
    session: AgentSession[None]
    agent: Hostess
    microphone: Microphone
    loudspeaker: Loudspeaker
    captions: Captions

    @property
    def line(self) -> ConnectionRecord:
        return self.standin.connections[-1]

    def histories(self) -> tuple[list[str], list[str]]:
        """The kinds of items at OpenAI, and in the agent session."""
        theirs = [getattr(item.wire, "role", item.wire.type) for item in self.line.conversation.items]
        ours = [getattr(item, "role", item.type) for item in self.agent.chat_ctx.items]
        return theirs, [role for role in ours if role not in ("system", "agent_config_update")]

    def let_go(self) -> None:
        """The patience is over for whatever comes."""
        assert self.model.patience
        self.model.patience.seconds = 0.0

    def has_heard(self, event: str, times: int) -> Callable[[], bool]:
        lines = self.standin.connections
        return lambda: bool(lines) and lines[-1].server_events.count(event) >= times

    async def until(self, is_so: Callable[[], bool]) -> None:
        for _ in range(int(GUARD * 100)):
            if is_so():
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"it never became so; OpenAI said {self.line.server_events[-20:]}")


@contextlib.asynccontextmanager
async def talk(script: Script) -> AsyncIterator[Talk]:
    async with StandIn(api_key=KEY, script=script) as standin, http_context.open():
        settings = Settings.model_validate(
            {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": standin.base_url, "GRANNY_PATIENCE": "normal"}
        )
        model = realtime_model(settings)
        assert model.patience
        model.patience.seconds = 3600.0
        session = AgentSession[None](llm=model, vad=None, turn_handling=TURNS, aec_warmup_duration=0)
        one = Talk(standin, model, session, Hostess(), Microphone(), Loudspeaker(), Captions())
        session.input.audio = one.microphone
        session.output.audio, session.output.transcription = one.loudspeaker, one.captions
        try:
            await session.start(one.agent)
            yield one
        finally:
            await session.aclose()


@pytest.mark.parametrize("pace", [1000.0, 1.0], ids=["whole", "half made"])
async def test_a_dropped_answer_is_not_heard_not_shown_and_in_neither_history(pace: float) -> None:
    """And the next one knows all that was said: the stand-in repeats it."""
    async with talk(Script(pace=pace)) as call:
        call.microphone.say(speech()[:HALF] + PAUSE)
        wait_for = "response.done" if pace > 1 else "response.output_audio.delta"
        await call.until(call.has_heard(wait_for, 1))
        call.microphone.say(speech()[HALF:])
        await call.until(call.has_heard("conversation.item.deleted", 1))
        assert call.loudspeaker.heard == b""
        assert call.captions.shown == ""
        assert call.histories() == (["user"], ["user"])
        call.standin.script = Script(pace=1000.0)
        call.let_go()
        call.microphone.say(PAUSE)
        await call.until(lambda: len(call.loudspeaker.heard) > 0.9 * len(speech()) and call.captions.shown != "")
        assert call.histories() == (["user", "user", "assistant"], ["user", "user", "assistant"])


async def test_a_goodbye_that_is_dropped_ends_no_call() -> None:
    script = Script(pace=1000.0, tool_calls=(ToolCall("end_call", on=(1,)),))
    async with talk(script) as call:
        call.microphone.say(speech()[:HALF] + PAUSE)
        await call.until(call.has_heard("response.done", 1))
        call.microphone.say(speech()[HALF:])
        await call.until(call.has_heard("conversation.item.deleted", 1))
        call.let_go()
        call.microphone.say(PAUSE)
        await call.until(lambda: "assistant" in call.histories()[1])
        assert call.histories() == (["user", "user", "assistant"], ["user", "user", "assistant"])
        assert not call.agent.has_ended


async def test_a_goodbye_that_is_heard_does() -> None:
    script = Script(pace=1000.0, tool_calls=(ToolCall("end_call", on=(1,)),))
    async with talk(script) as call:
        call.let_go()
        call.microphone.say(speech()[:HALF] + PAUSE)
        await call.until(lambda: call.agent.has_ended)


async def test_an_answer_is_heard_by_itself_when_the_caller_stays_silent() -> None:
    async with talk(Script(pace=1000.0)) as call:
        assert call.model.patience
        call.model.patience.seconds = 1.0
        call.microphone.say(speech()[:HALF] + PAUSE)
        await call.until(call.has_heard("response.done", 1))
        assert call.loudspeaker.heard == b""
        await call.until(lambda: call.loudspeaker.heard != b"")


@pytest.mark.parametrize("is_asked", [True, False], ids=["by another answer", "by nothing"])
async def test_what_is_held_gives_way_to_what_she_is_told_to_say(is_asked: bool) -> None:  # noqa: FBT001  a table's row
    async with talk(Script(pace=1.0)) as call:
        call.microphone.say(speech()[:HALF] + PAUSE)
        await call.until(call.has_heard("response.output_audio.delta", 1))
        call.standin.script = Script(pace=1000.0)
        if is_asked:
            call.session.generate_reply(instructions="Say something else.")
            await call.until(lambda: "assistant" in call.histories()[1])
        else:
            await call.session.interrupt(force=True)
            await call.until(call.has_heard("conversation.item.deleted", 1))
        reply = ["user", *["assistant"] * is_asked]
        await call.until(lambda: call.histories() == (reply, reply))


def test_without_patience_openai_alone_decides() -> None:
    values = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    model = functools.partial(lambda **more: realtime_model(Settings.model_validate(values | more)))
    assert model().patience is None
    kinds = {patience: model(GRANNY_PATIENCE=patience).patience for patience in ("off", "short", "normal", "long")}
    seconds = [one.seconds for one in kinds.values() if one]
    assert kinds["off"] is None
    assert seconds == sorted(set(seconds))
