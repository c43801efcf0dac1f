"""Nothing that a check-up says, logs or raises holds a piece of a secret, whatever it meets."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from granny.config.paths import Mode, env_files
from granny.config.settings import VARIABLES, Settings
from granny.net import http, realtime_client
from granny.preflight import checkup, one_probe
from granny.preflight.checkup import LIVEKIT, MODEL, OPENAI, Occasion, check_up, look
from granny.preflight.report import Report
from scenarios import environment, people, secrets, variants
from scenarios import livekit as at_livekit
from scenarios import openai as at_openai
from scenarios._scene import SECRETS, Scenario
from scenarios.valid import VALID

PIECE = 8


def pieces(*secrets: str) -> set[str]:
    return {secret[start : start + PIECE] for secret in secrets for start in range(len(secret) - PIECE + 1)}


NETWORK = [
    pytest.param(probe, scenario, id=f"{probe}: {slug}-{number}")
    for probe, table in (
        (LIVEKIT, at_livekit.SCENARIOS),
        (OPENAI, at_openai.SCENARIOS),
        (MODEL, at_openai.SCENARIOS | at_openai.RETIRING),
    )
    for slug, scenarios in table.items()
    for number, scenario in enumerate(scenarios)
]
OFFLINE = [
    pytest.param(scenario, id=f"{slug}: {scenario.title or 'once'}")
    for table in (
        environment.SCENARIOS,
        variants.VARIANTS,
        secrets.SCENARIOS,
        people.SCENARIOS,
        {"valid": (*VALID, *variants.VALID, *secrets.VALID, *people.VALID)},
    )
    for slug, scenarios in table.items()
    for scenario in scenarios
]


class Ears:
    """Everything that was printed, logged or reported."""

    def __init__(self, log: pytest.LogCaptureFixture, terminal: pytest.CaptureFixture[str]) -> None:
        log.set_level(logging.DEBUG)
        self._log, self._terminal = log, terminal

    def heard(self, report: Report) -> str:
        captured = self._terminal.readouterr()
        text = report.as_text() + report.as_text(coloured=True) + report.verdict()
        return "\n".join((text, report.as_json(), repr(report), self._log.text, captured.out, captured.err))


@pytest.fixture(name="ears")
def _ears(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ears:
    for name in (*VARIABLES, "OPENAI_API_VERSION", "AZURE_OPENAI_ENDPOINT", "PYTHON_DOTENV_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    return Ears(caplog, capfd)


def written(settings: Settings, file: Path) -> Path:
    """These settings as an env file."""
    given = {Settings.variable(name): getattr(settings, name) for name in settings.model_fields_set}
    plain = {name: one.get_secret_value() if isinstance(one, SecretStr) else one for name, one in given.items()}
    text = "".join(f"{name}={value}\n" for name, value in (plain | {"GRANNY_PREFLIGHT_WAIT": "0"}).items())
    file.write_text(text, encoding="utf-8")
    return file


async def asked(probe: str, scenario: Scenario, folder: Path) -> Report:
    """The whole check-up with this network probe alone; asyncio tells all it can."""
    asyncio.get_running_loop().set_debug(True)
    async with scenario.scene(folder) as settings:
        file = await asyncio.to_thread(written, settings, folder / "granny.env")
        occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=file, probes=(probe,), needs_livekit=probe == LIVEKIT)
        report, _ = await check_up(occasion, notice=lambda *_: None)
    return report


@pytest.mark.parametrize(("probe", "scenario"), NETWORK)
async def test_no_answer_of_a_server_leads_to_a_leak(
    probe: str, scenario: Scenario, tmp_path: Path, ears: Ears
) -> None:
    """Not eight characters of a key in the report, its JSON, its repr, on the terminal or in the logs at DEBUG."""
    report = await asked(probe, scenario, tmp_path)
    assert report.outcomes[-1].probe == probe
    heard = ears.heard(report)
    assert not [piece for piece in pieces(*SECRETS) if piece in heard]


@pytest.mark.parametrize(("probe", "scenario"), NETWORK[:: len(NETWORK) // 30])
async def test_no_crash_leads_to_a_leak(
    probe: str, scenario: Scenario, tmp_path: Path, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every exception of the network left to fall through, and its traceback logged."""
    monkeypatch.setattr(http, "TROUBLES", ())
    monkeypatch.setattr(realtime_client, "_refusal", None)
    broke = one_probe._where_it_broke

    def logged(error: Exception) -> str:
        logging.getLogger("granny").error("a probe broke", exc_info=error)
        return broke(error)

    monkeypatch.setattr(one_probe, "_where_it_broke", logged)
    heard = ears.heard(await asked(probe, scenario, tmp_path))
    assert not [piece for piece in pieces(*SECRETS) if piece in heard]


@pytest.mark.parametrize("scenario", OFFLINE)
def test_no_env_file_leads_to_a_leak(
    scenario: environment.Scenario, tmp_path: Path, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, for whatever stands in a file or in the environment."""
    for module in scenario.hidden:
        monkeypatch.setitem(sys.modules, module, None)
    with scenario.set_up(tmp_path) as environ:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(checkup, "env_files", lambda mode, **_: env_files(mode, folder=tmp_path / "Granny-voice"))
        needs_livekit = "LIVEKIT_URL" in scenario.needed
        report, _ = look(
            Occasion(mode=Mode.PRODUCTION, needs_livekit=needs_livekit, network=False, opens=scenario.opens)
        )
    heard = ears.heard(report)
    assert not [piece for piece in pieces(*environment.SECRETS) if piece in heard]
    assert max(map(len, report.as_text().splitlines())) <= 80
