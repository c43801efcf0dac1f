"""A crowd at the page's door: who floods it is refused, and whoever calls her meanwhile is not."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from multidict import CIMultiDict

from granny.net.small_http import CONNECTIONS
from granny.page import _crowd
from granny.page._crowd import AT_ONCE, Crowd, Tally, visitor
from page.only_answering import LiveKit, call
from page.visiting import SECRET, Visitor

PROXIES = (ip_network("172.18.0.0/16"), ip_network("fd00::/8"))


def test_a_proxy_on_this_machine_or_one_that_is_named_says_for_whom_it_asks_and_nobody_else_does() -> None:
    """What it has said itself stands behind what it was told, which is not its word."""
    cases = {
        ("127.0.0.1", "203.0.113.7"): "203.0.113.7",
        ("::1", "203.0.113.7"): "203.0.113.7",
        ("127.0.0.1", ""): "127.0.0.1",
        ("127.0.0.1", "nonsense"): "127.0.0.1",
        ("127.0.0.1", "10.0.0.1, 203.0.113.7"): "203.0.113.7",
        ("172.18.0.2", "10.0.0.1, 203.0.113.7"): "203.0.113.7",
        ("::ffff:172.18.0.2", "203.0.113.7"): "203.0.113.7",
        ("fd00::1", "203.0.113.7"): "203.0.113.7",
        ("127.0.0.1", "10.0.0.1, 203.0.113.7, 172.18.0.9"): "203.0.113.7",
        ("127.0.0.1", "10.0.0.1, nonsense, 172.18.0.9"): "172.18.0.9",
        ("172.19.0.2", "203.0.113.7"): "172.19.0.2",
        ("192.168.1.5", "203.0.113.7"): "192.168.1.5",
        ("8.8.8.8", "203.0.113.7"): "8.8.8.8",
        ("::ffff:8.8.8.8", "203.0.113.7"): "8.8.8.8",
    }
    for (peer, said), who in cases.items():
        assert visitor(_request(peer, said), PROXIES) == who, (peer, said)


def test_a_proxy_that_writes_a_line_of_its_own_is_believed_in_that_line() -> None:
    """As HAProxy does; the line before it is its visitor's."""
    assert visitor(_request("127.0.0.1", "10.0.0.1", "203.0.113.7"), ()) == "203.0.113.7"


def test_of_an_ipv6_address_the_network_counts() -> None:
    """Its other half is for one customer to choose."""
    assert visitor(_request("2001:4860::1"), ()) == visitor(_request("2001:4860::2"), ())
    assert visitor(_request("2001:4860::1"), ()) != visitor(_request("2001:4860:0:1::1"), ())


def test_who_asks_too_often_waits_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    crowd = Crowd(())
    flood, caller = _request("127.0.0.1", "203.0.113.7"), _request("127.0.0.1", "203.0.113.8")
    assert sum(crowd.may_ask(flood) for _ in range(1000)) == AT_ONCE
    assert crowd.may_ask(caller)
    now = 1.0
    assert sum(crowd.may_ask(flood) for _ in range(1000)) == _crowd.A_SECOND


def test_of_very_many_visitors_the_longest_absent_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_crowd, "_REMEMBERED", 3)
    crowd = Crowd(())
    for number in range(10):
        crowd.may_ask(_request("127.0.0.1", f"203.0.113.{number}"))
    assert list(crowd._buckets) == ["203.0.113.7", "203.0.113.8", "203.0.113.9"]


def test_what_anybody_may_cause_is_told_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    tally = Tally("knocked")
    for number in range(1000):
        tally.count(door=str(number))
    now = 61.0
    tally.count(door="last")
    assert [(vars(record)["times"], vars(record)["door"]) for record in caplog.records] == [(1, "0"), (1000, "last")]


async def test_a_thousand_guesses_are_refused_and_the_caller_is_not(
    page: Visitor, livekit: LiveKit, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither is the caller's link, nor a guess, in the log."""
    answers: list[int] = []

    async def guess(numbers: Iterator[int]) -> None:
        for number in numbers:
            secret = f"guess-FAKE-{number}"
            answers.append((await page.ask("POST", "/call", secret=secret, X_Forwarded_For="203.0.113.7"))[0])

    with caplog.at_level(logging.DEBUG):
        numbers = iter(range(1000))
        guessing = [asyncio.create_task(guess(numbers)) for _ in range(30)]
        calls = [(await call(page))[0] for _ in range(3)]
        assert not all(task.done() for task in guessing)
        await asyncio.gather(*guessing)
    assert calls == [201, 201, 201]
    assert set(answers) == {403, 429}
    assert answers.count(429) > 500
    assert len(livekit.rooms) == 2
    ours = [str(vars(record)) for record in caplog.records if record.name.startswith("granny")]
    assert len(ours) == 3 + 1 + 2  # the calls, the first that ended for the third, and each kind of refusal once
    assert not [line for line in ours if "FAKE" in line or SECRET in line]


async def test_whoever_asks_by_half_keeps_nobody_from_calling(page: Visitor) -> None:
    """Slowloris: more connections than there may be, each with a beginning."""
    async with contextlib.AsyncExitStack() as crowd:
        for _ in range(3 * CONNECTIONS):
            _, writer = await asyncio.open_connection("127.0.0.1", page.port)
            crowd.callback(writer.close)
            writer.write(b"POST /call HTTP/1.1\r\nHost: ")
        assert (await call(page))[0] == 201


def _request(peer: str, *said: str) -> Any:
    class _From:
        remote = peer
        headers = CIMultiDict(("X-Forwarded-For", line) for line in said)

    return _From()
