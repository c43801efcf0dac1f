"""What so many calls at once need, computed from what one was measured to need: the tables of docs/scale.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PLACES = 8
"""Of a worker, on two cores: GRANNY_MAX_CALLS as it comes."""
KEPT_FREE = 8
"""Places for the calls that come in while another worker starts, as KEDA is told."""

WORKER_MB, CALL_MB = 348, 71
"""An idle worker, and a call that has lasted half an hour; README has both."""
WORKER_CORES, LIVEKIT_CORES = 0.16, 0.015
"""Of one call while it lasts."""
REDIS_AT_REST_CORES, REDIS_CORES = 0.002, 0.000_015
"""Of a redis with two LiveKit nodes and no call, and of one call more (`python -m benchmarks.redis_load`)."""
NODE_CORES, NODE_SHARE = 4, 0.5
"""Of a LiveKit node, and how much of them calls may take: the other half is for the calls of a node that has gone."""
CELL = 1_000
"""The most calls of one LiveKit with one redis, on which dispatch has been tried."""

OUTPUT_A_MINUTE = 533
"""Tokens that she says: 10 s of every 22.5 s, 20 tokens a second."""
TIERS = (40_000, 200_000, 800_000, 4_000_000, 15_000_000)
"""Tokens a minute that OpenAI allows an account, by its tier. Source: the pages of the Realtime models at OpenAI."""
DOLLARS_FRESH, DOLLARS_SAID, DOLLARS_WRITTEN = 32.0, 64.0, 0.003
"""For a million audio tokens that no cache holds, for a million that she says, for a minute that is written down."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Talk:
    """A call of one length, as `python -m benchmarks.long_talk` counts it.

    Attributes:
        minutes: how long it lasts; the caller speaks for 10 s of every 22.5, and she does.
        read: the input tokens of all its responses, those from the cache among them.
        cost: the same in audio tokens that no cache held, by price.
    """

    minutes: int
    read: int
    cost: int

    @property
    def tokens_a_minute(self) -> int:
        """All that it reads and says, on the average of its minutes."""
        return round(self.read / self.minutes + OUTPUT_A_MINUTE)

    @property
    def dollars(self) -> float:
        """What it costs, from its beginning to its end."""
        said = OUTPUT_A_MINUTE * self.minutes
        return (self.cost * DOLLARS_FRESH + said * DOLLARS_SAID) / _MILLION + self.minutes * DOLLARS_WRITTEN

    @property
    def dollars_an_hour(self) -> float:
        """What an hour of such calls, one after the other, costs."""
        return self.dollars * 60 / self.minutes

    def held_by(self, tokens_a_minute: int) -> int:
        """How many of them go on at once within a limit."""
        return tokens_a_minute // self.tokens_a_minute


TALKS = (Talk(5, 33_267, 3_987), Talk(10, 128_817, 9_158), Talk(20, 470_587, 20_815), Talk(45, 1_274_376, 50_816))
USUAL = TALKS[1]
"""The length that the plans take for the average."""
CALLS = (10, 1_000, 100_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """What so many calls at once need.

    Attributes:
        calls: at once, at the worst moment of the day.
    """

    calls: int

    @property
    def workers(self) -> int:
        """With PLACES each; never fewer than two."""
        return max(2, math.ceil((self.calls + KEPT_FREE) / PLACES))

    @property
    def worker_cores(self) -> int:
        """To buy: four calls a core."""
        return self.workers * PLACES // 4

    @property
    def memory_gb(self) -> float:
        """Of all workers, full of long calls."""
        return (self.workers * WORKER_MB + self.calls * CALL_MB) / 1024

    @property
    def cells(self) -> int:
        """Of LiveKit with a redis of its own."""
        return math.ceil(self.calls / CELL)

    @property
    def nodes(self) -> int:
        """Of LiveKit in all; two in each cell, so that one may go."""
        in_all = math.ceil(self.calls * LIVEKIT_CORES / (NODE_CORES * NODE_SHARE))
        return max(2 * self.cells, in_all)

    @property
    def redis_cores(self) -> float:
        """What the redis of one cluster uses."""
        return REDIS_AT_REST_CORES + min(self.calls, CELL) * REDIS_CORES

    @property
    def tokens_a_minute(self) -> int:
        """Of calls of the usual length."""
        return self.calls * USUAL.tokens_a_minute

    @property
    def tier(self) -> str:
        """The lowest that holds them."""
        tier = next((number for number, limit in enumerate(TIERS, start=1) if limit >= self.tokens_a_minute), None)
        return f"{tier}" if tier else f"{math.ceil(self.tokens_a_minute / TIERS[-1])} times tier {len(TIERS)}"

    @property
    def arrivals(self) -> float:
        """New calls a second, if all are of the usual length."""
        return self.calls / (60 * USUAL.minutes)

    @property
    def dollars_an_hour(self) -> float:
        """OpenAI's bill for an hour with so many on the line throughout."""
        return self.calls * USUAL.dollars_an_hour


def tables() -> dict[str, str]:
    """Every table of the page, by its name."""
    return {"plans": _plans([Plan(calls) for calls in CALLS]), "talks": _talks(), "tiers": _tiers()}


def _plans(plans: Sequence[Plan]) -> str:
    rows: tuple[tuple[str, list[str]], ...] = (
        ("workers, with 8 places each", [f"{plan.workers:,}" for plan in plans]),
        ("cores for the workers: bought / used", [_cores(plan) for plan in plans]),
        ("memory of the workers", [f"{plan.memory_gb:,.0f} GB" for plan in plans]),
        ("LiveKit clusters, each with its redis", [f"{plan.cells:,}" for plan in plans]),
        (f"LiveKit nodes of {NODE_CORES} cores, in all", [f"{plan.nodes:,}" for plan in plans]),
        ("cores of redis, in each cluster", [f"{plan.redis_cores:.3f}" for plan in plans]),
        ("new calls a second", [f"{plan.arrivals:,.2f}" for plan in plans]),
        ("**OpenAI: tokens a minute**", [f"**{plan.tokens_a_minute / _MILLION:,.1f} million**" for plan in plans]),
        ("**OpenAI's tier that holds them**", [f"**{plan.tier}**" for plan in plans]),
        ("OpenAI's bill an hour", [f"${plan.dollars_an_hour:,.0f}" for plan in plans]),
    )
    return _table(("calls at once", *(f"{plan.calls:,}" for plan in plans)), ((name, *cells) for name, cells in rows))


def _cores(plan: Plan) -> str:
    return f"{plan.worker_cores:,} / {plan.calls * WORKER_CORES:,.1f}"


def _talks() -> str:
    head = ("a call of", "input tokens, in all", "tokens a minute", "dollars", "dollars an hour")
    return _table(head, map(_talk, TALKS))


def _talk(talk: Talk) -> tuple[str, ...]:
    costs = (f"${talk.dollars:.2f}", f"${talk.dollars_an_hour:.2f}")
    return (f"{talk.minutes} minutes", f"{talk.read:,}", f"{talk.tokens_a_minute:,}", *costs)


def _tiers() -> str:
    head = ("OpenAI's tier", "tokens a minute", *(f"calls of {talk.minutes} minutes" for talk in TALKS))
    rows = ((f"{tier}", f"{limit:,}", *_held(limit)) for tier, limit in enumerate(TIERS, start=1))
    return _table(head, rows)


def _held(limit: int) -> tuple[str, ...]:
    return tuple(f"{talk.held_by(limit):,}" for talk in TALKS)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
