"""The pictures of the family's page, as SVG: a month's calendar, bars for its days, and how much of a sum is spent.

Each is one picture to whoever listens to the page, and has one sentence; the table beside them has every figure.
Lengths are in the picture's own units, 350 to its width, so that its letters stay readable on a telephone. What a
colour says a number or a sign says, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from granny.page.family._nodes import Element, node
from granny.store.rows import Day
from granny.store.spending import NEARLY

WIDTH = 350.0
_WEEK = 7
_CELL = WIDTH / _WEEK
_CELL_HEIGHT = 44.0
_HEAD = 20.0
_GAP = 3.0
_MANY = 3
"""So many calls a day, and more, have the strongest shade."""
_BARS = 100.0
_ABOVE, _BELOW = 24.0, 20.0
_SPENT_HEIGHT = 28.0
_SIGN = 9.0
"""Half of a sign's width, with its edge."""


def calendar(days: Sequence[Day], *, says: str, weekdays: Sequence[str], first_weekday: int) -> Element:
    """A square a day, with the number of its calls; one in which something went wrong has a sign.

    Args:
        days: without a gap.
        says: the picture's sentence.
        weekdays: their short names, Monday's first.
        first_weekday: with which a week begins; 0 is Monday.
    """
    before = (days[0].day.weekday() - first_weekday) % _WEEK
    rows = -(-(before + len(days)) // _WEEK)
    names = [weekdays[(first_weekday + column) % _WEEK] for column in range(_WEEK)]
    head = (_text(name, (column + 0.5) * _CELL, 13, kind="name") for column, name in enumerate(names))
    cells = (_cell(day, *divmod(before + number, _WEEK), is_last=day is days[-1]) for number, day in enumerate(days))
    return _picture("calendar", _HEAD + rows * _CELL_HEIGHT, says, *head, *cells)


def _cell(day: Day, row: int, column: int, *, is_last: bool) -> Element:
    left, top = column * _CELL, _HEAD + row * _CELL_HEIGHT
    box = node(
        "rect",
        x=left + _GAP / 2,
        y=top + _GAP / 2,
        width=_CELL - _GAP,
        height=_CELL_HEIGHT - _GAP,
        rx=6,
        class_=f"calls-{min(day.calls, _MANY)}" + (" today" if is_last else ""),
    )
    number = _text(str(day.day.day), left + 8, top + 15, kind="date", anchor="start")
    calls = _text(str(day.calls), left + _CELL / 2, top + 36, kind="count") if day.calls else None
    sign = _sign(left + _CELL - 12, top + 11) if day.troubled else None
    return node("g", box, number, calls, sign, class_=f"on-{min(day.calls, _MANY)}")


@dataclass(frozen=True, slots=True)
class Scale:
    """What is written beside bars: their largest value, and the first and the last day."""

    top: str
    first: str
    last: str


def bars(values: Sequence[float], marked: Sequence[bool], *, says: str, scale: Scale) -> Element:
    """A bar for each value, with a sign above those that are marked."""
    largest, step = max(values, default=0.0) or 1.0, WIDTH / max(len(values), 1)
    floor = _ABOVE + _BARS
    lines = (node("line", x1=0, y1=y, x2=WIDTH, y2=y, class_=kind) for y, kind in ((_ABOVE, "top"), (floor, "floor")))
    labels = (
        _text(scale.top, 0, _ABOVE - 7, kind="name", anchor="start"),
        _text(scale.first, 0, floor + 15, kind="name", anchor="start"),
        _text(scale.last, WIDTH, floor + 15, kind="name", anchor="end"),
    )
    drawn = (_bar(number * step, step, value / largest) for number, value in enumerate(values) if value)
    signs = _signs(values, marked, largest=largest, step=step)
    return _picture("bars", floor + _BELOW, says, *lines, *labels, *drawn, *signs)


def _bar(left: float, width: float, share: float) -> Element:
    height = max(share * _BARS, 2.0)
    return node("rect", x=left + 1, y=_ABOVE + _BARS - height, width=width - 2, height=height, rx=2, class_="bar")


def _signs(values: Sequence[float], marked: Sequence[bool], *, largest: float, step: float) -> Iterator[Element]:
    for number, (value, is_marked) in enumerate(zip(values, marked, strict=True)):
        if is_marked:
            yield _sign(
                min(max((number + 0.5) * step, _SIGN), WIDTH - _SIGN), _ABOVE + _BARS * (1 - value / largest) - 8
            )


def spent(share: float, *, says: str) -> Element:
    """How much of a sum is spent: a bar that is full at all of it."""
    kind = "over" if share >= 1 else "near" if share >= NEARLY else "bar"
    whole = node("rect", x=1, y=1, width=WIDTH - 2, height=_SPENT_HEIGHT - 2, rx=8, class_="whole")
    part = max(min(share, 1.0) * (WIDTH - 8), 2.0)
    filled = node("rect", x=4, y=4, width=part, height=_SPENT_HEIGHT - 8, rx=5, class_=kind)
    return _picture("spent", _SPENT_HEIGHT, says, whole, filled)


def _picture(kind: str, height: float, says: str, *parts: Element) -> Element:
    drawn = node("g", *parts, aria_hidden="true")  # its letters are no sentence
    return node("svg", drawn, viewBox=f"0 0 {WIDTH:g} {height:g}", role="img", aria_label=says, class_=kind)


def _sign(x: float, y: float) -> Element:
    """A triangle that stands on its side, with a point in it: something went wrong."""
    triangle = node("path", d=f"M{x:.1f} {y - 7:.1f}l8 14h-16z", class_="sign")
    stroke = node("path", d=f"M{x:.1f} {y - 2:.1f}v4m0 2v1", class_="sign-mark")
    return node("g", triangle, stroke)


def _text(text: str, x: float, y: float, *, kind: str, anchor: str = "middle") -> Element:
    return node("text", text, x=x, y=y, text_anchor=anchor, class_=kind)
