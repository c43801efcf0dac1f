"""The check-up looks whether alerts could be sent, and whether the last ones were."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path

import pytest

from granny.config.paths import Mode
from granny.config.settings import Settings
from granny.faults import Severity
from granny.net.answer import Answer, Unasked
from granny.net.letters import Outcome
from granny.preflight.checkup import ALERTS, Occasion, Port, check_up
from granny.preflight.probes import alerts
from granny.preflight.report import Passed
from granny.store.glance import LOST
from granny.store.store import Store
from store.samples import message

SECRET = "FAKEtoken" * 3
NOW = datetime.now(timezone.utc)


def here(folder: Path, *addresses: str) -> Settings:
    given = {"GRANNY_ALERTS": " ".join(addresses), "GRANNY_DATA_FOLDER": str(folder)}
    return Settings.model_validate({"OPENAI_API_KEY": "none", **given})


async def asked(settings: Settings) -> Answer:
    answer = await alerts.ask(settings)
    assert isinstance(answer, Answer)
    assert SECRET[:8] not in repr(answer)
    return answer


async def test_addresses_that_can_be_used_are_told_by_their_services(tmp_path: Path) -> None:
    answer = await asked(here(tmp_path, f"json://{SECRET}@127.0.0.1/x", f"ntfy://127.0.0.1/{SECRET}"))
    assert answer == Answer("sent to JSON, ntfy")


async def test_one_that_cannot_is_told_by_its_place_and_keeps_nobody_from_starting(tmp_path: Path) -> None:
    answer = await asked(here(tmp_path, f"json://{SECRET}@127.0.0.1/x", f"nosuch://{SECRET}", f"{SECRET}://x"))
    assert [(one.fault.slug, one.evidence, one.severity) for one in answer.findings] == [
        ("alert-address-unusable", "Address 2 of 3.", Severity.WARNING),
        ("alert-address-unusable", "Address 3 of 3.", Severity.WARNING),
    ]


async def test_what_could_not_be_delivered_is_told_until_something_is(settings: Settings) -> None:
    """In either database, and not by SQLAlchemy."""
    given = {Settings.variable(name): getattr(settings, name) for name in settings.model_fields_set}
    with_address = Settings.model_validate({**given, "GRANNY_ALERTS": "json://127.0.0.1/x"})
    store = Store.open(settings)
    store.outbox.put(message("one"))
    assert (await asked(with_address)).findings == ()
    store.outbox.failed("one", NOW)
    store.told.note(LOST, NOW)
    (finding,) = (await asked(with_address)).findings
    assert (finding.fault.slug, finding.evidence) == ("alerts-undelivered", "So many could not be delivered so far: 2.")
    store.outbox.sent("one")
    store.told.drop(LOST)
    assert (await asked(with_address)).findings == ()
    store.close()


async def test_on_a_machine_that_is_too_slow_it_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: object) -> list[Outcome]:
        raise asyncio.TimeoutError

    monkeypatch.setattr(alerts, "send", never)
    assert isinstance(await alerts.ask(here(tmp_path, "json://127.0.0.1/x")), Unasked)


@pytest.mark.parametrize("opens", [None, Port.HEALTH])
async def test_a_worker_that_is_about_to_serve_does_not_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opens: Port | None
) -> None:
    file = tmp_path / "granny.env"
    values = {"OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    values |= {"GRANNY_ALERTS": "json://127.0.0.1/x", "GRANNY_PREFLIGHT_WAIT": "0", "GRANNY_HEALTH_PORT": "0"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    occasion = Occasion(mode=Mode.PRODUCTION, env_file=file, needs_livekit=False, opens=opens)
    report, _ = await check_up(occasion, notice=lambda *_: None)
    looked = [outcome for outcome in report.outcomes if outcome.probe == ALERTS]
    assert [type(outcome) for outcome in looked] == ([] if opens else [Passed])
