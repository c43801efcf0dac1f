"""docs/alerts.md promises what is done: every fault, every setting and every figure in it is hers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from granny import faults
from granny.alerts import _heartbeat, _ledger, _looks, _office, _rules
from granny.config.settings import VARIABLES
from granny.faults import Fault, _alerts
from granny.people import FIELDS
from granny.store.spending import NEARLY

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`]+)`", PAGE))
OTHERS = {"budget-spent"}
"""Said by the one who keeps the budget."""


@pytest.mark.parametrize(
    "fault", [one for one in vars(_alerts).values() if isinstance(one, Fault)], ids=lambda one: one.slug
)
def test_every_alert_is_on_the_page(fault: Fault) -> None:
    assert fault.slug in CODE or fault is faults.ALERT_ADDRESS_UNUSABLE


def test_whatever_looks_like_a_name_of_hers_is_one() -> None:
    slugs = {word for word in CODE if re.fullmatch(r"[a-z]+(-[a-z]+)+", word)}
    assert slugs <= {*faults.CATALOGUE} | OTHERS
    variables = {word.partition("=")[0] for word in CODE if word.startswith("GRANNY_")}
    assert variables <= {*VARIABLES}
    assert {word for word in CODE if word.startswith("alert_")} <= {*FIELDS}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Every five minutes, while LiveKit knows her", _heartbeat.SECONDS == 5 * 60),
        ("LiveKit has been away for five minutes", _office._GONE.total_seconds() == 5 * 60),
        ("once, again after six hours, then daily", (_rules.AGAIN.total_seconds(), _rules.DAILY.days) == (6 * 3600, 1)),
        ("once an hour at most", _rules.HOUR.total_seconds() == 3600),
        ("ten urgent things a day", _rules.MOST_A_DAY == 10),
        ("three calls were broken off within an hour", _ledger._DEATHS == 3),
        ("ends within ten days", _looks._ENDS_SOON.days == 10),
        ("four fifths of the month's budget", NEARLY == 0.8),
        ("in growing pauses, for a day", _ledger.GIVEN_UP.days == 1),
    ],
)
def test_the_page_s_figures_are_hers(words: str, value: bool) -> None:  # noqa: FBT001  a column of the table
    assert words in " ".join(PAGE.split())
    assert value
