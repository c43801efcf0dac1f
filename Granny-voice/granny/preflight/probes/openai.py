"""Does OpenAI talk with Granny? A Realtime session as the plugin opens it, and one tiny answer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp

from granny import faults
from granny.faults import Finding, Severity
from granny.net import http
from granny.net.answer import Answer, Unasked
from granny.net.openai_endpoint import Door, find_door
from granny.net.openai_models import realtime_models
from granny.net.realtime_client import Held, converse
from granny.net.route import way_of

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings

SECONDS_IN_ALL = 9.0
SCOPE_TRIES = 3
"""A refusal about scopes has come and gone on good keys; it counts when it comes so many times."""
SCOPE_PAUSE_SECONDS = 0.5
_LATEST_TRY_SECONDS = 2.0

_NO_SESSION = "no conversation with OpenAI came about"
_NO_ANSWER = "a conversation opened, but OpenAI did not answer"
_ANSWERED = "OpenAI answers"
_NOT_CHECKED = "a conversation opened; an answer, and so model and credit: not checked"
_OFF = "a conversation opened; an answer: not checked (GRANNY_PREFLIGHT_RESPONSE=off)"


async def ask(settings: Settings) -> Answer | Unasked:
    """Hold the shortest conversation there is; it costs a handful of tokens.

    Returns within 10 seconds.
    """
    door = find_door(settings)
    if isinstance(door, Unasked):
        return door
    if finding := door.way.proxy_fault():
        return Answer(_NO_SESSION, (finding,))
    try:
        session = http.open_session(door.url, door.way)
    except OSError:
        return Answer(_NO_SESSION, (faults.OPENAI_CERTIFICATE.found("cannot be read", variable="SSL_CERT_FILE"),))
    try:
        async with session:
            return await asyncio.wait_for(_ask(session, door, settings), SECONDS_IN_ALL)
    except asyncio.TimeoutError:
        silent = faults.OPENAI_SILENT.found(f"no end within {SECONDS_IN_ALL:.0f} s")
        return Answer(_NO_SESSION, (silent,))


async def _ask(session: aiohttp.ClientSession, door: Door, settings: Settings) -> Answer | Unasked:
    try:
        held = await _converse_insistently(session, door, settings)
    except ValueError as error:  # aiohttp and yarl refuse what cannot be sent
        return Unasked(f"OPENAI_API_KEY or OPENAI_BASE_URL cannot be used ({type(error).__name__})")
    if isinstance(held, Finding):
        return Answer(_NO_SESSION, (await _with_models(session, door, held),))
    findings = tuple([await _with_models(session, door, finding) for finding in held.findings])
    return Answer(_detail(held, settings), findings)


async def _converse_insistently(session: aiohttp.ClientSession, door: Door, settings: Settings) -> Held | Finding:
    """A few times, and while there is time, if the refusal is of a kind that goes away."""
    started = time.monotonic()
    held = await converse(session, door, settings)
    for _ in range(SCOPE_TRIES - 1):
        if not _may_go_away(held) or time.monotonic() - started > _LATEST_TRY_SECONDS:
            break
        await asyncio.sleep(SCOPE_PAUSE_SECONDS)
        held = await converse(session, door, settings)
    return held


def _may_go_away(held: Held | Finding) -> bool:
    """A refusal about scopes, or one that had gone when its reason was asked for."""
    if isinstance(held, Held):
        return any(finding.fault is faults.OPENAI_KEY_SCOPE for finding in held.findings)
    went = held.fault is faults.OPENAI_UNAUTHORIZED and held.severity is Severity.TRANSIENT
    return went or held.fault is faults.OPENAI_KEY_SCOPE


async def _with_models(session: aiohttp.ClientSession, door: Door, finding: Finding) -> Finding:
    """A missing model's finding, with the names of those that the key may list."""
    if finding.fault is not faults.OPENAI_MODEL_UNAVAILABLE:
        return finding
    names = await realtime_models(session, door)
    known = f"this key can list: {', '.join(names)}" if names else "which models there are: not checked"
    return replace(finding, evidence=f"{finding.evidence}; {known}")


def _detail(held: Held, settings: Settings) -> str:
    if held.answered:
        return f"{_ANSWERED}{way_of(settings).in_words}"
    if settings.preflight_response == "off":
        return _OFF
    blocking = any(finding.fault is not faults.OPENAI_UNKNOWN_ERROR for finding in held.findings)
    return _NO_ANSWER if blocking else _NOT_CHECKED
