"""Nothing that the network probes say, log or raise holds a piece of a secret."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from granny.faults import _livekit, _openai
from granny.faults._fault import Fault
from granny.probes import Answer, Unasked, livekit, model, openai
from granny.settings import Settings
from scenarios import livekit as at_livekit
from scenarios import openai as at_openai
from scenarios._scene import SECRETS, Scenario

Probe = Callable[[Settings], Awaitable["Answer | Unasked"]]
PIECE = 8
PIECES = {secret[start : start + PIECE] for secret in SECRETS for start in range(len(secret) - PIECE + 1)}
TABLES: tuple[tuple[Probe, dict[str, tuple[Scenario, ...]]], ...] = (
    (livekit.ask, at_livekit.SCENARIOS),
    (openai.ask, at_openai.SCENARIOS),
    (model.ask, at_openai.SCENARIOS | at_openai.RETIRING),
)
CASES = [
    pytest.param(probe, scenario, id=f"{probe.__module__.rpartition('.')[2]}-{slug}-{number}")
    for probe, table in TABLES
    for slug, scenarios in table.items()
    for number, scenario in enumerate(scenarios)
]


@pytest.mark.parametrize(("probe", "scenario"), CASES)
async def test_no_piece_of_a_secret_is_shown(
    probe: Probe, scenario: Scenario, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not eight characters of a key in an answer, its repr, or the logs at DEBUG with tracebacks."""
    caplog.set_level(logging.DEBUG)
    async with scenario.scene(tmp_path) as settings:
        try:
            answer: object = await probe(settings)
        except Exception:  # noqa: BLE001  a crash must not leak either
            answer = traceback.format_exc()
    assert not [piece for piece in PIECES if piece in repr(answer) + caplog.text]


def test_every_fault_of_the_network_has_a_scenario() -> None:
    """Sections 2 and 3 of the catalogue are all provoked."""
    slugs = {
        fault.slug for section in (_livekit, _openai) for fault in vars(section).values() if isinstance(fault, Fault)
    }
    assert slugs <= set(at_livekit.SCENARIOS) | set(at_openai.SCENARIOS) | set(at_openai.RETIRING)
