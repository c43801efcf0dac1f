"""Calls that end while the database is away are in the diary when it is back: a real server goes, and comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from granny import diary
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.config.settings import Settings
from granny.diary import _writing
from granny.faults import STORE_UNAVAILABLE
from granny.rehearsal.rig.postgresql import PostgreSQL
from granny.store.store import Store
from granny.worker.hooks import Hooks
from store.samples import NOON

HANG = 60.0
GOODBYE = CallEnd(Ending.GOODBYE)


@pytest.mark.parametrize("empty", ["PostgreSQL"], indirect=True)
async def test_what_ends_meanwhile_is_written_when_it_is_back(
    settings: Settings, server: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_writing, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(_writing, "LONGEST_PAUSE_SECONDS", 0.2)
    hooks = Hooks()
    diary.subscribe(hooks, settings)

    hooks.tell_end(CallEnded("before", "kitchen", GOODBYE, 60.0, at=NOON))
    await until(lambda: written(settings) == {"before"})
    server.stop()
    try:
        hooks.tell_end(CallEnded("meanwhile", "kitchen", GOODBYE, 60.0, at=NOON))
        await until(lambda: hooks.warnings == (STORE_UNAVAILABLE.slug,))
        hooks.tell_end(CallEnded("a moment later", "kitchen", GOODBYE, 60.0, at=NOON))
    finally:
        server.start()  # not in a thread, with whose end it would end
    await until(lambda: not hooks.warnings)
    await hooks.aclose()
    assert written(settings) == {"before", "meanwhile", "a moment later"}


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(int(HANG * 50)):
        if is_so():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never became so")


def written(settings: Settings) -> set[str]:
    store = Store.open(settings)
    try:
        return {row.job for row in store.calls.of(None, NOON.replace(year=2000))}
    finally:
        store.close()
