"""What is to be sent: it is there until it went, one worker at a time has it, and it never grows without bound."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from granny.config.settings import Settings
from granny.store import outbox as module
from granny.store.outbox import LEASE
from granny.store.rows import Urgency
from granny.store.store import Store
from store.samples import NOON, message

MINUTE = timedelta(minutes=1)


def due(store: Store, now: timedelta = timedelta(0), **others: int) -> list[str]:
    return [one.id for one in store.outbox.due(NOON + now, **others)]


def test_a_message_comes_back_as_it_was_put(store: Store) -> None:
    put = message("1", ago=MINUTE, text="Guthaben leer: käse\nzwei")
    store.outbox.put(put)
    assert list(store.outbox.waiting()) == [put]
    assert list(store.outbox.due(NOON)) == [put]


def test_a_message_that_is_put_again_is_there_once(store: Store) -> None:
    store.outbox.put(message("1"))
    store.outbox.put(message("1", text="Other words."))
    assert [one.text for one in store.outbox.waiting()] == ["Fixed words."]


def test_what_was_taken_is_nobody_else_s_until_the_lease_has_ended(store: Store) -> None:
    """Whoever took it may have died."""
    store.outbox.put(message("1"))
    assert due(store) == ["1"]
    assert due(store, LEASE - MINUTE / 2) == []
    assert due(store, LEASE) == ["1"]


def test_what_went_is_gone(store: Store) -> None:
    store.outbox.put(message("1"))
    due(store)
    store.outbox.sent("1")
    assert (store.outbox.count(), due(store, 10 * LEASE)) == (0, [])


def test_what_did_not_go_waits_for_its_next_try(store: Store) -> None:
    store.outbox.put(message("1"))
    due(store)
    store.outbox.failed("1", NOON + 5 * MINUTE)
    assert due(store, 4 * MINUTE) == []
    (again,) = store.outbox.due(NOON + 5 * MINUTE)
    assert (again.attempts, again.made) == (1, NOON)


def test_the_urgent_and_then_the_oldest_is_sent_first(store: Store) -> None:
    store.outbox.put(message("late", ago=MINUTE))
    store.outbox.put(message("digest", ago=9 * MINUTE, urgency=Urgency.DIGEST))
    store.outbox.put(message("early", ago=2 * MINUTE))
    store.outbox.put(message("not yet", ago=9 * MINUTE, not_before=NOON + MINUTE))
    assert due(store, limit=2) == ["early", "late"]
    assert due(store) == ["digest"]


def test_of_too_many_the_oldest_digests_are_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(3):
        store.outbox.put(message(f"digest {number}", ago=(9 - number) * MINUTE, urgency=Urgency.DIGEST))
    assert [store.outbox.put(message(f"urgent {number}", ago=20 * MINUTE)) for number in range(2)] == [1, 1]
    assert {one.id for one in store.outbox.waiting()} == {"digest 2", "urgent 0", "urgent 1"}


def test_of_several_workers_one_has_each_message(settings: Settings, store: Store) -> None:
    for number in range(40):
        store.outbox.put(message(str(number)))

    def take(_: int) -> list[str]:
        worker = Store.open(settings)
        try:
            return [name for _ in range(5) for name in due(worker, limit=3)]
        finally:
            worker.close()

    with ThreadPoolExecutor(4) as workers:
        taken = [name for names in workers.map(take, range(4)) for name in names]
    assert len(taken) == len(set(taken)) == 40
