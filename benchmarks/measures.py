"""One call measured from the caller's end, and what it costs the worker's processes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from benchmarks.rig import Rig
from granny.rehearsal.callers.caller import SENTENCE, Span, recorded, speech
from granny.rehearsal.callers.room_caller import RoomCaller
from granny.rehearsal.callers.telephone import FRAME_BYTES, FRAME_SECONDS, SAMPLE_RATE
from granny.rehearsal.rig.worker import descendants

TURN_SILENCE_SECONDS = 0.5
"""The stand-in's turn detection waits this long; it is taken off the answer latency."""
_LONGEST_WAIT_SECONDS = 20.0
_LOOKING_SECONDS = 0.1
_SILENT_SECONDS = 0.3
_STALL = re.compile(rb"event loop blocked for")
_SECOND = SAMPLE_RATE * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One call; None: not heard. Seconds, but for `stalls` (number of stalls of the job's loop over 50 ms)."""

    first_sound: float | None
    answer: float | None = None
    interruption: float | None = None
    pause: float | None = None
    """The longest silence in the answer's first second: more than another call's is a gap in the sound."""
    cpu_a_minute: float | None = None
    stalls: int = 0


async def first_sound(rig: Rig, agent: str) -> Figures:
    """Join and wait for the first sound."""
    stalls = _stalls(rig, agent)
    async with rig.call(agent) as caller:
        heard = await _next_speech(caller, after=0.0)
    return Figures(first_sound=heard, stalls=_stalls(rig, agent) - stalls)


async def whole_call(rig: Rig, agent: str) -> Figures:
    """A talk, and what it costs."""
    stalls, pid = _stalls(rig, agent), rig.workers[agent].process.pid
    async with rig.call(agent) as caller:
        cpu, since = cpu_seconds(pid), time.monotonic()
        figures = await talk(caller)
        spent, minutes = cpu_seconds(pid) - cpu, (time.monotonic() - since) / 60
    return replace(figures, cpu_a_minute=spent / minutes, stalls=_stalls(rig, agent) - stalls)


async def talk(caller: RoomCaller) -> Figures:
    """Greeting, a question, the answer, and an interruption of it."""
    first = await _next_speech(caller, after=0.0)
    await _until_quiet(caller)
    caller.say(recorded(SENTENCE))
    await caller.said()
    asked = caller.heard.now()
    answered = await _next_speech(caller, after=asked)
    await asyncio.sleep(1.0)
    interrupted = caller.heard.now()
    caller.say(recorded(SENTENCE)[: 2 * _SECOND])
    silent = await _end_of_speech(caller, at=interrupted)
    return Figures(
        first_sound=first,
        answer=None if answered is None else answered - asked - TURN_SILENCE_SECONDS,
        interruption=None if silent is None else silent - interrupted,
        pause=None if answered is None else _longest_pause(caller, since=answered),
    )


def _longest_pause(caller: RoomCaller, *, since: float) -> float:
    start = int(since / FRAME_SECONDS) * FRAME_BYTES
    silent = (not speech(frame) for frame in _frames(caller.heard.sound[start : start + _SECOND]))
    runs = (len(list(run)) for is_silent, run in itertools.groupby(silent) if is_silent)
    return max(runs, default=0) * FRAME_SECONDS


def _frames(sound: bytearray) -> Iterator[bytearray]:
    return (sound[start : start + FRAME_BYTES] for start in range(0, len(sound), FRAME_BYTES))


async def _next_speech(caller: RoomCaller, *, after: float) -> float | None:
    """When the agent's next sound came, in seconds since joining."""
    span = await _wait_for(caller, after, lambda spans: spans[0] if spans else None)
    return span.start if span else None


async def _until_quiet(caller: RoomCaller, seconds: float = 0.6) -> None:
    def quiet(spans: list[Span]) -> Span | None:
        return spans[-1] if spans and caller.heard.now() - spans[-1].end > seconds else None

    await _wait_for(caller, 0.0, quiet)


async def _end_of_speech(caller: RoomCaller, *, at: float) -> float | None:
    """When the agent, speaking at this moment, fell silent."""

    def ended(spans: list[Span]) -> Span | None:
        return spans[0] if spans and caller.heard.now() - spans[0].end > _SILENT_SECONDS else None

    span = await _wait_for(caller, at - 0.1, ended)
    return span.end if span else None


async def _wait_for(caller: RoomCaller, since: float, find: Callable[[list[Span]], Span | None]) -> Span | None:
    """Ask now and then, of the sound since then alone, to spare the machine; the answer is as exact as the sound is."""
    deadline = caller.heard.now() + _LONGEST_WAIT_SECONDS
    offset = int(since / FRAME_SECONDS) * FRAME_BYTES
    shift = offset / _SECOND
    while caller.heard.now() < deadline and not caller.gone.is_set():
        spans = [Span(span.start + shift, span.end + shift, span.rms) for span in speech(caller.heard.sound[offset:])]
        if found := find(spans):
            return found
        await asyncio.sleep(_LOOKING_SECONDS)
    return None


def _stalls(rig: Rig, agent: str) -> int:
    return len(_STALL.findall(rig.workers[agent].log.read_bytes()))


def cpu_seconds(pid: int) -> float:
    """CPU time of a worker and all that it started, those that have ended meanwhile included, in seconds."""
    total = 0.0
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = psutil.Process(one).cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def memory(pid: int) -> float:
    """Memory of a worker and all that it started, shared pages counted once (PSS), in MB."""
    total = 0
    for one in (pid, *descendants(pid)):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
            found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
            total += int(found.group(1)) if found else 0
    return total / 1024
