"""Where features hear of calls: each on its own, whatever the others do."""

from __future__ import annotations

import asyncio
import functools
import logging
from pathlib import Path

import pytest

from granny import faults
from granny.call.ending import CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.reports import Alarm
from granny.config.settings import Settings
from granny.worker import hooks as module
from granny.worker.hooks import Hooks

ENDED = CallEnded("AJ_1", "kitchen", CallEnd(Ending.GOODBYE), 61.5, Caller(CameBy.PHONE, "sip_+15550100"))


class Diary:
    """A feature as one will come: it knows the hooks and the settings, and nobody knows it."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def subscribe(self, hooks: Hooks, settings: Settings) -> None:
        hooks.on_call_ended(functools.partial(self.write_down, settings.name))

    def write_down(self, name: str, ended: CallEnded) -> None:
        came_by = ended.caller.came_by.value if ended.caller else "nobody"
        self.pages.append(f"{name}: {came_by}, {ended.end.outcome}, {ended.seconds:.0f} s")


def test_a_feature_is_added_by_subscribing() -> None:
    """With the settings that the worker has; nothing of the worker is changed for it."""
    diary, hooks = Diary(), Hooks()
    diary.subscribe(hooks, Settings.model_validate({"OPENAI_API_KEY": "invented", "GRANNY_NAME": "Oma"}))
    hooks.tell_end(ENDED)
    assert diary.pages == ["Oma: phone, ok, 62 s"]


def test_each_hears_what_it_asked_for_in_the_order_of_asking() -> None:
    heard: list[tuple[str, object]] = []
    hooks = Hooks()
    hooks.on_calls(lambda number: heard.append(("calls", number)))
    hooks.on_alarm(lambda alarm: heard.append(("alarm", alarm)))
    hooks.on_call_ended(lambda ended: heard.append(("first", ended)))
    hooks.on_call_ended(lambda ended: heard.append(("second", ended)))
    hooks.tell_calls(3)
    hooks.tell_alarm(Alarm("AJ_1", "openai-silent"))
    hooks.tell_end(ENDED)
    assert heard == [
        ("calls", 3),
        ("alarm", Alarm("AJ_1", "openai-silent")),
        ("first", ENDED),
        ("second", ENDED),
    ]


def break_down(_: CallEnded) -> None:
    msg = "sk-proj-" + "FAKE" * 10
    raise ZeroDivisionError(msg)


async def break_down_later(ended: CallEnded) -> None:
    await asyncio.sleep(0)
    break_down(ended)


def break_down_by(_folder: Path, ended: CallEnded) -> None:
    break_down(ended)


@pytest.mark.parametrize("broken", [break_down, break_down_later, functools.partial(break_down_by, Path())])
async def test_who_breaks_down_is_logged_by_type_and_the_others_hear(
    caplog: pytest.LogCaptureFixture, broken: module.Subscriber[CallEnded]
) -> None:
    heard: list[CallEnded] = []
    hooks = Hooks()
    hooks.on_call_ended(broken)
    hooks.on_call_ended(heard.append)
    hooks.tell_end(ENDED)
    await hooks.aclose()
    assert heard == [ENDED]
    [record] = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "subscriber failed")
    assert (vars(record)["subscriber"], vars(record)["error"]) == (__name__, "ZeroDivisionError")
    assert record.exc_info is None
    assert "FAKE" not in caplog.text + str(vars(record))


async def test_what_takes_long_holds_nobody_up_and_is_waited_for_at_the_end() -> None:
    heard: list[str] = []
    may_go_on = asyncio.Event()

    async def slow(_: CallEnded) -> None:
        await may_go_on.wait()
        heard.append("slow")

    hooks = Hooks()
    hooks.on_call_ended(slow)
    hooks.on_call_ended(lambda _: heard.append("quick"))
    hooks.tell_end(ENDED)
    closing = asyncio.create_task(hooks.aclose())
    await asyncio.sleep(0)
    assert (heard, closing.done()) == (["quick"], False)
    may_go_on.set()
    await closing
    assert heard == ["quick", "slow"]


async def test_what_never_ends_does_not_keep_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_LAST_SECONDS", 0)
    stopped: list[bool] = []

    async def endless(_: CallEnded) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    hooks = Hooks()
    hooks.on_call_ended(endless)
    hooks.tell_end(ENDED)
    await asyncio.sleep(0)
    await hooks.aclose()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert stopped == [True]
    assert caplog.records == []


def test_a_feature_that_cannot_subscribe_keeps_nobody_else_out(caplog: pytest.LogCaptureFixture) -> None:
    let_in: list[str] = []

    def broken(_hooks: Hooks, _settings: Settings) -> None:
        msg = "+49 30 1234567"
        raise ValueError(msg)

    Hooks().let_in((broken, lambda _hooks, _settings: let_in.append("the other")), Settings(OPENAI_API_KEY="none"))
    assert let_in == ["the other"]
    assert "1234567" not in caplog.text


def test_a_feature_in_trouble_is_named_until_it_is_well_again(caplog: pytest.LogCaptureFixture) -> None:
    """And logged as it changes, not each time that it is said."""
    hooks = Hooks()
    for _ in range(3):
        hooks.warn(faults.DATA_FOLDER_UNUSABLE)
    assert hooks.warnings == ("data-folder-unusable",)
    for _ in range(3):
        hooks.clear(faults.DATA_FOLDER_UNUSABLE)
    assert not hooks.warnings
    assert [record.message for record in caplog.records] == ["feature in trouble", "feature well again"]


async def test_what_a_feature_does_at_the_end_is_waited_for() -> None:
    done: list[str] = []

    async def last(_: None) -> None:
        await asyncio.sleep(0)
        done.append("last")

    hooks = Hooks()
    hooks.on_stop(last)
    await hooks.aclose()
    assert done == ["last"]
