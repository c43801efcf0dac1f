"""Brings the store to this version's form before calls are taken: later, calls would go on beside it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from granny.config.settings import Settings
from granny.faults import Finding, Severity
from granny.preflight.checkup import STORE
from granny.preflight.report import Failed, Passed, Report
from granny.store.clerk import Errands
from granny.store.migrating import bring_up
from granny.store.place import Place, place_of
from granny.store.standing import Standing, look
from granny.store.trouble import StoreError

_SECONDS = 10.0


async def brought_up(report: Report, settings: Settings) -> Report:
    """The report, with what was wrong if the store could not be brought there; a file is made by its first call."""
    place = place_of(settings)
    if place is None:
        return report
    started = time.monotonic()
    found = await _trouble(place)
    if found is None or found.fault in {one.fault for one in report.findings}:
        return report
    kind = Passed if found.severity is Severity.WARNING else Failed
    outcome = kind(
        probe=STORE,
        seconds=time.monotonic() - started,
        detail=f"{place.shown}, not brought to this version's form",
        findings=(found,),
    )
    return Report((*report.outcomes, outcome), report.file)


async def _trouble(place: Place) -> Finding | None:
    """One that hangs is as one that is away; only what is due, and takes its time, is waited for."""
    try:
        if await _seen(lambda: _is_due(place)):
            await asyncio.to_thread(bring_up, place)
    except StoreError as error:
        return error.finding
    return None


async def _seen(see: Callable[[], bool]) -> bool:
    errands = Errands()
    try:
        return await errands(see, _SECONDS)
    finally:
        errands.end()


def _is_due(place: Place) -> bool:
    if place.file and not os.path.lexists(place.file):
        return False
    return look(place).standing is not Standing.CURRENT
