"""The diary as a person reads it, and as a program does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from granny.config.settings import Settings
from granny.faults import CATALOGUE
from granny.store.calls import Calls
from granny.store.rows import CallRow, Day, Met
from granny.store.spending import Spending, has_prices, spending

LINES = 60
"""So many calls are told by a line each; of more the last ones."""
_ENDINGS = {"goodbye": "goodbye", "hung-up": "hung up", "crashed": "crashed"}
_NOBODY = "-"
_CALL = "{at:%Y-%m-%d %H:%M}  {person:<{width}}  {by:<7}  {length:>7}  {ending}"
_FIRST, _ANSWERS, _COST = "first word {:.1f} s", "answers {:.1f} s, the slowest {:.1f} s", "${:.2f}"
_BEFORE = "… and {} before these; --json tells all of them."
_NONE = "No call{of} since {since:%Y-%m-%d}."
_SUM = "Since {since:%Y-%m-%d}{of}: {calls}, {length} together, {trouble}{cost}."
_SPENDING = "Everybody's calls together: today {today}, this month {month}{budget}."
_OF_BUDGET = ", {share:.0%} of its budget of {budget}"
_WRONG = "What went wrong, and docs/faults.md tells what to do:"
_MET = "  {slug:<{width}}  {calls:>4} {times}, last {last:%Y-%m-%d %H:%M}  {summary}"


@dataclass(frozen=True, slots=True)
class Pages:
    """What was asked for.

    Attributes:
        person: whose; None: everybody's.
        since: from when on.
        zone: where she lives; None: where this machine is.
        calls: one by one; not more than the last ones, where only those were asked for.
        days: those on which there were calls.
        troubles: what went wrong, by slug.
        spending: what all calls have cost; None where no prices are set.
    """

    person: str | None
    since: datetime
    zone: tzinfo | None
    calls: Sequence[CallRow]
    days: Sequence[Day]
    troubles: Mapping[str, Met]
    spending: Spending | None = None


def read(calls: Calls, person: str | None, since: datetime, settings: Settings, *, latest: int | None) -> Pages:
    """Ask the store.

    Raises:
        StoreError: it cannot be read.
    """
    return Pages(
        person=person,
        since=since,
        zone=since.tzinfo,
        calls=calls.of(person, since, latest=latest),
        days=calls.summary(person, since),
        troubles=calls.troubles(person, since),
        spending=spending(calls, settings) if has_prices(settings) else None,
    )


def as_json(pages: Pages) -> str:
    """One JSON object; times in UTC, lengths in seconds, cost in dollars."""
    whole = {
        "person": pages.person,
        "since": pages.since.isoformat(),
        "calls": [{**_values(call), "trouble": sorted(call.troubles)} for call in pages.calls],
        "days": [_values(day) for day in pages.days],
        "troubles": {slug: met.calls for slug, met in pages.troubles.items()},
        "spending": _values(pages.spending) if pages.spending else None,
    }
    return json.dumps(whole, ensure_ascii=False, default=_plain)  # indented, many calls would take three times as long


def _values(row: CallRow | Day | Spending) -> dict[str, Any]:
    """As `asdict`, which copies each value and takes ten times as long."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _plain(value: Any) -> object:  # noqa: ANN401  whatever JSON does not know
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def as_text(pages: Pages) -> str:
    """A line a call, their sum, and what went wrong."""
    of = f" of {pages.person}" if pages.person else ""
    number = sum(day.calls for day in pages.days)
    if not number:
        return _NONE.format(of=of, since=pages.since)
    more = number - len(pages.calls)
    lines = [*([_BEFORE.format(more)] if more else []), *_calls(pages), "", _sum(pages, of, number)]
    lines += [*_spending(pages.spending), *_troubles(pages)]
    return "\n".join(lines)


def _calls(pages: Pages) -> Iterator[str]:
    width = max((len(call.person or _NOBODY) for call in pages.calls), default=0)
    for call in pages.calls:
        line = _CALL.format(
            at=call.started.astimezone(pages.zone),
            person=call.person or _NOBODY,
            width=width,
            by=call.by or _NOBODY,
            length=_length(call.seconds),
            ending=call.fault or _ENDINGS.get(call.ending, call.ending),
        )
        yield "; ".join([line, *_figures(call)])


def _figures(call: CallRow) -> Iterator[str]:
    if call.first_word is not None:
        yield _FIRST.format(call.first_word)
    if call.answer_p50 is not None and call.answer_p95 is not None:
        yield _ANSWERS.format(call.answer_p50, call.answer_p95)
    if call.cost is not None:
        yield _COST.format(call.cost)
    yield from sorted(call.troubles - {call.fault})


def _sum(pages: Pages, of: str, number: int) -> str:
    troubled = sum(day.troubled for day in pages.days)
    costs = [day.cost for day in pages.days if day.cost is not None]
    return _SUM.format(
        since=pages.since,
        of=of,
        calls="1 call" if number == 1 else f"{number:,} calls",
        length=_length(sum(day.seconds for day in pages.days)),
        trouble=f"something went wrong in {troubled:,}" if troubled else "nothing went wrong",
        cost=f", {_COST.format(sum(costs))}" if costs else "",
    )


def _spending(spent: Spending | None) -> Iterator[str]:
    if spent:
        of_budget = _OF_BUDGET.format(share=spent.share, budget=_COST.format(spent.budget)) if spent.budget else ""
        yield _SPENDING.format(today=_COST.format(spent.today), month=_COST.format(spent.month), budget=of_budget)


def _troubles(pages: Pages) -> Iterator[str]:
    if pages.troubles:
        yield from ("", _WRONG)
    width = max(map(len, pages.troubles), default=0)
    for slug, met in pages.troubles.items():
        fault = CATALOGUE.get(slug)
        yield _MET.format(
            slug=slug,
            width=width,
            calls=met.calls,
            times="call" if met.calls == 1 else "calls",
            last=met.last.astimezone(pages.zone),
            summary=fault.summary if fault else "",
        ).rstrip()


def _length(seconds: float) -> str:
    """As a clock has it: hours only where there are some."""
    whole = timedelta(seconds=round(seconds))
    hours, rest = divmod(int(whole.total_seconds()), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
