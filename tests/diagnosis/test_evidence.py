"""What each answer is evidence of, to the letter: the fault, how it is known, and which variable it is about."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
import warnings
from collections.abc import Mapping

import aiohttp
import pytest
from livekit.agents import APIConnectionError, APIError, APIStatusError
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from granny import diagnosis
from granny.diagnosis import LIVEKIT, OPENAI
from granny.faults import Finding, Severity

FATAL, TRANSIENT = Severity.FATAL, Severity.TRANSIENT
NGROK = {"Ngrok-Error-Code": "ERR_NGROK_3200"}
CLOUD = "granny-test.livekit.cloud"
HOME = "livekit.example"


def told(finding: Finding | None) -> tuple[str, str, str | None]:
    """What a report shows of a finding."""
    assert finding is not None
    return finding.fault.slug, finding.evidence, finding.variable


@pytest.mark.parametrize(
    ("status", "body", "slug", "evidence", "variable"),
    [
        (401, "invalid API key: x", "livekit-key-unknown", "HTTP 401: invalid api key", "LIVEKIT_API_KEY"),
        (403, " Invalid API Key", "livekit-key-unknown", "HTTP 403: invalid api key", "LIVEKIT_API_KEY"),
        (
            401,
            "x, signature is invalid",
            "livekit-secret-wrong",
            "HTTP 401: signature is invalid",
            "LIVEKIT_API_SECRET",
        ),
        (
            401,
            "go-jose: error in cryptographic primitive",
            "livekit-secret-wrong",
            "HTTP 401: error in cryptographic primitive",
            "LIVEKIT_API_SECRET",
        ),
        (401, "token is not valid yet", "clock-ahead", "HTTP 401: token is not valid yet", None),
        (401, "token not valid yet (nbf)", "clock-ahead", "HTTP 401: token not valid yet", None),
        (401, "token is expired", "clock-behind", "HTTP 401: token is expired", None),
        (401, "", "livekit-unauthorized", "HTTP 401", None),
        (403, "no", "livekit-unauthorized", "HTTP 403", None),
        (101, "", "livekit-not-livekit", "HTTP 101, and no right Sec-WebSocket-Accept", "LIVEKIT_URL"),
        (200, "invalid api key", "livekit-not-livekit", "HTTP 200", "LIVEKIT_URL"),
        (302, "", "livekit-redirects", "HTTP 302", "LIVEKIT_URL"),
        (399, "", "livekit-redirects", "HTTP 399", "LIVEKIT_URL"),
        (400, "", "livekit-not-livekit", "HTTP 400", "LIVEKIT_URL"),
        (402, "", "livekit-unauthorized", "HTTP 402", "LIVEKIT_URL"),
        (404, "", "livekit-not-livekit", "HTTP 404", "LIVEKIT_URL"),
        (405, "", "livekit-not-livekit", "HTTP 405", "LIVEKIT_URL"),
        (407, "", "proxy-unreachable", "HTTP 407", "LIVEKIT_URL"),
        (408, "", "livekit-unavailable", "HTTP 408", "LIVEKIT_URL"),
        (426, "", "livekit-not-livekit", "HTTP 426", "LIVEKIT_URL"),
        (429, "", "livekit-unavailable", "HTTP 429", "LIVEKIT_URL"),
        (499, "", "livekit-unauthorized", "HTTP 499", "LIVEKIT_URL"),
        (500, "", "livekit-unavailable", "HTTP 500", "LIVEKIT_URL"),
        (599, "", "livekit-unavailable", "HTTP 599", "LIVEKIT_URL"),
        (600, "", "livekit-not-livekit", "HTTP 600", "LIVEKIT_URL"),
    ],
)
def test_what_livekit_says_is_evidence(status: int, body: str, slug: str, evidence: str, variable: str | None) -> None:
    """Its words count at 401 and 403 only; any other answer is about the address."""
    assert told(diagnosis.livekit_reply(status, body, host=HOME)) == (slug, evidence, variable)


@pytest.mark.parametrize(
    ("status", "host", "body", "slug", "evidence"),
    [
        (429, CLOUD, "connection minutes limit exceeded", "livekit-quota", "HTTP 429 from LiveKit Cloud"),
        (429, CLOUD, "", "livekit-quota", "HTTP 429 from LiveKit Cloud"),
        (429, CLOUD, "Rate limit exceeded", "livekit-unavailable", "HTTP 429"),
        (429, HOME, "connection minutes limit exceeded", "livekit-unavailable", "HTTP 429"),
        (429, "", "", "livekit-unavailable", "HTTP 429"),
        (503, CLOUD, "", "livekit-unavailable", "HTTP 503"),
    ],
)
def test_only_the_clouds_429_is_the_plans(status: int, host: str, body: str, slug: str, evidence: str) -> None:
    """A server of one's own has no plan, and the Cloud bounds requests a minute, too."""
    assert told(diagnosis.livekit_reply(status, body, host=host)) == (slug, evidence, "LIVEKIT_URL")


