"""A call that has ended, as a row of the store: figures and slugs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from granny.call.ending import CallEnded, Ending
from granny.call.record import cost, percentile
from granny.config.settings import Settings
from granny.store.rows import CallRow

_CENTS = Decimal("0.000001")


def entry_of(ended: CallEnded, settings: Settings, *, serious: Iterable[str] = ()) -> CallRow | None:
    """What is written down of a call; None where there is nothing: another Granny goes on with it, and tells its end.

    Args:
        ended: the call.
        settings: the prices.
        serious: the kinds of danger that were named in it, by who has agreed that they are told.
    """
    if ended.end.ending is Ending.OTHER_GRANNY:
        return None
    record = ended.record
    dollars = cost(record, settings)
    return CallRow(
        job=ended.job_id,
        started=ended.started,
        person=ended.person,
        by=ended.caller.came_by.value if ended.caller else "",
        seconds=ended.seconds,
        ending=ended.end.ending.value,
        fault=ended.end.fault,
        first_word=record.first_word,
        answer_p50=percentile(record.answers, 50),
        answer_p95=percentile(record.answers, 95),
        turns=record.turns,
        interruptions=record.interruptions,
        spoken_faults=tuple(record.spoken_faults),
        input_tokens=record.input_tokens,
        cached_tokens=record.cached_tokens,
        output_tokens=record.output_tokens,
        cost=None if dollars is None else Decimal(dollars).quantize(_CENTS),
        serious=tuple(dict.fromkeys(serious)),
    )
