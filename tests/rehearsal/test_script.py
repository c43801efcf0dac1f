"""The stand-in told to fail: every shape that a fault of OpenAI's has on the wire."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from granny.rehearsal.openai.errors import SESSION_EXPIRED, WireError
from granny.rehearsal.openai.script import Cut, HttpAnswer, Opening, ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from rehearsal.raw_client import KEY, MODEL, RawClient, dial, silence, speech, talking_to

QUOTA = WireError("insufficient_quota", "You exceeded your current quota.", "insufficient_quota")
WRONG_KEY = WireError("invalid_api_key")


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn(api_key=KEY) as standin:
        yield standin


async def status(standin: StandIn, path: str) -> int:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as http,
        http.get(f"{standin.base_url}/{path}", allow_redirects=False) as got,
    ):
        return got.status


async def handshake_status(standin: StandIn) -> int:
    try:
        async with dial(standin):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status


class TestAtTheHandshake:
    async def test_chosen_ones_are_refused_with_any_status_body_and_headers(self, standin: StandIn) -> None:
        headers = (("cf-mitigated", "challenge"), ("Retry-After", "7"))
        answer = HttpAnswer(403, "<html>", content_type="text/html", headers=headers, on=(1, 3))
        standin.script = Script(handshakes=(answer,), pace=100.0)
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{standin.base_url}/realtime?model={MODEL}") as got,
        ):
            assert (got.status, got.content_type, await got.text()) == (403, "text/html", "<html>")
            assert (got.headers["cf-mitigated"], got.headers["Retry-After"]) == ("challenge", "7")
        assert [await handshake_status(standin) for _ in range(3)] == [101, 403, 101]
        assert [record.status for record in standin.connections] == [403, 101, 403, 101]

    async def test_a_redirect_names_its_target(self, standin: StandIn) -> None:
        headers = (("Location", "http://moved.invalid/"),)
        standin.script = Script(handshakes=(HttpAnswer(302, headers=headers),))
        assert await status(standin, "realtime?model=x") == 302

    async def test_silence_accepts_and_never_answers(self, standin: StandIn) -> None:
        standin.script = Script(handshakes=(HttpAnswer(None),))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(handshake_status(standin), 0.3)
        assert standin.connections[0].status is None

    async def test_questions_about_models_fail_by_themselves(self, standin: StandIn) -> None:
        """A restricted key may not list models, and can talk."""
        standin.script = Script(models=(HttpAnswer(403, WireError(None).body(), on=(1,)),))
        assert await status(standin, "models") == 403
        assert await status(standin, "models") == 200
        assert await handshake_status(standin) == 101

    async def test_a_key_can_be_revoked_while_it_is_used(self, standin: StandIn) -> None:
        async with talking_to(standin) as client:
            standin.api_key = "sk-" + "another"
            standin.script = Script(responses=(ResponseFault(cut=Cut(error=WRONG_KEY, close=3000)),))
            await client.send("response.create")
            assert (await client.until("error"))["error"]["code"] == "invalid_api_key"
            assert await client.closed() == 3000
        assert await handshake_status(standin) == 401


class TestOnceOpen:
    async def test_an_error_and_a_close_for_ever(self, standin: StandIn) -> None:
        """101, session.created, the error, close 3000: what makes the plugin connect again and again."""
        standin.script = Script(openings=(Opening(cut=Cut(error=QUOTA, close=3000, reason="bye")),))
        for _ in range(3):
            async with talking_to(standin) as client:
                error = (await client.until("error"))["error"]
                assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
                assert await client.closed() == 3000
        await standin.hung_up()
        assert [record.close_code for record in standin.connections] == [3000] * 3

    async def test_an_error_alone_leaves_the_connection_open(self, standin: StandIn) -> None:
        standin.script = Script(openings=(Opening(cut=Cut(error=QUOTA), on=(1,)),))
        async with talking_to(standin) as client:
            await client.until("error")
            await client.update(instructions="Still here.")

    @pytest.mark.parametrize("frame", ["<html>", '{"type": "hello"}'])
    async def test_the_first_frame_can_be_anything(self, standin: StandIn, frame: str) -> None:
        standin.script = Script(openings=(Opening(first_frame=frame, cut=Cut(close=4000)),))
        async with dial(standin) as socket:
            assert await socket.receive_str() == frame
            assert await RawClient(socket).closed() == 4000

    async def test_the_first_frame_can_fail_to_come(self, standin: StandIn) -> None:
        standin.script = Script(openings=(Opening(first_frame=""),))
        async with dial(standin) as socket:
            with pytest.raises(asyncio.TimeoutError):
                await socket.receive(timeout=0.3)
        assert standin.connections[0].server_events == []

    async def test_a_session_expires(self, standin: StandIn) -> None:
        cut = Cut(error=SESSION_EXPIRED, close=1001)
        standin.script = Script(openings=(Opening(cut=cut, after=0.3),))
        async with talking_to(standin) as client:
            await client.update(instructions="Before.")
            assert (await client.until("error"))["error"]["code"] == "session_expired"
            assert await client.closed() == 1001

    async def test_a_torn_socket_has_no_close_frame(self, standin: StandIn) -> None:
        standin.script = Script(openings=(Opening(cut=Cut(abort=True), after=0.1),))
        async with talking_to(standin) as client:
            assert await client.closed() == 1006
        await standin.hung_up()
        assert standin.connections[0].close_code == 1006


class TestAtAResponse:
    async def test_the_second_fails_for_want_of_money(self, standin: StandIn) -> None:
        standin.script = Script(pace=100.0, responses=(ResponseFault(on=(2,), failed=QUOTA),))
        async with talking_to(standin) as client:
            results = []
            for _ in range(3):
                await client.send("response.create")
                results.append((await client.until("response.done"))["response"])
        assert [result["status"] for result in results] == ["completed", "failed", "completed"]
        assert results[1]["status_details"]["error"]["code"] == "insufficient_quota"
        assert results[1]["output"] == []
        assert results[1]["usage"]["total_tokens"] == 0

    async def test_an_error_event_comes_in_its_place(self, standin: StandIn) -> None:
        fault = ResponseFault(when="asked", cut=Cut(error=QUOTA), connections=(2,))
        standin.script = Script(pace=100.0, responses=(fault,))
        async with talking_to(standin) as first, talking_to(standin) as second:
            await second.send("response.create")
            await second.until("error")
            await first.send("response.create")
            await first.until("response.done")
        assert "response.created" not in second.types()
        assert [record.responses[0].result is None for record in standin.connections] == [False, True]

    async def test_there_is_no_answer_at_all(self, standin: StandIn) -> None:
        standin.script = Script(responses=(ResponseFault(when="asked"),))
        async with talking_to(standin) as client:
            await client.send("response.create")
            await client.update()
        assert "response.created" not in client.types()

    @pytest.mark.parametrize("when", ["created", "speaking"])
    async def test_it_is_done_without_a_sound(self, standin: StandIn, when: str) -> None:
        fault = ResponseFault(when="created" if when == "created" else "speaking", empty=True)
        standin.script = Script(responses=(fault,))
        async with talking_to(standin) as client:
            await client.send("response.create")
            done = (await client.until("response.done"))["response"]
        assert done["status"] == "completed"
        assert len(done["output"]) == (when == "speaking")
        assert client.heard() == b""

    async def test_it_stalls_until_the_caller_speaks(self, standin: StandIn) -> None:
        """A stalled response is still active: it can be interrupted, and the next one goes well."""
        standin.script = Script(pace=100.0, responses=(ResponseFault(on=(1,)),))
        async with talking_to(standin) as client:
            await client.send("response.create")
            await client.until("response.created")
            await client.say(speech() + silence(700))
            assert (await client.until("response.done"))["response"]["status"] == "cancelled"
            assert (await client.until("response.done"))["response"]["status"] == "completed"

    async def test_it_stalls_mid_audio(self, standin: StandIn) -> None:
        standin.script = Script(pace=100.0, responses=(ResponseFault(when="speaking", after_ms=1000),))
        async with talking_to(standin) as client:
            await client.send("response.create")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.until("response.done"), 0.5)
        assert len(client.heard()) == 48_000

    @pytest.mark.parametrize(("cut", "code"), [(Cut(abort=True), 1006), (Cut(close=1011), 1011)])
    async def test_the_connection_ends_mid_audio(self, standin: StandIn, cut: Cut, code: int) -> None:
        fault = ResponseFault(when="speaking", after_ms=600, cut=cut)
        standin.script = Script(pace=5.0, responses=(fault,))
        async with talking_to(standin) as client:
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            assert await client.closed() == code
        assert standin.connections[0].server_events.count("response.output_audio.delta") == 3
        assert "response.done" not in standin.connections[0].server_events

    async def test_latency_comes_between_created_and_the_first_sound(self, standin: StandIn) -> None:
        standin.script = Script(latency=0.5)
        async with talking_to(standin) as client:
            await client.send("response.create")
            await client.until("rate_limits.updated")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.next(), 0.2)