def test_a_host_that_nobody_named_is_no_cloud() -> None:
    assert diagnosis.livekit_reply(429, "").fault.slug == "livekit-unavailable"


@pytest.mark.parametrize(
    ("status", "body", "headers", "whose"),
    [
        (404, "", NGROK, "ngrok's ERR_NGROK_3200"),
        (404, "ERR_NGROK_8012 in the page", NGROK, "ngrok's ERR_NGROK_3200"),
        (404, "gone: ERR_NGROK_8012", {}, "ngrok's ERR_NGROK_8012"),
        (503, "", {"X-Localtunnel-Status": "x"}, "a page of localtunnel's"),
        (404, "<p>LocalTunnel</p>", {}, "a page of localtunnel's"),
        (404, "Ask localtunnel", {"Content-Type": "Text/HTML; charset=utf-8"}, "a page of localtunnel's"),
        (404, "\n <p>https://loca.lt/x</p>", {}, "a page of localtunnel's"),
        (511, "", {}, "as localtunnel and the gates of networks answer"),
        (530, "error code: 1033", {}, "a page of Cloudflare Tunnel's"),
        (530, "<TITLE>Argo Tunnel Error", {}, "a page of Cloudflare Tunnel's"),
        (530, "<title>Cloudflare Tunnel error", {}, "a page of Cloudflare Tunnel's"),
    ],
)
def test_a_tunnels_own_page_is_told(status: int, body: str, headers: Mapping[str, str], whose: str) -> None:
    """By the header first, whatever the case of its name, then by the page."""
    assert told(diagnosis.livekit_reply(status, body, headers=headers)) == (
        "tunnel-page",
        f"HTTP {status}, {whose}",
        "LIVEKIT_URL",
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "localtunnel"),
        (404, "err_ngrok_3200"),
        (404, "ERR_NGROK_123456"),
        (404, "<p>mylocaltunnels</p>"),
        (404, "XX<p>localtunnel</p>"),
        (404, "error code: 1033"),
        (530, "error code: 10330"),
        (530, ""),
        (404, ""),
    ],
)
def test_what_merely_resembles_a_tunnels_page_is_the_servers_own(status: int, body: str) -> None:
    assert diagnosis.livekit_reply(status, body).fault.slug != "tunnel-page"


@pytest.mark.parametrize(
    ("status", "body", "headers", "slug", "evidence", "variable"),
    [
        (403, "", {}, "openai-blocked", "HTTP 403, without a word", None),
        (403, "error code: 1020", {}, "openai-blocked", "HTTP 403, Cloudflare's error 1020", None),
        (403, "\nERROR CODE: 1006\n", {}, "openai-blocked", "HTTP 403, Cloudflare's error 1006", None),
        (403, "see error code: 1020", {}, "openai-unauthorized", "HTTP 403", "OPENAI_API_KEY"),
        (403, "<p>", {"Server": "Cloudflare"}, "openai-blocked", "HTTP 403, a page of Cloudflare's", None),
        (403, "x", {"Server": "cloudflare", "Content-Type": "text/html"}, "openai-blocked", None, None),
        (403, "x | Cloudflare </Title>", {}, "openai-blocked", "HTTP 403, a page of Cloudflare's", None),
        (403, "x |CLOUDFLARE</title>", {}, "openai-blocked", "HTTP 403, a page of Cloudflare's", None),
        (403, "x", {"CF-Mitigated": "challenge"}, "openai-challenge", "HTTP 403", None),
        (402, "x", {}, "openai-out-of-credit", "HTTP 402", None),
        (407, "x", {}, "proxy-unreachable", "HTTP 407", None),
        (408, "x", {}, "openai-unavailable", "HTTP 408", None),
        (500, "x", {}, "openai-unavailable", "HTTP 500", None),
        (499, "x", {}, "openai-not-openai", "HTTP 499", "OPENAI_BASE_URL"),
        (404, "x", {}, "openai-not-openai", "HTTP 404", "OPENAI_BASE_URL"),
        (429, "x", {}, "openai-rate-limited", "HTTP 429", None),
    ],
)
def test_what_answers_in_openais_place_is_evidence(  # noqa: PLR0913, PLR0917  one column each
    status: int, body: str, headers: Mapping[str, str], slug: str, evidence: str | None, variable: str | None
) -> None:
    finding = diagnosis.diagnose_reply(status, body, headers=headers)
    assert told(finding) == (slug, evidence or finding.evidence, variable)


