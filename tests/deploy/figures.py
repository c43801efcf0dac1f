"""The names of Granny's figures in an expression of Prometheus, and those that she has."""

from __future__ import annotations

import re

from prometheus_client import REGISTRY

from granny import diary
from granny.alerts import _figures
from granny.worker import metrics

_PAIRS = {")": "(", "}": "{", "]": "["}

assert metrics
assert {diary, _figures}  # features have figures of their own


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bgranny_\w+", expression))


def known() -> set[str]:
    """By the names under which they are exposed, as in `granny_calls_total` and `granny_answer_seconds_bucket`."""
    return {name for name in REGISTRY._names_to_collectors if name.startswith("granny_")}


def labels(metric: str) -> set[str]:
    """Those that Granny gives a figure; Prometheus adds `job` and `instance`, a histogram's bucket has `le`."""
    collector = REGISTRY._names_to_collectors[metric]
    return {*getattr(collector, "_labelnames", ()), "job", "instance", *({"le"} if metric.endswith("_bucket") else ())}


def is_balanced(expression: str) -> bool:
    open_ones: list[str] = []
    for letter in re.sub(r'"[^"]*"', "", expression):
        if letter in _PAIRS.values():
            open_ones.append(letter)
        elif letter in _PAIRS and (not open_ones or open_ones.pop() != _PAIRS[letter]):
            return False
    return not open_ones
