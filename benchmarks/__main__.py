"""`make bench`: calls of Granny, the plain agent and the bare job, one after another in turn, into one table.

Granny has the settings of a user who has set none: once with her lines recorded, once as on her first start, when
they are not yet. The head of `benchmarks.rig` says what was done so that the table favours nobody. Memory and start
are measured by `benchmarks.check_up`, where each worker is alone.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Awaitable, Callable

from benchmarks.measures import Figures, first_sound, whole_call
from benchmarks.plot import RESULTS, plot
from benchmarks.rig import AGENTS, BARE, GRANNY, NEW, PLAIN, Rig, rig

_COLUMNS = (GRANNY, NEW, PLAIN, BARE)
_RATIOS = ((GRANNY, PLAIN), (NEW, PLAIN), (GRANNY, BARE))
_ROW = "{:<34}" + " {:>12}" * len(_COLUMNS) + " {:>18}" * len(_RATIOS)
_HEAD = _ROW.format("median; ratios: median (p95)", *_COLUMNS, *("/".join(pair) for pair in _RATIOS))

Values = dict[str, list[float | None]]
"""By agent, one value a round; None: not heard."""


async def main(rounds: int) -> None:
    """Measure, and print as it goes."""
    async with rig() as one:
        print(_HEAD)
        for latency in (0.0, 0.5):
            await one.latency(latency)
            figures = await _in_turn(one, tuple(AGENTS), rounds, measure=first_sound)
            first = _column(figures, "first_sound")
            _print(f"join to first sound, model {latency:.1f} s", first)
            _draw(first, latency)
            _print("  loop stalls over 50 ms a call", _column(figures, "stalls"))
        await one.latency(0.0)
        calls = await _in_turn(one, (GRANNY, PLAIN), rounds, measure=whole_call)
        for label, name in (
            ("end of speech to answer, s", "answer"),
            ("interruption to silence, s", "interruption"),
            ("CPU seconds a call-minute", "cpu_a_minute"),
            ("loop stalls over 50 ms a call", "stalls"),
        ):
            _print(label, _column(calls, name))


async def _in_turn(
    one: Rig, agents: tuple[str, ...], rounds: int, *, measure: Callable[[Rig, str], Awaitable[Figures]]
) -> dict[str, list[Figures]]:
    """Each round begins with another agent; the first one is for warming up and not kept."""
    figures: dict[str, list[Figures]] = {agent: [] for agent in agents}
    for number in range(rounds + 1):
        first = number % len(agents)
        for agent in agents[first:] + agents[:first]:
            measured = await measure(one, agent)
            if number:
                figures[agent].append(measured)
    return figures


def _column(figures: dict[str, list[Figures]], name: str) -> Values:
    return {agent: [getattr(one, name) for one in kept] for agent, kept in figures.items()}


def _heard(values: list[float | None]) -> list[float]:
    return sorted(value for value in values if value is not None)


def _draw(first: Values, latency: float) -> None:
    """The share of calls in which something had been heard by then."""
    curves = {
        agent: [(heard[0], 0.0), *((at, number / len(values)) for number, at in enumerate(heard, start=1))]
        for agent, values in first.items()
        if (heard := _heard(values))
    }
    plot(
        RESULTS / f"first-sound-{latency:.1f}.png",
        curves,
        title=f"Join to first sound, model at {latency:.1f} s",
        x_label="seconds since joining",
        y_label="share of calls",
    )


def _print(label: str, values: Values) -> None:
    cells = [_cell(values.get(agent, [])) for agent in _COLUMNS]
    ratios = [_ratio(values.get(ours, []), values.get(theirs, [])) for ours, theirs in _RATIOS]
    print(_ROW.format(label, *cells, *ratios), flush=True)


def _cell(values: list[float | None]) -> str:
    """The median, and in how many calls it could be measured if not in all."""
    heard = _heard(values)
    median = f"{statistics.median(heard):.2f}" if heard else "-"
    return median if len(heard) == len(values) else f"{median} ({len(heard)}/{len(values)})"


def _ratio(ours: list[float | None], theirs: list[float | None]) -> str:
    """The median of the ratios, round by round, and their 95th percentile."""
    paired = sorted(a / b for a, b in zip(ours, theirs, strict=False) if a is not None and b)
    if not paired:
        return "-"
    return f"{statistics.median(paired):.2f} ({paired[int(0.95 * (len(paired) - 1))]:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="calls of each kind")
    asyncio.run(main(parser.parse_args().rounds))