@pytest.mark.parametrize(
    ("status", "error", "slug", "evidence", "variable"),
    [
        (401, {"code": "invalid_api_key"}, "openai-key-rejected", ", code invalid_api_key", "OPENAI_API_KEY"),
        (401, {"code": "missing_scope"}, "openai-key-scope", ", code missing_scope", "OPENAI_API_KEY"),
        (401, {"code": "account_deactivated"}, "openai-account-closed", ", code account_deactivated", "OPENAI_API_KEY"),
        (404, {"code": "invalid_model"}, "openai-model-unavailable", ", code invalid_model", "GRANNY_MODEL"),
        (
            403,
            {"code": "model_not_found", "message": "Your Organization must be verified."},
            "openai-organisation-unverified",
            ", code model_not_found",
            "GRANNY_MODEL",
        ),
        (
            401,
            {"code": "incorrect_hostname", "message": "ask us.api.openai.com"},
            "openai-wrong-region",
            ", code incorrect_hostname; OpenAI asks for us.api.openai.com",
            "OPENAI_BASE_URL",
        ),
        (
            401,
            {"code": "mismatched_project"},
            "openai-organisation-mismatch",
            ", code mismatched_project; it is about the header OpenAI-Project",
            None,
        ),
        (
            401,
            {"message": "No such organization: x"},
            "openai-organisation-mismatch",
            "",
            None,
        ),
        (429, {"type": "tokens"}, "openai-rate-limited", ", type tokens", None),
        (429, {"type": "rate_limit_error"}, "openai-rate-limited", ", type rate_limit_error", None),
        (400, {"code": "new_code"}, "openai-unknown-error", ", code new_code", None),
        (404, {"code": "new_code"}, "openai-not-openai", ", code new_code", "OPENAI_BASE_URL"),
        (400, {"type": "new_error"}, "openai-not-openai", ", type new_error", "OPENAI_BASE_URL"),
        (400, {"code": "DeploymentNotFound"}, "openai-model-unavailable", ", code DeploymentNotFound", "GRANNY_MODEL"),
        (400, {"code": 404}, "openai-unknown-error", ", code 404", None),
        (400, {"code": "600"}, "openai-unknown-error", ", code of an unusual form", None),
        (400, {"code": "4\u0660\u0664"}, "openai-unknown-error", ", code of an unusual form", None),
        (404, {"code": "model_not_found"}, "openai-model-unavailable", ", code model_not_found", "GRANNY_MODEL"),
        (401, {"code": "", "type": 7, "message": ["x"]}, "openai-unauthorized", "", "OPENAI_API_KEY"),
        (400, {"code": "nounderscore"}, "openai-unknown-error", ", code of an unusual form", None),
        (400, {"code": "a_" + "b" * 58}, "openai-unknown-error", ", code a_" + "b" * 58, None),
        (400, {"code": "a_" + "b" * 59}, "openai-unknown-error", ", code of an unusual form", None),
    ],
)
def test_what_openai_says_is_evidence(
    status: int, error: object, slug: str, evidence: str, variable: str | None
) -> None:
    """The code, or the type for want of one, and beside it what else of OpenAI's words helps."""
    finding = diagnosis.diagnose_reply(status, json.dumps({"error": error}))
    assert told(finding) == (slug, f"HTTP {status}{evidence}", variable)


OPENAIS_WORDS = {
    "openai-key-rejected": "invalid_api_key incorrect_api_key no_organization",
    "openai-account-closed": "account_deactivated organization_deactivated access_terminated",
    "openai-wrong-region": "incorrect_hostname",
    "openai-organisation-mismatch": "mismatched_organization invalid_organization mismatched_project",
    "openai-key-scope": "missing_scope missing_scopes insufficient_permissions",
    "openai-ip-refused": "ip_not_authorized ip_not_allowed",
    "openai-region-refused": "unsupported_country_region_territory",
    "openai-model-unavailable": """model_not_found invalid_model unsupported_model model_not_available
        model_deprecated access_not_enabled DeploymentNotFound""",
    "openai-out-of-credit": "insufficient_quota credit_balance_exhausted",
    "openai-spend-limit": """billing_hard_limit_reached organization_spend_limit_exceeded budget_exceeded
        project_spend_limit_exceeded organization_usage_limit_exceeded project_usage_limit_exceeded""",
    "openai-billing-inactive": "billing_not_active",
    "openai-rate-limited": "rate_limit_exceeded inference_rate_limit_exceeded",
    "openai-not-openai": "beta_api_shape_disabled",
    "openai-unavailable": """server_error internal_error internal_server_error service_unavailable engine_overloaded
        overloaded slow_down""",
    "openai-session-expired": "session_expired",
}
"""Each word that OpenAI, or a gateway, has been seen to say, by what is wrong then."""


