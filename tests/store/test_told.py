"""What was taken note of: once by several workers at the same moment, and all of a step or nothing of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from granny.config.settings import Settings
from granny.store.rows import Note
from granny.store.store import Store
from store.samples import NOON, message

HOUR = timedelta(hours=1)


def test_a_note_stands_until_another_takes_its_place(store: Store) -> None:
    assert store.told.find("openai-silent") is None
    store.told.note("openai-silent", NOON, "open")
    store.told.note("openai-silent", NOON + HOUR, "well")
    assert store.told.find("openai-silent") == Note("well", NOON + HOUR)


def test_what_was_noted_lately_is_not_noted_again(store: Store) -> None:
    def told(hours: float) -> bool:
        now = NOON + hours * HOUR
        return store.told.note_unless("openai-silent", now, noted_since=now - HOUR)

    assert [told(0), told(0.5), told(1), told(1.5), told(9)] == [True, False, False, True, True]
    assert store.told.find("openai-silent") == Note("", NOON + 9 * HOUR)


def test_a_note_is_taken_back_once(store: Store) -> None:
    store.told.note("openai-silent", NOON)
    assert [store.told.drop("openai-silent"), store.told.drop("openai-silent")] == [True, False]


def test_old_notes_of_a_kind_are_taken_out(store: Store) -> None:
    for key, hours in (("day:1", 3), ("day:2", 0), ("da%", 3)):
        store.told.note(key, NOON - hours * HOUR)
    assert store.told.prune(NOON - HOUR, "day:") == 1
    assert [store.told.find(key) is not None for key in ("day:1", "day:2", "da%")] == [False, True, True]


def test_of_several_workers_one_takes_note_and_puts_what_hangs_on_it(settings: Settings, store: Store) -> None:
    def tell(number: int) -> bool:
        worker = Store.open(settings)
        try:
            with worker.at_once():
                is_mine = worker.told.note_unless("openai-silent", NOON, noted_since=NOON - HOUR)
                if is_mine:
                    worker.outbox.put(message(str(number)))
            return is_mine
        finally:
            worker.close()

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(tell, range(4))) == [False, False, False, True]
    assert store.outbox.count() == 1


def test_what_breaks_off_half_way_has_not_happened(store: Store) -> None:
    def step() -> None:
        with store.at_once():
            store.told.note("openai-silent", NOON)
            store.outbox.put(message("1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        step()
    assert (store.told.find("openai-silent"), store.outbox.count()) == (None, 0)
