"""The studio: the model says each line once in Granny's own voice, and what is good is kept for the calls."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from granny import faults, lines
from granny.diagnosis import OPENAI
from granny.faults import Finding, Severity
from granny.lines import Line, LineError, OwnVoice
from granny.lines.takes import SAMPLE_RATE, Take, keep, prepare
from granny.probes import Unasked
from granny.probes.realtime import (
    ASK_ID,
    TROUBLES,
    UPDATE_ID,
    Event,
    Socket,
    conversation,
    events,
    is_last,
    judged,
    way_of,
)
from granny.report import Failed, Outcome, Passed, Skipped

if TYPE_CHECKING:  # pydantic may be missing, and that is then the check-up's finding
    from granny.settings import Settings

logger = logging.getLogger("granny.studio")

TRIES = 3
TAKE_SECONDS = 60.0
"""The longest wait for one take; OpenAI sends sound faster than it is heard."""
_MOST_TOKENS = 2048
"""What a take that does not end may cost: about a hundred seconds of sound."""
_INSTRUCTIONS = "Say exactly, warmly and slowly, nothing else: {text}"
_BLOCKING = (Severity.FATAL, Severity.TRANSIENT)

_STUDIO = "her own voice"
_RECORDED = "recorded, {seconds:.1f} s"
_NOT_RECORDED = "not recorded"
_NO_SESSION = "no conversation with OpenAI came about"
_BROKE_OFF = "the conversation with OpenAI broke off"
_NO_PLACE = "there is no place to keep recordings"
_NO_HOME = "there is no home folder"
_NO_GOOD = "{line}, {tries} tries: the last {problem}"
_LEFT = "{count} lines not asked for: put right first what is said below"


async def record_missing(settings: Settings) -> None:
    """After a healthy start, beside the calls: record what is missing, if GRANNY_OWN_VOICE asks for it.

    Never raises; each outcome is a line of the log.
    """
    if settings.own_voice == "off":
        return
    try:
        async for outcome in record(settings):
            _log(outcome)
    except Exception as error:  # noqa: BLE001  the calls do not depend on it
        logger.warning("recording broke off", extra={"error": type(error).__name__})


def missing(settings: Settings) -> tuple[Line, ...]:
    """The lines of which there is neither a recording of the family's nor one in her own voice."""
    own, folder = OwnVoice.of(settings), settings.lines_folder
    return tuple(line for line in Line if not lines.personal(line, folder=folder, own=own))


async def record(settings: Settings) -> AsyncIterator[Outcome]:
    """Record what is missing, line after line over one connection; with nothing missing, nothing is asked.

    Yields:
        An outcome a line; the last one tells of a fault that every further line would meet.
    """
    wanted = missing(settings)
    if not wanted:
        return
    if finding := _no_place():
        yield _failed(_STUDIO, _NO_PLACE, finding)
        return
    async with conversation(settings) as socket:
        if isinstance(socket, Unasked):
            yield Skipped(probe=_STUDIO, detail=socket.reason)
        elif isinstance(socket, Finding):
            yield _failed(_STUDIO, _NO_SESSION, socket)
        else:
            async for outcome in _record_all(socket, wanted, settings):
                yield outcome


async def _record_all(socket: Socket, wanted: tuple[Line, ...], settings: Settings) -> AsyncIterator[Outcome]:
    try:
        await socket.send_json(_update(settings))
        for number, line in enumerate(wanted, start=1):
            started = time.monotonic()
            result = await _record_line(socket, line, settings)
            yield _outcome(line, result, seconds=time.monotonic() - started)
            if isinstance(result, Finding) and result.fault is not faults.LINE_NOT_RECORDED:
                if left := len(wanted) - number:
                    yield Skipped(probe=_STUDIO, detail=_LEFT.format(count=left))
                return
    except TROUBLES as error:
        yield _failed(_STUDIO, _BROKE_OFF, way_of(settings).finding(error, OPENAI))


