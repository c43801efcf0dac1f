"""The translator: known words first, statuses last, and nothing that the plugin stops at is unknown."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.agents import APIConnectionError, APIError, APIStatusError
from livekit.agents.llm import RealtimeError, RealtimeModelError
from livekit.agents.llm._realtime.openai import _FATAL_ERROR_CODES
from openai.types.realtime import RealtimeError as WireErrorModel

from granny import diagnosis, faults
from granny.call.realtime_model import realtime_model
from granny.diagnosis import LIVEKIT, OPENAI, OPENAI_CODES
from granny.diagnosis.overheard import Refusals
from granny.faults import Severity
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import Cut, HttpAnswer, Opening, ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from scenarios import _fakes as fakes
from scenarios._scene import OPENAI_KEY, settings
from texts import ANY_TEXT

HOME = Path(__file__).resolve().parents[2] / "Granny-voice"


@pytest.mark.parametrize("code", sorted(_FATAL_ERROR_CODES))
def test_every_code_that_the_plugin_stops_at_is_a_fatal_fault(code: str) -> None:
    """The plugin's own list, so that a code added upstream is noticed here."""
    assert OPENAI_CODES[code].severity is Severity.FATAL
    for error in ({"code": code}, {"code": "brand_new", "type": code}):
        finding = diagnosis.diagnose_event({"type": "error", "error": error})
        assert finding is not None
        assert finding.fault is OPENAI_CODES[code]


def test_it_is_light() -> None:
    """The check-up can say that livekit or aiohttp is missing: diagnosing imports neither."""
    heavy = ("aiohttp", "livekit", "openai", "pydantic")
    script = f"import sys, granny.diagnosis; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("status", "error", "fault"),
    [
        (429, {"code": "insufficient_quota", "type": "requests"}, faults.OPENAI_OUT_OF_CREDIT),
        (401, {"code": None, "type": "insufficient_quota"}, faults.OPENAI_OUT_OF_CREDIT),
        (403, {"code": None, "message": "Missing scopes: api.model.request"}, faults.OPENAI_KEY_SCOPE),
        (403, {"code": "unknown_thing", "message": "no"}, faults.OPENAI_UNAUTHORIZED),
        (429, {"code": "unknown_thing"}, faults.OPENAI_RATE_LIMITED),
        (502, {"code": "unknown_thing"}, faults.OPENAI_UNAVAILABLE),
        (500, "text", faults.OPENAI_UNAVAILABLE),
        (404, {"message": "Invalid URL (GET /v1/realtimes)"}, faults.OPENAI_NOT_OPENAI),
        (404, {"message": "The model `x` does not exist or ..."}, faults.OPENAI_MODEL_UNAVAILABLE),
        (429, {"code": None, "type": "requests", "message": "incorrect api key"}, faults.OPENAI_RATE_LIMITED),
        (401, {"code": None, "type": "tokens", "message": "account deactivated"}, faults.OPENAI_ACCOUNT_CLOSED),
        (401, {"code": "incorrect_hostname", "message": "exceeded your current quota"}, faults.OPENAI_WRONG_REGION),
        (401, {"code": "x", "message": "Incorrect API key provided"}, faults.OPENAI_UNAUTHORIZED),
        (401, {"code": "invalid_api_key", "message": "Organization must be verified"}, faults.OPENAI_KEY_REJECTED),
        (401, {"code": 401, "message": "You exceeded your current quota"}, faults.OPENAI_UNAUTHORIZED),
        (403, {"type": "new_error", "message": "Missing scopes: a.b"}, faults.OPENAI_UNAUTHORIZED),
        (429, {"code": "rate_limit_exceeded", "message": "must be verified"}, faults.OPENAI_RATE_LIMITED),
        (402, {"code": "billing_not_active"}, faults.OPENAI_BILLING_INACTIVE),
        (402, {"code": 402, "message": "Insufficient credits"}, faults.OPENAI_OUT_OF_CREDIT),
        (402, "pay", faults.OPENAI_OUT_OF_CREDIT),
    ],
)
def test_code_then_type_then_message_then_status(status: int, error: object, fault: faults.Fault) -> None:
    """The order of trust in what OpenAI says."""
    assert diagnosis.diagnose_reply(status, json.dumps({"error": error})).fault is fault


