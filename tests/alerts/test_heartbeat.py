"""The sign of life: when it is given, in which form, and that its silence is the only sign of a dead machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from clock import Clock
from granny.alerts import _heartbeat
from granny.alerts._heartbeat import SECONDS, Heartbeat, said
from granny.config.settings import Settings
from granny.rehearsal.rig.services import Services
from granny.worker.hooks import Hooks

SECRET = "FAKE0000-0000-4000-8000-000000000000"
CREDIT = "openai-out-of-credit"


def settings_for(url: str) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "invented", "GRANNY_HEARTBEAT_URL": url})


class Watch:
    """A heartbeat whose signs are noted in the place of being sent, each with its time."""

    def __init__(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = clock
        self.takes = True
        self.given: list[tuple[float, str]] = []
        self.heard: list[bool] = []
        monkeypatch.setattr(_heartbeat, "said", self._said)
        self.heartbeat = Heartbeat(settings_for("http://127.0.0.1:1/x"), self.heard.append)
        self.hooks = Hooks()
        self.hooks.on_registered(self.heartbeat.on_registered)
        self.hooks.on_account(self.heartbeat.on_account)

    async def _said(self, _: Settings, what: str) -> bool:
        self.given.append((self.clock.passed, what))
        return self.takes

    async def until(self, seconds: float) -> None:
        await asyncio.sleep(seconds - self.clock.passed)


@pytest.fixture
async def watch(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    watch = Watch(clock, monkeypatch)
    running = asyncio.create_task(watch.heartbeat.run())
    await asyncio.sleep(0)
    yield watch
    running.cancel()


async def test_a_sign_is_given_every_five_minutes_while_she_is_well(watch: Watch) -> None:
    watch.hooks.tell_registered(is_registered=True)
    await watch.until(2 * SECONDS + 1)
    assert watch.given == [(0, "/start"), (0, ""), (SECONDS, ""), (2 * SECONDS, "")]


async def test_the_account_s_fault_is_told_at_once_and_so_is_its_end(watch: Watch) -> None:
    watch.hooks.tell_registered(is_registered=True)
    await watch.until(100)
    watch.hooks.tell_account(CREDIT)
    await watch.until(600)
    watch.hooks.tell_account(None)
    await watch.until(601)
    assert watch.given[2:] == [(100, "/fail"), (400, "/fail"), (600, "")]


async def test_a_livekit_server_that_is_restarted_is_no_failure_and_one_that_stays_away_is(watch: Watch) -> None:
    watch.hooks.tell_registered(is_registered=True)
    await watch.until(10)
    watch.hooks.tell_registered(is_registered=False)
    await watch.until(20)
    watch.hooks.tell_registered(is_registered=True)
    await watch.until(30)
    watch.hooks.tell_registered(is_registered=False)
    await watch.until(SECONDS + 21)
    assert watch.given[1:] == [(0, ""), (20, ""), (SECONDS + 20, "/fail")]


async def test_a_worker_that_never_gets_through_to_livekit_is_not_well(watch: Watch) -> None:
    await watch.until(SECONDS + 1)
    assert watch.given == [(0, "/start"), (SECONDS, "/fail")]


async def test_what_the_service_does_not_take_is_tried_again_and_then_told(watch: Watch) -> None:
    watch.takes = False
    watch.hooks.tell_registered(is_registered=True)
    await watch.until(30)
    assert [what for _, what in watch.given] == ["/start"] + [""] * _heartbeat.TRIES
    assert watch.heard == [False]


@pytest.mark.parametrize(("what", "taken"), [("", ""), ("/start", "/start"), ("/fail", "/fail")])
async def test_a_sign_has_the_form_of_healthchecks_io(what: str, taken: str) -> None:
    async with Services() as services:
        assert await said(settings_for(services.beat(SECRET)), what)
        assert await said(settings_for(services.beat(SECRET) + "?create=1"), what)
        assert services.beats == [taken, taken]


async def test_a_service_that_refuses_or_is_away_has_not_heard_it(caplog: pytest.LogCaptureFixture) -> None:
    async with Services(status=404) as services:
        settings = settings_for(services.beat(SECRET))
        assert not await said(settings, "")
    assert not await said(settings, "")
    assert SECRET[:8] not in caplog.text
