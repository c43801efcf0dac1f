"""`python -m benchmarks.long_talk`: the input tokens billed for an hour's talk, Granny's beside the plain agent's.

All that is said goes over the wire as sound, through LiveKit's plugin and the session it asks for, to the
stand-in, which counts tokens, cache and truncation as OpenAI documents them. Only the waiting is left out: after
each exchange the event loop's clock is put ahead to the next one. So the plugin renews its connection after 20
minutes, as it does in a call; it then tells the new one in writing what was said. A second table shows the same
talk on one connection, where the clock is left alone. `--choices` compares truncations instead, which takes some
seven minutes. Needs the group `bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import Agent, llm
from livekit.agents.utils import http_context
from livekit.plugins.openai.realtime import RealtimeModel
from openai.types.realtime import RealtimeTruncationRetentionRatio
from openai.types.realtime.realtime_truncation_retention_ratio import TokenLimits

from benchmarks.plot import RESULTS, plot
from benchmarks.rig import GRANNY, KEY, PLAIN
from granny.call.persona import Granny
from granny.call.realtime_model import realtime_model
from granny.config.settings import Settings
from granny.rehearsal.openai.hearing import SAMPLE_RATE
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.usage import Tokens

EXCHANGE_SECONDS = 22.5
"""The caller's turn, an answer as long (the stand-in repeats what it hears), and a pause."""
TURN_SECONDS = 10.0
_LEAD_SECONDS, _HUSH_SECONDS = 0.3, 0.5
"""Of a turn: what turn detection keeps before the voice, and the silence by which it ends."""
_WORDS = (
    "Yesterday my neighbour came by with her little dog and brought a cake with plums, "
    "and we sat in the garden until it was dark."
)
"""What either says in a turn: 25 words, at 150 a minute."""

CONTEXT_TOKENS = {"gpt-realtime": 28_224, "gpt-realtime-2.1": 128_000 - 32_000}
"""The most input of a response: a model's context less its longest answer.

Source: https://developers.openai.com/api/docs/guides/realtime-costs, and the models' own pages there.
"""
CACHED = 1 / 80
"""A cached token beside an audio token that is not: $0.40 a million beside $32, with both models."""
TEXT = 1 / 8
"""A text token that is not cached beside such an audio token: $4 a million beside $32."""

RATIOS = (0.4, 0.5, 0.6, 0.7, 0.8)
LIMITS = (8_000, 12_000, 16_000, 24_000)
"""The truncations to choose from: what is kept of how many tokens after the instructions."""

_PACE = 1e6  # seconds of answer a second: at once
_PATIENCE_SECONDS = 20.0
_BREATH_SECONDS = 0.02  # for what the clock has made due, before the next turn
_ROW = "{:>6}" + 2 * ("   " + 4 * "{:>8}") + "   {:>12}"
_CHOICE = "{:>6}{:>7}" + 2 * ("   " + 4 * "{:>8}") + "   {:>8}{:>8}"

_COLUMNS = ("fresh", "cached", "all", "cost")

Voice = Callable[[str], tuple[RealtimeModel, Agent]]
"""An agent and its model, for a base URL."""
Wait = Callable[[float], None]
"""Lets the loop's clock show at least this time, or leaves it alone."""


class TalkLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put ahead."""

    _ahead = 0.0

    def time(self) -> float:
        """The loop's clock, in seconds."""
        return super().time() + self._ahead

    def put_ahead(self, to: float) -> None:
        """Let it be at least so late: what was to happen until then is due at once."""
        self._ahead += max(0.0, to - self.time())


def leave_alone(_: float) -> None:
    """In place of `put_ahead`: no renewal falls due, and a connection lasts for the whole talk."""


@dataclass(frozen=True, slots=True)
class Bill:
    """The input of one response, or of several.

    Attributes:
        fresh: tokens that no cache held.
        cached: tokens from the cache.
    """

    fresh: Tokens
    cached: Tokens

    def __add__(self, other: Bill) -> Bill:
        return Bill(self.fresh + other.fresh, self.cached + other.cached)

    @property
    def cost(self) -> float:
        """In audio tokens that are not cached."""
        return self.fresh.audio + self.fresh.text * TEXT + self.cached.total * CACHED

    @property
    def total(self) -> int:
        """All its tokens."""
        return self.fresh.total + self.cached.total


NOTHING = Bill(Tokens(), Tokens())


