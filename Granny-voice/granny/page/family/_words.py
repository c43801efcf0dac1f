"""What the family's page says, each sentence once; one file a language, and each has all of them."""

from __future__ import annotations

from dataclasses import dataclass

Counted = tuple[str, str]
"""What is said of one, and of any other number, `{n}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences; what stands in {braces} is filled in.

    Attributes:
        title: without a person's name; `title_with` has it.
        states: how she is, by the value of `State`.
        somebody: who has called, where it may have been anybody.
        last_call: when she was last called.
        days: over the pictures.
        in_all: how much there was in the thirty days.
        calls, on_days, troubled: parts of it.
        none: there was no call in them.
        calendar, minutes, costs: over each picture, and how its sentence begins.
        key: what is to be seen in them.
        most: of bars.
        figures: over the table.
        columns: the day, its calls, their time, in how many something went wrong, their cost.
        wrong: over what went wrong.
        nothing_wrong: that nothing did.
        times: how often, and when last.
        money: over what it costs.
        so_far: of today and of this month.
        of_budget: how much of the budget that is; `spent` from all of it on.
        everybody: said where the calls of one person are shown, and yet everybody's money.
        no_prices, unreadable: what cannot be told, and why.
        as_of: how old all of it is, and what it never shows.
    """

    title: str
    title_with: str
    states: dict[str, str]
    somebody: str
    last_call: str
    no_call_yet: str
    days: str
    in_all: str
    calls: Counted
    on_days: Counted
    troubled: Counted
    none: str
    calendar: str
    minutes: str
    costs: str
    key: str
    most: str
    figures: str
    columns: tuple[str, str, str, str, str]
    wrong: str
    nothing_wrong: str
    times: Counted
    money: str
    so_far: str
    of_budget: str
    spent: str
    everybody: str
    no_prices: str
    unreadable: str
    as_of: str


def counted(words: Counted, number: int, **more: str) -> str:
    """What is said of so many, with whatever more is to be filled in."""
    one, others = words
    return (one if number == 1 else others).format(n=number, **more)
