"""Telephone calls measured at the caller's ear: `python -m benchmarks.telephone`; a quarter of an hour.

A telephone of the project's own rings her and is rung, by LiveKit's SIP service, SIP and G.711 over sockets of this
machine; baresip makes the calls in HD. Nothing is set but her number and the way to it: she has the settings of a user.
Her first start, when the model greets, and every later one, when her own voice is recorded, are measured apart. With
`--busy` as many programs as the machine has cores do nothing but count, at her side.

What remains: no telephone network is in the figures, and the stand-in answers without OpenAI's delay. The telephone
holds back 60 ms, as others do; they are in all that is heard.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.telephone_house import CALLER, HERS, MODEL, RECORDING, House, busy_cores, command, house_that
from granny.rehearsal.callers import hd_telephone
from granny.rehearsal.callers.caller import SENTENCE, recorded, speech
from granny.rehearsal.callers.hd_telephone import hd_call
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.callers.telephone_line import Call, DialledCall, IncomingCall, telephone_line
from granny.rehearsal.callers.wholeness import Whole, heard_of

_QUIET_SECONDS = 1.5
_LONGEST_SECONDS = 40.0
_SAID = recorded(SENTENCE)
_HELLO = _SAID[: int(0.7 * SAMPLE_RATE) * 2]
_SLOW_SECONDS = 25.0
_ROW = "  {:<44} {:>3}  {}"
T = TypeVar("T")


class Table:
    """Figures by what was played and what was measured."""

    def __init__(self) -> None:
        self._figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def note(self, scene: str, **figures: float | None) -> None:
        """Of one call; None: it was not to be measured."""
        for name, value in figures.items():
            self._figures[scene][name].append(float("nan") if value is None else value)

    def __str__(self) -> str:
        lines_ = []
        for scene, figures in self._figures.items():
            lines_.append(scene)
            lines_ += [
                _ROW.format(name.replace("_", " "), len(values), _span(values)) for name, values in figures.items()
            ]
        return "\n".join(lines_)


def _span(values: list[float]) -> str:
    known = sorted(value for value in values if value == value)  # noqa: PLR0124  NaN is not itself
    missing = f"  ({len(values) - len(known)} not heard)" if len(known) < len(values) else ""
    if not known:
        return f"-{missing}"
    return f"{statistics.median(known):.2f}  ({known[0]:.2f} to {known[-1]:.2f}){missing}"


async def main(rounds: int, *, busy: int) -> None:
    """Measure, and print."""
    table = Table()
    with busy_cores(busy):
        for greets in (MODEL, RECORDING):
            with tempfile.TemporaryDirectory(prefix="granny-telephone-") as folder:
                async with house_that(greets, Path(folder)) as house:
                    for number in range(rounds):
                        await _round(house, table, number)
                    await _killed(house, table)
            print(f"\n{greets} greets:\n{table}", flush=True)
            table = Table()


async def _round(house: House, table: Table, number: int) -> None:
    for scene in (_called, _called_on_a_bad_line, _hello, _silent):
        await scene(house, table)
    for together in (2, 4):
        await _together(house, table, together)
    if number == 0:
        await _slow(house, table)
        await _in_hd(house, table)


async def _called(house: House, table: Table, name: str = "called", loses: float = 0.0) -> None:
    async with _dialled(house) as call:
        if not await _picked_up(call):
            table.note(name, picked_up=None)
            return
        await _until_quiet(call)
        greeting = _best(house.greetings, call)
        call.lose(loses)
        asked = await _said(call, _SAID)
        await _until_quiet(call, after=asked)
        answer = next((span.start for span in speech(call.heard.sound) if span.start >= asked), None)
        await house.standin.script(tool_calls=[{"name": "end_call", "on": [house.answers_before + 2]}])
        await _said(call, _SAID)
        await _within(call.gone.wait())
        await house.standin.script()
        last = speech(call.heard.sound)[-1]
        table.note(
            name,
            picked_up=call.answered_after,
            first_sound_after_that=greeting.began,
            lost_of_the_greetings_head=greeting.head,
            lost_of_its_tail=greeting.tail,
            answer_after_the_last_word=None if answer is None else answer - asked,
            goodbye_to_bye=call.lasted - last.end if call.was_hung_up_on else None,
            longest_gap_between_packets=_longest_gap(call),
        )


async def _called_on_a_bad_line(house: House, table: Table) -> None:
    await _called(house, table, "called, 5 % of the caller's packets lost", 0.05)


async def _together(house: House, table: Table, number: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        telephones = [
            await stack.enter_async_context(telephone_line(house.bridge.address, number=CALLER)) for _ in range(number)
        ]
        calls = await asyncio.gather(*(telephone.ring(HERS) for telephone in telephones))
        picked_up = await asyncio.gather(*map(_picked_up, calls))
        await asyncio.gather(*(_until_quiet(call) for call in calls if call.times.answered))
        for call, is_answered in zip(calls, picked_up, strict=True):
            greeting = _best(house.greetings, call) if is_answered else None
            table.note(
                f"{number} call in one instant",
                picked_up=call.answered_after if is_answered else None,
                first_sound_after_that=greeting.began if greeting else None,
            )


async def _hello(house: House, table: Table) -> None:
    async def answers(call: IncomingCall) -> None:
        await asyncio.sleep(0.5)
        said = await _said(call, _HELLO)
        await _until_quiet(call, after=said)
        first = speech(call.heard.sound)[0]
        table.note(
            "she rings, hello after 0.5 s",
            first_sound_after_the_hello=first.start - said,
            speaks_over_it=first.start < said,
        )

    await _rung(house, answers)


async def _silent(house: House, table: Table) -> None:
    await _rung(house, lambda call: _greeted(house, table, call, "she rings, nothing is said"))


async def _slow(house: House, table: Table) -> None:
    await _rung(house, lambda call: _greeted(house, table, call, "she rings, answered after 25 s"), after=_SLOW_SECONDS)


async def _greeted(house: House, table: Table, call: Call, name: str) -> None:
    await _until_quiet(call)
    greeting = _best(house.greetings, call)
    table.note(
        name,
        first_sound_after_the_answer=greeting.began,
        lost_of_the_greetings_head=greeting.head,
        lost_of_its_tail=greeting.tail,
    )


async def _in_hd(house: House, table: Table) -> None:
    if hd_telephone.why_missing():
        return
    said = hd_telephone.WideSound(house.greetings[0], SAMPLE_RATE)
    heard = await hd_call(house.home / "hd", house.bridge.address, own=CALLER, called=HERS, seconds=10)
    pcm = np.repeat(np.frombuffer(heard.pcm, dtype="<i2"), SAMPLE_RATE // heard.rate).tobytes()
    greeting = min((heard_of(one, pcm) for one in house.greetings), key=_lacking)
    table.note(
        "called in HD (G.722)",
        first_sound=greeting.began,
        lost_of_the_greetings_head=greeting.head,
        lost_of_its_tail=greeting.tail,
        dB_above_3600_Hz_as_said=said.brightness,
        dB_above_3600_Hz_as_heard=heard.brightness,
    )


async def _killed(house: House, table: Table) -> None:
    async with _dialled(house) as call:
        if not await _picked_up(call):
            return
        await _until_quiet(call)
        killed = call.heard.now()
        house.worker.process.kill()
        await _within(call.gone.wait())
        after = call.heard.sound[int(killed * SAMPLE_RATE) * 2 :]
        apology = min((heard_of(one, after) for one in house.apologies), key=_lacking)
        table.note(
            "the worker is killed in mid-call",
            line_after_the_kill=apology.began,
            lost_of_its_head=apology.head,
            lost_of_its_tail=apology.tail,
            line_to_bye=call.lasted - killed - apology.ended,
        )


@contextlib.asynccontextmanager
async def _dialled(house: House) -> AsyncIterator[DialledCall]:
    async with telephone_line(house.bridge.address, number=CALLER) as telephone:
        yield await telephone.ring(HERS)
    await asyncio.sleep(1.0)


async def _rung(house: House, answers: Callable[[IncomingCall], Awaitable[None]], after: float = 2.0) -> None:
    ringing = asyncio.create_task(command(house.home, house.settings, "ring", "anna"))
    call = await _within(house.callee.rung())
    call.ring()
    await asyncio.sleep(after)
    call.answer()
    await answers(call)
    call.hang_up()
    await ringing


async def _picked_up(call: Call) -> bool:
    try:
        return await asyncio.wait_for(call.answered(), _LONGEST_SECONDS)
    except asyncio.TimeoutError:
        return False


async def _until_quiet(call: Call, after: float = 0.0) -> None:
    """She has spoken, and then paused; or it takes too long."""
    for _ in range(int(_LONGEST_SECONDS / 0.1)):
        spans = [span for span in speech(call.heard.sound) if span.start >= after]
        if call.gone.is_set() or (spans and call.heard.now() - spans[-1].end > _QUIET_SECONDS):
            return
        await asyncio.sleep(0.1)


async def _said(call: Call, pcm: bytes) -> float:
    """Say it; when its last sound was, on the ear's clock."""
    call.say(pcm)
    await call.said()
    return call.heard.now() - (len(pcm) / 2 / SAMPLE_RATE - speech(pcm)[-1].end)


def _best(recordings: tuple[bytes, ...], call: Call) -> Whole:
    return min((heard_of(one, call.heard.sound) for one in recordings), key=_lacking)


def _lacking(whole: Whole) -> float:
    return whole.head + whole.tail + abs(whole.slipped)


def _longest_gap(call: Call) -> float:
    times = [packet.at for packet in call.heard.packets]
    return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


async def _within(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, _LONGEST_SECONDS)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each call is made")
    parser.add_argument("--busy", action="store_true", help="with every core at work on something else")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.rounds, busy=(os.cpu_count() or 1) if chosen.busy else 0))