@dataclass(frozen=True, slots=True)
class Answer:
    """One response.

    Attributes:
        minute: when in the talk it was asked for.
        bill: what it read.
        remembered: how many minutes before that the oldest words lie that it read.
        is_whole: whether it read all that was said.
    """

    minute: float
    bill: Bill
    remembered: float
    is_whole: bool


def granny(base_url: str) -> tuple[RealtimeModel, Agent]:
    """Her model, with her instructions and her tool."""
    settings = Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url})
    return realtime_model(settings), Granny(settings)


def plain(base_url: str) -> tuple[RealtimeModel, Agent]:
    """As in `benchmarks/plain_agent.py`, with the address and the key that it has from the environment."""
    model = RealtimeModel(model="gpt-realtime", voice="marin", base_url=base_url, api_key=KEY)
    return model, Agent(instructions="You are a friendly assistant.")


class Caller:
    """The caller's side of one talk, which begins now."""

    def __init__(self, realtime: llm.RealtimeSession[Any], standin: StandIn, wait: Wait) -> None:
        self._realtime = realtime
        self._standin = standin
        self._wait = wait
        self._start = asyncio.get_running_loop().time()
        self._minute = 0.0
        self._said: dict[str, float] = {}
        self._answered: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        realtime.on("openai_server_event_received", self._on_event)

    async def exchange(self, number: int) -> Answer:
        """Say something, hear the answer, and wait until the next exchange is due."""
        self._minute = number * EXCHANGE_SECONDS / 60
        self._realtime.push_audio(_turn())
        response = await asyncio.wait_for(self._answered.get(), _PATIENCE_SECONDS)
        if response["status"] != "completed":
            msg = f"exchange {number} was not answered: {response['status']}"
            raise OSError(msg)
        answer = self._look_at(_bill(response))
        self._wait(self._start + (number + 1) * EXCHANGE_SECONDS)
        await asyncio.sleep(_BREATH_SECONDS)
        return answer

    def _on_event(self, event: Mapping[str, Any]) -> None:
        if event["type"] == "conversation.item.added":
            self._said.setdefault(event["item"]["id"], self._minute)
        elif event["type"] == "response.done":
            self._answered.put_nowait(event["response"])

    def _look_at(self, bill: Bill) -> Answer:
        items = self._standin.connections[-1].conversation.items[:-1]  # the answer is the last
        read = [self._said[item.id] for item in items if item.in_context]
        asked = self._minute + TURN_SECONDS / 60
        return Answer(asked, bill, remembered=asked - min(read), is_whole=len(read) == len(items))


def _bill(response: Mapping[str, Any]) -> Bill:
    """From a `response.done`; one that has no input tokens or no cached ones to show ends the benchmark."""
    read = response["usage"]["input_token_details"]
    cached = Tokens(read["cached_tokens_details"]["text_tokens"], read["cached_tokens_details"]["audio_tokens"])
    return Bill(Tokens(read["text_tokens"] - cached.text, read["audio_tokens"] - cached.audio), cached)


