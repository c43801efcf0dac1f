"""Records her lines: the model says each line once in Granny's own voice, and what is good is kept for the calls."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from granny import faults, lines
from granny.diagnosis import OPENAI
from granny.faults import Finding
from granny.lines import GREETINGS, Line, LineError, OwnVoice
from granny.lines.lock import alone
from granny.lines.takes import Take, keep, plain, prepare
from granny.net.answer import Unasked
from granny.net.conversation import TROUBLES, Socket, conversation, way_of
from granny.preflight.report import Failed, Outcome, Passed, Skipped
from granny.worker.dictation import dictate, update

if TYPE_CHECKING:  # pydantic may be missing, and that is then the check-up's finding
    from granny.config.settings import Settings

logger = logging.getLogger("granny.line_recorder")

TRIES = 3
GIVE_UP = 3
"""So many lines that the model does not say as they are written: it would not say the others either."""
CALLS_SECONDS = 60
"""So long at most a line waits for the calls to end; a worker that is never idle is recorded all the same."""

_LOOK_SECONDS = 1.0
_SECONDS_A_LETTER = 0.11
"""Of the shipped lines, which are spoken as she is asked to."""
_TOKENS_A_SECOND = 23.0
"""20 of sound; what is written down and what she is told to say make up the rest, in the price of sound.

Source: https://developers.openai.com/api/docs/guides/realtime-costs, and the models' own pages there.
"""
_DOLLARS, _MINI_DOLLARS, _MINI = 64.0, 20.0, "-mini"
"""A million tokens of sound from gpt-realtime-2.1 and its like, and from the small models."""

_ALL_RECORDED = "all in her own voice"
_TO_RECORD = """\
{count} are recorded in her own voice from now on, beside the calls, once:
              about {seconds:.0f} s, {price}; GRANNY_OWN_VOICE=off spares it"""
_CENTS = "some {cents} cents at OpenAI's price"
_ITS_PRICE = "at that server's price"
_SHIPPED = "in the voice shipped with her, for hers cannot be kept ({reason}); calls go well all the same"
_STUDIO = "her own voice"
_RECORDED = "recorded, {seconds:.1f} s"
_NOT_RECORDED = "not recorded"
_NO_SESSION = "no conversation with OpenAI came about"
_BROKE_OFF = "the conversation with OpenAI broke off"
_NO_PLACE = "there is no place to keep recordings"
_NO_HOME = "there is no home folder"
_NO_GOOD = "{line}, {tries} tries: the last {problem}"
_LEFT = "{count} lines not asked for: put right first what is said below"
_GIVEN_UP = "{count} lines not asked for: the model does not say what is written"

Busy = Callable[[], bool]
"""Whether a call is on the line."""
Told = Callable[[tuple[Finding, ...]], None]


def _never() -> bool:
    return False


def _nobody(_: tuple[Finding, ...]) -> None:
    return


async def record_missing(settings: Settings, *, is_busy: Busy = _never, told: Told = _nobody) -> None:
    """After a healthy start, beside the calls: record what is missing, unless GRANNY_OWN_VOICE is off.

    Never raises; each outcome is a line of the log, but for the want of a place, which is said as she starts.

    Args:
        settings: whose voice, and whose lines.
        is_busy: whether a call is on the line.
        told: told what kept a line from being recorded.
    """
    if settings.own_voice == "off" or no_place():
        return
    try:
        async for outcome in record(settings, is_busy=is_busy):
            _log(outcome)
            told(outcome.findings)
    except Exception as error:  # noqa: BLE001  the calls do not depend on it
        logger.warning("recording broke off", extra={"error": type(error).__name__})


def outlook(settings: Settings, *others: Settings) -> str | None:
    """What a person who starts her should know of her lines; None if the family's and the shipped ones are wanted.

    Args:
        settings: the installation's.
        others: those of people for whom she is recorded, too, as `granny.worker.voices` has them.
    """
    if settings.own_voice == "off":
        return None
    voices = (settings, *others)
    unsaid = ((line, text, one) for one in voices for line in _sayable(one) if (text := _unrecorded(line, one)))
    left = {OwnVoice.of(one).file(line.value, text): (text, one.speed) for line, text, one in unsaid}
    if not left:
        return _ALL_RECORDED
    if finding := no_place():
        return _SHIPPED.format(reason=finding.evidence)
    seconds = sum(_SECONDS_A_LETTER * len(plain(text)) / speed for text, speed in left.values())
    return _TO_RECORD.format(count=len(left), seconds=round(seconds, -1), price=_price(seconds, settings))


def _unrecorded(line: Line, settings: Settings) -> str:
    """Its words if there seems to be no recording of it: the files are not read, lest the start take longer."""
    own, folder = OwnVoice.of(settings), settings.lines_folder
    text = lines.own_words(line, own, folder=folder)
    file = own.file(line.value, text)
    is_there = (file and file.exists()) or (folder and (folder / f"{line.value}.wav").exists())
    return "" if is_there else text


def _price(seconds: float, settings: Settings) -> str:
    if settings.openai_base_url != type(settings).model_fields["openai_base_url"].default:
        return _ITS_PRICE
    dollars = _MINI_DOLLARS if settings.model.endswith(_MINI) else _DOLLARS
    return _CENTS.format(cents=max(1, round(100 * _TOKENS_A_SECOND * seconds * dollars / 1e6)))


def _sayable(settings: Settings) -> Iterator[Line]:
    """A greeting in another language than the call's is not: the model greets better."""
    own, folder = OwnVoice.of(settings), settings.lines_folder
    return (line for line in Line if line not in GREETINGS or lines.is_in_language(line, own, folder=folder))


