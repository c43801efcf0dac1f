"""A worker's office: from its hooks to real letters, with nothing imported before it is needed, and nothing shown."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.post import SECRET, with_addresses
from granny import alerts, faults
from granny.alerts import _heartbeat, _office
from granny.alerts._office import Office
from granny.call.ending import CallEnd, CallEnded
from granny.call.reports import Danger
from granny.config.settings import Settings
from granny.rehearsal.rig.services import Services
from granny.worker.hooks import Hooks

HOME = Path(__file__).resolve().parents[2] / "Granny-voice"
CREDIT = "The credit at OpenAI is used up, or a payment did not go through."


async def until(is_so: Callable[[], bool]) -> None:
    """Hooks tell nobody that a warning has come or gone."""
    while not is_so():  # noqa: ASYNC110  as above
        await asyncio.sleep(0.05)


@dataclass
class House:
    """A worker's hooks, an office that hears them, and the services that its letters go to."""

    hooks: Hooks
    services: Services
    settings: Settings

    async def letter(self) -> str:
        """The title of the next letter."""
        await asyncio.wait_for(self._come(len(self.services.letters) + 1), 60)
        return str(self.services.letters[-1]["title"])

    async def _come(self, number: int) -> None:
        while len(self.services.letters) < number:
            self.services.came.clear()
            await self.services.came.wait()


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """A store in a file, of which nothing is there yet; the desk is tested with both kinds."""
    given = {"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(tmp_path / "data"), "GRANNY_TIMEZONE": "Europe/Berlin"}
    return Settings.model_validate(given)


@pytest.fixture
async def house(empty: Settings) -> AsyncIterator[House]:
    async with Services() as services:
        settings = with_addresses(empty, services.hook(SECRET))
        hooks = Hooks()
        hooks.let_in((alerts.subscribe,), settings)
        yield House(hooks, services, settings)
        await hooks.aclose()


async def test_credit_gone_and_back_are_one_letter_each(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """By Apprise, over a real socket, from a store that is made for it."""
    caplog.set_level(logging.DEBUG)
    house.hooks.tell_registered(is_registered=True)
    for _ in range(100):
        house.hooks.tell_account("openai-out-of-credit")
    assert await house.letter() == CREDIT
    house.hooks.tell_account("openai-out-of-credit")
    house.hooks.tell_account(None)
    assert await house.letter() == "Granny is well again."
    assert len(house.services.letters) == 2
    assert SECRET[:8] not in caplog.text + str([vars(record) for record in caplog.records])


async def test_danger_and_three_dead_calls_are_told_at_once(house: House) -> None:
    house.hooks.tell_danger(Danger("AJ_1", "crisis", "anna"))
    assert await house.letter() == "In a call words were heard that may speak of ending a life."
    for number in range(3):
        end = CallEnd.by(faults.CALL_NO_ANSWER.found(""))
        house.hooks.tell_end(CallEnded(f"AJ_{number}", "kitchen", end, 60.0, person=f"p{number}"))
    assert await house.letter() == "Three calls were broken off within an hour."


async def test_a_service_that_is_down_stands_on_the_health_page_until_it_has_taken_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.services.status = 503
    house.hooks.tell_danger(Danger("AJ_1", "crisis", "anna"))
    await until(lambda: "alerts-undelivered" in house.hooks.warnings)
    house.services.status = 200
    now = _office._now
    monkeypatch.setattr(_office, "_now", lambda: now() + timedelta(minutes=5))
    house.hooks.tell_danger(Danger("AJ_2", "emergency", "anna"))
    await house.letter()
    await until(lambda: not house.hooks.warnings)
    titles = {letter["title"] for letter in house.services.letters}
    assert len(titles) == 2
    assert (
        "Besides: Alerts could not be delivered."
        in house.services.letters[-1]["message"] + (house.services.letters[0]["message"])
    )


async def test_what_came_last_is_sent_before_the_worker_ends(empty: Settings) -> None:
    async with Services() as services:
        hooks = Hooks()
        hooks.let_in((alerts.subscribe,), with_addresses(empty, services.hook(SECRET)))
        hooks.tell_danger(Danger("AJ_1", "crisis", "anna"))
        await hooks.aclose()
        assert len(services.letters) == 1


async def test_an_address_that_cannot_be_used_is_seen_to_beside_the_calls(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_office, "_CHECK", timedelta())
    hooks = Hooks()
    hooks.let_in((alerts.subscribe,), with_addresses(empty, f"nosuch://{SECRET}"))
    await until(lambda: bool(hooks.warnings))
    assert hooks.warnings == ("alert-address-unusable",)
    await hooks.aclose()


async def test_a_heartbeat_that_nobody_takes_is_told_and_one_that_is_taken_again_is_well(
    empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_heartbeat, "_PAUSE_SECONDS", 0.0)
    async with Services(status=404) as services:
        hooks = Hooks()
        given = {"heartbeat_url": SecretStr(services.beat(SECRET))}
        hooks.let_in((alerts.subscribe,), empty.model_copy(update=given))
        hooks.tell_registered(is_registered=True)
        await until(lambda: hooks.warnings == (faults.HEARTBEAT_UNHEARD.slug,))
        services.status = 200
        hooks.tell_account("openai-out-of-credit")
        await until(lambda: not hooks.warnings)
        assert services.beats == ["/fail"]
        await hooks.aclose()


async def test_a_livekit_server_that_stays_away_is_told_and_one_that_is_restarted_is_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(house.hooks, house.settings)
    now = _office._now()
    office._on_registered(False)  # noqa: FBT003  as the hooks tell it
    await office._do_what_is_due(now + timedelta(minutes=4))
    assert house.services.letters == []
    await office._do_what_is_due(now + timedelta(minutes=6))
    assert house.services.letters[-1]["title"] == "The LiveKit server, over which the calls go, was not to be reached."
    office._on_registered(True)  # noqa: FBT003  as above
    monkeypatch.setattr(_office, "_CHECK", timedelta())
    await office._do_what_is_due(now + timedelta(minutes=7))
    assert house.services.letters[-1]["title"] == "Granny is well again."
    await office._clerk.aclose()


def test_with_nothing_set_nothing_is_imported_and_with_an_address_no_database() -> None:
    """The idle worker's memory: SQLAlchemy and Apprise are needed by who has something to tell."""
    heavy = "('sqlalchemy', 'alembic', 'apprise', 'psycopg')"
    code = f"""
import asyncio, sys
from granny import alerts
from granny.config.settings import Settings
from granny.worker.hooks import Hooks

async def main():
    for given in ({{}}, {{"GRANNY_ALERTS": "json://127.0.0.1/x", "GRANNY_DATA_FOLDER": "/nowhere"}}):
        hooks = Hooks()
        alerts.subscribe(hooks, Settings.model_validate({{"OPENAI_API_KEY": "none", **given}}))
        print("granny.alerts._office" in sys.modules)
        hooks.tell_registered(is_registered=True)
        await asyncio.sleep(0.5)
        print(sorted(name for name in sys.modules if name in {heavy}))

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:4] == ["False", "[]", "True", "[]"]
