"""How a worker tells its check-up: to a person at a terminal in words, to whoever reads logs as lines of the log."""

from __future__ import annotations

import logging
import sys
from typing import Protocol
from urllib.parse import urlsplit

from livekit.agents.cli.log import JsonFormatter

from granny.config.settings import Settings
from granny.faults import ExitCode
from granny.preflight import terminal
from granny.preflight.checkup import Occasion
from granny.preflight.report import Report

logger = logging.getLogger("granny.preflight")

_APOLOGISES = "She starts with her door shut: a caller hears an apology, until OpenAI, asked again and again, is well."


class Telling(Protocol):
    """What a worker has to say before it takes calls."""

    def asking(self, names: tuple[str, ...], again: int) -> None:
        """These probes are being asked, as `check_up` gives notice of it."""

    def refuses(self, report: Report) -> None:
        """She does not start; the report is the last word."""

    def starts(self, report: Report, settings: Settings, occasion: Occasion, *, lines: str | None) -> None:
        """She starts after this check-up; as in `terminal.opening`."""

    def apologises(self, fault: str) -> None:
        """She starts, in spite of this fault of OpenAI's, with her door shut."""


class InWords:
    """On stderr, as the commands do."""

    def asking(self, names: tuple[str, ...], again: int) -> None:
        """A line."""
        terminal.notice(names, again)

    def refuses(self, report: Report) -> None:
        """The readable report."""
        self._print(terminal.text(report, stream=sys.stderr))

    def starts(self, report: Report, settings: Settings, occasion: Occasion, *, lines: str | None) -> None:
        """A few lines, with the report before them if there is something in it."""
        self._print(terminal.opening(report, settings, occasion, lines=lines))

    def apologises(self, fault: str) -> None:  # noqa: ARG002  the report has named it
        """A line."""
        self._print(_APOLOGISES)

    @staticmethod
    def _print(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class InLog:
    """One record each; the report's has the fields of `check_env.py --json`."""

    def asking(self, names: tuple[str, ...], again: int) -> None:
        """Again, where it takes long."""
        logger.info("still asking" if again else "asking", extra={"probes": names})

    def refuses(self, report: Report) -> None:
        """The report, at a level that nobody leaves out."""
        logger.critical("check-up: not started", extra=dict(report.record()))

    def starts(self, report: Report, settings: Settings, occasion: Occasion, *, lines: str | None) -> None:  # noqa: ARG002  how to join is for a person
        """The report, and what she is."""
        level = logging.WARNING if report.findings else logging.INFO
        logger.log(level, "check-up", extra=dict(report.record()))
        host = urlsplit(settings.openai_base_url).hostname
        ready = report.exit_code is ExitCode.OK
        told = {"model": settings.model, "voice": settings.voice, "openai_host": host, "lines": lines}
        logger.log(
            logging.INFO if ready else logging.WARNING, "ready" if ready else "starting all the same", extra=told
        )

    def apologises(self, fault: str) -> None:
        """A warning."""
        logger.warning("starting with the door shut", extra={"fault": fault})


def telling() -> Telling:
    """As the framework logs: in `start` as JSON, unless somebody reads along; never both."""
    formatters = {type(handler.formatter) for handler in logging.getLogger().handlers}
    return InLog() if JsonFormatter in formatters and not sys.stderr.isatty() else InWords()
