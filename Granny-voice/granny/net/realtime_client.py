"""One Realtime session as the plugin opens it: handshake, first frame, one tiny written answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

import aiohttp

from granny import faults
from granny.diagnosis import OPENAI, diagnose_close, diagnose_event, diagnose_reply
from granny.faults import Fault, Finding, Severity
from granny.net import http
from granny.net.openai_endpoint import Door

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings

HANDSHAKE_SECONDS = 4.0
FIRST_FRAME_SECONDS = 2.0
ANSWER_SECONDS = 4.0

UPDATE_ID = "granny_update"
ASK_ID = "granny_ask"
_ASK = {
    "type": "response.create",
    "event_id": ASK_ID,
    "response": {"output_modalities": ["text"], "max_output_tokens": 16, "instructions": "Say OK."},
}
_AT_START: dict[Fault, Fault] = {
    faults.OPENAI_SESSION_EXPIRED: faults.OPENAI_UNAVAILABLE,
    faults.OPENAI_CONNECTION_LOST: faults.OPENAI_UNREACHABLE,
}
"""What ends a call in the middle means something else in the first seconds."""
_SETTINGS_BY_PARAMETER = {
    "session.audio.output.voice": "GRANNY_VOICE",
    "session.audio.output.speed": "GRANNY_SPEED",
    "session.audio.input.transcription.model": "GRANNY_TRANSCRIPTION_MODEL",
    "session.audio.input.transcription.language": "GRANNY_LANGUAGE",
}
_CLOSED = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
_BLOCKING = (Severity.FATAL, Severity.TRANSIENT)
Event = Mapping[str, object]
Socket: TypeAlias = "aiohttp.ClientWebSocketResponse[bool]"


@dataclass(frozen=True, slots=True)
class Held:
    """A session that opened.

    Attributes:
        answered: whether the tiny answer came to its end.
        findings: warnings, or what the answer failed with.
    """

    answered: bool
    findings: tuple[Finding, ...] = ()


async def converse(session: aiohttp.ClientSession, door: Door, settings: Settings) -> Held | Finding:
    """Open a session and, unless switched off, ask for one tiny answer; a finding if it did not open.

    Raises:
        ValueError: the URL or a header cannot be sent.
    """
    socket = await connect(session, door)
    if isinstance(socket, Finding):
        return socket
    try:
        held = await _asked(socket, settings)
        return replace(held, findings=tuple(map(door.discreet, held.findings)))
    except http.TROUBLES as error:
        return door.way.finding(error, OPENAI)
    finally:
        await leave(socket)


async def connect(session: aiohttp.ClientSession, door: Door) -> Socket | Finding:
    """The WebSocket of a session that OpenAI has opened, to be closed with `leave`; a finding if it did not.

    Raises:
        ValueError: the URL or a header cannot be sent.
    """
    try:
        connecting = session.ws_connect(door.url, headers=door.headers)
        socket = await asyncio.wait_for(connecting, HANDSHAKE_SECONDS)
    except (aiohttp.WSServerHandshakeError, http.Redirected) as error:
        return door.discreet(await _refusal(session, door, error.status))
    except aiohttp.InvalidURL:
        raise  # a ValueError of aiohttp's own: nothing was asked
    except http.TROUBLES as error:
        return door.way.finding(error, OPENAI)
    finding = await _first_frame_fault(socket, door)
    if finding is None:
        return socket
    await leave(socket)
    return door.discreet(finding)


async def _refusal(session: aiohttp.ClientSession, door: Door, status: int) -> Finding:
    """Asked again with a plain GET: `ws_connect` reads no body, and the reason is in the body."""
    headers = {**door.headers, **http.upgrade_headers()}
    try:
        reply = await http.get(session, door.url, headers=headers, seconds=HANDSHAKE_SECONDS)
    except http.TROUBLES:
        return door.way.named(diagnose_reply(status))
    if reply.accepted:
        return replace(diagnose_reply(status), severity=Severity.TRANSIENT)  # it came and went
    finding = door.way.named(diagnose_reply(reply.status, reply.body, headers=reply.headers))
    if _in_nobodys_words(reply, finding) and door.way.may_have_answered(door.url):
        return door.way.refused(finding)
    if elsewhere := http.sent_on(reply, door.secrets):
        return replace(finding, evidence=f"{finding.evidence}, sent on to {elsewhere}")
    return finding


def _in_nobodys_words(reply: http.Reply, finding: Finding) -> bool:
    """Whether a refusal has no error object of OpenAI's: a guard before the server has none, and a proxy neither."""
    refused = finding.fault in (faults.OPENAI_UNAUTHORIZED, faults.OPENAI_BLOCKED)
    return refused and reply.status == HTTPStatus.FORBIDDEN and not (reply.body or "").lstrip().startswith("{")


