"""`python -m granny page`: serves the page on which people call her, once it has been seen that a call can be begun."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from granny.commands._at_store import grave
from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import PORT_IN_USE, ExitCode, Finding
from granny.logs.lines import log_lines
from granny.logs.redaction import redact_logs
from granny.preflight import terminal
from granny.preflight.checkup import LIVEKIT, Occasion, Port
from granny.preflight.report import Failed, Report
from granny.store.trouble import StoreError

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

_OPEN = """\
Her page is open, at {address}.
A link to it, for a person: python -m granny link NAME. Ctrl+C closes it."""


def main(arguments: Sequence[str]) -> int:
    """Check up what the page needs, and serve it until it is stopped; returns the exit status."""
    terminal.show_anything()
    options = Options("page")
    options.add_files()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, probes=(LIVEKIT,), opens=Port.PAGE)
    with contextlib.suppress(KeyboardInterrupt):  # it is closed so, and all is well
        return terminal.interruptible(_check_and_serve(occasion))
    return ExitCode.OK


async def _check_and_serve(occasion: Occasion) -> int:
    report, settings = await terminal.asked(occasion)
    if settings is None or not settings.may_start(report.exit_code):
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    if report.findings:
        print(terminal.text(report, stream=sys.stderr), end="\n\n", file=sys.stderr)
    log_lines()
    redact_logs(settings.secrets)
    try:
        await _serve(settings, occasion)
    except StoreError as error:
        report = _told(report, grave(error))
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    except OSError as error:  # somebody took the port, or a file of certificates went, since the check-up
        report = _told(report, _cannot_be_opened(error))
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    return ExitCode.OK


async def _serve(settings: Settings, occasion: Occasion) -> None:
    """Until whoever started it wants no more.

    Raises:
        StoreError: it cannot be told whose links there are.
        OSError: it cannot be opened.
    """
    from granny.page.link_book import LinkBook  # noqa: PLC0415  it needs pydantic; were that missing, the report would have said so
    from granny.page.livekit_line import livekit_line  # noqa: PLC0415  livekit takes its time
    from granny.page.server import House, serving  # noqa: PLC0415  aiohttp, too
    from granny.people import People  # noqa: PLC0415  as the first

    links = LinkBook(settings)
    await links.open()
    async with (
        livekit_line(settings, links.holder) as line,
        serving(House(settings, People.read(occasion.people), links.holder, line)) as port,
    ):
        address = settings.page_address if settings.page_port else f"http://127.0.0.1:{port}"
        print(_OPEN.format(address=address), file=sys.stderr, flush=True)
        await _stopped()


async def _stopped() -> None:
    """Until SIGTERM; Ctrl+C cancels it."""
    stopped = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows has none
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()


def _cannot_be_opened(error: OSError) -> Finding:
    """What the system says."""
    return PORT_IN_USE.found(f"The system says: {os.strerror(error.errno or 0)}.", variable=Port.PAGE.variables[0])


def _told(report: Report, finding: Finding) -> Report:
    """The report with why it cannot be opened."""
    failed = Failed(probe=Port.PAGE.value, seconds=0.0, detail="it cannot be opened", findings=(finding,))
    return Report((*report.outcomes, failed), report.file)
