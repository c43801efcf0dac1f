"""Two clients that nobody here wrote: OpenAI's own package, and the plugin that Granny talks through."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import openai
import pytest
from livekit import rtc
from livekit.agents import APIError, llm
from livekit.plugins.openai.realtime import RealtimeModel
from livekit.plugins.openai.realtime.realtime_model import RealtimeSession
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import AudioTranscription, RealtimeResponseUsage
from openai.types.realtime.realtime_audio_input_turn_detection import SemanticVad

from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import Cut, ResponseFault, Script, ToolCall
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import GREETING_TEXT
from rehearsal.raw_client import GUARD, KEY, MODEL, silence, speech

FRAME = 960  # bytes: 20 ms


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn(api_key=KEY, script=Script(pace=100.0)) as standin:
        yield standin


@llm.function_tool
async def end_call(why: str) -> str:
    """Hang up."""
    return why


@asynccontextmanager
async def plugin(standin: StandIn) -> AsyncIterator[RealtimeSession]:
    """The plugin's session, as Granny sets it up."""
    model = RealtimeModel(
        model=MODEL,
        api_key=KEY,
        base_url=standin.base_url,
        voice="marin",
        input_audio_noise_reduction="far_field",
        input_audio_transcription=AudioTranscription(model="gpt-4o-mini-transcribe"),
        turn_detection=SemanticVad(type="semantic_vad", eagerness="low"),
    )
    session = model.session()
    try:
        await session.update_instructions("Be kind.")
        await session.update_tools([end_call])
        yield session
    finally:
        with contextlib.suppress(APIError):  # raised again after a fault that ended the session
            await session.aclose()
        await model.aclose()


