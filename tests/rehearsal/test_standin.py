"""The stand-in over the wire, when all is well."""

import base64
from collections.abc import AsyncIterator
from itertools import groupby
from typing import Any

import aiohttp
import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from granny.rehearsal.openai.errors import wrong_key
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import ResponseFault, Script, ToolCall
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import GREETING_TEXT
from granny.rehearsal.openai.wire import SERVER_EVENTS, unknown_parameter
from rehearsal.raw_client import KEY, MANUAL, MODEL, Event, RawClient, silence, speech, talking_to

SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
SPOKEN = speech() + silence(700)
TRANSCRIBING = {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}}}
BESIDE_THE_TYPES = {"session.object", "session.id", "session.expires_at"}  # OpenAI sends them all the same
NOT_SPOKEN = {
    "conversation.created",
    "conversation.item.created",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.failed",
    "conversation.item.input_audio_transcription.segment",
    "input_audio_buffer.dtmf_event_received",
    "input_audio_buffer.timeout_triggered",
    "mcp_list_tools.completed",
    "mcp_list_tools.failed",
    "mcp_list_tools.in_progress",
    "output_audio_buffer.cleared",
    "output_audio_buffer.started",
    "output_audio_buffer.stopped",
    "response.mcp_call.completed",
    "response.mcp_call.failed",
    "response.mcp_call.in_progress",
    "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done",
}
FAST = Script(pace=100.0)


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn(api_key=KEY, script=FAST) as standin:
        yield standin


@pytest.fixture
async def client(standin: StandIn) -> AsyncIterator[RawClient]:
    async with talking_to(standin) as client:
        yield client


async def respond(client: RawClient, **response: Any) -> Event:
    await client.send("response.create", response=response)
    done: Event = (await client.until("response.done"))["response"]
    return done


async def refusal(client: RawClient, kind: str, **fields: Any) -> Event:
    await client.send(kind, event_id="mine", **fields)
    error: Event = (await client.until("error"))["error"]
    assert error["event_id"] == "mine"
    return error


class TestTheDoor:
    @pytest.mark.parametrize("path", ["v1/realtime?model=" + MODEL, "v1/models", "rehearsal/record"])
    @pytest.mark.parametrize(
        "host", ["rebound.invalid", "127.0.0.1.rebound.invalid", "localhost.invalid:80", "[", "192.0.2.1"]
    )
    async def test_a_page_that_made_its_own_name_lead_here_is_not_answered(
        self, standin: StandIn, path: str, host: str
    ) -> None:
        """With DNS rebinding a browser would let it read the answers, and change the script."""
        headers = {"Authorization": f"Bearer {KEY}", "Host": host}
        url = f"http://127.0.0.1:{standin.port}/{path}"
        async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as got:
            assert got.status in (400, 403)
            assert KEY not in await got.text()
        assert standin.connections == []

    @pytest.mark.parametrize("host", ["127.0.0.1:{}", "LOCALHOST:{}", "[::1]:{}", "localhost"])
    async def test_its_own_names_are_answered(self, standin: StandIn, host: str) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Host": host.format(standin.port)}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(f"{standin.base_url}/models") as got:
            assert got.status == 200

    @pytest.mark.parametrize(
        ("authorization", "code"),
        [(None, None), ("Bearer ", None), ("Bearer " + "sk-" + "wrong" * 9, "invalid_api_key")],
    )
    @pytest.mark.parametrize("path", ["realtime?model=" + MODEL, "models", "models/" + MODEL])
    async def test_a_wrong_key_meets_a_401_in_openais_shape(
        self, standin: StandIn, path: str, authorization: str | None, code: str | None
    ) -> None:
        headers = {"Authorization": authorization} if authorization else {}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.get(f"{standin.base_url}/{path}") as got,
        ):
            assert got.status == 401
            error = (await got.json())["error"]
        assert list(error) == ["message", "type", "param", "code"]
        assert (error["type"], error["code"]) == ("invalid_request_error", code)

    def test_a_refused_key_is_shown_in_part_as_openai_does(self) -> None:
        """So that a test can prove that Granny never prints the message."""
        assert KEY[:8] in wrong_key(KEY).message
        assert KEY not in wrong_key(KEY).message

    async def test_models_are_listed_with_their_end(self, standin: StandIn) -> None:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http:
            async with http.get(f"{standin.base_url}/models") as got:
                listed = {model["id"]: model for model in (await got.json())["data"]}
            async with http.get(f"{standin.base_url}/models/gpt-realtime") as got:
                assert (await got.json()) == listed["gpt-realtime"]
            async with http.get(f"{standin.base_url}/models/nobody") as got:
                assert got.status == 404
                assert (await got.json())["error"]["code"] == "model_not_found"
        assert listed["gpt-realtime"]["shutdown_date"] == "2027-01-20"
        assert "shutdown_date" not in listed[MODEL]

    async def test_an_unknown_model_is_refused_at_the_handshake(self, standin: StandIn) -> None:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{standin.base_url}/realtime?model=gpt-nobody")
        assert refused.value.status == 404

    async def test_the_record_names_headers_and_never_their_values(self, standin: StandIn) -> None:
        async with talking_to(standin):
            assert standin.open_connections == 1
        [record] = standin.connections
        assert "Authorization" in record.header_names
        async with (
            aiohttp.ClientSession() as http,
            http.get(standin.base_url.replace("/v1", "/rehearsal/record")) as got,
        ):
            text = await got.text()
        assert KEY not in text
        assert MODEL in text

    async def test_a_script_can_be_changed_from_another_process(self, standin: StandIn) -> None:
        script = {"latency": 0.5, "responses": [{"when": "speaking", "after_ms": 400, "on": [2]}]}
        async with (
            aiohttp.ClientSession() as http,
            http.put(standin.base_url.replace("/v1", "/rehearsal/script"), json=script) as got,
        ):
            assert got.status == 200
        fault = ResponseFault(when="speaking", after_ms=400, on=(2,))
        assert standin.script == Script(latency=0.5, responses=(fault,))