@pytest.mark.parametrize(
    "error",
    [
        {"code": "invalid_value", "type": "invalid_request_error"},
        {"code": "brand_new", "type": None},
        {"code": None, "type": "invalid_request_error"},
        {"code": None, "type": "requests"},
        {"code": None, "type": "brand_new_error"},
        {"code": 7, "type": None},
    ],
)
@pytest.mark.parametrize("said", ["Incorrect API key", "account deactivated", "You exceeded your current quota"])
def test_what_the_caller_said_shuts_no_door(error: dict[str, object], said: str) -> None:
    """An event's message may repeat the caller: it is read only if there is neither code nor type."""
    message = f"Invalid value: '{said}'."
    finding = diagnosis.diagnose_event({"type": "error", "error": {**error, "message": message}})
    assert finding is not None
    assert finding.fault is faults.OPENAI_UNKNOWN_ERROR
    failed = {"status": "failed", "status_details": {"error": {**error, "message": message}}}
    finding = diagnosis.diagnose_event({"type": "response.done", "response": failed})
    assert finding is not None
    assert finding.fault is faults.OPENAI_UNKNOWN_ERROR


def test_an_event_without_code_and_type_is_read_by_its_message() -> None:
    finding = diagnosis.diagnose_event({"type": "error", "error": {"message": "You exceeded your current quota."}})
    assert finding is not None
    assert finding.fault is faults.OPENAI_OUT_OF_CREDIT


@pytest.mark.parametrize(
    ("status", "body", "headers", "fault"),
    [
        (403, None, {}, faults.OPENAI_UNAUTHORIZED),
        (403, "", {}, faults.OPENAI_BLOCKED),
        (403, " \n", {"Server": "cloudflare"}, faults.OPENAI_BLOCKED),
        (403, "<html>", {"server": "cloudflare"}, faults.OPENAI_BLOCKED),
        (403, "<html>", {"Server": "cloudflare", "CF-Mitigated": "challenge"}, faults.OPENAI_CHALLENGE),
        (403, "<html>", {"Server": "nginx"}, faults.OPENAI_UNAUTHORIZED),
        (403, "forbidden", {"Server": "cloudflare"}, faults.OPENAI_UNAUTHORIZED),
        (403, '{"error": {"code": "new"}}', {"Server": "cloudflare"}, faults.OPENAI_UNAUTHORIZED),
        (401, "", {"Server": "cloudflare"}, faults.OPENAI_UNAUTHORIZED),
        (503, "<html>", {"Server": "cloudflare"}, faults.OPENAI_UNAVAILABLE),
        (403, '{"error": {"code": "invalid_api_key"}}', {"cf-mitigated": "x"}, faults.OPENAI_KEY_REJECTED),
    ],
)
def test_a_guard_is_told_from_openai(
    status: int, body: str | None, headers: dict[str, str], fault: faults.Fault
) -> None:
    """Who spoke is told by the headers and the page, and an answer that could not be read is not an empty one."""
    assert diagnosis.diagnose_reply(status, body, headers=headers).fault is fault


