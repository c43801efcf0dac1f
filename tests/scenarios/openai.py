"""Section 3 of the catalogue: what OpenAI, or what stands in its place, can refuse with."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from unittest import mock

from granny.config.settings import Settings
from granny.faults import Severity
from granny.net import openai_models, realtime_client
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import Cut, HttpAnswer, Opening, ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from scenarios import _fakes as fakes
from scenarios._scene import OPENAI_KEY, Scenario, settings
from scenarios.livekit import PROXIES, before_plain_proxy, behind

Scene = Callable[[Path], "contextlib.AbstractAsyncContextManager[Settings]"]


def standing_in(script: Script | None = None, *, key: str = OPENAI_KEY, **values: str) -> Scene:
    """The stand-in with this script, lets in this key."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with StandIn(api_key=key, script=script) as standin:
            yield settings(OPENAI_BASE_URL=standin.base_url, **values)

    return scene


def serving(handler: fakes.Handler, *, scheme: str = "http", tls: ssl.SSLContext | None = None) -> Scene:
    """OPENAI_BASE_URL leads to this handler."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with fakes.listening(handler, tls=tls) as port:
            yield settings(OPENAI_BASE_URL=f"{scheme}://127.0.0.1:{port}/v1")

    return scene


def at(url: str, **variables: str) -> Scene:
    """OPENAI_BASE_URL is this; nothing is started."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        with fakes.environment(**variables):
            yield settings(OPENAI_BASE_URL=url)

    return scene


def impatient(scene: Scene) -> Scene:
    """The same, and a probe that waits shorter than usual."""

    @contextlib.asynccontextmanager
    async def shorter(folder: Path) -> AsyncIterator[Settings]:
        names = ("HANDSHAKE_SECONDS", "FIRST_FRAME_SECONDS", "ANSWER_SECONDS")
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(mock.patch.object(realtime_client, name, 0.4))
            stack.enter_context(mock.patch.object(openai_models, "SECONDS", 0.4))
            async with scene(folder) as found:
                yield found

    return shorter


def handshake(status: int, error: WireError, **headers: str) -> Scene:
    """Refused at the door, with OpenAI's error object."""
    return standing_in(Script(handshakes=(HttpAnswer(status, error.body(), headers=tuple(headers.items())),)))


def page(status: int, *headers: tuple[str, str], body: str = "<html>no</html>") -> Scene:
    """Answered with a web page."""
    return standing_in(Script(handshakes=(HttpAnswer(status, body, "text/html", headers),)))


def opening(error: WireError | None = None, close: int | None = None, reason: str = "") -> Scene:
    """Let in, then thrown out: an error event, a close frame, or both."""
    return standing_in(Script(openings=(Opening(cut=Cut(error=error, close=close, reason=reason)),)))


def answer(error: WireError) -> Scene:
    """Let in; the first response fails."""
    return standing_in(Script(responses=(ResponseFault(failed=error),)))


@contextlib.asynccontextmanager
async def untrusted(_: Path) -> AsyncIterator[Settings]:
    """A proxy that shows a certificate of its own in OpenAI's name."""
    tls = fakes.trusted_tls()[1]
    async with fakes.listening(fakes.silent, tls=tls) as port:
        yield settings(OPENAI_BASE_URL=f"https://127.0.0.1:{port}/v1")


page_of_a_proxy = fakes.http(lambda _: fakes.response(403, "<html>not allowed</html>"))
_SCOPE = WireError(None, "You have insufficient permissions for this operation. Missing scopes: api.model.request.")
_IP = WireError(None, "Your IP 192.0.2.7 is not authorized to use this project's API key.")
_ARCHIVED = WireError(None, "The project you are requesting has been archived and is no longer accessible.")
_INCORRECT = WireError(None, "Incorrect API key provided: sk-...abcd.")
_VERIFY = "Your organization must be verified to use the model `gpt-realtime-2.1`."
_REGION = "Attempted to access resource with incorrect regional hostname. Please make your request to "
_HEADER = "OpenAI-Organization header should match organization for API key"
_CLOSED = "Your OpenAI account has been deactivated, please check your email for more information."
_TERMINATED = "Your access was terminated due to violation of our policies, please check your email."
_CREDITS = json.dumps({"error": {"message": "Insufficient credits. Add more at https://x.test/credits", "code": 402}})
_CLOUDFLARE = ("Server", "cloudflare")
_NO_ACCESS = WireError(None, "Project `proj_x` does not have access to model `gpt-realtime-2.1`")
_LEAKY = WireError(OPENAI_KEY, f"Incorrect: {OPENAI_KEY}", type=OPENAI_KEY)
FATAL, TRANSIENT = Severity.FATAL, Severity.TRANSIENT

SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "openai-key-rejected": (
        Scenario(standing_in(key="another"), FATAL, "HTTP 401, code invalid_api_key"),
        Scenario(opening(WireError("invalid_api_key"), 3000), FATAL, "error event, code invalid_api_key"),
        Scenario(handshake(401, WireError("no_organization")), FATAL),
        Scenario(opening(close=3000, reason="invalid_request_error.invalid_api_key"), FATAL, "code 3000"),
        Scenario(handshake(401, _ARCHIVED), FATAL, "HTTP 401"),
        Scenario(handshake(401, _INCORRECT), FATAL, "HTTP 401"),
    ),
    "openai-wrong-region": (
        Scenario(
            handshake(401, WireError("incorrect_hostname", f"{_REGION}us.api.openai.com")),
            FATAL,
            "code incorrect_hostname; OpenAI asks for us.api.openai.com",
        ),
        Scenario(handshake(401, WireError("incorrect_hostname", "Elsewhere, please.")), FATAL, "incorrect_hostname"),
        Scenario(handshake(401, WireError(None, f"{_REGION}eu.api.openai.com")), FATAL, "asks for eu.api.openai.com"),
        Scenario(opening(WireError("incorrect_hostname"), 3000), FATAL, "error event"),
    ),
    "openai-organisation-mismatch": (
        Scenario(handshake(401, WireError("mismatched_organization", _HEADER)), FATAL, "header OpenAI-Organization"),
        Scenario(handshake(401, WireError("invalid_organization", "")), FATAL, "header OpenAI-Organization"),
        Scenario(handshake(401, WireError("mismatched_project")), FATAL, "header OpenAI-Project"),
        Scenario(handshake(401, WireError(None, "No such organization: Personal.")), FATAL, "HTTP 401"),
    ),
    "openai-account-closed": (
        Scenario(handshake(401, WireError("account_deactivated", _CLOSED)), FATAL, "code account_deactivated"),
        Scenario(handshake(401, WireError(None, _CLOSED, type="requests")), FATAL, "HTTP 401"),
        Scenario(handshake(403, WireError(None, _TERMINATED, type="access_terminated")), FATAL, "HTTP 403"),
        Scenario(handshake(429, WireError("access_terminated", type="requests")), FATAL, "HTTP 429"),
        Scenario(handshake(401, WireError(None, "This key is associated with a deactivated account.")), FATAL),
        Scenario(opening(WireError("account_deactivated"), 3000), FATAL, "error event"),
        Scenario(answer(WireError("access_terminated")), FATAL, "response failed"),
    ),
    "openai-organisation-unverified": (
        Scenario(handshake(403, WireError(None, _VERIFY)), FATAL, "HTTP 403"),
        Scenario(handshake(404, WireError("model_not_found", _VERIFY)), FATAL, "code model_not_found"),
        Scenario(handshake(400, WireError("unsupported_value", _VERIFY, param="stream")), FATAL, "HTTP 400"),
    ),
    "openai-blocked": (
        Scenario(page(403, _CLOUDFLARE), FATAL, "a page of Cloudflare's"),
        Scenario(page(403, body="<html><title>Attention Required! | Cloudflare</title></html>"), FATAL, "Cloudflare"),
        Scenario(page(403, _CLOUDFLARE, body="error code: 1020"), FATAL, "Cloudflare's error 1020"),
        Scenario(page(403, body="error code: 1010"), FATAL, "Cloudflare's error 1010"),
        Scenario(page(403, body=""), FATAL, "HTTP 403, without a word"),
    ),
    "openai-key-scope": (
        Scenario(handshake(401, _SCOPE), FATAL, "HTTP 401"),
        Scenario(handshake(403, _SCOPE), FATAL, "HTTP 403"),
    ),
    "openai-ip-refused": (Scenario(handshake(401, _IP), FATAL), Scenario(handshake(403, _IP), FATAL)),
    "openai-region-refused": (Scenario(handshake(403, WireError("unsupported_country_region_territory")), FATAL),),
    "openai-model-unavailable": (
        Scenario(standing_in(GRANNY_MODEL="gpt-imaginary"), FATAL, "can list: gpt-realtime-2.1"),
        Scenario(handshake(403, WireError("model_not_found")), FATAL, "can list"),
        Scenario(answer(WireError("model_not_found")), FATAL, "response failed, code model_not_found"),
        Scenario(handshake(400, WireError("invalid_model")), FATAL),
        Scenario(opening(WireError("access_not_enabled"), 4000), FATAL, "error event, code access_not_enabled"),
        Scenario(opening(close=4000, reason="invalid_request_error.invalid_model"), FATAL, "code 4000, invalid_model"),
        Scenario(handshake(404, WireError("DeploymentNotFound")), FATAL, "can list"),
        Scenario(standing_in(GRANNY_MODEL="gpt-4o-realtime-preview"), FATAL, "can list"),
        Scenario(standing_in(GRANNY_MODEL="gpt-4o-mini"), FATAL),
        Scenario(handshake(403, _NO_ACCESS), FATAL, "HTTP 403"),
        Scenario(
            standing_in(
                Script(
                    handshakes=(HttpAnswer(404, WireError("model_not_found").body()),),
                    models=(HttpAnswer(403, _SCOPE.body()),),
                )
            ),
            FATAL,
            "not checked",
        ),
    ),
    "openai-out-of-credit": (
        Scenario(handshake(429, WireError("insufficient_quota", type="insufficient_quota")), FATAL, "HTTP 429"),
        Scenario(handshake(429, WireError("credit_balance_exhausted", type="insufficient_quota")), FATAL),
        Scenario(handshake(429, WireError("brand_new_code", type="insufficient_quota")), FATAL, "brand_new_code"),
        Scenario(answer(WireError("insufficient_quota", type="insufficient_quota")), FATAL, "response failed"),
        Scenario(opening(WireError("insufficient_quota"), 3000), FATAL),
        Scenario(handshake(402, WireError("insufficient_credits", type="insufficient_quota")), FATAL, "HTTP 402"),
        Scenario(standing_in(Script(handshakes=(HttpAnswer(402, _CREDITS),))), FATAL, "HTTP 402, code 402"),
        Scenario(page(402), FATAL, "HTTP 402"),
    ),
    "openai-spend-limit": tuple(
        Scenario(scene, FATAL)
        for scene in (
            handshake(400, WireError("billing_hard_limit_reached")),
            handshake(429, WireError("organization_spend_limit_exceeded")),
            handshake(429, WireError("project_spend_limit_exceeded")),
            answer(WireError("organization_usage_limit_exceeded")),
            handshake(400, WireError("400", type="budget_exceeded")),
            handshake(429, WireError("429", type="budget_exceeded")),
        )
    ),
    "openai-billing-inactive": (
        Scenario(handshake(429, WireError("billing_not_active")), FATAL),
        Scenario(handshake(402, WireError("billing_not_active")), FATAL, "HTTP 402"),
        Scenario(opening(WireError("billing_not_active"), 3000), FATAL),
    ),
    "openai-rate-limited": (
        Scenario(handshake(429, WireError("rate_limit_exceeded")), TRANSIENT),
        Scenario(answer(WireError("rate_limit_exceeded")), TRANSIENT),
        Scenario(handshake(429, WireError(None, type="requests")), TRANSIENT),
        Scenario(handshake(429, WireError(None, type="tokens")), TRANSIENT),
        Scenario(page(429, _CLOUDFLARE, body="error code: 1015"), TRANSIENT, "HTTP 429"),
        Scenario(page(429), TRANSIENT, "HTTP 429"),
    ),
    "openai-unauthorized": (
        Scenario(handshake(401, WireError("brand_new_code")), FATAL, "code brand_new_code"),
        Scenario(handshake(403, _LEAKY), FATAL, "code of an unusual form"),
        Scenario(page(403), FATAL, "HTTP 403"),
        Scenario(handshake(401, WireError(None, "no", type="requests")), FATAL, "HTTP 401, type requests"),
        Scenario(handshake(401, WireError("brand_new_code", "You exceeded your current quota.")), FATAL, "brand_new"),
        Scenario(handshake(403, WireError(None, "Incorrect API key provided", type="forbidden_error")), FATAL),
        Scenario(opening(close=3000), FATAL, "code 3000"),
    ),
    "openai-not-openai": (
        Scenario(page(404), FATAL, "HTTP 404"),
        Scenario(page(200), FATAL, "HTTP 200"),
        Scenario(page(405), FATAL, "HTTP 405"),
        Scenario(page(426), FATAL, "HTTP 426"),
        Scenario(serving(fakes.http(lambda _: fakes.response(200, '{"status": "ok"}'))), FATAL, "HTTP 200"),
        Scenario(page(302, ("Location", "/sign-in?next=x")), FATAL),
        Scenario(standing_in(Script(openings=(Opening(first_frame='{"hello": 1}'),))), FATAL, "no session.created"),
        Scenario(standing_in(Script(openings=(Opening(first_frame="welcome"),))), FATAL, "no Realtime event"),
        Scenario(opening(WireError("beta_api_shape_disabled"), 4000), FATAL),
        Scenario(opening(close=4000), FATAL, "code 4000"),
        Scenario(serving(fakes.banner(b"SSH-2.0-OpenSSH_9.6\r\n")), FATAL, "no HTTP"),
        Scenario(serving(fakes.http(lambda _: fakes.response(404)), scheme="https"), FATAL, "not speak TLS"),
        Scenario(serving(fakes.http(lambda _: f"{fakes.SWITCHED}Upgrade: websocket\r\n\r\n".encode())), FATAL),
    ),
    "openai-unavailable": (
        Scenario(page(503), TRANSIENT, "HTTP 503"),
        Scenario(page(522), TRANSIENT, "HTTP 522"),
        Scenario(handshake(500, WireError(None, type="server_error")), TRANSIENT),
        Scenario(answer(WireError(None, type="server_error")), TRANSIENT),
        Scenario(answer(WireError("slow_down")), TRANSIENT),
        Scenario(opening(close=1011), TRANSIENT, "code 1011"),
    ),
    "openai-challenge": (Scenario(page(403, ("cf-mitigated", "challenge")), TRANSIENT),),
    "openai-host-unknown": (Scenario(at("https://granny-test.invalid/v1"), TRANSIENT, "no such name"),),
    "openai-unreachable": (
        Scenario(at(f"http://127.0.0.1:{fakes.unused_port()}/v1"), TRANSIENT, "ECONNREFUSED"),
        Scenario(serving(fakes.closing), TRANSIENT),
    ),
    "openai-silent": (
        Scenario(impatient(serving(fakes.silent)), TRANSIENT),
        Scenario(impatient(standing_in(Script(openings=(Opening(first_frame=""),)))), TRANSIENT, "no first frame"),
        Scenario(impatient(standing_in(Script(responses=(ResponseFault(),)))), TRANSIENT, "to its end"),
    ),
    "openai-certificate": (
        Scenario(untrusted, FATAL, "issuer is unknown"),
        Scenario(at("https://127.0.0.1:1/v1", SSL_CERT_FILE="/nowhere/at.all"), FATAL, "cannot be read"),
    ),
    "proxy-unreachable": (
        *(Scenario(behind(handler, scheme), FATAL, words) for handler, scheme, words in PROXIES),
        Scenario(behind(page_of_a_proxy, "ws"), FATAL, "not in the words of the server"),
        Scenario(at("https://granny.invalid/v1", HTTPS_PROXY="http://proxy.invalid:3128"), FATAL, "no such name"),
        Scenario(before_plain_proxy, FATAL, "does not speak TLS"),
    ),
    "openai-unknown-error": (
        Scenario(handshake(400, WireError("brand_new_code")), FATAL, "code brand_new_code"),
        Scenario(opening(WireError("brand_new_code")), Severity.WARNING, "code brand_new_code"),
        Scenario(answer(WireError("brand_new_code")), TRANSIENT, "code brand_new_code"),
    ),
}
"""Of section 3 all but the model's last day, which has a probe of its own (`RETIRING`)."""

RETIRING: dict[str, tuple[Scenario, ...]] = {
    "openai-model-retiring": (
        Scenario(standing_in(GRANNY_MODEL="gpt-realtime"), Severity.WARNING, "ends on 2027-01-20"),
    ),
}