class TestTheSession:
    async def test_an_update_changes_only_what_it_names(self, client: RawClient) -> None:
        """Level by level; null clears; another kind of turn detection takes nothing over from the old one."""
        created = client.seen[0]["session"]
        assert created["model"] == MODEL
        updated = await client.update(
            instructions="Be kind.", audio={"input": {"turn_detection": {"type": "semantic_vad"}}}
        )
        session = updated["session"]
        assert session["instructions"] == "Be kind."
        assert session["audio"]["input"]["turn_detection"] == {"type": "semantic_vad"}
        assert session["audio"]["output"] == created["audio"]["output"]
        assert session["id"] == created["id"]
        cleared = await client.update(audio=MANUAL)
        assert cleared["session"]["audio"]["input"]["turn_detection"] is None
        assert cleared["session"]["instructions"] == "Be kind."

    async def test_nonsense_is_answered_with_an_error_and_the_connection_lives(self, client: RawClient) -> None:
        assert (await refusal(client, "conversation.item.delete"))["code"] == "missing_required_parameter"
        error = await refusal(client, "session.update", session={"type": "realtime", "voice": "marin"})
        assert (error["code"], error["param"]) == ("unknown_parameter", "session.voice")
        error = await refusal(client, "input_audio_buffer.append", audio="no base64!")
        assert error["param"] == "audio"
        error = await refusal(client, "session.update", session={"type": "realtime", "model": "gpt-realtime"})
        assert error["param"] == "session.model"
        await client.socket.send_str("no JSON")
        assert (await client.until("error"))["error"]["code"] == "invalid_value"
        await client.update(instructions="Still here.")