async def _first_frame_fault(socket: Socket, door: Door) -> Finding | None:
    try:
        event = await asyncio.wait_for(_next_event(socket), FIRST_FRAME_SECONDS)
    except asyncio.TimeoutError:
        return faults.OPENAI_SILENT.found("the WebSocket opened, and no first frame came")
    except http.TROUBLES as error:
        return door.way.finding(error, OPENAI)
    if isinstance(event, Finding):
        return event
    if finding := diagnose_event(event):
        return _at_start(_made_fatal(finding))
    if event.get("type") != "session.created":
        return faults.OPENAI_NOT_OPENAI.found("the first frame is no session.created", variable="OPENAI_BASE_URL")
    return None


async def _asked(socket: Socket, settings: Settings) -> Held:
    if settings.preflight_response == "off":
        return Held(answered=False)
    with contextlib.suppress(*http.TROUBLES):  # if it is closed already, why is still to be read
        await socket.send_json(_update(settings))
        await socket.send_json(_ASK)
    warnings: list[Finding] = []
    try:
        return await asyncio.wait_for(_answer(socket, warnings), ANSWER_SECONDS)
    except asyncio.TimeoutError:
        silent = faults.OPENAI_SILENT.found("the session opened, and a first answer did not come to its end")
        return Held(answered=False, findings=(*warnings, silent))


def _update(settings: Settings) -> Event:
    """The settings that OpenAI alone can judge, in the form in which the plugin sends them."""
    transcription = {
        "model": settings.transcription_model,
        "language": settings.language.partition("-")[0],
    }
    audio = {
        "output": {"voice": settings.voice, "speed": settings.speed},
        "input": {"transcription": transcription},
    }
    return {
        "type": "session.update",
        "event_id": UPDATE_ID,
        "session": {"type": "realtime", "audio": audio},
    }


async def _answer(socket: Socket, warnings: list[Finding]) -> Held:
    """Read until the answer ends, or something says that it never will; warnings are collected on the way."""
    async for event in events(socket):
        finding = event if isinstance(event, Finding) else judged(event)
        if finding:
            warnings.append(finding)
        if is_last(event) or (finding and finding.severity in _BLOCKING):
            return Held(answered=_is_done(event) and not finding, findings=tuple(warnings))
    raise AssertionError  # _events ends with a finding


def judged(event: Event) -> Finding | None:
    """What an event says is wrong, seen from the start."""
    finding = diagnose_event(event)
    if finding is None:
        return None
    if finding.fault is faults.OPENAI_UNKNOWN_ERROR:
        if variable := _SETTINGS_BY_PARAMETER.get(str(_error_field(event, "param"))):
            return faults.SETTING_INVALID.found("OpenAI does not take its value", variable=variable)
        if _is_done(event):  # the error says nothing, and still there is no voice: it may pass
            return replace(finding, severity=Severity.TRANSIENT)
    return _at_start(finding)


def is_last(event: Event | Finding) -> bool:
    """Whether nothing more can come of the question: it was answered, or refused as such."""
    return (
        isinstance(event, Finding)
        or _is_done(event)
        or (event.get("type") == "error" and _error_field(event, "event_id") == ASK_ID)
    )


def _is_done(event: Event | Finding) -> bool:
    return not isinstance(event, Finding) and event.get("type") == "response.done"


def _error_field(event: Event, name: str) -> object:
    error = event.get("error")
    return error.get(name) if isinstance(error, Mapping) else None


async def events(socket: Socket) -> AsyncIterator[Event | Finding]:
    """Event after event, at last the finding that ended them."""
    while True:
        event = await _next_event(socket)
        yield event
        if isinstance(event, Finding):
            return


async def _next_event(socket: Socket) -> Event | Finding:
    message = await socket.receive()
    if message.type in _CLOSED or message.type is aiohttp.WSMsgType.ERROR:
        reason = message.extra if isinstance(message.extra, str) else ""
        code = message.data if message.type is aiohttp.WSMsgType.CLOSE else socket.close_code
        return _at_start(diagnose_close(code, reason))
    try:
        event = json.loads(message.data)
    except (ValueError, TypeError, RecursionError):
        event = None
    if isinstance(event, dict):
        return event
    return faults.OPENAI_NOT_OPENAI.found("a frame is no Realtime event", variable="OPENAI_BASE_URL")


def _at_start(finding: Finding) -> Finding:
    fault = _AT_START.get(finding.fault)
    return fault.found(finding.evidence) if fault else finding


def _made_fatal(finding: Finding) -> Finding:
    """An error that nobody knows, in place of a session, leaves no way to hold a call."""
    if finding.fault is faults.OPENAI_UNKNOWN_ERROR:
        return replace(finding, severity=Severity.FATAL)
    return finding


async def leave(socket: Socket) -> None:
    """Say goodbye, and do not wait long for an answer to it."""
    try:
        await asyncio.wait_for(socket.close(), 0.3)
    except http.TROUBLES:
        return
