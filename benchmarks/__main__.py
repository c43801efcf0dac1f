"""`make bench`: calls of Granny, the plain agent and the bare job, one after another in turn, into one table."""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Iterable

from benchmarks.measures import Figures, first_sound, memory, whole_call
from benchmarks.plot import RESULTS, plot
from benchmarks.rig import BARE, GRANNY, PLAIN, Rig, rig

_ROW = "{:<44} {:>8} {:>8} {:>8} {:>15} {:>15}"
_HEAD = _ROW.format("median (p95 in brackets where calls allow)", GRANNY, PLAIN, BARE, "granny/plain", "granny/bare")


async def main(rounds: int) -> None:
    """Measure, and print as it goes."""
    async with rig() as one:
        print(_HEAD)
        _print("idle worker, PSS, MB", {n: [memory(w.process.pid)] for n, w in one.workers.items()})
        _print("start to registered, s", {n: [w.seconds_to_register] for n, w in one.workers.items()})
        for latency in (0.0, 0.5):
            one.latency(latency)
            figures = await _in_turn(one, (GRANNY, PLAIN, BARE), rounds)
            first = _column(figures, "first_sound")
            _print(f"join to first sound, model {latency:.1f} s", first)
            _draw(first, latency)
            _print("  loop stalls over 50 ms a call", _column(figures, "stalls"))
        one.latency(0.0)
        calls: dict[str, list[Figures]] = {GRANNY: [], PLAIN: []}
        for _ in range(rounds):
            for agent, kept in calls.items():
                kept.append(await whole_call(one, agent))
        for label, name in (
            ("end of speech to answer, s", "answer"),
            ("interruption to silence, s", "interruption"),
            ("CPU seconds a call-minute", "cpu_a_minute"),
            ("loop stalls over 50 ms a call", "stalls"),
        ):
            _print(label, _column(calls, name))


async def _in_turn(one: Rig, agents: Iterable[str], rounds: int) -> dict[str, list[Figures]]:
    """The first round is for warming up and not kept."""
    figures: dict[str, list[Figures]] = {agent: [] for agent in agents}
    for number in range(rounds + 1):
        for agent, kept in figures.items():
            measured = await first_sound(one, agent)
            if number:
                kept.append(measured)
            await asyncio.sleep(1.0)
    return figures


def _column(figures: dict[str, list[Figures]], name: str) -> dict[str, list[float]]:
    return {agent: [v for one in kept if (v := getattr(one, name)) is not None] for agent, kept in figures.items()}


def _draw(first: dict[str, list[float]], latency: float) -> None:
    """The share of calls in which something had been heard by then."""
    curves = {
        agent: [(min(values), 0.0), *((at, number / len(values)) for number, at in enumerate(sorted(values), start=1))]
        for agent, values in first.items()
        if values
    }
    plot(
        RESULTS / f"first-sound-{latency:.1f}.png",
        curves,
        title=f"Join to first sound, model at {latency:.1f} s",
        x_label="seconds since joining",
        y_label="share of calls",
    )


def _print(label: str, values: dict[str, list[float]]) -> None:
    cells = [_cell(values.get(agent, [])) for agent in (GRANNY, PLAIN, BARE)]
    ratios = [_ratio(values.get(GRANNY, []), values.get(other, [])) for other in (PLAIN, BARE)]
    print(_ROW.format(label, *cells, *ratios), flush=True)


def _cell(values: list[float]) -> str:
    return f"{statistics.median(values):.2f}" if values else "-"


def _ratio(ours: list[float], theirs: list[float]) -> str:
    """The median of the paired ratios, and their 95th percentile."""
    paired = sorted(a / b for a, b in zip(ours, theirs, strict=False) if b)
    if not paired:
        return "-"
    return f"{statistics.median(paired):.2f} ({paired[int(0.95 * (len(paired) - 1))]:.2f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="calls of each kind")
    asyncio.run(main(parser.parse_args().rounds))