@pytest.mark.parametrize(
    ("word", "slug"), [(word, slug) for slug, text in OPENAIS_WORDS.items() for word in text.split()]
)
def test_a_word_of_openais_means_this(word: str, slug: str) -> None:
    """As the code, and as the type beside a code that says nothing; a known word is shown whatever its form."""
    event = {"type": "error", "error": {"code": word, "type": "invalid_request_error"}}
    assert told(diagnosis.diagnose_event(event))[0] == slug
    reply = diagnosis.diagnose_reply(400, json.dumps({"error": {"code": None, "type": word}}))
    assert (reply.fault.slug, reply.evidence) == (slug, f"HTTP 400, type {word}")
    assert set(diagnosis.OPENAI_CODES) == {word for text in OPENAIS_WORDS.values() for word in text.split()}


@pytest.mark.parametrize(
    ("status", "error", "slug", "evidence"),
    [
        (400, {"type": "overloaded_error"}, "openai-unavailable", ", type overloaded_error"),
        (400, {"type": "rate_limit_error"}, "openai-rate-limited", ", type rate_limit_error"),
        (400, {"type": "invalid_request_error"}, "openai-not-openai", ", type invalid_request_error"),
        (400, {"type": "requests"}, "openai-not-openai", ", type requests"),
        (429, {"type": "requests", "message": "Incorrect API key"}, "openai-rate-limited", ", type requests"),
        (400, {"type": "tokens", "message": "Incorrect API key"}, "openai-key-rejected", ", type tokens"),
        (
            400,
            {"type": "invalid_request_error", "message": "Incorrect API key"},
            "openai-key-rejected",
            ", type invalid_request_error",
        ),
        (
            400,
            {"code": "unsupported_value", "message": "your ORGANIZATION must be verified"},
            "openai-organisation-unverified",
            ", code unsupported_value",
        ),
        (
            401,
            {"code": "mismatched_organization"},
            "openai-organisation-mismatch",
            ", code mismatched_organization; it is about the header OpenAI-Organization",
        ),
        (
            401,
            {"code": "invalid_organization"},
            "openai-organisation-mismatch",
            ", code invalid_organization; it is about the header OpenAI-Organization",
        ),
        (
            401,
            {"code": "incorrect_hostname", "message": "ask api.openai.com, not x.api.openai.computer"},
            "openai-wrong-region",
            ", code incorrect_hostname; OpenAI asks for api.openai.com",
        ),
    ],
)
def test_a_type_that_says_nothing_leaves_the_word_to_the_message(
    status: int, error: object, slug: str, evidence: str
) -> None:
    assert told(diagnosis.diagnose_reply(status, json.dumps({"error": error})))[:2] == (
        slug,
        f"HTTP {status}{evidence}",
    )