def missing(settings: Settings) -> tuple[Line, ...]:
    """The lines of which there is neither a recording of the family's nor one in her own voice."""
    own, folder = OwnVoice.of(settings), settings.lines_folder
    return tuple(line for line in _sayable(settings) if not lines.personal(line, folder=folder, own=own))


async def record(settings: Settings, *, is_busy: Busy = _never) -> AsyncIterator[Outcome]:
    """Record what is missing, line after line over one connection; with nothing missing, nothing is asked.

    While calls are on the line it waits, without a connection.

    Yields:
        An outcome a line; the last one tells of a fault that every further line would meet.
    """
    wanted = deque(await asyncio.to_thread(missing, settings))
    if wanted and (finding := no_place()):
        yield _failed(_STUDIO, _NO_PLACE, finding)
        return
    not_said = 0
    while wanted:
        await _until_quiet(is_busy)
        async with conversation(settings) as socket:
            if isinstance(socket, Unasked):
                yield Skipped(probe=_STUDIO, detail=socket.reason)
                return
            if isinstance(socket, Finding):
                yield _failed(_STUDIO, _NO_SESSION, socket)
                return
            async for outcome in _record_some(socket, wanted, settings, is_busy=is_busy):
                yield outcome
                not_said += _is_not_said(outcome)
                if not_said == GIVE_UP and wanted:
                    yield Skipped(probe=_STUDIO, detail=_GIVEN_UP.format(count=len(wanted)))
                    return


async def _until_quiet(is_busy: Busy) -> None:
    for _ in range(CALLS_SECONDS):
        if not is_busy():
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _record_some(
    socket: Socket, wanted: deque[Line], settings: Settings, *, is_busy: Busy
) -> AsyncIterator[Outcome]:
    """Take at least one line off what is wanted, and the next ones until a call comes; all of them at a fault."""
    try:
        await socket.send_json(update(settings))
        while wanted:
            started = time.monotonic()
            line = wanted.popleft()
            result = await _record_line(socket, line, settings)
            if result:
                yield _outcome(line, result, seconds=time.monotonic() - started)
            if isinstance(result, Finding) and result.fault is not faults.LINE_NOT_RECORDED:
                if wanted:
                    yield Skipped(probe=_STUDIO, detail=_LEFT.format(count=len(wanted)))
                wanted.clear()
            if is_busy():
                return
    except TROUBLES as error:
        wanted.clear()
        yield _failed(_STUDIO, _BROKE_OFF, way_of(settings).finding(error, OPENAI))


async def _record_line(socket: Socket, line: Line, settings: Settings) -> Take | Finding | None:
    """A take, or what is wrong; None if another worker on this machine has recorded the line meanwhile."""
    own = OwnVoice.of(settings)
    text = lines.own_words(line, own, folder=settings.lines_folder)
    path = own.file(line.value, text)
    if path is None:
        return faults.RECORDINGS_NOT_KEPT.found(_NO_HOME)
    async with alone(path.parent):
        if line not in missing(settings):
            return None
        return await _try_takes(socket, settings, line=line, text=text, path=path)


async def _try_takes(socket: Socket, settings: Settings, *, line: Line, text: str, path: Path) -> Take | Finding:
    """Try a few times; a finding about the line alone, or about what every line would meet."""
    problem = ""
    for _ in range(TRIES):
        take = await dictate(socket, text)
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


def no_place() -> Finding | None:
    """Why nothing that she records could be kept on this machine; None if it could."""
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


def _is_not_said(outcome: Outcome) -> bool:
    return any(finding.fault is faults.LINE_NOT_RECORDED for finding in outcome.findings)


def _failed(name: str, detail: str, finding: Finding, *, seconds: float = 0.0) -> Failed:
    return Failed(probe=name, seconds=seconds, detail=detail, findings=(finding,))


def _log(outcome: Outcome) -> None:
    if isinstance(outcome, Passed):
        logger.info("line recorded", extra={"line": outcome.probe})
        return
    finding = next(iter(outcome.findings), None)
    known = {"fault": finding.fault.slug, "evidence": finding.evidence} if finding else {}
    logger.warning("line not recorded", extra={"line": outcome.probe, "reason": outcome.detail, **known})
