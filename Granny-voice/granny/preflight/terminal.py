"""A check-up on this terminal: the report as a person reads it, or as JSON, and its exit status."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

from granny.faults import ExitCode
from granny.preflight.checkup import Notice, Occasion, check_up, look
from granny.preflight.report import Outcome, Passed, Report, Skipped

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

_READY = """\
Granny is ready: {checks} checks passed{warned}.
  Her voice   {model}, {voice}, at {host}
  To join     {join}"""
_LINES = "  Her lines   {lines}"
_UNASKED = "  Mind        {probe}: {said}"
_JOIN_WORKER = "by her page, python -m granny page, or by a link for one call: python -m granny link --once"
_JOIN_CONSOLE = "speak into this machine's microphone"
_WARNED = "; {} to look at when you have time, see above"
_UNSHOWN = "asyncio has a remark on the check-up, not shown, for it may hold a key"
_ASKING = "Asking {names} …"
_STILL_ASKING = "Still asking {names} …"


def show_anything() -> None:
    """From now on a character that the console lacks, as a folder's name may have, is spelt by its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(occasion: Occasion, *, as_json: bool) -> int:
    """Check up, print the report on stdout and return its exit status."""
    show_anything()
    tell = _tell_as_json if as_json else _tell
    if occasion.network:
        with _wordless_asyncio():
            return interruptible(_asked_and_told(occasion, tell))
    report, _ = look(occasion)
    tell(report)
    return report.exit_code


def interruptible(work: Coroutine[Any, Any, int]) -> int:
    """`asyncio.run`, in which Ctrl+C cancels the work, as Python does by itself from 3.11 on.

    Before, it breaks into whichever task is at work, and asyncio prints what became of the others.

    Raises:
        KeyboardInterrupt: it was Ctrl+C that ended the work.
    """
    if sys.version_info >= (3, 11) or sys.platform == "win32":
        return asyncio.run(work)

    async def cancellable() -> int:
        main = asyncio.create_task(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, main.cancel)
        return await main

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _asked_and_told(occasion: Occasion, tell: Callable[[Report], None]) -> int:
    """Told before the loop ends: closing it can wait long for a name service that does not answer."""
    report, _ = await asked(occasion)
    tell(report)
    return report.exit_code


def _tell(report: Report) -> None:
    print(text(report, stream=sys.stdout), flush=True)


def _tell_as_json(report: Report) -> None:
    words = report.as_json()
    try:
        words.encode(sys.stdout.encoding)
    except UnicodeEncodeError:  # a path may have letters that the console has not
        words = json.dumps(json.loads(words), indent=2)
    print(words, flush=True)


def notice(names: tuple[str, ...], again: int) -> None:
    """A line on stderr: these are being asked, or still are."""
    wording = _STILL_ASKING if again else _ASKING
    print(wording.format(names=", ".join(names)), file=sys.stderr, flush=True)


async def asked(
    occasion: Occasion, *, notice: Notice = notice, meanwhile: Callable[[Settings], None] | None = None
) -> tuple[Report, Settings | None]:
    """The whole check-up; `notice` and `meanwhile` as in `check_up`."""
    with _wordless_asyncio():
        return await check_up(occasion, notice=notice, meanwhile=meanwhile)


@contextlib.contextmanager
def _wordless_asyncio() -> Iterator[None]:
    """Until the settings are known, and with them what to hide, nothing that asyncio says of a task is shown.

    In its debug mode it prints what took long with the exception that ended it, and aiohttp's hold the whole request.
    """

    def wordless(record: logging.LogRecord) -> bool:
        record.msg, record.args = _UNSHOWN, None
        record.exc_info = record.exc_text = record.stack_info = None
        return True

    told = logging.getLogger("asyncio")
    told.addFilter(wordless)
    try:
        yield
    finally:
        told.removeFilter(wordless)


def text(report: Report, *, stream: TextIO) -> str:
    """The report and its verdict, coloured if the stream is a terminal that wants colour (https://no-color.org)."""
    coloured = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"{report.as_text(coloured=coloured)}\n\n{report.verdict()}"


def opening(report: Report, settings: Settings, occasion: Occasion, *, lines: str | None = None) -> str:
    """What a worker says as it starts: a few lines, and the report before them when there is something in it.

    Args:
        report: of a check-up after which she starts.
        settings: as they were checked.
        occasion: of the check-up.
        lines: what is to be said of her recorded lines.
    """
    if report.exit_code is not ExitCode.OK:
        return text(report, stream=sys.stderr)
    warnings = len(report.findings)
    ready = _READY.format(
        checks=sum(isinstance(outcome, Passed) for outcome in report.outcomes),
        warned=_WARNED.format(warnings) if warnings else "",
        model=settings.model,
        voice=settings.voice,
        host=urlsplit(settings.openai_base_url).hostname,
        join=occasion.join or (_JOIN_WORKER if occasion.needs_livekit else _JOIN_CONSOLE),
    )
    if lines:
        ready += f"\n{_LINES.format(lines=lines)}"
    if warnings:
        return f"{text(report, stream=sys.stderr)}\n\n{ready}"
    return "\n".join([ready, *(_UNASKED.format(said=one.detail, probe=one.probe) for one in _unasked(report))])


def _unasked(report: Report) -> Iterator[Outcome]:
    """What nobody should take for checked."""
    return (one for one in report.outcomes if isinstance(one, Skipped) or "not checked" in one.detail)
