"""The project's telephone: two of them ring each other, and what one says the other's ear hears."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

import numpy as np
import pytest

from granny.rehearsal.callers.caller import SENTENCE, recorded, speech
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.callers.telephone_line import Call, Ear, TelephoneLine, telephone_line
from granny.rehearsal.callers.telephone_line import _g711 as g711

SAID = recorded(SENTENCE)[: SAMPLE_RATE * 2]
"""A second."""
HANG = 10.0


@contextlib.asynccontextmanager
async def two_lines() -> AsyncIterator[tuple[TelephoneLine, TelephoneLine]]:
    async with (
        telephone_line("127.0.0.1:9", number="+4930111") as one,
        telephone_line(one.address, number="+4930222") as other,
    ):
        one._bridge = other.address
        yield one, other


@contextlib.asynccontextmanager
async def talking() -> AsyncIterator[tuple[Call, Call]]:
    async with two_lines() as (one, other):
        caller = await one.ring("+4930222")
        callee = await asyncio.wait_for(other.rung(), HANG)
        callee.answer()
        assert await asyncio.wait_for(caller.answered(), HANG)
        yield caller, callee


async def test_the_other_end_hears_what_is_said() -> None:
    async with talking() as (caller, callee):
        caller.say(SAID)
        await caller.said()
        await asyncio.sleep(0.1)
        (span,) = speech(callee.heard.sound)
        assert 0.7 < span.end - span.start <= 1.02
        assert abs(20 * np.log10(span.rms / speech(SAID)[0].rms)) < 1
        assert not speech(caller.heard.sound)
        assert callee.heard.late == 0


async def test_who_rings_is_told_that_it_rings_and_when_it_is_answered() -> None:
    async with two_lines() as (one, other):
        caller = await one.ring("+4930222")
        callee = await asyncio.wait_for(other.rung(), HANG)
        assert callee.number == "+4930111"
        callee.ring()
        await asyncio.sleep(0.1)
        callee.answer()
        assert await asyncio.wait_for(caller.answered(), HANG)
        assert caller.times.rang
        assert caller.times.answered
        assert caller.times.began < caller.times.rang < caller.times.answered


@pytest.mark.parametrize("status", [486, 603, 404])
async def test_who_is_refused_knows_why(status: int) -> None:
    async with two_lines() as (one, other):
        caller = await one.ring("+4930222")
        (await asyncio.wait_for(other.rung(), HANG)).refuse(status)
        assert not await asyncio.wait_for(caller.answered(), HANG)
        assert caller.status == status
        assert caller.gone.is_set()


async def test_who_gives_up_is_answered_no_more() -> None:
    async with two_lines() as (one, other):
        caller = await one.ring("+4930222")
        callee = await asyncio.wait_for(other.rung(), HANG)
        callee.ring()
        caller.cancel()
        assert not await asyncio.wait_for(caller.answered(), HANG)
        assert caller.status == callee.status == 487
        assert callee.was_hung_up_on


async def test_a_receiver_that_is_put_down_ends_the_call_for_both() -> None:
    async with talking() as (caller, callee):
        callee.hang_up()
        await asyncio.wait_for(caller.gone.wait(), HANG)
        assert caller.was_hung_up_on
        assert not callee.was_hung_up_on
        assert callee.gone.is_set()


async def test_a_key_goes_out_as_an_event_and_not_as_sound() -> None:
    async with talking() as (caller, callee):
        caller.press("5#")
        await caller.said()
        caller.say(SAID)
        await caller.said()
        numbers = [packet.number for packet in callee.heard.packets]
        # eight packets a key, and none of them is sound
        assert len(numbers) <= numbers[-1] + 1 - 16


async def test_a_bad_line_loses_the_share_it_is_told_to() -> None:
    async with talking() as (caller, callee):
        caller.lose(0.2)
        caller.say(SAID * 3)
        await caller.said()
        await asyncio.sleep(0.1)
        numbers = [packet.number for packet in callee.heard.packets]
        lost = numbers[-1] + 1 - len(numbers)
        assert 0.1 < lost / numbers[-1] < 0.3


async def test_a_dead_line_sends_nothing_and_says_nothing() -> None:
    async with talking() as (caller, callee):
        caller.go_dead()
        await asyncio.sleep(0.1)
        before = len(callee.heard.packets)
        await asyncio.sleep(0.2)
        assert len(callee.heard.packets) == before
        assert not callee.gone.is_set()


def test_silence_and_the_loudest_are_coded_as_the_recommendation_has_it() -> None:
    def coded(sample: int) -> int:
        return g711.encode(np.full(g711.TIMES, sample, dtype="<i2").tobytes())[0]

    assert [coded(sample) for sample in (0, 32_767, -32_768)] == [0xFF, 0x80, 0x00]
    loudest = np.frombuffer(g711.decode(bytes([0x80, 0x00])), dtype="<i2")
    assert set(loudest) == {32_124, -32_124}


def test_every_code_is_the_code_of_what_it_stands_for() -> None:
    every = bytes(range(256))
    again = bytearray(g711.encode(g711.decode(every)))
    again[0x7F] = 0x7F  # there are two zeros
    assert bytes(again) == every


def test_a_packet_that_comes_late_is_heard_later_and_so_are_those_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    ear, tone = Ear(answered_at=0.0), b"\x80" * g711.FRAME
    for number in range(20):
        now = number * 0.02 + (0.1 if number >= 10 else 0)
        ear.take(struct.pack("!BBHII", 0x80, 0, number, number * g711.FRAME, 1) + tone)
    now = 1.0
    loud = np.flatnonzero(np.frombuffer(ear.sound, dtype="<i2")) / SAMPLE_RATE
    assert len(loud) == 20 * 0.02 * SAMPLE_RATE
    assert ear.late == 1
    assert (loud[0], loud[-1]) == (pytest.approx(0.06, abs=0.001), pytest.approx(0.56, abs=0.001))