async def _record_line(socket: Socket, line: Line, settings: Settings) -> Take | Finding:
    """Try a few times; a finding about the line alone, or about what every line would meet."""
    own = OwnVoice.of(settings)
    text = lines.own_words(line, own, folder=settings.lines_folder)
    path = own.file(line.value, text)
    if path is None:
        return faults.RECORDINGS_NOT_KEPT.found(_NO_HOME)
    problem = ""
    for _ in range(TRIES):
        take = await _take(socket, text)
        if isinstance(take, Finding):
            return take
        try:
            keep(take, path, text=text, speed=settings.speed)
        except LineError as error:
            problem = error.problem
        except OSError as error:
            return faults.RECORDINGS_NOT_KEPT.found(f"{path.parent}: {error.strerror}")
        else:
            return take
    return faults.LINE_NOT_RECORDED.found(_NO_GOOD.format(line=line.value, tries=TRIES, problem=problem))


async def _take(socket: Socket, text: str) -> Take | Finding:
    await socket.send_json(_request(text))
    try:
        return await asyncio.wait_for(_hear(socket), TAKE_SECONDS)
    except asyncio.TimeoutError:
        return faults.OPENAI_SILENT.found(f"no end of a line within {TAKE_SECONDS:.0f} s")
    except ValueError:  # binascii's: no base64
        return faults.OPENAI_NOT_OPENAI.found("sound in an unknown form", variable="OPENAI_BASE_URL")


async def _hear(socket: Socket) -> Take | Finding:
    """Listen until the response ends, or something says that it never will."""
    pcm, transcript = bytearray(), ""
    async for event in events(socket):
        finding = event if isinstance(event, Finding) else judged(event)
        if finding and finding.severity in _BLOCKING:
            return finding
        if isinstance(event, Finding) or is_last(event):
            break
        if event.get("type") == "response.output_audio.delta":
            pcm += base64.b64decode(str(event.get("delta")))
        elif event.get("type") == "response.output_audio_transcript.done":
            transcript = str(event.get("transcript"))
    return Take(bytes(pcm), transcript).trimmed()


def _update(settings: Settings) -> Event:
    """The voice, and nobody to listen to; in the form in which the plugin sends it."""
    output = {
        "format": {"type": "audio/pcm", "rate": SAMPLE_RATE},
        "voice": settings.voice,
        "speed": settings.speed,
    }
    audio = {"input": {"turn_detection": None}, "output": output}
    return {
        "type": "session.update",
        "event_id": UPDATE_ID,
        "session": {"type": "realtime", "output_modalities": ["audio"], "audio": audio},
    }


def _request(text: str) -> Event:
    """One response beside the conversation, with an empty context: no line colours the next one."""
    return {
        "type": "response.create",
        "event_id": ASK_ID,
        "response": {
            "conversation": "none",
            "input": [],
            "instructions": _INSTRUCTIONS.format(text=text),
            "max_output_tokens": _MOST_TOKENS,
            "output_modalities": ["audio"],
        },
    }


def _no_place() -> Finding | None:
    folder = lines.cache_folder()
    if folder is None:
        return faults.RECORDINGS_NOT_KEPT.found(_NO_HOME)
    try:
        prepare(folder)
    except OSError as error:
        return faults.RECORDINGS_NOT_KEPT.found(f"{folder}: {error.strerror}")
    return None


def _outcome(line: Line, result: Take | Finding, *, seconds: float) -> Outcome:
    if isinstance(result, Finding):
        return _failed(line.value, _NOT_RECORDED, result, seconds=seconds)
    return Passed(probe=line.value, seconds=seconds, detail=_RECORDED.format(seconds=result.seconds))


def _failed(name: str, detail: str, finding: Finding, *, seconds: float = 0.0) -> Failed:
    return Failed(probe=name, seconds=seconds, detail=detail, findings=(finding,))


def _log(outcome: Outcome) -> None:
    if isinstance(outcome, Passed):
        logger.info("line recorded", extra={"line": outcome.probe})
        return
    finding = next(iter(outcome.findings), None)
    known = {"fault": finding.fault.slug, "evidence": finding.evidence} if finding else {}
    logger.warning("line not recorded", extra={"line": outcome.probe, "reason": outcome.detail, **known})
