"""Many calls at once on one worker: `python -m benchmarks.many_calls`; Granny and the plain agent in turn.

Every caller hears the greeting, asks, and hears the answer. A caller's own load (encoding, decoding, the stand-in)
is on the same machine, so the numbers are a floor for what a worker alone can hold.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics

from benchmarks.measures import Figures, memory, whole_call
from benchmarks.rig import GRANNY, PLAIN, Rig, rig

_ROW = "{:<8} {:>6} {:>7} {:>12} {:>12} {:>12} {:>12} {:>14}"
_HEAD = _ROW.format(
    "agent", "calls", "heard", "first p50 s", "first p95 s", "answer p50", "answer p95", "MB a call more"
)


async def main(sizes: tuple[int, ...]) -> None:
    """Measure, and print as it goes."""
    async with rig((GRANNY, PLAIN)) as one:
        print(_HEAD)
        for size in sizes:
            for agent in (GRANNY, PLAIN):
                await _crowd(one, agent, size)
                await asyncio.sleep(5)


async def _crowd(one: Rig, agent: str, size: int) -> None:
    pid = one.workers[agent].process.pid
    at_rest = memory(pid)
    calls = [asyncio.create_task(_later(one, agent, index * 0.3)) for index in range(size)]
    await asyncio.sleep(size * 0.3 + 6)
    busy = memory(pid)
    figures = await asyncio.gather(*calls)
    heard = [one for one in figures if one.answer is not None]
    cells = (_at(figures, "first_sound"), _at(heard, "answer"))
    print(_ROW.format(agent, size, len(heard), *cells[0], *cells[1], f"{(busy - at_rest) / size:.0f}"), flush=True)


async def _later(one: Rig, agent: str, seconds: float) -> Figures:
    await asyncio.sleep(seconds)
    return await whole_call(one, agent)


def _at(figures: list[Figures], name: str) -> tuple[str, str]:
    values = sorted(value for one in figures if (value := getattr(one, name)) is not None)
    if not values:
        return "-", "-"
    return f"{statistics.median(values):.2f}", f"{values[int(0.95 * (len(values) - 1))]:.2f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[1, 5, 10], help="calls at once")
    asyncio.run(main(tuple(parser.parse_args().sizes)))
