"""What `granny.call` draws of a fault's way is the way: each station is there, and knows the next."""

from __future__ import annotations

import ast
import re

import pytest

from granny import call
from granny.config.paths import HOME

PACKAGE = HOME / "granny"
STATIONS = re.findall(r"[a-z_]+(?:/[a-z_]+)*/[a-z_]+\.py", call.__doc__ or "")
KNOWS = [
    ("call/supervisor.py", "granny.call.refusal"),
    ("call/supervisor.py", "granny.diagnosis.diagnose_event"),
    ("call/supervisor.py", "granny.diagnosis.diagnose_exception"),
    ("call/supervisor.py", "granny.call.watchdog.Watchdog"),
    ("call/watchdog/_watchdog.py", "granny.call.watchdog._trouble.Trouble"),
    ("call/watchdog/_watchdog.py", "granny.call.watchdog._owed.Owed"),
    ("call/supervisor.py", "granny.call.announcer.Announcer"),
    ("call/lifecycle.py", "granny.call.sound_watch.SoundWatch"),
    ("call/lifecycle.py", "granny.call.floor.Floor"),
    ("call/floor.py", "granny.call.election.Election"),
    ("call/lifecycle.py", "granny.call.closing.Closing"),
    ("call/closing.py", "granny.call.ending.CallEnd"),
    ("call/closing.py", "granny.call.stage.Stage"),
    ("call/closing.py", "granny.call.announcer.Announcer"),
    ("call/lifecycle.py", "granny.call.reports"),
    ("call/announcer.py", "granny.call.line_player.play_in_room"),
    ("call/announcer.py", "granny.call.reports"),
    ("call/announcer.py", "granny.call.wire.tell_fault"),
    ("worker/roomless.py", "granny.call.wire.give"),
    ("worker/exchange.py", "granny.worker.hooks.Hooks"),
    ("worker/job_reports.py", "granny.call.reports.CHANNEL"),
    ("worker/job_reports.py", "granny.worker.hooks.Hooks"),
    ("worker/metrics.py", "granny.worker.hooks.Hooks"),
    ("worker/health.py", "granny.worker.metrics.exposition"),
]
"""The arrows of the drawing that are an import."""


def test_every_station_is_there() -> None:
    assert len(set(STATIONS)) > 15
    assert [station for station in STATIONS if not (PACKAGE / station).is_file()] == []


@pytest.mark.parametrize(("station", "known"), KNOWS)
def test_each_station_knows_the_next(station: str, known: str) -> None:
    assert station in STATIONS
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse((PACKAGE / station).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert known in imported
