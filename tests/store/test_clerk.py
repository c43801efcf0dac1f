"""A store that hangs, refuses nothing and never answers: nobody waits for it for ever."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from granny import faults
from granny.config.paths import HOME
from granny.config.settings import Settings
from granny.store import clerk as clerks
from granny.store.clerk import Clerk, Errands
from granny.store.rows import CallRow
from granny.store.store import Store
from granny.store.trouble import StoreError
from store.samples import call

_HANGS_AND_ENDS = """
import asyncio, threading
from granny.store.clerk import Errands
from granny.store.trouble import StoreError

async def ask():
    try:
        await Errands()(threading.Event().wait, 0.01)
    except StoreError:
        print("it does not answer")

asyncio.run(ask())
"""


@pytest.fixture(name="hang")
def _hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set, it hangs no more."""
    monkeypatch.setattr(clerks, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(clerks, "_LAST_SECONDS", 0.05)
    event = threading.Event()
    yield event
    event.set()


def test_a_process_whose_store_hangs_can_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _HANGS_AND_ENDS], cwd=HOME, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "it does not answer\n"


async def test_a_store_that_hangs_is_away_and_used_again_when_it_answers(
    settings: Settings, hang: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = Clerk(settings)
    with pytest.raises(StoreError) as error:
        await clerk(lambda _: hang.wait())
    assert (error.value.finding.fault, error.value.may_pass) == (faults.STORE_UNAVAILABLE, True)
    added: list[CallRow] = []
    with pytest.raises(StoreError):
        await clerk(lambda _: added.append(call("1")))
    monkeypatch.setattr(clerks, "PATIENCE_SECONDS", 30.0)
    hang.set()
    assert await clerk(lambda store: store.outbox.count()) == 0
    assert added == [], "nobody waited for it any more"
    await clerk.aclose()


async def test_who_goes_home_does_not_wait_for_a_store_that_hangs(settings: Settings, hang: threading.Event) -> None:
    clerk = Clerk(settings)
    with pytest.raises(StoreError):
        await clerk(lambda _: hang.wait())
    await asyncio.wait_for(clerk.aclose(), 30)
    assert not hang.is_set()


async def test_what_goes_wrong_is_heard_by_who_has_asked_and_by_nobody_after(settings: Settings) -> None:
    clerk = Clerk(settings)

    def wrong(_: Store) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await clerk(wrong)
    assert await clerk(lambda store: store.outbox.count()) == 0
    await clerk.aclose()


async def test_errands_are_done_one_after_another() -> None:
    errands, done = Errands(), list[int]()
    await asyncio.gather(*(errands(lambda number=number: done.append(number), 30.0) for number in range(9)))  # type: ignore[misc]
    assert done == [*range(9)]
    errands.end()
