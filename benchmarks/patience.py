"""`python -m benchmarks.patience`: how often a caller who pauses is cut off, and how long one who has ended waits.

Callers with pauses drawn as `benchmarks.pausing` has them call Granny with each patience, Granny without one, the plain
agent, and the plain agent with a fixed delay, on a real LiveKit server, in a room that is never quite silent. The model
thinks for 0.8 s. All meet the same callers, who say the same with the same pauses.

- A turn is cut off if a sound is heard in one of its pauses, or before the caller's next words can have been noticed.
- The wait is from the end of the caller's last word to the first sound, both at the caller's own ear.
- Yielding is from the caller's next word after a cut-off to silence.
- Beside them stands what she says of herself: answers dropped and their tokens a call, and the wait since OpenAI took
  the turn for ended, from which the machine's own slowness can be told.

`--paper` prints what the same kinds of callers, of other seeds, would meet, without sound: by that the patience was
chosen. With `--only` one agent is measured; its figures are kept, and the table and the plots are of all that are.
Two things should be known of the table. With a fixed delay, too, an answer that has not begun to sound is not heard by
a caller who goes on: at the same wait a patience that holds answers cuts off as often as a delay does, until it learns
of the caller. What holding brings is that the model's time is a part of the wait. And the stand-in knows no semantic
turn detection: it ends a turn after 0.3 s of silence where it is asked to be eager, else after 0.5 s. OpenAI waits up
to two seconds for the end of a sentence that it takes for unfinished, so this is Granny's patience at its worst; and
what she does without one is not measured here at all. Needs the group `bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.cut_offs import MODEL_SECONDS, Agent, Met, measure
from benchmarks.pausing import KINDS, person
from benchmarks.rig import AGENTS, GRANNY, HERE, NAMES, PLAIN
from granny.call.patience import SECONDS, Patience

RESULTS = HERE / "results"
TUNING_SEED = 1
FIXED = (600, 1500)
"""Milliseconds of the fixed delays: with the model's time about as long a wait as `normal`'s and `long`'s."""
BINS = (0.2, 0.6, 1.0, 1.5, 2.5, 5.01)
_EAGER_SECONDS = 0.3
"""The stand-in's silence that ends a turn, where it is asked to be eager."""
_FIXED = "fixed delay of {} ms"
_PATIENT = "granny, {}"


COMPARED: dict[str, Agent] = {
    PLAIN: Agent(AGENTS[PLAIN], NAMES[PLAIN]),
    **{_FIXED.format(ms): Agent(HERE / "fixed_agent.py", "fixed", {"FIXED_MS": str(ms)}) for ms in FIXED},
    **{_PATIENT.format(one): Agent(AGENTS[GRANNY], "", {"GRANNY_PATIENCE": one}) for one in ("off", *SECONDS)},
}


# --- on paper ---


def paper(calls: int = 300, turns: int = 20) -> None:
    """What callers of the tuning seed would meet with a patience of so many seconds, by the decisions themselves."""
    row = "{:<8}{:>10}{:>10}{:>10}{:>10}{:>10}"
    print(row.format("kind", "patience", "cut off", "wait p50", "p95", "dropped"))
    for kind in KINDS:
        for seconds in sorted({0.6, 1.0, 1.6, 1.9, *SECONDS.values()}):
            cut, waits, dropped = _on_paper(kind, seconds, calls, turns)
            shares = (f"{cut:.0%}", f"{percentile(waits, 50):.2f}", f"{percentile(waits, 95):.2f}", f"{dropped:.2f}")
            print(row.format(kind, f"{seconds:.1f}", *shares))


def _on_paper(kind: str, seconds: float, calls: int, turns: int) -> tuple[float, list[float], float]:
    """Share of turns that were cut off, all waits, and answers dropped a turn."""
    cut, waits, dropped = 0, list[float](), 0
    for number in range(calls):
        patience, now = Patience(seconds), 0.0
        pauses = person(np.random.default_rng((TUNING_SEED, number)), KINDS[kind])
        for of_a_turn in itertools.islice(pauses, turns):
            heard = [_pause(patience, pause, now) for pause in of_a_turn]
            cut += any(heard)
            dropped += sum(_EAGER_SECONDS < pause <= patience.seconds for pause in of_a_turn)
            waits.append(max(patience.seconds, _EAGER_SECONDS + MODEL_SECONDS))
            _pause(patience, 60.0, now)
            now += 100.0
    return cut / (calls * turns), waits, dropped / (calls * turns)


