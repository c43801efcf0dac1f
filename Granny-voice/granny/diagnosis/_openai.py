"""OpenAI's refusals: HTTP answers, error events, failed responses, close codes, the plugin's exceptions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from granny import faults
from granny.diagnosis._network import OPENAI, chain, is_named, network_finding
from granny.diagnosis._openai_words import (
    AMBIGUOUS_CODES,
    EMPTY_TYPES,
    HEADERS_OF_CODES,
    OPENAI_CLOSE_CODES,
    OPENAI_CODES,
    OPENAI_MESSAGES,
    OPENAI_STATUSES,
    OPENAI_TYPES,
    RATE_TYPES,
    REGIONAL_HOST,
    UNVERIFIED,
)
from granny.diagnosis._senders import Headers, block, is_challenge
from granny.faults import Fault, Finding, Severity

LARGEST_BODY = 64 * 1024
"""Characters of an answer that are looked at; OpenAI's error bodies have some hundred."""

_PLAIN_CODE = re.compile(r"[a-z]+(_[a-z]+)+|[1-5]\d\d", re.ASCII)
"""A code of this shape may be shown though we do not know it; no key looks like this. Gateways repeat the status."""
_LONGEST_CODE = 60
_VARIABLES: dict[Fault, str] = {
    faults.OPENAI_MODEL_UNAVAILABLE: "GRANNY_MODEL",
    faults.OPENAI_NOT_OPENAI: "OPENAI_BASE_URL",
    faults.OPENAI_KEY_REJECTED: "OPENAI_API_KEY",
    faults.OPENAI_KEY_SCOPE: "OPENAI_API_KEY",
    faults.OPENAI_UNAUTHORIZED: "OPENAI_API_KEY",
    faults.OPENAI_ACCOUNT_CLOSED: "OPENAI_API_KEY",
    faults.OPENAI_ORGANISATION_UNVERIFIED: "GRANNY_MODEL",
    faults.OPENAI_WRONG_REGION: "OPENAI_BASE_URL",
}
_OWN_WORDS = {"RealtimeError", "APIError", "APIStatusError"}
"""The exceptions of livekit-agents that say nothing more when they have neither cause nor body."""


@dataclass(frozen=True, slots=True, repr=False)
class _Said:
    """Three fields of OpenAI's error object, each empty if it says nothing.

    Its repr shows none, as the message may hold part of the key.
    """

    code: str = ""
    type: str = ""
    message: str = ""


def diagnose_reply(status: int, body: str | None = None, *, headers: Headers | None = None) -> Finding:
    """The fault of an HTTP answer other than 101 to a Realtime handshake.

    Args:
        status: the HTTP status.
        body: the text of the answer; None if it could not be read.
        headers: of the answer; they tell whether a guard spoke, and not OpenAI.
    """
    said = _error_in(body) if body else _Said()
    evidence = f"HTTP {status}{_shown(said)}"
    if fault := _refused_with(said, status):
        return _found(fault, evidence + _detail(fault, said))
    if is_challenge(headers):
        return faults.OPENAI_CHALLENGE.found(evidence)
    if reason := block(status, body, headers):
        return faults.OPENAI_BLOCKED.found(f"{evidence}, {reason}")
    return _by_status(status, evidence, said)


def diagnose_event(event: object) -> Finding | None:
    """The fault of an `error` event or of a `response.done` that failed; None for every other event.

    Args:
        event: the event as parsed JSON, or as a model of the openai package.
    """
    kind = _field(event, "type")
    if kind == "error":
        return _diagnose_said(_said(_field(event, "error")), "error event")
    response = _field(event, "response")
    if kind == "response.done" and _field(response, "status") == "failed":
        return _diagnose_said(_said(_field(_field(response, "status_details"), "error")), "response failed")
    return None


def diagnose_close(code: int | None, reason: str) -> Finding:
    """The fault of a WebSocket that the other side closed.

    Args:
        code: the close code; None when the socket just ended.
        reason: the text of the close frame; only a code of our table in it counts.
    """
    named = next((word for word in re.findall(r"[a-z_]+", reason[:200]) if word in OPENAI_CODES), None)
    fault = OPENAI_CODES[named] if named else OPENAI_CLOSE_CODES.get(code or 0, faults.OPENAI_CONNECTION_LOST)
    evidence = f"closed with code {code}" if code else "closed without a word"
    return _found(fault, evidence + (f", {named}" if named else ""))


def diagnose_exception(error: BaseException) -> Finding:
    """The fault behind what livekit's Realtime session raised or reported; follows `__cause__`.

    The shapes, from `livekit/agents/_exceptions.py` and `livekit/agents/llm/_realtime/openai.py` of
    livekit-agents 1.8.9: an `APIError` carries OpenAI's error object as `body`; an `APIConnectionError` comes
    from aiohttp's `WSServerHandshakeError` (a status, no body), another of its errors, or a `TimeoutError`.
    """
    links = tuple(chain(error))
    for link in links:
        if finding := _from_attributes(link):
            return finding
    if finding := network_finding(error, OPENAI):
        return finding
    if is_named(links[-1], {"JSONDecodeError"}):
        return faults.OPENAI_NOT_OPENAI.found("a frame that is no JSON", variable="OPENAI_BASE_URL")
    if is_named(links[-1], {"APIConnectionError"}):
        return faults.OPENAI_CONNECTION_LOST.found("the connection was closed")
    if is_named(links[-1], _OWN_WORDS):
        return faults.OPENAI_UNKNOWN_ERROR.found("an error without a code")
    return faults.OPENAI_UNKNOWN_ERROR.found(f"an exception of the kind {type(links[-1]).__name__}")


