"""Exceptions of sockets, TLS, name look-up and aiohttp, told apart without importing aiohttp."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

from granny import faults
from granny.faults import Fault, Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Whom we could not talk to, and which fault each way of failing is there.

    Attributes:
        variable: where its address is set.
        host_unknown: its name cannot be looked up.
        refused: nothing listens on the port.
        unreachable: no way there.
        broken_off: the connection came about, and ended without an answer.
        silent: no answer in time.
        certificate: TLS is spoken, and not to be trusted.
        tls_mismatch: TLS was offered to a port that speaks none.
        not_theirs: something else answers.
    """

    variable: str
    host_unknown: Fault
    refused: Fault
    unreachable: Fault
    broken_off: Fault
    silent: Fault
    certificate: Fault
    tls_mismatch: Fault
    not_theirs: Fault


LIVEKIT = Peer(
    variable="LIVEKIT_URL",
    host_unknown=faults.LIVEKIT_HOST_UNKNOWN,
    refused=faults.LIVEKIT_NOT_LISTENING,
    unreachable=faults.LIVEKIT_UNREACHABLE,
    broken_off=faults.LIVEKIT_NOT_LIVEKIT,
    silent=faults.LIVEKIT_SILENT,
    certificate=faults.LIVEKIT_CERTIFICATE,
    tls_mismatch=faults.LIVEKIT_TLS_MISMATCH,
    not_theirs=faults.LIVEKIT_NOT_LIVEKIT,
)
OPENAI = Peer(
    variable="OPENAI_BASE_URL",
    host_unknown=faults.OPENAI_HOST_UNKNOWN,
    refused=faults.OPENAI_UNREACHABLE,
    unreachable=faults.OPENAI_UNREACHABLE,
    broken_off=faults.OPENAI_UNREACHABLE,
    silent=faults.OPENAI_SILENT,
    certificate=faults.OPENAI_CERTIFICATE,
    tls_mismatch=faults.OPENAI_NOT_OPENAI,
    not_theirs=faults.OPENAI_NOT_OPENAI,
)

CERTIFICATE_REASONS = {
    9: "it is not valid yet (is this machine's clock right?)",
    10: "it has expired",
    18: "it is self-signed",
    19: "it is signed by a self-made authority",
    20: "its issuer is unknown here",
    21: "its issuer is unknown here",
    62: "it is for another name than the one in the address",
    64: "it is not for this IP address",
}
"""OpenSSL's verify codes (`X509_V_ERR_*`)."""

_PLAIN_PORT_REASONS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "UNKNOWN_PROTOCOL",
}
"""What OpenSSL says when the answer is no TLS at all."""

_TIMEOUTS = (asyncio.TimeoutError, TimeoutError)
_NO_SUCH_NAME = {code for name in ("EAI_NONAME", "EAI_NODATA") if (code := getattr(socket, name, None)) is not None}
_NOT_HTTP = {"HttpProcessingError", "BadStatusLine", "BadHttpMessage"}
"""aiohttp's parser errors; `ClientResponseError` dresses them up as a status 400."""
_RESETS = (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE)
_BROKEN_OFF = {"ServerDisconnectedError", "ClientPayloadError", "ClientConnectionResetError"}

_Look = Callable[[BaseException, Peer], "Finding | None"]


def network_finding(error: BaseException, peer: Peer) -> Finding | None:
    """What kept us from talking to the peer; None if the exception is of no such kind."""
    links = tuple(chain(error))
    found = (look(link, peer) for look in _LOOKS for link in links)
    return next((finding for finding in found if finding), None)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, then what it wraps (aiohttp's attributes and `__cause__`), each once."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [getattr(link, name, None) for name in ("certificate_error", "os_error", "__cause__")]


def is_named(error: BaseException, names: set[str]) -> bool:
    """Whether the exception's class, or one that it derives from, has one of these names."""
    return any(kind.__name__ in names for kind in type(error).__mro__)


def _proxy(error: BaseException, _: Peer) -> Finding | None:
    if is_named(error, {"ClientHttpProxyError"}):
        status = getattr(error, "status", 0)
        severity = (
            Severity.TRANSIENT if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
        )  # nobody behind it answers
        return faults.PROXY_UNREACHABLE.found(f"the proxy answered HTTP {status}", severity=severity)
    if is_named(error, {"ClientProxyConnectionError"}):
        return faults.PROXY_UNREACHABLE.found("no connection to the proxy")
    return None


def _certificate(error: BaseException, peer: Peer) -> Finding | None:
    code = getattr(error, "verify_code", None)
    if not isinstance(error, ssl.SSLCertVerificationError) or code is None:
        return None
    reason = CERTIFICATE_REASONS.get(code, "it cannot be verified")
    return peer.certificate.found(f"the certificate: {reason} (code {code})", variable=peer.variable)


def _tls(error: BaseException, peer: Peer) -> Finding | None:
    if not isinstance(error, ssl.SSLError) or is_named(error, {"ClientConnectorError"}):
        return None
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return peer.unreachable.found("broken off while TLS was agreed on", variable=peer.variable)
    if error.reason in _PLAIN_PORT_REASONS:
        return peer.tls_mismatch.found("the port does not speak TLS", variable=peer.variable)
    return peer.certificate.found("TLS could not be agreed on", variable=peer.variable)


def _look_up(error: BaseException, peer: Peer) -> Finding | None:
    if not isinstance(error, socket.gaierror) and not is_named(error, {"ClientConnectorDNSError"}):
        return None
    code = getattr(error, "errno", None)
    if code in _NO_SUCH_NAME:
        return peer.host_unknown.found(f"no such name (DNS error {code})", variable=peer.variable)
    return peer.host_unknown.found(
        f"the name service did not answer (DNS error {code})",
        variable=peer.variable,
        severity=Severity.TRANSIENT,
    )


def _silence(error: BaseException, peer: Peer) -> Finding | None:
    if isinstance(error, _TIMEOUTS):
        return peer.silent.found("no answer in the time allowed", variable=peer.variable)
    return None


def _not_http(error: BaseException, peer: Peer) -> Finding | None:
    if is_named(error, _NOT_HTTP):
        return peer.not_theirs.found("the answer is no HTTP", variable=peer.variable)
    return None


def _system(error: BaseException, peer: Peer) -> Finding | None:
    number = getattr(error, "errno", None)
    if is_named(error, _BROKEN_OFF) or number in _RESETS:
        return peer.broken_off.found("the connection was closed without an answer", variable=peer.variable)
    if not isinstance(error, OSError):
        return None
    inner = getattr(error, "os_error", None)
    broken_off = number is None and isinstance(inner or error, ConnectionError)
    name = "it was broken off" if broken_off else errno.errorcode.get(number or 0, "no error number")
    fault = peer.refused if number == errno.ECONNREFUSED else peer.unreachable
    return fault.found(f"connection failed: {name}", variable=peer.variable)


_LOOKS: tuple[_Look, ...] = (_proxy, _certificate, _tls, _look_up, _silence, _not_http, _system)
"""In this order, each over the whole chain: the more telling first."""