def test_an_unknown_refusal_at_the_door_must_be_put_right() -> None:
    """In a call the same code only spoils an answer."""
    said = {"code": "new_code"}
    assert diagnosis.diagnose_reply(400, json.dumps({"error": said})).severity is FATAL
    event = diagnosis.diagnose_event({"type": "error", "error": said})
    assert event is not None
    assert event.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("message", "slug"),
    [
        ("You have insufficient permissions for this operation.", "openai-key-scope"),
        ("Missing scope: model.request", "openai-key-scope"),
        ("MISSING SCOPES: model.request", "openai-key-scope"),
        ("Your IP 192.0.2.7 is not authorized to use this project's API key.", "openai-ip-refused"),
        ("The IP 192.0.2.7 is not allowed.", "openai-ip-refused"),
        ("Your IP is missing in the allow list.", "openai-ip-refused"),
        ("IP allowlist", "openai-ip-refused"),
        ("Country, region, or territory not supported", "openai-region-refused"),
        ("Attempted to access resource with incorrect regional hostname.", "openai-wrong-region"),
        ("Incorrect regional host name", "openai-wrong-region"),
        ("OpenAI-Organization header should match organization for API key", "openai-organisation-mismatch"),
        ("OpenAI-Project header should match project for API key", "openai-organisation-mismatch"),
        ("No such organization: Personal.", "openai-organisation-mismatch"),
        ("Your OpenAI account has been deactivated, please check your email.", "openai-account-closed"),
        ("This key is associated with a deactivated account.", "openai-account-closed"),
        ("Your access was terminated due to violation of our policies.", "openai-account-closed"),
        ("Incorrect API key provided: sk-...abcd.", "openai-key-rejected"),
        ("You must be a member of an organization to use the API.", "openai-key-rejected"),
        ("The project you are requesting has been archived.", "openai-key-rejected"),
        ("You exceeded your current quota, please check your plan.", "openai-out-of-credit"),
        ("Your credit balance is too low.", "openai-out-of-credit"),
        ("Billing hard limit has been reached", "openai-spend-limit"),
        ("Spending limit reached", "openai-spend-limit"),
        ("The spend limit of the project", "openai-spend-limit"),
        ("Your account is not active, please check your billing details.", "openai-billing-inactive"),
        ("Billing is not active.", "openai-billing-inactive"),
        ("Your organization must be verified to use the model `gpt-realtime-2.1`.", "openai-organisation-unverified"),
        ("The model `x` does not exist or you do not have access to it.", "openai-model-unavailable"),
        ("The model `x`: you do not have access", "openai-model-unavailable"),
        ("Project `proj_x` does not have access to model `x`", "openai-model-unavailable"),
        ("You do not have access to the model", "openai-model-unavailable"),
        ("Rate limit reached for x", "openai-rate-limited"),
        ("Your session hit the maximum duration of 60 minutes.", "openai-session-expired"),
        ("Something else", "openai-unknown-error"),
    ],
)
def test_a_message_says_what_its_code_left_out(message: str, slug: str) -> None:
    """As OpenAI writes them, where code and type are null."""
    event = {"type": "error", "error": {"code": None, "type": None, "message": message}}
    assert told(diagnosis.diagnose_event(event))[:2] == (slug, "error event")


@pytest.mark.parametrize(
    ("code", "reason", "slug", "evidence", "variable"),
    [
        (None, "", "openai-connection-lost", "closed without a word", None),
        (1000, "", "openai-connection-lost", "closed with code 1000", None),
        (1001, "", "openai-session-expired", "closed with code 1001", None),
        (1006, "", "openai-connection-lost", "closed with code 1006", None),
        (1008, "", "openai-unauthorized", "closed with code 1008", "OPENAI_API_KEY"),
        (1011, "", "openai-unavailable", "closed with code 1011", None),
        (1012, "", "openai-unavailable", "closed with code 1012", None),
        (1013, "", "openai-unavailable", "closed with code 1013", None),
        (3000, "", "openai-unauthorized", "closed with code 3000", "OPENAI_API_KEY"),
        (4000, "", "openai-not-openai", "closed with code 4000", "OPENAI_BASE_URL"),
        (
            3000,
            "invalid_request_error.invalid_api_key",
            "openai-key-rejected",
            "closed with code 3000, invalid_api_key",
            "OPENAI_API_KEY",
        ),
        (None, "slow_down", "openai-unavailable", "closed without a word, slow_down", None),
        (1000, "x " * 95 + "slow_down", "openai-unavailable", "closed with code 1000, slow_down", None),
        (1000, "x " * 96 + "slow_down", "openai-connection-lost", "closed with code 1000", None),
    ],
)
def test_a_closed_socket_is_evidence(
    code: int | None, reason: str, slug: str, evidence: str, variable: str | None
) -> None:
    """By a code in the first 200 characters of its reason, else by its number."""
    assert told(diagnosis.diagnose_close(code, reason)) == (slug, evidence, variable)


@pytest.mark.parametrize(
    ("event", "slug", "evidence"),
    [
        ({"type": "error", "error": {"code": "slow_down"}}, "openai-unavailable", "error event, code slow_down"),
        (
            {"type": "error", "error": {"code": "mismatched_project"}},
            "openai-organisation-mismatch",
            "error event, code mismatched_project; it is about the header OpenAI-Project",
        ),
        (
            {
                "type": "response.done",
                "response": {"status": "failed", "status_details": {"error": {"type": "server_error"}}},
            },
            "openai-unavailable",
            "response failed, type server_error",
        ),
    ],
)
def test_an_event_says_where_the_fault_was_met(event: object, slug: str, evidence: str) -> None:
    """And what else of OpenAI's words helps, as at the door."""
    assert told(diagnosis.diagnose_event(event)) == (slug, evidence, None)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.done", "response": {"status": "completed"}},
        {"type": "response.done", "response": {"status": "cancelled", "status_details": {"error": {"code": "x"}}}},
        {"type": "response.created", "response": {"status": "failed"}},
        {"type": "session.created", "error": {"code": "x"}},
        {},
        None,
    ],
)
def test_what_did_not_fail_is_no_fault(event: object) -> None:
    assert diagnosis.diagnose_event(event) is None


