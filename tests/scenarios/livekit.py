"""Section 2 of the catalogue: LiveKit servers, and what is mistaken for one, each with one fault."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest import mock

import jwt

from granny.config.settings import Settings
from granny.faults import Severity
from granny.preflight.probes import livekit as probe
from scenarios import _fakes as fakes
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, Scenario, settings

Scene = Callable[[Path], "contextlib.AbstractAsyncContextManager[Settings]"]


def serving(
    handler: fakes.Handler, *, scheme: str = "ws", tls: ssl.SSLContext | None = None, **variables: str
) -> Scene:
    """LIVEKIT_URL leads to this handler; the variables are set in the environment."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with fakes.listening(handler, tls=tls) as port:
            with fakes.environment(**variables):
                yield settings(LIVEKIT_URL=f"{scheme}://127.0.0.1:{port}")

    return scene


def at(url: str, **variables: str) -> Scene:
    """LIVEKIT_URL is this; nothing is started."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        with fakes.environment(**variables):
            yield settings(LIVEKIT_URL=url)

    return scene


def holding(key: str, secret: str) -> Scene:
    """This key and this secret, which must not be shown to the server: it would write the key down."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        yield settings(LIVEKIT_URL="ws://127.0.0.1:1", LIVEKIT_API_KEY=key, LIVEKIT_API_SECRET=secret)

    return scene


def refusing(words: str, *, skew_seconds: float = 0) -> fakes.Handler:
    """A LiveKit server that says 401 and these words, and repeats the pass as the real one does."""

    def answer(head: str) -> bytes:
        shown = next((line for line in head.splitlines() if line.startswith("Authorization")), "")
        body = words.format(token=shown.rpartition(" ")[2])
        return fakes.response(401, body, skew_seconds=skew_seconds)

    return fakes.http(answer)


def answering(status: int, body: str = "", **headers: str) -> fakes.Handler:
    """An HTTP server that always says this."""
    return fakes.http(lambda _: fakes.response(status, body, headers=headers))


def issuer(head: str) -> str:
    """The key in whose name the pass of this request was signed."""
    bearer = next(line for line in head.splitlines() if line.startswith("Authorization"))
    claims = jwt.decode(bearer.rpartition(" ")[2], options={"verify_signature": False})
    return str(claims["iss"])


def with_certificate(make: Callable[[Path], ssl.SSLContext]) -> Scene:
    """A TLS server whose certificate is not to be trusted."""

    @contextlib.asynccontextmanager
    async def scene(folder: Path) -> AsyncIterator[Settings]:
        async with fakes.listening(answering(200, "OK"), tls=make(folder)) as port:
            yield settings(LIVEKIT_URL=f"wss://127.0.0.1:{port}")

    return scene


def with_trusted_authority(
    name: str, *, not_before: datetime | None = None, not_after: datetime | None = None
) -> Scene:
    """A TLS server whose authority is trusted, and whose certificate has another flaw."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        authority, tls = fakes.trusted_tls(name, not_before=not_before, not_after=not_after)
        async with fakes.listening(answering(200, "OK"), tls=tls) as port:
            with fakes.trusting(authority):
                yield settings(LIVEKIT_URL=f"wss://127.0.0.1:{port}")

    return scene


def clock_off(seconds: float, words: str) -> Scene:
    """This machine's clock is wrong by so much, and the server says so."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with fakes.listening(refusing(words)) as port:
            with mock.patch.object(probe, "now", return_value=time.time() + seconds):
                yield settings(LIVEKIT_URL=f"ws://127.0.0.1:{port}")

    return scene


@contextlib.asynccontextmanager
async def tls_behind_plain_url(_: Path) -> AsyncIterator[Settings]:
    """ws:// to a port that wants TLS."""
    authority, tls = fakes.trusted_tls()
    async with fakes.listening(answering(200, "OK"), tls=tls) as port:
        with fakes.trusting(authority):
            yield settings(LIVEKIT_URL=f"ws://127.0.0.1:{port}")


