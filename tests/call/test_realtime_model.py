"""The model's connection, as Granny wants it; with the plugin's own session, which is not connected here."""

import asyncio
import base64
import contextlib
import inspect
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIError, llm
from livekit.agents.llm._realtime import openai as plugin
from openai.types.realtime.realtime_audio_config_input import NoiseReduction

from granny.call.realtime_model import RATE, realtime_model
from granny.call.refusal import was_let_in
from granny.config.settings import Settings
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import Cut, Opening, ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from scenarios import _fakes as fakes

KEY = "sk-FAKE"
WORDS = "my knee hurts and I miss Harold"


async def test_the_callers_sound_is_sent_in_pieces_of_forty_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of a hundred, as by the plugin itself: this fails when an update of the plugin moves its buffer."""
    settings = Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
    realtime = realtime_model(settings).session()
    try:
        sent: list[object] = []
        monkeypatch.setattr(realtime, "send_event", sent.append)
        samples = RATE // 50
        for _ in range(5):
            realtime.push_audio(rtc.AudioFrame(bytes(2 * samples), RATE, 1, samples))
        assert len(sent) == 2
    finally:
        await realtime.aclose()


async def test_the_listener_is_told_of_a_session_before_anything_is_said_on_it() -> None:
    """The session connects in a task of its own, which has not run yet."""
    model = realtime_model(Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}))
    told: list[object] = []
    model.listener = told.append
    realtime = model.session()
    try:
        assert told == [realtime]
    finally:
        await realtime.aclose()


async def test_how_noise_is_held_is_told_a_session_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A telephone that nobody told of is seen when she is in the room, and the session may have begun by then."""
    model = realtime_model(Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}))
    realtime = model.session()
    sent: list[Any] = []
    try:
        monkeypatch.setattr(realtime, "send_event", sent.append)
        model.update_options(input_audio_noise_reduction="near_field")
        model.update_options(input_audio_noise_reduction="near_field")
    finally:
        await realtime.aclose()
    assert [event.session.audio.input.noise_reduction.type for event in sent] == ["near_field"]
    again = model.session()
    await again.aclose()
    assert again._opts.input_audio_noise_reduction == NoiseReduction(type="near_field")


@pytest.mark.parametrize(
    "script",
    [
        Script(openings=(Opening(cut=Cut(error=WireError("unheard_of", WORDS))),)),
        Script(responses=(ResponseFault(failed=WireError("unheard_of", WORDS)),)),
        Script(responses=(ResponseFault(when="asked", cut=Cut(error=WireError("insufficient_quota", WORDS))),)),
    ],
    ids=["an error event", "a failed response", "an error that ends the session"],
)
async def test_what_openai_says_of_an_error_is_heard_by_the_listener_alone(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """It may repeat the caller's words; the plugin logs it, and raises it for others to log."""
    caplog.set_level(logging.DEBUG)
    async with StandIn(api_key=KEY) as standin:
        standin.script = script
        settings = Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": standin.base_url})
        model, heard, failed = realtime_model(settings), list[str](), asyncio.Event()

        def listen(event: Mapping[str, object]) -> None:
            heard.append(str(event))

        def on_error(error: llm.RealtimeModelError) -> None:
            told.append(error.error)
            failed.set()

        def attend(realtime: llm.RealtimeSession[Any]) -> None:
            realtime.on("openai_server_event_received", listen)
            realtime.on("error", on_error)

        told: list[Exception] = []
        model.listener = attend
        realtime = model.session()
        asking = asyncio.ensure_future(realtime.generate_reply())
        try:
            await asyncio.wait_for(failed.wait(), 10)
        finally:
            asking.cancel()
            with contextlib.suppress(APIError):  # the one that ended it
                await realtime.aclose()
    assert WORDS in "".join(heard)
    assert WORDS not in caplog.text + repr(told)
    assert WORDS not in str([vars(record) for record in caplog.records])


async def test_what_openai_says_as_it_closes_a_renewed_connection_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin writes before it reads, and the socket is gone; what it tells of that shows that it was let in."""
    told: list[APIConnectionError] = []
    heard: list[str] = []
    lost_twice = asyncio.Event()

    def thrown_out(head: str) -> bytes:
        closed = b"\x88\x02" + (3000).to_bytes(2, "big")
        error = frame({"type": "error", "error": {"code": "invalid_api_key", "message": ""}})
        return fakes.switching(head) + frame({"type": "session.created"}) + (error + closed if told else b"")

    def on_error(error: llm.RealtimeModelError) -> None:
        assert isinstance(error.error, APIConnectionError)
        told.append(error.error)
        if len(told) == 2:
            lost_twice.set()

    async with fakes.listening(fakes.http(thrown_out)) as port:
        base_url = f"http://127.0.0.1:{port}/v1"
        settings = Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url})
        realtime = realtime_model(settings).session()
        connect = realtime._create_ws_conn

        async def connect_a_moment_late() -> aiohttp.ClientWebSocketResponse:
            connection = await connect()
            while told and connection.get_extra_info("socket"):  # noqa: ASYNC110  it is the plugin that is to find it gone
                await asyncio.sleep(0)
            return connection

        monkeypatch.setattr(realtime, "_create_ws_conn", connect_a_moment_late)
        realtime.on("openai_server_event_received", lambda event: heard.append(event["type"]))
        realtime.on("error", on_error)
        try:
            await asyncio.wait_for(lost_twice.wait(), 10)
        finally:
            await realtime.aclose()
    assert heard == ["session.created"]
    assert [type(error.__cause__) for error in told] == [type(None), aiohttp.ClientConnectionResetError]
    assert all(map(was_let_in, told))


def frame(event: Mapping[str, object]) -> bytes:
    """A server's text frame (RFC 6455, 5.2), shorter than 126 bytes."""
    text = json.dumps(event).encode()
    return bytes((0x81, len(text))) + text


def test_the_plugin_reads_no_other_words_of_openais_than_those_that_are_kept() -> None:
    read = re.findall(r"error\.message\.(.*)$", inspect.getsource(plugin), re.MULTILINE)
    assert read == ['startswith("Cancellation failed"):']


async def test_the_rest_of_a_turn_is_sent_at_its_end_and_forgotten_when_it_is_not_to_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the plugin has it, whose buffer is not used; sound of another form would be noise to OpenAI."""
    settings = Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
    realtime = realtime_model(settings).session()
    frame = rtc.AudioFrame(bytes(2 * (RATE // 50)), RATE, 1, RATE // 50)
    try:
        sent: list[Any] = []
        monkeypatch.setattr(realtime, "send_event", sent.append)
        realtime.push_audio(frame)
        realtime.commit_audio()
        realtime.push_audio(frame)
        realtime.clear_audio()
        realtime.push_audio(frame)
        with pytest.raises(ValueError, match="1 channels at 48000 Hz"):
            realtime.push_audio(rtc.AudioFrame(bytes(4), 2 * RATE, 1, 2))
    finally:
        await realtime.aclose()
    assert [event.type.partition("buffer.")[2] for event in sent] == ["append", "commit", "clear"]
    assert len(base64.b64decode(sent[0].audio)) == len(frame.data) * 2