def _named(name: str, *bases: type[BaseException], **fields: object) -> BaseException:
    """An exception with the class name of a library's, which is all that tells it."""
    error: BaseException = type(name, bases, {})()
    for field, value in fields.items():
        setattr(error, field, value)
    return error


def _certificate(code: int | None) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("words that nobody shows")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    if code is not None:
        error.verify_code = code
    return error


def _tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError("words that nobody shows")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "livekit", "openai", "evidence", "severity"),
    [
        (
            _named("ClientHttpProxyError", Exception, status=407),
            "proxy-unreachable",
            "proxy-unreachable",
            "the proxy answered HTTP 407",
            FATAL,
        ),
        (_named("ClientHttpProxyError", Exception, status=499), "proxy-unreachable", None, None, FATAL),
        (
            _named("ClientHttpProxyError", Exception, status=500),
            "proxy-unreachable",
            "proxy-unreachable",
            "the proxy answered HTTP 500",
            TRANSIENT,
        ),
        (_named("ClientHttpProxyError", Exception), "proxy-unreachable", None, "the proxy answered HTTP 0", FATAL),
        (
            _named("ClientProxyConnectionError", OSError),
            "proxy-unreachable",
            "proxy-unreachable",
            "no connection to the proxy",
            FATAL,
        ),
        (
            _certificate(9),
            "livekit-certificate",
            "openai-certificate",
            "the certificate: it is not valid yet (is this machine's clock right?) (code 9)",
            FATAL,
        ),
        (_certificate(10), "livekit-certificate", None, "the certificate: it has expired (code 10)", FATAL),
        (_certificate(18), "livekit-certificate", None, "the certificate: it is self-signed (code 18)", FATAL),
        (
            _certificate(19),
            "livekit-certificate",
            None,
            "the certificate: it is signed by a self-made authority (code 19)",
            FATAL,
        ),
        (_certificate(20), "livekit-certificate", None, "the certificate: its issuer is unknown here (code 20)", FATAL),
        (_certificate(21), "livekit-certificate", None, "the certificate: its issuer is unknown here (code 21)", FATAL),
        (
            _certificate(62),
            "livekit-certificate",
            None,
            "the certificate: it is for another name than the one in the address (code 62)",
            FATAL,
        ),
        (
            _certificate(64),
            "livekit-certificate",
            None,
            "the certificate: it is not for this IP address (code 64)",
            FATAL,
        ),
        (_certificate(1), "livekit-certificate", None, "the certificate: it cannot be verified (code 1)", FATAL),
        (_certificate(None), "livekit-certificate", "openai-certificate", "TLS could not be agreed on", FATAL),
        (
            ssl.SSLEOFError(),
            "livekit-unreachable",
            "openai-unreachable",
            "broken off while TLS was agreed on",
            TRANSIENT,
        ),
        (ssl.SSLZeroReturnError(), "livekit-unreachable", None, "broken off while TLS was agreed on", TRANSIENT),
        *(
            (_tls(reason), "livekit-tls-mismatch", "openai-not-openai", "the port does not speak TLS", FATAL)
            for reason in (
                "WRONG_VERSION_NUMBER",
                "HTTP_REQUEST",
                "RECORD_LAYER_FAILURE",
                "PACKET_LENGTH_TOO_LONG",
                "UNKNOWN_PROTOCOL",
            )
        ),
        (_tls("UNSUPPORTED"), "livekit-certificate", "openai-certificate", "TLS could not be agreed on", FATAL),
        (
            socket.gaierror(socket.EAI_NONAME, "x"),
            "livekit-host-unknown",
            "openai-host-unknown",
            f"no such name (DNS error {int(socket.EAI_NONAME)})",
            None,
        ),
        (
            socket.gaierror(socket.EAI_AGAIN, "x"),
            "livekit-host-unknown",
            "openai-host-unknown",
            f"the name service did not answer (DNS error {int(socket.EAI_AGAIN)})",
            TRANSIENT,
        ),
        (
            _named("ClientConnectorDNSError", OSError, errno=socket.EAI_NODATA),
            "livekit-host-unknown",
            None,
            f"no such name (DNS error {int(socket.EAI_NODATA)})",
            FATAL,
        ),
        (
            _named("ClientConnectorDNSError", Exception),
            "livekit-host-unknown",
            None,
            "the name service did not answer (DNS error None)",
            TRANSIENT,
        ),
        (TimeoutError(), "livekit-silent", "openai-silent", "no answer in the time allowed", TRANSIENT),
        (asyncio.TimeoutError(), "livekit-silent", "openai-silent", "no answer in the time allowed", TRANSIENT),
        *(
            (_named(name, Exception), "livekit-not-livekit", "openai-not-openai", "the answer is no HTTP", FATAL)
            for name in ("HttpProcessingError", "BadStatusLine", "BadHttpMessage")
        ),
        *(
            (
                _named(name, Exception),
                "livekit-not-livekit",
                "openai-unreachable",
                "the connection was closed without an answer",
                None,
            )
            for name in ("ServerDisconnectedError", "ClientPayloadError", "ClientConnectionResetError")
        ),
        *(
            (
                OSError(number, "x"),
                "livekit-not-livekit",
                "openai-unreachable",
                "the connection was closed without an answer",
                None,
            )
            for number in (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE)
        ),
        (
            OSError(errno.ECONNREFUSED, "x"),
            "livekit-not-listening",
            "openai-unreachable",
            "connection failed: ECONNREFUSED",
            None,
        ),
        (
            OSError(errno.ENETUNREACH, "x"),
            "livekit-unreachable",
            "openai-unreachable",
            "connection failed: ENETUNREACH",
            TRANSIENT,
        ),
        (ConnectionError(), "livekit-unreachable", None, "connection failed: it was broken off", TRANSIENT),
        (
            _named("Wrapped", OSError, os_error=ConnectionError()),
            "livekit-unreachable",
            None,
            "connection failed: it was broken off",
            TRANSIENT,
        ),
        (OSError(), "livekit-unreachable", "openai-unreachable", "connection failed: no error number", TRANSIENT),
        (OSError(99_999, "x"), "livekit-unreachable", None, "connection failed: no error number", TRANSIENT),
        (
            _named("ClientConnectorError", ssl.SSLError, os_error=_tls("WRONG_VERSION_NUMBER"), reason=None),
            "livekit-tls-mismatch",
            "openai-not-openai",
            "the port does not speak TLS",
            FATAL,
        ),
        (
            _named("Both", ConnectionError, errno=errno.EHOSTUNREACH),
            "livekit-unreachable",
            None,
            "connection failed: EHOSTUNREACH",
            TRANSIENT,
        ),
    ],
)
def test_an_exception_is_evidence(
    error: BaseException, livekit: str, openai: str | None, evidence: str | None, severity: Severity | None
) -> None:
    """Which fault depends on the peer, and the words on the exception; about which variable, on the peer again."""
    found = diagnosis.network_finding(error, LIVEKIT)
    assert found is not None
    variable = None if livekit == "proxy-unreachable" else "LIVEKIT_URL"
    assert told(found) == (livekit, evidence or found.evidence, variable)
    assert severity in (None, found.severity)
    theirs = diagnosis.network_finding(error, OPENAI)
    assert theirs is not None
    assert theirs.variable == (variable and "OPENAI_BASE_URL")
    assert openai in (None, theirs.fault.slug)


