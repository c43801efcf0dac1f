"""Calls in which callers pause: whether they were cut off and how long they waited, by the sound at their own ear."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks.pausing import KINDS, Turn, person, room_noise, turn
from benchmarks.rig import AGENTS, GRANNY, KEY, environment_of, new_room
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.callers.telephone import FRAME_BYTES, FRAME_SECONDS
from granny.rehearsal.openai.hearing import AUDIBLE_RMS
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server
from granny.rehearsal.rig.standin_process import standin_process
from granny.rehearsal.rig.worker import Worker, worker

JUDGING_SEED = 2
MODEL_SECONDS = 0.8
ANSWER_SECONDS = 1.0
"""Of each answer no more is heard: what matters is when it begins."""
_UNNOTICED_SECONDS = 0.25
"""A caller's next word takes so long to be noticed; a sound that begins meanwhile belongs to the pause."""
_GAP_SECONDS = 0.3
"""A silence as long as this parts two sounds of hers."""
_LONGEST_WAIT_SECONDS = 12.0
_BREATH_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class Agent:
    """One of those that are compared: its file, its name for dispatch, and its settings."""

    file: Path
    name: str
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class Met:
    """What callers met; seconds.

    Attributes:
        turns: for each turn, whether it was cut off.
        pauses: for each pause its length, and whether it was cut off.
        waits: for each turn that was answered.
        yields: for each cut-off after which the caller went on: how long she could still be heard.
        unanswered: turns after which nothing was heard.
        dropped, dropped_tokens: one of each for a call.
        told: her own median of the wait in a call, from when OpenAI takes the turn for ended.
    """

    turns: list[bool] = field(default_factory=list)
    pauses: list[tuple[float, bool]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    yields: list[float] = field(default_factory=list)
    unanswered: int = 0
    dropped: list[int] = field(default_factory=list)
    dropped_tokens: list[int] = field(default_factory=list)
    told: list[float] = field(default_factory=list)


async def measure(agent: Agent, *, callers: int, turns: int) -> Met:
    """All calls of one agent, side by side."""
    met = Met()
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="granny-patience-")))
        standin = await stack.enter_async_context(standin_process(KEY))
        livekit = await stack.enter_async_context(livekit_server(log=folder / "livekit.log"))
        own = {**agent.settings, "GRANNY_OWN_VOICE": "off"}
        environment = {**environment_of(standin.base_url, folder / "cache"), **livekit.environment, **own}
        running = await stack.enter_async_context(
            worker(agent.file, log=folder / "worker.log", environment=environment)
        )
        await standin.script(latency=MODEL_SECONDS, answer_seconds=ANSWER_SECONDS)
        await asyncio.sleep(4.0)  # the idle processes are still being made
        await asyncio.gather(*(_call(met, livekit, agent, number, turns) for number in range(callers)))
        await _until_told(running, callers if agent.file == AGENTS[GRANNY] else 0)
        for line in _ended(running):
            met.dropped.append(line["dropped"])
            met.dropped_tokens.append(line["dropped_tokens"])
            met.told.append(line["answer_p50"])
    return met


async def _call(met: Met, livekit: LiveKit, agent: Agent, number: int, turns: int) -> None:
    """One caller's call; every other one is slow."""
    random = np.random.default_rng((JUDGING_SEED, number))
    pauses = person(random, list(KINDS.values())[number % len(KINDS)])
    await asyncio.sleep(2.0 * number)
    async with join(livekit, new_room(), agent_name=agent.name) as caller:
        caller.surround(room_noise(random))
        await _until_quiet(caller, since=0.0, longest=60.0)
        for said in itertools.islice(map(functools.partial(turn, random), pauses), turns):
            await _say(met, caller, said)


async def _say(met: Met, caller: RoomCaller, said: Turn) -> None:
    """One turn, and what came of it."""
    caller.say(said.pcm)
    await caller.said()
    ended = caller.heard.now() + caller.lag
    started = ended - said.seconds
    await _until_quiet(caller, since=ended)
    sounds = _sounds(caller, since=started)
    pauses = [(started + begin, started + end) for begin, end in said.pauses]
    cut = [next((one for one in sounds if begin < one[0] < end + _UNNOTICED_SECONDS), None) for begin, end in pauses]
    met.turns.append(any(cut))
    met.pauses += [(end - begin, one is not None) for (begin, end), one in zip(pauses, cut, strict=True)]
    met.yields += [one[1] - end for (_, end), one in zip(pauses, cut, strict=True) if one and one[1] > end]
    answers = [start for start, _ in sounds if start > ended]
    if answers:
        met.waits.append(answers[0] - ended)
    else:
        met.unanswered += 1


async def _until_quiet(caller: RoomCaller, *, since: float, longest: float = _LONGEST_WAIT_SECONDS) -> None:
    """She has been heard, and has fallen silent."""
    deadline = time.monotonic() + longest
    while time.monotonic() < deadline and not caller.gone.is_set():
        await asyncio.sleep(0.1)
        heard = [end for start, end in _sounds(caller, since=since) if start >= since]
        if heard and caller.heard.now() - heard[-1] > _BREATH_SECONDS:
            return


def _sounds(caller: RoomCaller, *, since: float) -> list[tuple[float, float]]:
    """Start and end of each sound of hers since then, in seconds since the caller joined."""
    first = max(0, int(since / FRAME_SECONDS))
    pcm = caller.heard.sound[first * FRAME_BYTES :]
    frames = np.frombuffer(bytes(pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES]), dtype="<i2").reshape(
        -1, FRAME_BYTES // 2
    )
    loud = np.flatnonzero(np.sqrt(np.mean(frames.astype(np.float64) ** 2, axis=1)) > AUDIBLE_RMS) + first
    if not loud.size:
        return []
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > _GAP_SECONDS / FRAME_SECONDS) + 1)
    return [(float(part[0]) * FRAME_SECONDS, float(part[-1] + 1) * FRAME_SECONDS) for part in parts]


async def _until_told(running: Worker, calls: int) -> None:
    for _ in range(100):
        if len(_ended(running)) >= calls:
            return
        await asyncio.sleep(0.1)


def _ended(running: Worker) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in running.words.splitlines() if line.startswith("{"))
    return [line for line in lines if line.get("message") == "call ended"]
