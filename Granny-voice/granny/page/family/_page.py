"""The family's page as HTML: sections of the same ids every time, so that a browser changes only what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_skeleton, format_time, get_day_names
from babel.numbers import format_currency, format_percent
from babel.units import format_unit

from granny.faults.plain import advice, language_of
from granny.page.family._charts import Scale, bars, calendar, spent
from granny.page.family._de import GERMAN
from granny.page.family._en import ENGLISH
from granny.page.family._nodes import Element, markup, node
from granny.page.family._overview import Overview, Past, State, Trouble
from granny.page.family._words import Words, counted
from granny.store.rows import Day
from granny.store.spending import Spending

LANGUAGES = {"en": ENGLISH, "de": GERMAN}
_CURRENCY = "USD"
_DAY, _MONTH_DAY = "MMMEd", "MMMd"
_MINUTE = 60
_WELL = (State.WELL, State.BUSY)
_STORE = "store-unavailable"


def page(overview: Overview) -> str:
    """All of it, from its heading to its last line."""
    return markup(*_Page(overview).sections())


class _Page:
    """One page, in one language."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._locale = overview.locale
        self._language = language_of(overview.locale.language)
        self._words: Words = LANGUAGES[self._language]

    def sections(self) -> Iterator[Element]:
        """In the order in which they are read."""
        words, past = self._words, self._overview.past
        yield node("h1", self._named(words.title_with if self._overview.called else words.title), id="title")
        yield self._now()
        if past is None:
            yield node(
                "section",
                node("p", words.unreadable),
                *self._advice(_STORE),
                self._small(_STORE),
                id="past",
                class_="trouble",
            )
        else:
            yield self._days(past)
            yield self._wrong(past)
            yield self._money(past.money)
        yield node("footer", node("p", words.as_of.format(when=self._when(self._overview.moment))), id="as-of")

    def _now(self) -> Element:
        now, past = self._overview.now, self._overview.past
        is_well = now.state in _WELL
        said = node("p", self._named(self._words.states[now.state.value]), class_="state")
        advised = (*self._advice(now.fault), self._small(now.fault)) if now.fault and not is_well else ()
        last = node("p", self._last_call(past)) if past else None
        return node("section", said, *advised, last, id="now", class_="well" if is_well else "trouble")

    def _last_call(self, past: Past) -> str:
        if past.last_call is None:
            return self._words.no_call_yet
        who = self._overview.called or self._words.somebody
        return self._words.last_call.format(
            who=who, when=self._when(past.last_call), time=self._time(past.last_seconds)
        )

    def _days(self, past: Past) -> Element:
        words, summary = self._words, self._summary(past)
        heading, said = node("h2", words.days), node("p", summary)
        if not any(day.calls for day in past.days):
            return node("section", heading, said, id="days")
        drawn = (self._calendar(past, summary), self._minutes(past), self._costs(past))
        charts = node("div", *(node("figure", *chart) for chart in drawn if chart), class_="charts")
        key = node("p", words.key, class_="small")
        return node("section", heading, said, charts, key, self._table(past), id="days")

    def _summary(self, past: Past) -> str:
        calls, troubled = sum(day.calls for day in past.days), sum(day.troubled for day in past.days)
        if not calls:
            return self._words.none
        return self._words.in_all.format(
            calls=counted(self._words.calls, calls),
            days=counted(self._words.on_days, sum(1 for day in past.days if day.calls)),
            time=self._time(sum(day.seconds for day in past.days)),
            troubled=counted(self._words.troubled, troubled) if troubled else "",
        ).rstrip()

    def _calendar(self, past: Past, summary: str) -> tuple[Element, Element]:
        names = get_day_names("abbreviated", context="stand-alone", locale=self._locale)
        drawn = calendar(
            past.days,
            says=f"{self._words.calendar}: {summary}",
            weekdays=[names[number].rstrip(".") for number in range(7)],
            first_weekday=self._locale.first_week_day,
        )
        return node("figcaption", self._words.calendar), drawn

    def _minutes(self, past: Past) -> tuple[Element, Element]:
        values = [day.seconds for day in past.days]
        return self._bars(past, values, self._words.minutes, self._time(max(values)))

    def _costs(self, past: Past) -> tuple[Element, Element] | None:
        values = [float(day.cost or 0) for day in past.days]
        return self._bars(past, values, self._words.costs, self._dollars(max(values))) if any(values) else None

    def _bars(self, past: Past, values: list[float], what: str, most: str) -> tuple[Element, Element]:
        first, last = (self._day(day, _MONTH_DAY) for day in (past.days[0].day, past.days[-1].day))
        top = past.days[values.index(max(values))].day
        says = self._words.most.format(what=what, first=first, last=last, most=most, day=self._day(top))
        marked = [bool(day.troubled) for day in past.days]
        return node("figcaption", what), bars(values, marked, says=says, scale=Scale(most, first, last))

    def _table(self, past: Past) -> Element:
        columns = self._words.columns if past.money else self._words.columns[:-1]
        head = node("thead", node("tr", *(node("th", column, scope="col") for column in columns)))
        rows = (self._row(day, len(columns)) for day in reversed(past.days) if day.calls)
        table = node("table", node("caption", self._words.days), head, node("tbody", *rows))
        wide = node("div", table, class_="wide", role="region", aria_label=self._words.figures, tabindex="0")
        return node("details", node("summary", self._words.figures), wide)

    def _row(self, day: Day, columns: int) -> Element:
        figures = (str(day.calls), self._time(day.seconds), str(day.troubled), self._dollars(day.cost or 0))
        cells = (node("td", figure) for figure in figures[: columns - 1])
        return node("tr", node("th", self._day(day.day), scope="row"), *cells)

    def _wrong(self, past: Past) -> Element:
        heading = node("h2", self._words.wrong)
        if not past.troubles:
            return node("section", heading, node("p", self._words.nothing_wrong), id="wrong")
        return node("section", heading, node("ul", *map(self._trouble, past.troubles)), id="wrong")

    def _trouble(self, trouble: Trouble) -> Element:
        times = counted(self._words.times, trouble.times, when=self._when(trouble.last))
        return node("li", *self._advice(trouble.slug), self._small(trouble.slug, f"{times}. "))

    def _advice(self, slug: str) -> tuple[Element, Element]:
        """What is wrong, and what to do."""
        said = advice(slug, self._language)
        return node("p", node("b", said.wrong)), node("p", said.remedy)

    @staticmethod
    def _small(slug: str, before: str = "") -> Element:
        """The name by which docs/faults.md has it."""
        return node("p", before, node("code", slug), class_="small")

    def _money(self, money: Spending | None) -> Element:
        heading = node("h2", self._words.money)
        if money is None:
            return node("section", heading, node("p", self._words.no_prices), id="money")
        so_far = self._words.so_far.format(today=self._dollars(money.today), month=self._dollars(money.month))
        everybody = node("p", self._words.everybody, class_="small") if self._overview.called else None
        return node("section", heading, node("p", so_far), *self._budget(money), everybody, id="money")

    def _budget(self, money: Spending) -> Iterator[Element]:
        if money.share is None or money.budget is None:
            return
        words = self._words.spent if money.is_spent else self._words.of_budget
        share = format_percent(money.share, locale=self._locale)
        says = words.format(share=share, budget=self._dollars(money.budget))
        yield node("p", says)
        yield spent(money.share, says=says)

    def _named(self, words: str) -> str:
        return words.replace("{granny}", self._overview.granny).replace("{called}", self._overview.called)

    def _when(self, moment: datetime) -> str:
        return f"{self._day(moment)}, {format_time(moment, 'short', tzinfo=moment.tzinfo, locale=self._locale)}"

    def _day(self, day: date, skeleton: str = _DAY) -> str:
        return format_skeleton(skeleton, day, locale=self._locale)

    def _time(self, seconds: float) -> str:
        """To the minute; of less than one, to the second."""
        if seconds < _MINUTE:
            return self._unit(round(seconds), "second")
        hours, minutes = divmod(round(seconds / _MINUTE), 60)
        parts = (self._unit(hours, "hour") if hours else "", self._unit(minutes, "minute") if minutes else "")
        return " ".join(filter(None, parts))

    def _unit(self, number: int, unit: str) -> str:
        return format_unit(number, f"duration-{unit}", locale=self._locale)

    def _dollars(self, amount: Decimal | float) -> str:
        return format_currency(amount, _CURRENCY, locale=self._locale)