def test_what_is_no_networks_fault_is_none() -> None:
    for error in (KeyError("x"), ValueError("x"), _named("ClientResponseError", Exception, status=401)):
        assert diagnosis.network_finding(error, OPENAI) is None


@pytest.mark.parametrize("name", ["certificate_error", "os_error", "__cause__"])
def test_what_an_exception_wraps_is_looked_at(name: str) -> None:
    """Where aiohttp and the framework keep what they wrap."""
    assert told(diagnosis.network_finding(_named("Outer", Exception, **{name: _certificate(10)}), LIVEKIT)) == (
        "livekit-certificate",
        "the certificate: it has expired (code 10)",
        "LIVEKIT_URL",
    )


def test_the_more_telling_link_of_a_chain_wins() -> None:
    """A look-up that failed is told, though what wraps it is an `OSError`, too."""
    outer = OSError(errno.ENETUNREACH, "x")
    outer.__cause__ = OSError(errno.EIO, "x")
    outer.__cause__.__cause__ = socket.gaierror(socket.EAI_NONAME, "x")
    assert told(diagnosis.network_finding(outer, LIVEKIT))[0] == "livekit-host-unknown"


def test_of_two_that_an_exception_wraps_neither_is_overlooked() -> None:
    outer = _named("Outer", Exception, os_error=OSError(errno.EIO, "x"), __cause__=_certificate(10))
    assert told(diagnosis.network_finding(outer, LIVEKIT))[0] == "livekit-certificate"


