"""What the operator sees of the calls: Prometheus figures beside the framework's, and one log line a call.

Figures only, never a word that was said; kept in the worker's main process, so that nothing is lost with a
job. Their names are a contract.
"""

from __future__ import annotations

import functools
import logging
import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from granny.call.ending import CallEnded
from granny.call.record import cost, percentile
from granny.config.settings import Settings
from granny.worker.hooks import Hooks

logger = logging.getLogger("granny.call")

_SOON = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0)  # seconds; what a caller feels lies below three

CALLS = Counter(
    "granny_calls",
    "Calls that ended: ok when somebody wished it, else by the slug of the fault or of the ending.",
    ["outcome"],
)
FIRST_WORD = Histogram(
    "granny_first_word_seconds",
    "From a job's start, by telephone from the answer, to Granny's first sound.",
    buckets=_SOON,
)
ANSWER = Histogram(
    "granny_answer_seconds", "From the end of the caller's speech to Granny's first sound.", buckets=_SOON
)
SPOKEN_FAULTS = Counter("granny_spoken_faults", "Faults that a caller was told, by slug.", ["fault"])
RENEWALS = Counter("granny_renewals", "How often a call's connection to OpenAI was renewed.")
DROPPED = Counter("granny_dropped_answers", "Answers that were made and not heard, because the caller went on.")
TOKENS = Counter(
    "granny_tokens",
    "Tokens as OpenAI counted them; cached ones are part of the input, those of dropped answers of both.",
    ["kind"],
)
IN_PROGRESS = Gauge("granny_calls_in_progress", "Calls on the line now.", multiprocess_mode="livesum")
CALLERS_MET = Counter("granny_callers_met", "Callers who were alone in a room, and whom the room watch went to.")
CALLERS_TURNED_AWAY = Counter(
    "granny_callers_turned_away", "Telephones that heard the busy tone, because all places were taken."
)

CAPACITY = Gauge("granny_capacity", "Calls that the worker takes at once.", multiprocess_mode="livesum")
CALLERS_WAITING = Gauge(
    "granny_callers_waiting", "Callers who hear now that the line is busy.", multiprocess_mode="livesum"
)

HEALTH = Gauge(
    "granny_health",
    "How the worker is, as its health page has it: 1 for its present status, 0 for the others.",
    ["status"],
    multiprocess_mode="livesum",
)

WARNING = Gauge(
    "granny_warning",
    "What is wrong beside the calls, by the fault's slug, as the health page has it: 1 while it is.",
    ["fault"],
    multiprocess_mode="livesum",
)

_MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes leave their figures for each other, if the operator has named a folder."""
Figure = str | int | float | list[str] | None


def subscribe(hooks: Hooks, settings: Settings) -> None:
    """Count every call, and write its line."""
    CAPACITY.set(settings.max_calls)
    hooks.on_calls(IN_PROGRESS.set)
    hooks.on_call_ended(count)
    hooks.on_call_ended(functools.partial(write_line, settings=settings))


def count(ended: CallEnded) -> None:
    """Add one call that has ended."""
    record = ended.record
    CALLS.labels(ended.end.outcome).inc()
    if record.first_word is not None:
        FIRST_WORD.observe(record.first_word)
    for seconds in record.answers:
        ANSWER.observe(seconds)
    for fault in record.spoken_faults:
        SPOKEN_FAULTS.labels(fault).inc()
    RENEWALS.inc(record.renewals)
    DROPPED.inc(record.dropped)
    TOKENS.labels("input").inc(record.input_tokens)
    TOKENS.labels("cached").inc(record.cached_tokens)
    TOKENS.labels("output").inc(record.output_tokens)
    TOKENS.labels("dropped").inc(record.dropped_tokens)


def exposition() -> bytes:
    """All figures, Granny's and the framework's, in Prometheus' own text format; reads files, so not on a loop."""
    registry = REGISTRY
    if _MULTIPROCESS in os.environ:
        registry = CollectorRegistry(auto_describe=True)
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def write_line(ended: CallEnded, settings: Settings) -> None:
    """Log one call that has ended."""
    logger.info("call ended", extra={"job_id": ended.job_id, **figures(ended, settings)})


def figures(ended: CallEnded, settings: Settings) -> dict[str, Figure]:
    """The line's values, in the order in which they are read; seconds to the millisecond, cost in dollars."""
    record = ended.record
    line: dict[str, Figure] = {
        "outcome": ended.end.outcome,
        "ending": ended.end.ending.value,
        "seconds": round(ended.seconds, 1),
        "turns": record.turns,
        "first_word": _rounded(record.first_word),
        "answer_p50": _rounded(percentile(record.answers, 50)),
        "answer_p95": _rounded(percentile(record.answers, 95)),
        "interruptions": record.interruptions,
        "renewals": record.renewals,
        "spoken_faults": list(record.spoken_faults),
        "input_tokens": record.input_tokens,
        "cached_tokens": record.cached_tokens,
        "output_tokens": record.output_tokens,
        "dropped": record.dropped,
        "dropped_tokens": record.dropped_tokens,
    }
    price = cost(record, settings)
    return line if price is None else {**line, "cost": round(price, 4)}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
