"""The family is told by a real worker: of the account in a call, of danger with consent, and after it was killed."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calls.house import SAID, House, house_at
from calls.serving import AGENT, registered
from calls.stage import short_greeting
from granny.rehearsal.callers.room_caller import join
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import ResponseFault, Script
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.rehearsal.rig.services import Services

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.full,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

SECRET = "FAKEtoken" * 3
NO_CREDIT = Script(responses=(ResponseFault(failed=WireError("insufficient_quota")),))
CREDIT = "The credit at OpenAI is used up, or a payment did not go through."
WELL = "Granny is well again."


@dataclass(frozen=True)
class Family:
    """A house whose alerts go to services of the tests' own."""

    house: House
    services: Services
    folder: Path

    @property
    def titles(self) -> list[str]:
        return [str(letter["title"]) for letter in self.services.letters]

    async def until_told(self, *titles: str) -> None:
        await self.house.until(lambda: self.titles == [*titles], f"{titles}, told: {self.titles}")

    def said_nothing_secret(self) -> bool:
        said = self.house.running.log
        return not [piece for piece in (SECRET[start : start + 8] for start in range(len(SECRET) - 7)) if piece in said]


def settings(services: Services, folder: Path) -> dict[str, str]:
    return {
        "GRANNY_ALERTS": services.hook(SECRET),
        "GRANNY_HEARTBEAT_URL": services.beat(SECRET),
        "GRANNY_DATA_FOLDER": str(folder / "data"),
        "LIVEKIT_LOG_LEVEL": "DEBUG",
    }


@pytest.fixture
async def family(livekit: LiveKit, tmp_path: Path) -> AsyncIterator[Family]:
    manner = Manner(greeting=short_greeting())
    async with (
        Services() as services,
        house_at(livekit, AGENT, tmp_path, manner, **settings(services, tmp_path)) as house,
    ):
        yield Family(house, services, tmp_path)


async def test_credit_that_runs_out_in_a_call_is_told_once_and_that_it_is_back_once(family: Family) -> None:
    """A message to the family while her caller hears the apology; and the heartbeat fails and is well again."""
    house = family.house
    async with join(house.livekit, "dry") as caller:
        await house.until_greeted(caller)
        house.standin.script = NO_CREDIT
        caller.say(SAID)
        await house.until(lambda: "fault told" in house.running.log, "the fault")
        failed_at = time.monotonic()
        await family.until_told(CREDIT)
        print(f"\nfrom the fault to the family: {time.monotonic() - failed_at:.1f} s")  # noqa: T201  a figure, for who asks with -s
    assert await house.end("dry") == ("fault", "openai-out-of-credit")
    house.standin.script = Script()
    await family.until_told(CREDIT, WELL)
    await house.until(lambda: family.services.beats[-1:] == [""], "a well heartbeat")
    assert family.services.beats == ["/start", "", "/fail", ""]
    assert family.said_nothing_secret()


async def test_an_alert_of_a_worker_that_was_killed_before_it_went_is_sent_by_the_next(
    livekit: LiveKit, tmp_path: Path
) -> None:
    """SIGKILL between the outbox and the sending: the service was down, and the message waits in the store."""
    async with Services(status=503) as services:
        given = settings(services, tmp_path)
        async with house_at(livekit, AGENT, tmp_path, Manner(greeting=short_greeting()), **given) as house:
            async with join(livekit, "dry") as caller:
                await house.until_greeted(caller)
                house.standin.script = NO_CREDIT
                caller.say(SAID)
                await house.until(lambda: "alert not delivered" in house.running.log, "a letter that did not go")
                assert '"alerts-undelivered"' in await house.running.get("/")
                house.running.worker.process.kill()
            house.standin.script = Script()
            file = tmp_path / "data" / "granny.sqlite3"
            with contextlib.closing(sqlite3.connect(file)) as store, store:
                assert store.execute("UPDATE outbox SET not_before = made").rowcount == 1  # its pause is over
            services.status = 200
            places = {"OPENAI_BASE_URL": house.standin.base_url, "XDG_CACHE_HOME": str(tmp_path / "cache")}
            folder = tmp_path / "second"
            folder.mkdir()
            async with registered(livekit, folder, agent=AGENT, **places, **given):
                while len(services.letters) < 2:
                    services.came.clear()
                    await asyncio.wait_for(services.came.wait(), 60)
    assert [letter["title"] for letter in services.letters] == [CREDIT, WELL]