@pytest.mark.parametrize(
    ("error", "slug", "evidence", "variable"),
    [
        (APIStatusError("x", status_code=401), "openai-unauthorized", "HTTP 401", "OPENAI_API_KEY"),
        (
            APIError("x", body={"error": {"code": "slow_down"}}),
            "openai-unavailable",
            "error event, code slow_down",
            None,
        ),
        (APIError("x", body={"type": "server_error"}), "openai-unavailable", "error event, type server_error", None),
        (
            _named("Odd", Exception, body='{"error": {"code": "slow_down"}}'),
            "openai-unavailable",
            "error event, code slow_down",
            None,
        ),
        (_named("Odd", Exception, code="slow_down"), "openai-unavailable", "error event, code slow_down", None),
        (_named("Odd", Exception, code="slow_down", status=503), "openai-unavailable", "HTTP 503", None),
        (_named("Odd", Exception, status=-1), "openai-unknown-error", "an exception of the kind Odd", None),
        (_named("Odd", Exception, status_code=0), "openai-unknown-error", "an exception of the kind Odd", None),
        (_named("Odd", Exception, status=1), "openai-not-openai", "HTTP 1", "OPENAI_BASE_URL"),
        (_named("Odd", Exception, code=7), "openai-unknown-error", "an exception of the kind Odd", None),
        (
            _named("BadStatusLine", Exception, status=400),
            "openai-not-openai",
            "the answer is no HTTP",
            "OPENAI_BASE_URL",
        ),
        (json.JSONDecodeError("x", "x", 0), "openai-not-openai", "a frame that is no JSON", "OPENAI_BASE_URL"),
        (APIConnectionError("x"), "openai-connection-lost", "the connection was closed", None),
        *(
            (_named(name, Exception), "openai-unknown-error", "an error without a code", None)
            for name in ("RealtimeError", "APIError", "APIStatusError")
        ),
        (KeyError("x"), "openai-unknown-error", "an exception of the kind KeyError", None),
        (aiohttp.ClientConnectionError("x"), "openai-unknown-error", None, None),
    ],
)
def test_what_the_framework_raised_is_evidence(
    error: BaseException, slug: str, evidence: str | None, variable: str | None
) -> None:
    """What OpenAI said first, then a status, then the network's fault, then the kind of exception."""
    finding = diagnosis.diagnose_exception(error)
    assert told(finding) == (slug, evidence or finding.evidence, variable)


def test_a_status_is_asked_for_by_its_own_name() -> None:
    """Aiohttp warns whoever looks at its `code`; the warning would stand in a user's terminal."""
    url = URL("wss://api.openai.com/v1/realtime")
    asked = aiohttp.RequestInfo(url=url, method="GET", headers=CIMultiDictProxy(CIMultiDict()), real_url=url)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        finding = diagnosis.diagnose_exception(aiohttp.ClientHttpProxyError(asked, (), status=407))
    assert told(finding) == ("proxy-unreachable", "the proxy answered HTTP 407", None)


def test_what_is_wrapped_innermost_names_the_exception() -> None:
    outer = APIConnectionError("x")
    outer.__cause__ = KeyError("y")
    assert diagnosis.diagnose_exception(outer).evidence == "an exception of the kind KeyError"
    outer.__cause__ = json.JSONDecodeError("x", "x", 0)
    assert diagnosis.diagnose_exception(outer).evidence == "a frame that is no JSON"


def test_a_long_answer_is_read_as_far_as_64_kib() -> None:
    """What stands behind makes the text no JSON, and so it says nothing."""
    room = diagnosis._openai.LARGEST_BODY
    assert room == 65_536
    body = json.dumps({"error": {"code": "invalid_api_key"}})
    assert diagnosis.diagnose_reply(401, body.ljust(room)).fault.slug == "openai-key-rejected"
    assert diagnosis.diagnose_reply(401, body.rjust(room)).fault.slug == "openai-key-rejected"
    assert diagnosis.diagnose_reply(401, body.rjust(room + 1)).fault.slug == "openai-unauthorized"


def test_an_error_that_is_a_mere_text_is_its_message() -> None:
    """Gateways write `{"error": "…"}`."""
    body = json.dumps({"error": "Incorrect API key provided"})
    assert told(diagnosis.diagnose_reply(401, body)) == ("openai-key-rejected", "HTTP 401", "OPENAI_API_KEY")
