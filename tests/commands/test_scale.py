"""The planner's page: its sums, and that what it says was measured is what is said elsewhere."""

from __future__ import annotations

import re

import pytest
import yaml

from granny.commands import _scale
from granny.commands._scale import CALLS, TALKS, TIERS, USUAL, Plan, Talk, tables
from granny.commands.docs import TOP
from granny.config.settings import Settings

PAGE = (TOP / "docs" / "scale.md").read_text(encoding="utf-8")
README = (TOP / "README.md").read_text(encoding="utf-8")


def test_the_page_has_every_table() -> None:
    for name, table in tables().items():
        assert f"<!-- {name} -->\n{table}\n<!-- /{name} -->" in PAGE


def test_a_plan_by_hand() -> None:
    """A thousand calls of ten minutes: 8 places kept free, 8 a worker, 4 a core."""
    plan = Plan(1_000)
    assert (plan.workers, plan.worker_cores, plan.cells, plan.nodes) == (126, 252, 1, 8)
    assert plan.memory_gb == pytest.approx((126 * 348 + 1_000 * 71) / 1024)
    assert plan.tokens_a_minute == 1_000 * round(128_817 / 10 + 533)
    assert plan.tier == "5"
    assert plan.arrivals == pytest.approx(1_000 / 600)


def test_redis_grows_with_the_calls_of_its_own_cluster() -> None:
    """And is what was measured with 300 calls."""
    assert Plan(300).redis_cores == pytest.approx(0.0063, abs=0.0005)
    assert Plan(100_000).redis_cores == Plan(1_000).redis_cores == pytest.approx(0.017)


def test_few_calls_still_have_a_second_worker_and_a_second_node() -> None:
    plan = Plan(1)
    assert (plan.workers, plan.nodes, plan.cells) == (2, 2, 1)
    assert Plan(0).workers == 2


def test_beyond_the_highest_tier_the_page_says_how_far() -> None:
    assert Plan(100_000).tier == "90 times tier 5"


@pytest.mark.parametrize("calls", CALLS)
def test_every_call_of_a_plan_has_a_place(calls: int) -> None:
    plan = Plan(calls)
    assert plan.workers * _scale.PLACES >= calls + _scale.KEPT_FREE
    assert (plan.workers - 1) * _scale.PLACES < calls + _scale.KEPT_FREE or plan.workers == 2
    assert plan.worker_cores > calls * _scale.WORKER_CORES
    assert plan.cells * _scale.CELL >= calls


def test_a_call_by_hand() -> None:
    """A minute that reads 1,000 tokens at the price of 500 fresh ones, and says 533."""
    talk = Talk(1, 1_000, 500)
    assert talk.tokens_a_minute == 1_533
    assert talk.dollars == pytest.approx((500 * 32 + 533 * 64) / 1e6 + 0.003)
    assert talk.dollars_an_hour == pytest.approx(60 * talk.dollars)
    assert talk.held_by(3 * 1_533 - 1) == 2


def test_the_longer_a_call_the_fewer_an_account_holds() -> None:
    for limit in TIERS:
        held = [talk.held_by(limit) for talk in TALKS]
        assert held == sorted(held, reverse=True)
    assert USUAL in TALKS


def test_what_is_kept_free_is_what_keda_is_told() -> None:
    text = (TOP / "deploy" / "kubernetes" / "components" / "keda" / "scaled-object.yaml").read_text(encoding="utf-8")
    (trigger,) = yaml.safe_load(text)["spec"]["triggers"]
    assert f"+ {_scale.KEPT_FREE})" in trigger["metadata"]["query"]


def test_what_was_measured_is_what_readme_says() -> None:
    """Of memory, and of the places of a worker as it comes."""
    idle = re.search(r"\| memory of an idle worker \| (\d+) MB", README)
    long = re.search(r"counted 65 MB at its beginning and (\d+) at its end", README)
    assert idle
    assert long
    assert (int(idle[1]), int(long[1])) == (_scale.WORKER_MB, _scale.CALL_MB)
    assert Settings.model_fields["max_calls"].default == _scale.PLACES


def test_the_page_says_of_each_figure_where_it_comes_from() -> None:
    for word in ("**measured**", "**simulated**", "**computed**"):
        assert word in PAGE
    for figure in (_scale.WORKER_MB, _scale.CALL_MB, _scale.WORKER_CORES, _scale.LIVEKIT_CORES):
        assert re.search(rf"\b{figure}\b", PAGE), figure


def test_every_command_that_measured_is_there() -> None:
    for module in set(re.findall(r"benchmarks\.(\w+)", PAGE)):
        assert (TOP / "benchmarks" / f"{module}.py").exists()