def _turn() -> rtc.AudioFrame:
    """A turn's sound, a hum: the stand-in hears how loud it is and nothing else."""
    seconds = np.arange(int(TURN_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    speaks = (seconds >= _LEAD_SECONDS) & (seconds < TURN_SECONDS - _HUSH_SECONDS)
    pcm = (8000 * np.sin(2 * np.pi * 200 * seconds) * speaks).astype("<i2").tobytes()
    return rtc.AudioFrame(pcm, SAMPLE_RATE, 1, len(seconds))


async def talk(
    voice: Voice, minutes: float, *, wait: Wait, truncation: RealtimeTruncationRetentionRatio | None = None
) -> list[Answer]:
    """One talk; a truncation given here takes the place of the model's own."""
    async with _line(voice, truncation) as (realtime, standin):
        caller = Caller(realtime, standin, wait)
        return [await caller.exchange(number) for number in range(int(minutes * 60 / EXCHANGE_SECONDS))]


@asynccontextmanager
async def _line(
    voice: Voice, truncation: RealtimeTruncationRetentionRatio | None
) -> AsyncIterator[tuple[llm.RealtimeSession[Any], StandIn]]:
    """The agent's realtime session, set up as LiveKit's agent session does it, and the stand-in it talks to."""
    manner = Manner(heard=_WORDS, context_tokens=CONTEXT_TOKENS[voice("")[0].model])
    async with StandIn(api_key=KEY, script=Script(pace=_PACE), manner=manner) as standin, http_context.open():
        model, agent = voice(standin.base_url)
        realtime = model.session()
        try:
            await realtime.update_instructions(str(agent.instructions))
            await realtime.update_tools(llm.ToolContext(agent.tools).flatten())
            if truncation:
                realtime.update_options(truncation=truncation)
            yield realtime, standin
        finally:
            await realtime.aclose()


async def compare(minutes: int, name: str, wait: Wait) -> None:
    """Granny's table beside the plain agent's, every ten minutes, and the plots."""
    print(f"\n{name}")
    ours, theirs = await talk(granny, minutes, wait=wait), await talk(plain, minutes, wait=wait)
    print(_ROW.format("", GRANNY, "", "", "", PLAIN, "", "", "", "granny/plain"))
    print(_ROW.format("minute", *_COLUMNS, *_COLUMNS, "cost"))
    for minute in range(10, minutes + 1, 10):
        mine, its = _until(minute, ours), _until(minute, theirs)
        print(_ROW.format(minute, *_cells(mine), *_cells(its), f"{mine.cost / its.cost:.2f}"), flush=True)
    _plot(name, {GRANNY: ours, PLAIN: theirs})


async def choose(minutes: int, name: str, wait: Wait) -> None:
    """Granny's talk with each truncation: half of it, the whole, and how many minutes back she remembers."""
    print(f"\n{name}")
    half = f"until {minutes // 2}"
    print(_CHOICE.format("", "", half, "", "", "", f"until {minutes}", "", "", "", "remembers", ""))
    print(_CHOICE.format("ratio", "limit", *_COLUMNS, *_COLUMNS, "least", "most"))
    _print_choice("as", "is", await talk(granny, minutes, wait=wait), minutes)
    for ratio, limit in itertools.product(RATIOS, LIMITS):
        truncation = RealtimeTruncationRetentionRatio(
            type="retention_ratio", retention_ratio=ratio, token_limits=TokenLimits(post_instructions=limit)
        )
        _print_choice(str(ratio), str(limit), await talk(granny, minutes, wait=wait, truncation=truncation), minutes)


def _print_choice(ratio: str, limit: str, answers: Sequence[Answer], minutes: int) -> None:
    sums = (*_cells(_until(minutes // 2, answers)), *_cells(_until(minutes, answers)))
    cut = [answer.remembered for answer in answers if not answer.is_whole]
    least, most = (f"{min(cut):.1f}", f"{max(cut):.1f}") if cut else ("all", "all")
    print(_CHOICE.format(ratio, limit, *sums, least, most), flush=True)


def _until(minute: float, answers: Sequence[Answer]) -> Bill:
    return sum((answer.bill for answer in answers if answer.minute <= minute), start=NOTHING)


def _cells(bill: Bill) -> list[str]:
    return [f"{value / 1000:.1f}" for value in (bill.fresh.total, bill.cached.total, bill.total, bill.cost)]


def _plot(name: str, talks: Mapping[str, Sequence[Answer]]) -> None:
    """Two plots of what was billed so far: tokens and cost."""
    sums = {
        agent: [(answer.minute, _until(answer.minute, answers)) for answer in answers]
        for agent, answers in talks.items()
    }
    all_tokens = {f"{agent}, all": [(at, bill.total / 1000) for at, bill in points] for agent, points in sums.items()}
    fresh = {
        f"{agent}, fresh": [(at, bill.fresh.total / 1000) for at, bill in points] for agent, points in sums.items()
    }
    cost = {agent: [(at, bill.cost / 1000) for at, bill in points] for agent, points in sums.items()}
    file = RESULTS / f"long-talk-{name.replace(' ', '-')}"
    labels = {"x_label": "minute of the talk", "y_label": "thousands"}
    plot(Path(f"{file}-tokens.png"), all_tokens | fresh, title=f"Input tokens billed so far, {name}", **labels)
    plot(Path(f"{file}-cost.png"), cost, title=f"Cost of input so far in fresh audio tokens, {name}", **labels)


async def main(minutes: int, loop: TalkLoop, show: Callable[[int, str, Wait], Awaitable[None]]) -> None:
    """Print both kinds of talk."""
    print("Input tokens billed so far, in thousands: fresh, cached, all; their cost in fresh audio tokens")
    await show(minutes, "renewed after 20 minutes", loop.put_ahead)
    await show(minutes, "on one connection", leave_alone)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60, help="how long they talk")
    parser.add_argument("--choices", action="store_true", help="compare truncations")
    given = parser.parse_args()
    talk_loop = TalkLoop()
    try:
        talk_loop.run_until_complete(main(given.minutes, talk_loop, choose if given.choices else compare))
    finally:
        talk_loop.close()