def _from_attributes(link: BaseException) -> Finding | None:
    """The finding of one exception that carries OpenAI's error object, a code or a status."""
    body = getattr(link, "body", None)
    said = _error_in(body) if isinstance(body, str) else _said(_field(body, "error") or body)
    if said.code or said.type:
        return _diagnose_said(said, "error event")
    status = getattr(link, "status", None) or getattr(link, "status_code", None)
    if isinstance(status, int) and status > 0 and network_finding(link, OPENAI) is None:
        return diagnose_reply(status)
    code = None if isinstance(status, int) else getattr(link, "code", None)
    return _diagnose_said(_Said(code=code), "error event") if isinstance(code, str) else None


def _diagnose_said(said: _Said, where: str) -> Finding:
    """Of an event: its message may hold what the caller said, and counts only if there is nothing else."""
    is_bare = not said.code and not said.type
    fault = _named(said) or (_worded(said) if is_bare else None) or faults.OPENAI_UNKNOWN_ERROR
    return _found(fault, f"{where}{_shown(said)}{_detail(fault, said)}")


def _refused_with(said: _Said, status: int) -> Fault | None:
    """Of a refused handshake, at which nobody has spoken: by code, then type, then message."""
    if said.code in AMBIGUOUS_CODES and UNVERIFIED.search(said.message):
        return faults.OPENAI_ORGANISATION_UNVERIFIED
    if fault := _named(said):
        return fault
    if status == HTTPStatus.TOO_MANY_REQUESTS and said.type in RATE_TYPES:
        return faults.OPENAI_RATE_LIMITED
    says_nothing = not said.code and (not said.type or said.type in EMPTY_TYPES)
    return _worded(said) if says_nothing else None


def _named(said: _Said) -> Fault | None:
    return OPENAI_CODES.get(said.code) or OPENAI_TYPES.get(said.type)


def _worded(said: _Said) -> Fault | None:
    return next((fault for words, fault in OPENAI_MESSAGES if words.search(said.message)), None)


def _detail(fault: Fault, said: _Said) -> str:
    """What else of the error helps: an address of OpenAI's own, or the header that the code is about."""
    if fault is faults.OPENAI_WRONG_REGION and (host := REGIONAL_HOST.search(said.message)):
        return f"; OpenAI asks for {host[0]}"
    if fault is faults.OPENAI_ORGANISATION_MISMATCH and (name := HEADERS_OF_CODES.get(said.code)):
        return f"; it is about the header {name}"
    return ""


def _by_status(status: int, evidence: str, said: _Said) -> Finding:
    if fault := OPENAI_STATUSES.get(status):
        return _found(fault, evidence)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return faults.OPENAI_UNAVAILABLE.found(evidence)
    if said.code and status != HTTPStatus.NOT_FOUND:
        return faults.OPENAI_UNKNOWN_ERROR.found(evidence, severity=Severity.FATAL)
    return _found(faults.OPENAI_NOT_OPENAI, evidence)


def _found(fault: Fault, evidence: str) -> Finding:
    return fault.found(evidence, variable=_VARIABLES.get(fault))


def _shown(said: _Said) -> str:
    """The part of the evidence that names the code, or the type for want of one."""
    if said.code:
        return f", code {_clean(said.code)}"
    return f", type {_clean(said.type)}" if said.type else ""


def _clean(word: str) -> str:
    plain = len(word) <= _LONGEST_CODE and _PLAIN_CODE.fullmatch(word)
    return word if plain or word in OPENAI_TYPES or word in EMPTY_TYPES else "of an unusual form"


def _error_in(body: str) -> _Said:
    """OpenAI's error object in an answer's text; an empty one if there is none."""
    try:
        parsed: object = json.loads(body[:LARGEST_BODY])
    except (ValueError, RecursionError):
        return _Said()
    return _said(_field(parsed, "error"))


def _said(error: object) -> _Said:
    if isinstance(error, str):
        return _Said(message=error)
    code, kind, message = (_field(error, name) for name in ("code", "type", "message"))
    return _Said(code=_code(code), type=_text(kind), message=_text(message))


def _field(holder: object, name: str) -> object:
    """A field of parsed JSON or of a model; None if it has none."""
    return holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)


def _code(value: object) -> str:
    """Gateways give a number: https://github.com/Gitlawb/openclaude/issues/43."""
    return str(value)[:_LONGEST_CODE] if isinstance(value, int) else _text(value)


def _text(value: object) -> str:
    return value[:LARGEST_BODY] if isinstance(value, str) else ""