def _pause(patience: Patience, seconds: float, now: float) -> bool:
    """Whether an answer is heard before the caller goes on after so long; the patience learns of it."""
    patience.caller_started(now)
    patience.caller_stopped(now + _EAGER_SECONDS)
    heard_at = now + max(patience.seconds, _EAGER_SECONDS + MODEL_SECONDS)
    if is_heard := heard_at < now + seconds:
        patience.sounds(heard_at)
    patience.caller_started(now + seconds)
    return is_heard


# --- the report ---


def percentile(values: Sequence[float], percent: int) -> float:
    """By nearest rank; not a number of nothing."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)] if values else math.nan


def _file(name: str) -> Path:
    return RESULTS / f"patience-{name.replace(' ', '-').replace(',', '')}.json"


def _kept() -> Iterator[tuple[str, Met]]:
    for name in COMPARED:
        if _file(name).is_file():
            yield name, Met(**json.loads(_file(name).read_text(encoding="utf-8")))


def report() -> None:
    """The table of all that has been measured, and the plots."""
    measured = dict(_kept())
    head = ("turns", "cut off", "wait p50", "p95", "yields p50", "p95", "dropped", "tokens", "told p50", "no answer")
    row = "{:<22}" + "{:>11}" * len(head)
    print(row.format("", *head))
    for name, met in measured.items():
        waits, yields = ((percentile(values, 50), percentile(values, 95)) for values in (met.waits, met.yields))
        seconds = (f"{value:.2f}" for value in (*waits, *yields))
        told = (met.dropped, met.dropped_tokens, met.told)
        a_call = (f"{statistics.mean(values):.1f}" if values else "-" for values in told)
        print(row.format(name, len(met.turns), f"{_share(met.turns):.0%}", *seconds, *a_call, met.unanswered))
    row = "{:<22}" + "{:>11}" * (len(BINS) - 1)
    print("\npauses in which she was heard, by their length in seconds")
    print(row.format("", *(f"{low:.1f}-{high:.1f}" for low, high in itertools.pairwise(BINS))))
    for name, met in measured.items():
        print(row.format(name, *(_of(_in(met, low, high)) for low, high in itertools.pairwise(BINS))))
    _plot(measured)


def _in(met: Met, low: float, high: float) -> list[bool]:
    return [cut for seconds, cut in met.pauses if low <= seconds < high]


def _of(cut: Sequence[bool]) -> str:
    return f"{sum(cut)}/{len(cut)}"


def _share(cut: Sequence[bool]) -> float:
    return sum(cut) / len(cut) if cut else math.nan


def _plot(measured: Mapping[str, Met]) -> None:
    """Cut-offs by the wait, and by the length of the pause."""
    from benchmarks.plot import plot  # noqa: PLC0415  matplotlib is needed for nothing else

    points = {name: (percentile(met.waits, 50), _share(met.turns)) for name, met in measured.items() if met.waits}
    patient = {_PATIENT.format(one) for one in SECONDS}
    curves = {
        "patience": sorted(point for name, point in points.items() if name in patient),
        "a fixed delay": sorted(point for name, point in points.items() if name not in patient),
    }
    labels = {"x_label": "wait for an answer, median, s", "y_label": "share of turns cut off"}
    plot(RESULTS / "patience.png", curves, title="Cut-offs and waits, model of 0.8 s", **labels)
    by_length = {
        name: [(low, _share(_in(met, low, high))) for low, high in itertools.pairwise(BINS) if _in(met, low, high)]
        for name, met in measured.items()
    }
    labels = {"x_label": "pauses from this length on, s", "y_label": "share in which she was heard"}
    plot(RESULTS / "patience-by-pause.png", by_length, title="Cut-offs by the length of the pause", **labels)


async def main(names: Sequence[str], *, callers: int, turns: int) -> None:
    """Measure these, keep what was found, and report on all."""
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        met = await measure(COMPARED[name], callers=callers, turns=turns)
        _file(name).write_text(json.dumps(asdict(met)), encoding="utf-8")
        print(f"{name}: {len(met.turns)} turns", flush=True)
    report()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paper", action="store_true", help="on paper, with the tuning seed")
    parser.add_argument("--report", action="store_true", help="of what has been measured before")
    parser.add_argument("--only", choices=COMPARED, help="measure one agent")
    parser.add_argument("--callers", type=int, default=4, help="how many call each agent at once")
    parser.add_argument("--turns", type=int, default=12, help="how often each of them speaks")
    given = parser.parse_args()
    if given.paper:
        paper()
    elif given.report:
        report()
    else:
        asyncio.run(main([given.only] if given.only else list(COMPARED), callers=given.callers, turns=given.turns))
