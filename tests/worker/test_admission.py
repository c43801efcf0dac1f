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
        self.admission.freed()


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


def test_livekit_is_told_a_load_from_nothing_to_one() -> None:
    pool = Pool(2)
    assert pool.admission.load(cpu=0.0) == 0.0
    pool.jobs = ["a", "b"]
    assert pool.admission.load(cpu=0.5) == 1.0


def test_a_call_that_lost_its_process_keeps_its_place() -> None:
    """For the one that goes on with it; nobody is let in between."""
    pool = Pool(1)
    pool.jobs = ["a"]
    pool.admission.keep("a")
    pool.end("a")
    assert pool.admission.calls == 1
    assert not pool.admission.promise("b")
    pool.jobs = ["again"]
    pool.admission.settle("a")
    assert not pool.admission.promise("b")
    pool.end("again")
    assert pool.admission.promise("b")


async def test_who_stops_waits_until_no_place_is_taken() -> None:
    pool = Pool(2)
    pool.jobs = ["a"]
    assert pool.admission.promise("b")
    emptied = asyncio.create_task(pool.admission.until_empty())
    await asyncio.sleep(0)
    pool.end("a")
    await asyncio.sleep(0)
    assert not emptied.done()
    pool.admission.settle("b")
    await asyncio.wait_for(emptied, 10)
