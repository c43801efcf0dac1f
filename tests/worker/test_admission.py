"""The places of a worker: neither does one with a free place refuse, nor does a full one accept."""

import asyncio

import pytest

from granny.worker.admission import FULL_FROM, Admission


class Pool:
    """The jobs that have a process, as the framework's pool would list them."""

    def __init__(self, places: int) -> None:
        self.jobs: list[str] = []
        self.admission = Admission(places, running=lambda: self.jobs)

    def end(self, job_id: str) -> None:
        self.jobs.remove(job_id)
        self.admission.hand_on()


@pytest.mark.parametrize("cpu", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("calls", range(8))
def test_a_worker_with_a_free_place_is_not_full_however_busy_the_machine(calls: int, cpu: float) -> None:
    pool = Pool(8)
    pool.jobs = [str(number) for number in range(calls)]
    assert pool.admission.load(cpu=cpu) < FULL_FROM
    assert pool.admission.promise("next")


@pytest.mark.parametrize("cpu", [0.0, 1.0])
def test_a_worker_with_all_its_calls_is_full(cpu: float) -> None:
    pool = Pool(2)
    pool.jobs = ["a", "b"]
    assert pool.admission.load(cpu=cpu) >= FULL_FROM
    assert not pool.admission.promise("c")


def test_of_two_workers_the_less_busy_is_the_more_attractive() -> None:
    pool = Pool(8)
    pool.jobs = ["a"]
    idle, busy = (pool.admission.load(cpu=cpu) for cpu in (0.2, 0.8))
    pool.jobs = ["a", "b", "c"]
    assert idle < busy
    assert pool.admission.load(cpu=0.0) > idle


def test_a_call_that_is_promised_a_place_has_it_before_its_process_runs() -> None:
    """Two calls in the same instant: the second finds one place fewer; at no time is a call counted twice."""
    pool = Pool(1)
    assert pool.admission.promise("a")
    assert not pool.admission.promise("b")
    pool.jobs = ["a"]
    assert pool.admission.calls == 1
    pool.admission.settle("a")
    assert pool.admission.calls == 1
    pool.end("a")
    assert pool.admission.promise("b")


def test_a_promise_that_came_to_nothing_is_given_back() -> None:
    pool = Pool(1)
    assert pool.admission.promise("a")
    pool.admission.settle("a")
    assert pool.admission.promise("b")


async def waits(pool: Pool, *names: str, seconds: float = 10.0) -> list[asyncio.Task[bool]]:
    tasks = [asyncio.create_task(pool.admission.wait(name, seconds=seconds)) for name in names]
    await asyncio.sleep(0)  # each has taken its place in the queue
    return tasks


def test_livekit_is_told_a_load_from_nothing_to_one() -> None:
    pool = Pool(2)
    assert pool.admission.load(cpu=0.0) == 0.0
    pool.jobs = ["a", "b"]
    assert pool.admission.load(cpu=0.5) == 1.0


async def test_who_finds_a_free_place_has_it_at_once() -> None:
    pool = Pool(1)
    [first] = await waits(pool, "a")
    assert await first
    assert pool.admission.calls == 1
    assert not pool.admission.promise("b")


async def test_who_waits_has_the_next_place_before_anybody_who_comes_later() -> None:
    pool = Pool(1)
    pool.jobs = ["a"]
    first, second = await waits(pool, "b", "c")
    pool.end("a")
    assert not pool.admission.promise("d")
    assert await first
    assert not second.done()
    pool.admission.settle("b")
    assert await second


async def test_who_has_waited_too_long_leaves_the_queue() -> None:
    pool = Pool(1)
    pool.jobs = ["a"]
    [late] = await waits(pool, "b", seconds=0.0)
    assert not await late
    pool.end("a")
    assert pool.admission.calls == 0


async def test_who_no_longer_waits_takes_no_place() -> None:
    pool = Pool(1)
    pool.jobs = ["a"]
    [gone] = await waits(pool, "b")
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    pool.end("a")
    assert pool.admission.calls == 0


async def test_a_worker_that_stops_lets_nobody_wait() -> None:
    pool = Pool(1)
    pool.jobs = ["a"]
    [waiting] = await waits(pool, "b")
    pool.admission.close()
    assert not await waiting


async def test_nor_does_it_let_anybody_begin_to_wait() -> None:
    """The stop would wait for them, while those who supervise the worker lose patience and kill it with its calls."""
    pool = Pool(1)
    pool.jobs = ["a"]
    pool.admission.close()
    [late] = await waits(pool, "b", seconds=60)
    done, _ = await asyncio.wait([late], timeout=5)
    late.cancel()
    assert done
    assert not late.result()


async def test_a_call_that_lost_its_process_keeps_its_place() -> None:
    """For the one that goes on with it; those who wait are not let in between."""
    pool = Pool(1)
    pool.jobs = ["a"]
    [waiting] = await waits(pool, "b")
    pool.admission.keep("a")
    pool.end("a")
    assert pool.admission.calls == 1
    assert not waiting.done()
    pool.jobs = ["again"]
    pool.admission.settle("a")
    assert not waiting.done()
    pool.end("again")
    assert await waiting