class TestAnAnswer:
    async def test_every_event_of_a_call_is_as_openai_types_it(self, standin: StandIn, client: RawClient) -> None:
        """Each validates strictly, and none has a field that the openai package does not know."""
        standin.script = Script(pace=100.0, tool_calls=(ToolCall("end_call", '{"why": "bye"}', on=(3,)),))
        await client.update(audio=TRANSCRIBING, tools=[{"type": "function", "name": "end_call"}])
        await respond(client)
        await client.say(SPOKEN)
        done = await client.until("response.done")
        item_id = done["response"]["output"][0]["id"]
        await respond(client)
        await respond(client, output_modalities=["text"])
        await client.send("conversation.item.retrieve", item_id=item_id)
        await client.until("conversation.item.retrieved")
        await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)
        await client.send("conversation.item.delete", item_id=item_id)
        await client.send("conversation.item.delete", item_id=item_id)
        await client.send("input_audio_buffer.clear")
        await client.until("input_audio_buffer.cleared")
        assert set(SERVER_EVENTS) - set(client.types()) == NOT_SPOKEN
        for event in client.seen:
            typed = SERVER_EVENT.validate_python(event)
            assert typed.type == event["type"]
            while beside := unknown_parameter(typed):
                assert beside in BESIDE_THE_TYPES
                del typed.session.model_extra[beside.removeprefix("session.")]

    async def test_the_greeting_comes_in_openais_order(self, client: RawClient) -> None:
        client.seen.clear()
        done = await respond(client)
        deltas = {"response.output_audio_transcript.delta", "response.output_audio.delta"}
        order = [kind if kind not in deltas else "deltas" for kind in client.types()]
        assert [kind for kind, _ in groupby(order)] == [
            "response.created",
            "rate_limits.updated",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "deltas",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ]
        assert client.heard() == speech()
        assert done["output"][0]["content"] == [{"type": "output_audio", "transcript": GREETING_TEXT}]
        said = "".join(e["delta"] for e in client.seen if e["type"].endswith("transcript.delta"))
        assert said == GREETING_TEXT

    async def test_the_callers_voice_comes_back(self, client: RawClient) -> None:
        """As a telephone's echo test does it; the transcript does not pretend to have understood."""
        await client.update(audio=TRANSCRIBING)
        client.seen.clear()
        await client.say(SPOKEN)
        done = await client.until("response.done")
        assert client.types()[:7] == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.input_audio_transcription.completed",
            "response.created",
        ]
        started, stopped, committed, added = client.seen[:4]
        assert started["item_id"] == stopped["item_id"] == committed["item_id"] == added["item"]["id"]
        assert speech()[4800:-48_000] in client.heard()
        seconds = (stopped["audio_end_ms"] - started["audio_start_ms"]) / 1000
        transcript = done["response"]["output"][0]["content"][0]["transcript"]
        assert transcript == f"(rehearsal: {seconds:.1f} s of your voice)"

    async def test_usage_grows_as_the_conversation_does(self, client: RawClient) -> None:
        await client.update(instructions="Be kind to your caller.", audio=MANUAL)
        first = (await respond(client))["usage"]
        await client.say(speech())
        await client.send("input_audio_buffer.commit")
        second = (await respond(client))["usage"]
        assert first["input_tokens"] == 6
        assert first["output_token_details"] == {"text_tokens": 23, "audio_tokens": 108}
        assert second["input_token_details"]["audio_tokens"] == 108 + 54
        assert second["input_token_details"]["cached_tokens"] == 6
        assert second["input_tokens"] == 6 + 23 + 108 + 54

    async def test_what_no_longer_fits_is_not_read(self) -> None:
        """With a small context and a retention ratio, the input stays bounded however long the call."""
        async with (
            StandIn(api_key=KEY, script=FAST, manner=Manner(context_tokens=300)) as small,
            talking_to(small) as client,
        ):
            await client.update(truncation={"type": "retention_ratio", "retention_ratio": 0.5})
            inputs = [(await respond(client))["usage"]["input_tokens"] for _ in range(5)]
        assert inputs == [0, 131, 262, 131, 262]

    async def test_a_response_has_its_own_settings(self, client: RawClient) -> None:
        """Metadata comes back, instructions and tools count, a text answer has no sound."""
        tools = [{"type": "function", "name": "end_call", "parameters": {"type": "object"}}]
        done = await respond(
            client,
            metadata={"client_event_id": "mine"},
            instructions="word " * 40,
            tools=tools,
            tool_choice="none",
            output_modalities=["text"],
        )
        created = next(event for event in client.seen if event["type"] == "response.created")
        assert created["response"]["metadata"] == done["metadata"] == {"client_event_id": "mine"}
        assert done["usage"]["input_tokens"] > 50
        assert done["output"][0]["content"] == [{"type": "output_text", "text": GREETING_TEXT}]
        assert client.heard() == b""

    @pytest.mark.parametrize("modality", ["text", "audio"])
    async def test_max_output_tokens_ends_it_early(self, client: RawClient, modality: str) -> None:
        done = await respond(client, output_modalities=[modality], max_output_tokens=8)
        assert done["status"] == "incomplete"
        assert done["status_details"]["reason"] == "max_output_tokens"
        assert done["output"][0]["status"] == "incomplete"

    async def test_an_out_of_band_response_leaves_no_trace(self, standin: StandIn, client: RawClient) -> None:
        done = await respond(client, conversation="none", output_modalities=["text"])
        assert done["conversation_id"] is None
        assert "conversation.item.added" not in client.types()
        assert standin.connections[0].texts == []

    async def test_out_of_band_it_says_what_it_is_told_to_say_exactly(self, client: RawClient) -> None:
        """The words are in the transcript; the sound is of a fitting length, and no more than a sound."""
        done = await respond(client, conversation="none", instructions="Say exactly, warmly: One moment, please.")
        assert done["output"][0]["content"][0]["transcript"] == "One moment, please."
        assert 2 * 400 * 48 < len(client.heard()) <= 3 * 400 * 48

    @pytest.mark.parametrize(
        ("manner", "response"),
        [
            (Manner(), {"instructions": "Say exactly: Hello."}),
            (Manner(), {"instructions": "Say hello.", "conversation": "none"}),
            (Manner(reads_out=False), {"instructions": "Say exactly: Hello.", "conversation": "none"}),
        ],
        ids=["in the conversation", "not word for word", "it does not obey"],
    )
    async def test_otherwise_it_greets(self, manner: Manner, response: Event) -> None:
        async with StandIn(api_key=KEY, script=FAST, manner=manner) as standin, talking_to(standin) as client:
            done = await respond(client, **response)
        assert done["output"][0]["content"][0]["transcript"] == GREETING_TEXT

    async def test_a_scripted_function_call_and_what_follows(self, standin: StandIn, client: RawClient) -> None:
        standin.script = Script(pace=100.0, tool_calls=(ToolCall("end_call", '{"why": "bye"}', on=(1,)),))
        [call] = (await respond(client))["output"]
        assert (call["type"], call["name"], call["arguments"]) == (
            "function_call",
            "end_call",
            '{"why": "bye"}',
        )
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "hung up"}
        await client.send("conversation.item.create", item=output)
        [answer] = (await respond(client))["output"]
        assert answer["type"] == "message"