@pytest.mark.parametrize("piece", [" ", "|", "| ", "<title>", "\n<", "ERR_NGROK_", "error code: ", "api.", "a@"])
def test_no_page_takes_long_to_read(piece: str) -> None:
    """A megabyte made to confuse a search is read at once, whatever its status."""
    page = piece * (1_000_000 // len(piece))
    for status in (200, 401, 403, 404, 429, 503, 511, 530):
        assert diagnosis.livekit_reply(status, page, host="x.livekit.cloud").evidence
        assert diagnosis.diagnose_reply(status, page, headers={"Server": "cloudflare"}).evidence
        body = json.dumps({"error": {"message": page}})
        assert diagnosis.diagnose_reply(status, body).evidence


def test_livekits_own_words_win_over_the_tunnel_that_carries_them() -> None:
    """A tunnel adds headers to LiveKit's answers, too."""
    headers = {"ngrok-error-code": "ERR_NGROK_3200"}
    finding = diagnosis.livekit_reply(401, "invalid API key: x", headers=headers)
    assert finding.fault is faults.LIVEKIT_KEY_UNKNOWN


@given(
    status=st.integers(100, 999),
    body=ANY_TEXT | st.recursive(st.none() | ANY_TEXT, st.lists, max_leaves=10).map(json.dumps),
)
def test_no_answer_is_too_strange(status: int, body: str) -> None:
    """Any status with any body is some fault, and nothing of the body is in the evidence but a plain code."""
    assert diagnosis.diagnose_reply(status, body).evidence.startswith(f"HTTP {status}")
    assert diagnosis.livekit_reply(status, body).evidence.startswith(f"HTTP {status}")


def test_deep_json_is_no_crash() -> None:
    """A body made to exhaust the parser is just an unknown body."""
    assert diagnosis.diagnose_reply(403, "[" * 60_000).fault is faults.OPENAI_UNAUTHORIZED


def test_a_code_of_the_form_of_a_key_is_not_shown() -> None:
    """A server that echoes the key as its code does not get it into the report."""
    for word in (OPENAI_KEY, "x" * 43, "Bearer abc", "a_b" * 30):
        finding = diagnosis.diagnose_reply(401, json.dumps({"error": {"code": word, "type": word}}))
        assert finding.evidence == "HTTP 401, code of an unusual form"


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (
            APIError("x", body=WireErrorModel(message="m", type="t", code="invalid_api_key")),
            "openai-key-rejected",
        ),
        (APIError("x", body={"error": {"code": "model_not_found"}}), "openai-model-unavailable"),
        (APIError("x", body=WireErrorModel(message="m", type="server_error")), "openai-unavailable"),
        (APIError("x", body=None), "openai-unknown-error"),
        (APIStatusError("x", status_code=429), "openai-rate-limited"),
        (APIConnectionError("x"), "openai-connection-lost"),
        (RealtimeError("x", code="insufficient_quota"), "openai-out-of-credit"),
        (RealtimeError("x"), "openai-unknown-error"),
        (asyncio.TimeoutError(), "openai-silent"),
        (KeyError("x"), "openai-unknown-error"),
    ],
)
def test_exceptions_of_the_framework(error: Exception, slug: str) -> None:
    """What carries a code by that code, what wraps nothing by what it is."""
    assert diagnosis.diagnose_exception(error).fault.slug == slug
    wrapped = APIConnectionError("again")
    wrapped.__cause__ = error
    assert diagnosis.diagnose_exception(wrapped).fault.slug == slug


def test_a_chain_that_bites_its_tail_ends() -> None:
    """Each exception is looked at once."""
    one, two = APIConnectionError("1"), APIConnectionError("2")
    one.__cause__, two.__cause__ = two, one
    assert diagnosis.diagnose_exception(one).fault is faults.OPENAI_CONNECTION_LOST


@pytest.mark.parametrize(
    ("code", "severity"), [(socket.EAI_NONAME, Severity.FATAL), (socket.EAI_AGAIN, Severity.TRANSIENT)]
)
def test_a_name_that_is_not_there_differs_from_a_dead_name_service(code: int, severity: Severity) -> None:
    """LiveKit's host: no such name must be put right, no name service may come back."""
    finding = diagnosis.network_finding(socket.gaierror(code, "x"), LIVEKIT)
    assert finding is not None
    assert (finding.fault, finding.severity) == (faults.LIVEKIT_HOST_UNKNOWN, severity)


