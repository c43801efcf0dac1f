"""The operator's figures: what Prometheus is told, and what the line of a call says."""

import json
import logging
import re
from pathlib import Path

import livekit.agents.telemetry.metrics  # noqa: F401  with it the framework's figures are there, whoever runs first
import pytest
from prometheus_client import REGISTRY, Metric, generate_latest

from granny.alerts import _figures
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.call.record import CallRecord, cost, percentile
from granny.config.settings import Settings
from granny.diary import _writing
from granny.worker import metrics
from granny.worker.hooks import Hooks
from granny.worker.metrics import figures

README = Path(__file__).resolve().parents[2] / "README.md"
RECORD = CallRecord(
    first_word=0.71234,
    answers=[0.4, 0.6, 3.5],
    turns=3,
    interruptions=1,
    renewals=2,
    spoken_faults=["openai-out-of-credit"],
    input_tokens=1_000_000,
    cached_tokens=400_000,
    output_tokens=500_000,
    dropped=4,
    dropped_tokens=9_000,
)
ENDED = CallEnded("AJ_1", "kitchen", CallEnd(Ending.FAULT, "openai-out-of-credit"), 61.24, record=RECORD)


def settings(**values: object) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "invented", **values})


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_call_adds_to_every_figure_once() -> None:
    names: list[tuple[str, dict[str, str], float]] = [
        ("granny_calls_total", {"outcome": "openai-out-of-credit"}, 1),
        ("granny_first_word_seconds_count", {}, 1),
        ("granny_first_word_seconds_sum", {}, 0.71234),
        ("granny_answer_seconds_count", {}, 3),
        ("granny_answer_seconds_bucket", {"le": "0.5"}, 1),
        ("granny_spoken_faults_total", {"fault": "openai-out-of-credit"}, 1),
        ("granny_renewals_total", {}, 2),
        ("granny_dropped_answers_total", {}, 4),
        ("granny_tokens_total", {"kind": "dropped"}, 9_000),
        ("granny_tokens_total", {"kind": "input"}, 1_000_000),
        ("granny_tokens_total", {"kind": "cached"}, 400_000),
        ("granny_tokens_total", {"kind": "output"}, 500_000),
    ]
    before = [sample(name, **labels) for name, labels, _ in names]

    metrics.count(ENDED)

    grown = [sample(name, **labels) - was for (name, labels, _), was in zip(names, before, strict=True)]
    assert grown == pytest.approx([by for *_, by in names])


def test_a_call_in_which_nothing_was_heard_has_no_first_word() -> None:
    before = sample("granny_first_word_seconds_count")
    metrics.count(CallEnded("AJ_1", "kitchen", CallEnd(Ending.CRASHED, "job-died"), 7.0))
    assert sample("granny_first_word_seconds_count") == before


def test_the_frameworks_figures_are_beside_grannys() -> None:
    page = generate_latest(REGISTRY).decode()
    assert "\ngranny_calls_in_progress " in page
    assert "lk_agents_active_job_count" in page


def test_a_worker_tells_how_many_calls_it_takes() -> None:
    metrics.subscribe(Hooks(), settings(GRANNY_MAX_CALLS="5"))
    assert sample("granny_capacity") == 5


def test_every_outcome_of_a_call_is_told_in_the_readme() -> None:
    """What a fault makes goes by the fault's name."""
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    told = {outcome for row in rows for outcome in re.findall(r"`([a-z-]+)`", row)}
    endings = [ending for ending in Ending if ending not in (Ending.FAULT, Ending.CRASHED)]
    assert {CallEnd(ending).outcome for ending in endings} <= told


def test_every_figure_is_explained_to_the_operator_under_the_name_it_has_on_the_page() -> None:
    """Labels included; of a histogram the name that its samples begin with."""
    assert {_writing.LOST, _figures.ALERTS}  # those of features
    told = set(re.findall(r"^\| `(granny_\w+)(?:\{(\w+)\})?` \|", README.read_text(encoding="utf-8"), re.MULTILINE))
    there = {(_shown(family), "".join(_labels(family.name))) for family in REGISTRY.collect() if _is_hers(family)}
    assert told == there


def _is_hers(family: Metric) -> bool:
    return family.name.startswith("granny_")


def _shown(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def _labels(name: str) -> tuple[str, ...]:
    """As they were declared: a figure of which nothing has been counted yet has no sample to look at."""
    labels: tuple[str, ...] = vars(REGISTRY._names_to_collectors[name])["_labelnames"]
    return labels


def test_the_line_of_a_call_holds_its_figures_and_nothing_else() -> None:
    assert figures(ENDED, settings()) == {
        "outcome": "openai-out-of-credit",
        "ending": "fault",
        "seconds": 61.2,
        "turns": 3,
        "first_word": 0.712,
        "answer_p50": 0.6,
        "answer_p95": 3.5,
        "interruptions": 1,
        "renewals": 2,
        "spoken_faults": ["openai-out-of-credit"],
        "input_tokens": 1_000_000,
        "cached_tokens": 400_000,
        "output_tokens": 500_000,
        "dropped": 4,
        "dropped_tokens": 9_000,
    }


def test_one_constant_message_carries_the_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="granny.call"):
        metrics.write_line(ENDED, settings())
    [record] = caplog.records
    assert record.getMessage() == "call ended"
    assert vars(record)["job_id"] == "AJ_1"
    assert json.dumps(vars(record)["answer_p95"]) == "3.5"


@pytest.mark.parametrize(
    ("prices", "dollars"),
    [
        ({}, None),
        ({"GRANNY_PRICE_INPUT": "32"}, None),
        ({"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64"}, 64.0),
        (
            {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_CACHED": "0.4", "GRANNY_PRICE_OUTPUT": "64"},
            0.6 * 32 + 0.4 * 0.4 + 32,
        ),
    ],
)
def test_the_cost_is_known_when_the_prices_are(prices: dict[str, str], dollars: float | None) -> None:
    assert cost(RECORD, settings(**prices)) == (None if dollars is None else pytest.approx(dollars))


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([2.0], 95, 2.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
    ],
)
def test_a_percentile_is_a_value_that_was_met(values: list[float], percent: int, expected: float | None) -> None:
    assert percentile(values, percent) == expected
