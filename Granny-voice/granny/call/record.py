"""What is counted in one call: figures, never a word that was said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from granny.config.settings import Settings

_PER_MILLION = 1_000_000


@dataclass(slots=True)
class CallRecord:
    """One call as the operator sees it; times in seconds.

    Attributes:
        first_word: from the job's start, by telephone from the answer, to Granny's first sound; None if none was heard.
        answers: for each turn, from the end of the caller's speech to Granny's first sound.
        is_conversation: whether she has answered something that was said after her first word; before it comes a hello.
        turns: the caller's turns.
        interruptions: how often the caller spoke while Granny was speaking.
        renewals: how often the connection to OpenAI was renewed.
        spoken_faults: slugs of the faults that the caller was told, in order.
        input_tokens, cached_tokens, output_tokens: as OpenAI counted them; cached ones are part of the input.
        dropped: answers that were made and not heard, because the caller went on.
        dropped_tokens: what those have cost, input and output together; part of the above.
    """

    first_word: float | None = None
    answers: list[float] = field(default_factory=list)
    is_conversation: bool = False
    turns: int = 0
    interruptions: int = 0
    renewals: int = 0
    spoken_faults: list[str] = field(default_factory=list)
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    dropped: int = 0
    dropped_tokens: int = 0


def cost(record: CallRecord, settings: Settings) -> float | None:
    """What the call cost in dollars; None unless the prices of input and output are set.

    One price stands for all tokens of a kind; in a call nearly all are audio. Without a price of their own,
    cached tokens cost what the others do.
    """
    if settings.price_input is None or settings.price_output is None:
        return None
    cached = settings.price_input if settings.price_cached is None else settings.price_cached
    fresh_tokens = record.input_tokens - record.cached_tokens
    dollars = (
        fresh_tokens * settings.price_input
        + record.cached_tokens * cached
        + record.output_tokens * settings.price_output
    )
    return dollars / _PER_MILLION


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least `percent` of all do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