async def test_a_real_refused_connection_is_told_by_its_number() -> None:
    """An exception of aiohttp's own, over a real socket."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as caught:
            await session.get(f"http://127.0.0.1:{fakes.unused_port()}/")
    finding = diagnosis.network_finding(caught.value, OPENAI)
    assert finding is not None
    assert finding.evidence == "connection failed: ECONNREFUSED"


PLUGIN_CASES = [
    (Script(handshakes=(HttpAnswer(403, "{}"),)), "openai-unauthorized"),
    (Script(handshakes=(HttpAnswer(503),)), "openai-unavailable"),
    (
        Script(openings=(Opening(cut=Cut(error=WireError("invalid_api_key"), close=3000)),)),
        "openai-key-rejected",
    ),
    (Script(openings=(Opening(cut=Cut(error=WireError("billing_not_active"))),)), "openai-billing-inactive"),
    (Script(openings=(Opening(cut=Cut(abort=True)),)), "openai-connection-lost"),
    (Script(openings=(Opening(cut=Cut(error=WireError("incorrect_hostname"), close=3000)),)), "openai-wrong-region"),
    (
        Script(openings=(Opening(cut=Cut(error=WireError("account_deactivated"), close=3000)),)),
        "openai-account-closed",
    ),
    (Script(responses=(ResponseFault(failed=WireError("insufficient_quota")),)), "openai-out-of-credit"),
    (Script(responses=(ResponseFault(failed=WireError("model_not_found")),)), "openai-model-unavailable"),
]


REFUSAL_CASES = [
    (Script(handshakes=(HttpAnswer(401, WireError("invalid_api_key").body()),)), "openai-key-rejected"),
    (Script(handshakes=(HttpAnswer(429, WireError("insufficient_quota").body()),)), "openai-out-of-credit"),
    (Script(handshakes=(HttpAnswer(404, WireError("model_not_found").body()),)), "openai-model-unavailable"),
    (Script(handshakes=(HttpAnswer(403, "", headers=(("cf-mitigated", "x"),)),)), "openai-challenge"),
    (Script(handshakes=(HttpAnswer(401, WireError("incorrect_hostname").body()),)), "openai-wrong-region"),
    (Script(handshakes=(HttpAnswer(401, WireError("mismatched_project").body()),)), "openai-organisation-mismatch"),
    (Script(handshakes=(HttpAnswer(401, WireError("account_deactivated").body()),)), "openai-account-closed"),
    (
        Script(handshakes=(HttpAnswer(403, WireError(None, "Your organization must be verified").body()),)),
        "openai-organisation-unverified",
    ),
    (
        Script(handshakes=(HttpAnswer(403, "<html>no</html>", "text/html", (("Server", "cloudflare"),)),)),
        "openai-blocked",
    ),
    (Script(handshakes=(HttpAnswer(402, "{}"),)), "openai-out-of-credit"),
]


@pytest.mark.parametrize(("script", "slug"), PLUGIN_CASES)
async def test_what_the_real_plugin_reports_is_diagnosed(script: Script, slug: str) -> None:
    """The first error of the plugin's own realtime session, against the stand-in."""
    error = await first_error(script, Refusals())
    assert diagnosis.diagnose_exception(error).fault.slug == slug


@pytest.mark.parametrize(("script", "slug"), PLUGIN_CASES + REFUSAL_CASES)
async def test_the_text_of_a_refusal_is_overheard(script: Script, slug: str) -> None:
    """The plugin keeps the status of a refused handshake only; with the text it gets its right name."""
    refusals = Refusals()
    error = await first_error(script, refusals)
    assert refusals.explain(error).fault.slug == slug


async def first_error(script: Script, refusals: Refusals) -> Exception:
    """What the plugin's own realtime session reports first, against the stand-in."""
    first: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def remember(event: RealtimeModelError) -> None:
        if not first.done():
            first.set_result(event.error)

    async with StandIn(api_key=OPENAI_KEY, script=script) as standin, aiohttp.ClientSession() as http:
        http.trace_configs.append(refusals.trace())
        model = realtime_model(settings(OPENAI_BASE_URL=standin.base_url))
        model._http_session = http
        session = model.session()
        session.on("error", remember)
        answer = asyncio.ensure_future(session.generate_reply())
        try:
            return await asyncio.wait_for(first, 20)
        finally:
            answer.cancel()
            with contextlib.suppress(APIError):  # a fatal one is raised again on closing
                await session.aclose()