def push(session: RealtimeSession, pcm: bytes) -> None:
    for start in range(0, len(pcm), FRAME):
        data = pcm[start : start + FRAME]
        session.push_audio(rtc.AudioFrame(data, 24_000, 1, len(data) // 2))


async def listen(generation: llm.GenerationCreatedEvent) -> tuple[str, bytes]:
    """Everything a generation says, as words and as sound."""
    text, sound = "", b""
    async for message in generation.message_stream:
        text += "".join([str(piece) async for piece in message.text_stream])
        sound += b"".join([bytes(frame.data) async for frame in message.audio_stream])
    return text, sound


class Generations:
    """The generations that a session makes, one after another."""

    def __init__(self, session: RealtimeSession) -> None:
        self._queue: asyncio.Queue[llm.GenerationCreatedEvent] = asyncio.Queue()
        session.on("generation_created", self._queue.put_nowait)

    async def next(self) -> llm.GenerationCreatedEvent:
        return await asyncio.wait_for(self._queue.get(), GUARD)


class TestThePlugin:
    async def test_it_is_greeted_and_hears_its_own_voice(self, standin: StandIn) -> None:
        async with plugin(standin) as session:
            generations = Generations(session)
            session.generate_reply(instructions="Greet the caller.")
            assert await listen(await generations.next()) == (GREETING_TEXT, speech())
            push(session, speech() + silence(700))
            words, sound = await listen(await generations.next())
        assert words.startswith("(rehearsal: ")
        assert speech()[4800:-48_000] in sound
        [record] = standin.connections
        assert record.texts == [GREETING_TEXT, words, words]
        assert [tool.name for tool in record.session.tools or []] == ["end_call"]  # type: ignore[union-attr]
        assert "error" not in record.server_events

    async def test_it_notices_that_the_caller_interrupts(self, standin: StandIn) -> None:
        standin.script = Script(pace=1.0)
        async with plugin(standin) as session:
            generations = Generations(session)
            session.generate_reply()
            greeting = await generations.next()
            push(session, speech() + silence(700))
            _, sound = await asyncio.wait_for(listen(greeting), GUARD)
            await generations.next()
        assert len(sound) < len(speech())
        assert standin.connections[0].responses[0].result.status == "cancelled"  # type: ignore[union-attr]

    async def test_it_calls_a_tool_and_answers_after_it(self, standin: StandIn) -> None:
        standin.script = Script(pace=100.0, tool_calls=(ToolCall("end_call", '{"why": "bye"}', on=(1,)),))
        async with plugin(standin) as session:
            generations = Generations(session)
            session.generate_reply()
            generation = await generations.next()
            [call] = [call async for call in generation.function_stream]
            assert (call.name, call.arguments) == ("end_call", '{"why": "bye"}')
            chat = session.chat_ctx
            chat.items.append(
                llm.FunctionCallOutput(call_id=call.call_id, name=call.name, output="hung up", is_error=False)
            )
            await session.update_chat_ctx(chat)
            session.generate_reply()
            assert (await listen(await generations.next()))[0] == GREETING_TEXT
        assert standin.connections[0].texts == ['{"why": "bye"}', "hung up", GREETING_TEXT]

    async def test_after_a_drop_it_tells_the_new_connection_what_was_said(self, standin: StandIn) -> None:
        fault = ResponseFault(when="speaking", after_ms=400, cut=Cut(abort=True), on=(2,), connections=(1,))
        standin.script = Script(pace=100.0, responses=(fault,))
        async with plugin(standin) as session:
            generations = Generations(session)
            session.generate_reply()
            await listen(await generations.next())
            again = asyncio.Event()
            session.on("session_reconnected", lambda _: again.set())
            session.generate_reply()
            await asyncio.wait_for(again.wait(), GUARD)
            session.generate_reply()
            assert (await generations.next()).response_id
            await asyncio.wait_for(listen(await generations.next()), GUARD)
        await standin.hung_up()
        first, second = standin.connections
        assert (first.is_open, first.close_code) == (False, 1006)
        assert second.texts[0] == GREETING_TEXT
        assert "error" not in second.server_events

    async def test_an_error_of_its_stop_list_ends_it(self, standin: StandIn) -> None:
        quota = WireError("insufficient_quota", type="insufficient_quota")
        standin.script = Script(responses=(ResponseFault(failed=quota),))
        async with plugin(standin) as session:
            errors: asyncio.Queue[llm.RealtimeModelError] = asyncio.Queue()
            session.on("error", errors.put_nowait)
            session.generate_reply()
            error = await asyncio.wait_for(errors.get(), GUARD)
        assert not error.recoverable
        assert len(standin.connections) == 1


class TestOpenAIsOwnClient:
    async def test_it_holds_a_conversation(self, standin: StandIn) -> None:
        client = openai.AsyncOpenAI(api_key=KEY, base_url=standin.base_url)
        async with client, client.realtime.connect(model=MODEL) as connection:
            assert (await connection.recv()).type == "session.created"
            await connection.session.update(session={"type": "realtime", "instructions": "Be kind."})
            await connection.response.create()
            await self._until_done(connection)
            for start in range(0, len(speech()), 4800):
                audio = base64.b64encode(speech()[start : start + 4800]).decode()
                await connection.input_audio_buffer.append(audio=audio)
            await connection.input_audio_buffer.append(audio=base64.b64encode(silence(700)).decode())
            usage = await self._until_done(connection)
        assert usage.input_tokens
        assert usage.input_tokens > 150
        assert len(standin.connections[0].texts) == 3

    async def test_it_reads_the_models(self, standin: StandIn) -> None:
        async with openai.AsyncOpenAI(api_key=KEY, base_url=standin.base_url) as client:
            assert (await client.models.retrieve("gpt-realtime")).shutdown_date == "2027-01-20"
            assert MODEL in [model.id async for model in client.models.list()]

    async def test_a_wrong_key_is_its_authentication_error(self, standin: StandIn) -> None:
        async with openai.AsyncOpenAI(api_key="sk-" + "wrong", base_url=standin.base_url) as client:
            with pytest.raises(openai.AuthenticationError) as refused:
                await client.models.list()
        assert refused.value.code == "invalid_api_key"

    async def _until_done(self, connection: AsyncRealtimeConnection) -> RealtimeResponseUsage:
        while True:
            event = await asyncio.wait_for(connection.recv(), GUARD)
            if event.type == "response.done":
                assert event.response.usage
                return event.response.usage
