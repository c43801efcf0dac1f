"""The dashboard: each panel shows figures that exist, by labels that they have."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from deploy.figures import is_balanced, known, labels, named
from granny.config.paths import HOME

BOARD: dict[str, Any] = json.loads((HOME.parent / "deploy" / "grafana" / "granny.json").read_text(encoding="utf-8"))
EXPRESSIONS = [
    pytest.param(target["expr"], target["legendFormat"], id=f"{panel['title']}: {target['legendFormat']}")
    for panel in BOARD["panels"]
    for target in panel["targets"]
]


@pytest.mark.parametrize(("expression", "legend"), EXPRESSIONS)
def test_a_panel_shows_what_there_is(expression: str, legend: str) -> None:
    assert is_balanced(expression)
    assert named(expression)
    assert named(expression) <= known()
    asked = {
        *re.findall(r"(\w+)=~?\"", expression),
        *(name for group in re.findall(r"by \(([^)]*)\)", expression) for name in group.split(", ")),
        *re.findall(r"\{\{(\w+)\}\}", legend),
    }
    assert asked <= set.union(*(labels(name) for name in named(expression)))


@pytest.mark.parametrize(("expression", "legend"), EXPRESSIONS)
def test_what_only_grows_is_shown_as_a_rate(expression: str, legend: str) -> None:
    """A counter or a histogram by itself says how old the worker is."""
    del legend
    growing = re.findall(r"\bgranny_\w+(?:_total|_bucket|_sum|_count)\b", expression)
    assert len(growing) == len(re.findall(r"\b(?:rate|increase)\(", expression))


def test_the_dashboard_shows_every_figure_of_granny_s() -> None:
    """A figure that nobody sees need not be counted; `_created` and the sums of histograms are Prometheus' own."""
    shown = set.union(*(named(target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]))
    base = {re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in known()}
    assert {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in shown} == base


def test_nobody_has_to_edit_it() -> None:
    """The data source is chosen on the page, and no panel covers another."""
    variables = {variable["name"] for variable in BOARD["templating"]["list"]}
    assert variables == {"datasource", "job"}
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {"${datasource}"}
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    fields = [
        (x, y)
        for panel in BOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(fields)) == len(fields)
    assert max(x for x, _ in fields) < 24
