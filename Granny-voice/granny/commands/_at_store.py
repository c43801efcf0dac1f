"""What the commands that read or change the store have in common: they open it, and say what is wrong with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from granny.config.paths import Mode
from granny.faults import Finding, Severity
from granny.preflight import terminal
from granny.preflight.checkup import STORE, Occasion, look
from granny.preflight.report import Failed, Report
from granny.store.trouble import StoreError

if TYPE_CHECKING:  # pydantic and SQLAlchemy may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.store.store import Store

Work = Callable[["Store", "Settings"], int]


def at_store(chosen: argparse.Namespace, work: Work) -> int:
    """Do this with the store of the chosen env files, as far as these can be read; returns the exit status."""
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, needs_livekit=False, network=False)
    report, settings = look(occasion)
    if settings is None:
        return _refuse(report)
    from granny.store.store import Store  # noqa: PLC0415  SQLAlchemy takes its time

    try:
        store = Store.open(settings)
        try:
            return work(store, settings)
        finally:
            store.close()
    except StoreError as error:
        found = grave(error)
        return _refuse(
            Report((Failed(probe=STORE, seconds=0.0, detail="it cannot be used", findings=(found,)),), report.file)
        )


def grave(error: StoreError) -> Finding:
    """What is wrong with the store, where nothing goes without it; to who takes calls it may be a mere warning."""
    return replace(error.finding, severity=Severity.TRANSIENT if error.may_pass else Severity.FATAL)


def _refuse(report: Report) -> int:
    print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
    return report.exit_code