@contextlib.asynccontextmanager
async def impatient(_: Path) -> AsyncIterator[Settings]:
    """A silent port, and a probe that waits shorter than usual."""
    async with fakes.listening(fakes.silent) as port:
        with mock.patch.object(probe, "SECONDS", 0.3), mock.patch.object(probe, "SECONDS_MORE", 0.2):
            yield settings(LIVEKIT_URL=f"ws://127.0.0.1:{port}")


def in_the_cloud(handler: fakes.Handler) -> Scene:
    """LIVEKIT_URL is a project's of LiveKit Cloud, played by this handler."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with fakes.listening(handler) as port:
            with fakes.named(".livekit.cloud"):
                yield settings(LIVEKIT_URL=f"ws://granny-test.livekit.cloud:{port}")

    return scene


def switching(*fields: str) -> fakes.Handler:
    """Answers 101 with these header fields only."""
    lines = "".join(f"{field}\r\n" for field in fields)
    return fakes.http(lambda _: f"{fakes.SWITCHED}{lines}\r\n".encode())


@contextlib.asynccontextmanager
async def behind_bad_proxy(_: Path) -> AsyncIterator[Settings]:
    """A proxy that lets nobody through, asked for a local server."""
    async with fakes.listening(answering(502)) as port:
        with fakes.environment(HTTPS_PROXY=f"http://user:{LIVEKIT_SECRET}@127.0.0.1:{port}"):
            yield settings(LIVEKIT_URL="ws://127.0.0.1:7880")


def behind(handler: fakes.Handler, scheme: str) -> Scene:
    """A server far away, and this in place of a proxy that leads there."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with fakes.listening(handler) as port:
            with fakes.environment(HTTPS_PROXY=f"http://127.0.0.1:{port}"):
                yield settings(
                    LIVEKIT_URL=f"{scheme}://granny.invalid", OPENAI_BASE_URL=f"{scheme}://granny.invalid/v1"
                )

    return scene


@contextlib.asynccontextmanager
async def before_plain_proxy(_: Path) -> AsyncIterator[Settings]:
    """HTTPS_PROXY begins with https://, and the proxy speaks without encryption."""
    async with fakes.listening(answering(200)) as port:
        with fakes.environment(HTTPS_PROXY=f"https://127.0.0.1:{port}"):
            yield settings(LIVEKIT_URL="wss://granny.invalid", OPENAI_BASE_URL="https://granny.invalid/v1")


_NOW = datetime.now(timezone.utc)
_DAY = timedelta(days=1)
_DEAD_PROXY = f"http://user:{LIVEKIT_SECRET}@127.0.0.1:{fakes.unused_port()}"
FATAL, TRANSIENT = Severity.FATAL, Severity.TRANSIENT
_GO_TLS = "Client sent an HTTP request to an HTTPS server.\n"

_HTML = {"Content-Type": "text/html"}
_NGROK = {**_HTML, "Ngrok-Error-Code": "ERR_NGROK_3200"}
_LOCALTUNNEL = {"x-localtunnel-status": "Tunnel Unavailable"}
_WEBSOCKET = ("Upgrade: websocket", "Connection: Upgrade")

PROXIES: tuple[tuple[fakes.Handler, str, str], ...] = (
    (fakes.tunnelling(fakes.closing), "wss", "broken off"),
    (answering(403, "<html>not allowed</html>"), "wss", "the proxy answered HTTP 403"),
    (answering(407), "wss", "the proxy answered HTTP 407"),
    (answering(407), "ws", "HTTP 407"),
    (fakes.closing, "wss", "closed without an answer"),
    (fakes.banner(b"SSH-2.0-OpenSSH_9.6\r\n"), "wss", "no HTTP"),
)
"""Proxies that let nobody through, whichever server is asked for."""

SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "livekit-key-unknown": (
        Scenario(serving(refusing("invalid API key: {token}")), FATAL, "HTTP 401: invalid api key"),
    ),
    "livekit-key-secret-swapped": (
        Scenario(holding(LIVEKIT_SECRET, LIVEKIT_KEY), FATAL, "begins with API"),
        Scenario(holding(LIVEKIT_SECRET, "grandmas-house"), FATAL, "long and random"),
    ),
    "livekit-secret-wrong": (
        Scenario(
            serving(
                refusing(
                    "invalid token: {token}, error: go-jose/go-jose: error in cryptographic primitive, "
                    "signature is invalid"
                )
            ),
            FATAL,
            "signature is invalid",
        ),
    ),
    "clock-ahead": (
        Scenario(clock_off(7200, "invalid token: {token}, error: token is not valid yet"), FATAL, "2 hours"),
    ),
    "clock-behind": (
        Scenario(clock_off(-36_000, "invalid token: {token}, error: token is expired"), FATAL, "10 hours behind"),
    ),
    "livekit-unauthorized": (
        Scenario(serving(refusing("no permissions to access the room")), FATAL, "HTTP 401"),
        Scenario(serving(answering(403, "<html>forbidden</html>")), FATAL, "HTTP 403"),
        Scenario(serving(answering(402, "pay first")), FATAL, "HTTP 402"),
        Scenario(serving(answering(401, "<html>sign in</html>")), FATAL, "HTTP 401"),
        Scenario(serving(answering(401)), FATAL, "HTTP 401"),
    ),
    "livekit-not-listening": (
        Scenario(at(f"ws://127.0.0.1:{fakes.unused_port()}"), FATAL, "ECONNREFUSED"),
        Scenario(at(f"wss://localhost:{fakes.unused_port()}"), FATAL, "ECONNREFUSED"),
    ),
    "livekit-host-unknown": (Scenario(at("wss://granny-test.livekit.invalid"), FATAL, "no such name"),),
    "livekit-unreachable": (Scenario(serving(fakes.closing, scheme="wss"), TRANSIENT),),
    "livekit-tls-mismatch": (
        Scenario(serving(answering(200, "OK"), scheme="wss"), FATAL, "write ws:// instead of wss://"),
        Scenario(tls_behind_plain_url, FATAL, "write wss:// instead of ws://"),
    ),
    "livekit-certificate": (
        Scenario(with_certificate(fakes.self_signed_tls), FATAL, "self-signed"),
        Scenario(with_certificate(lambda _: fakes.trusted_tls()[1]), FATAL, "issuer is unknown"),
        Scenario(
            with_trusted_authority("127.0.0.1", not_before=_NOW - 9 * _DAY, not_after=_NOW - _DAY),
            FATAL,
            "expired",
        ),
        Scenario(with_trusted_authority("127.0.0.1", not_before=_NOW + _DAY), FATAL, "not valid yet"),
        Scenario(with_trusted_authority("another.example"), FATAL, "not for this IP address"),
        Scenario(at("wss://127.0.0.1:1", SSL_CERT_FILE="/nowhere/at.all"), FATAL, "cannot be read"),
    ),
    "livekit-not-livekit": (
        Scenario(serving(fakes.banner(b"SSH-2.0-OpenSSH_9.6\r\n")), FATAL, "no HTTP"),
        Scenario(serving(fakes.banner(b"SSH-2.0-OpenSSH_9.6\r\n"), scheme="wss"), FATAL, "neither TLS nor HTTP"),
        Scenario(serving(fakes.banner(b"-ERR wrong number of arguments\r\n")), FATAL, "no HTTP"),
        Scenario(serving(answering(404)), FATAL, "HTTP 404"),
        Scenario(serving(answering(200, "<html>welcome</html>")), FATAL, "HTTP 200"),
        Scenario(serving(answering(400, _GO_TLS)), FATAL, "HTTP 400"),
        Scenario(serving(answering(426, "Upgrade Required")), FATAL, "HTTP 426"),
        Scenario(serving(answering(200, '{"status": "ok"}')), FATAL, "HTTP 200"),
        Scenario(serving(fakes.banner(b"RFB 003.008\n")), FATAL, "no HTTP"),
        Scenario(serving(fakes.closing), FATAL, "closed without an answer"),
        Scenario(serving(switching(*_WEBSOCKET)), FATAL, "no right Sec-WebSocket-Accept"),
        Scenario(serving(switching(*_WEBSOCKET, "Sec-WebSocket-Accept: x")), FATAL, "no right Sec-WebSocket-Accept"),
        Scenario(serving(switching("Upgrade: h2c", "Connection: Upgrade")), FATAL, "no right Sec-WebSocket-Accept"),
    ),
    "livekit-redirects": (
        Scenario(
            serving(answering(301, Location="https://other.example/agent?x=1")),
            FATAL,
            "https://other.example",
        ),
        Scenario(serving(answering(302, Location="/login")), FATAL, "HTTP 302"),
    ),
    "livekit-silent": (Scenario(impatient, TRANSIENT),),
    "livekit-unavailable": (
        Scenario(serving(answering(502, "<html>bad gateway</html>")), TRANSIENT, "HTTP 502"),
        Scenario(serving(answering(503)), TRANSIENT, "HTTP 503"),
        Scenario(serving(answering(429)), TRANSIENT, "HTTP 429"),
        Scenario(in_the_cloud(answering(429, "rate limit exceeded")), TRANSIENT, "HTTP 429"),
        Scenario(serving(answering(530, "error code: 1016")), TRANSIENT, "HTTP 530"),
    ),
    "livekit-quota": (
        Scenario(in_the_cloud(answering(429, "connection minutes limit exceeded")), FATAL, "HTTP 429"),
        Scenario(in_the_cloud(answering(429)), FATAL, "from LiveKit Cloud"),
    ),
    "tunnel-page": (
        Scenario(serving(answering(404, "<html>offline</html>", **_NGROK)), FATAL, "ngrok's ERR_NGROK_3200"),
        Scenario(serving(answering(502, **{"ngrok-error-code": "ERR_NGROK_8012"})), FATAL, "ngrok's ERR_NGROK_8012"),
        Scenario(serving(answering(404, "<html>… ERR_NGROK_3200</html>", **_HTML)), FATAL, "ngrok's ERR_NGROK_3200"),
        Scenario(serving(answering(511, "<html>https://loca.lt/mytunnelpassword</html>")), FATAL, "localtunnel"),
        Scenario(serving(answering(503, "no tunnel here", **_LOCALTUNNEL)), FATAL, "a page of localtunnel's"),
        Scenario(serving(answering(511)), FATAL, "HTTP 511"),
        Scenario(serving(answering(404, "is offline.\r\n\r\nERR_NGROK_3200\r\n")), FATAL, "ngrok's ERR_NGROK_3200"),
        Scenario(serving(answering(402, **{"ngrok-error-code": "ERR_NGROK_727"})), FATAL, "ngrok's ERR_NGROK_727"),
        Scenario(serving(answering(530, "error code: 1033")), FATAL, "Cloudflare Tunnel"),
        Scenario(serving(answering(530, "<title>Argo Tunnel error | x</title>", **_HTML)), FATAL, "Cloudflare Tunnel"),
    ),
    "proxy-unreachable": (
        Scenario(at("ws://granny.invalid:7880", HTTPS_PROXY=_DEAD_PROXY), FATAL, "no connection to the proxy"),
        Scenario(at("wss://granny.invalid", HTTPS_PROXY="", HTTP_PROXY=_DEAD_PROXY), FATAL),
        Scenario(at("wss://granny.invalid", HTTPS_PROXY="proxy.example:3128"), FATAL, "begins with http://"),
        Scenario(behind_bad_proxy, FATAL, "this machine itself"),
        *(Scenario(behind(handler, scheme), FATAL, words) for handler, scheme, words in PROXIES),
        Scenario(behind(answering(403), "ws"), FATAL, "not in the words of the server"),
        Scenario(at("wss://granny.invalid", HTTPS_PROXY="http://proxy.invalid:3128"), FATAL, "no such name"),
        Scenario(behind(answering(502), "wss"), TRANSIENT, "the proxy answered HTTP 502"),
        Scenario(before_plain_proxy, FATAL, "does not speak TLS"),
    ),
}