class TestTurns:
    async def test_speech_during_an_answer_stops_it(self, standin: StandIn, client: RawClient) -> None:
        standin.script = Script(pace=1.0)
        await client.send("response.create")
        await client.until("response.output_audio.delta")
        await client.say(SPOKEN)
        done = (await client.until("response.done"))["response"]
        assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "turn_detected")
        assert done["output"][0]["status"] == "incomplete"
        assert 0 < done["usage"]["output_token_details"]["audio_tokens"] < 122
        echo = await client.until("response.created")
        assert echo["response"]["id"] != done["id"]

    async def test_neither_interrupting_nor_answering_unless_asked_to(self, client: RawClient) -> None:
        detection = {"type": "server_vad", "interrupt_response": False, "create_response": False}
        await client.update(audio={"input": {"turn_detection": detection}})
        await client.send("response.create")
        await client.until("response.output_audio.delta")
        await client.say(SPOKEN)
        assert (await client.until("response.done"))["response"]["status"] == "completed"
        await client.update()
        assert client.types().count("response.created") == 1
        assert client.types().count("input_audio_buffer.committed") == 1

    async def test_the_client_may_cancel(self, standin: StandIn, client: RawClient) -> None:
        standin.script = Script(pace=1.0)
        await client.send("response.create")
        await client.until("response.output_audio.delta")
        assert (await refusal(client, "response.create"))["code"] == "conversation_already_has_active_response"
        await client.send("response.cancel")
        done = (await client.until("response.done"))["response"]
        assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
        error = await refusal(client, "response.cancel")
        assert error["message"].startswith("Cancellation failed")

    async def test_without_turn_detection_the_client_commits(self, client: RawClient) -> None:
        await client.update(audio=MANUAL)
        await client.say(silence(90))
        error = await refusal(client, "input_audio_buffer.commit")
        assert error["code"] == "input_audio_buffer_commit_empty"
        await client.say(speech())
        await client.send("input_audio_buffer.commit")
        committed = await client.until("input_audio_buffer.committed")
        await client.send("conversation.item.retrieve", item_id=committed["item_id"])
        item = (await client.until("conversation.item.retrieved"))["item"]
        assert base64.b64decode(item["content"][0]["audio"]) == speech()
        await respond(client)
        assert client.heard() == speech()

    async def test_unknown_items_are_errors(self, client: RawClient) -> None:
        for kind in ("delete", "retrieve"):
            error = await refusal(client, f"conversation.item.{kind}", item_id="nobody")
            assert error["code"] == f"item_{kind}_invalid_item_id"
        error = await refusal(client, "conversation.item.truncate", item_id="nobody", content_index=0, audio_end_ms=1)
        assert error["code"] == "item_truncate_invalid_item_id"
