"""The supervisor of a call does what the watchdog says: with a session, a greeting and a voice that only note it."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError

from granny import faults
from granny.call.announcer import Announcer
from granny.call.greeting import Greeting
from granny.call.persona import GO_ON, GREETING
from granny.call.record import CallRecord
from granny.call.supervisor import Supervisor
from granny.call.watchdog import AskAgain, End, Limits, Owed, Say, Step, Watchdog
from granny.faults import Finding
from granny.lines import Line
from scenarios._scene import settings


class Session(rtc.EventEmitter[str]):
    """An agent session of which only the events are real."""

    def __init__(self) -> None:
        super().__init__()
        self.input = self
        self.hears: list[bool] = []
        self.asked: list[str] = []
        self.is_closing = False

    def set_audio_enabled(self, enabled: bool) -> None:  # noqa: FBT001  the framework has it so
        self.hears.append(enabled)

    def generate_reply(self, *, instructions: str) -> None:
        if self.is_closing:
            raise RuntimeError
        self.asked.append(instructions)


class Voice:
    """An announcer that notes what it was told to do."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def stop_greeting(self) -> None:
        self.done.append("greeting stopped")

    async def silence_model(self) -> None:
        self.done.append("model silenced")

    def model_held_back(self) -> Voice:
        return self

    def __enter__(self) -> None:
        self.done.append("model held back")

    def __exit__(self, *_: object) -> None:
        self.done.append("model let go")

    async def say(self, line: Line, _: Finding | None) -> None:
        self.done.append(line.value)


class Spoken:
    """A recorded greeting; `begun_at` is None for one that nobody will hear."""

    def __init__(self, begun_at: float | None) -> None:
        self.begun_at = begun_at
        self.is_over = asyncio.Event()

    async def begins(self) -> float | None:
        return self.begun_at

    async def over(self) -> None:
        await self.is_over.wait()


class Call:
    """One call's supervisor, round a real watchdog."""

    def __init__(self) -> None:
        self.session, self.voice = Session(), Voice()
        limits = Limits(idle=60, longest=600, tokens=None)
        self.watchdog = Watchdog(CallRecord(), limits=limits, greeting=Line.GREETING, started=time.monotonic())
        self.supervisor = Supervisor(
            cast("AgentSession[Any]", self.session), cast("Announcer", self.voice), settings(), watchdog=self.watchdog
        )

    async def follow(self, greeting: Spoken) -> None:
        self.supervisor.follow(cast("Greeting", greeting))
        assert self.supervisor._following
        await asyncio.wait_for(self.supervisor._following, 10)

    async def does(self, monkeypatch: pytest.MonkeyPatch, *steps: Step) -> End:
        due = iter((*steps, END))
        monkeypatch.setattr(self.watchdog, "step", lambda _: next(due))
        return await asyncio.wait_for(self.supervisor.keep_watch(), 10)


END = End(faults.CALL_IDLE.found("x"), Line.GOODBYE)


@pytest.fixture
async def call() -> Call:
    return Call()


async def test_a_line_stops_the_greeting_and_holds_the_model_back(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two voices at once are never heard; an answer on its way is heard after the line."""
    assert await call.does(monkeypatch, Say(line=Line.ONE_MOMENT)) is END
    assert call.voice.done == ["greeting stopped", "model held back", "one-moment", "model let go"]


async def test_an_answer_that_is_given_up_is_silenced_before_the_line(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call.does(monkeypatch, Say(line=Line.NO_ANSWER, drop_answer=True))
    assert call.voice.done[:3] == ["greeting stopped", "model silenced", "model held back"]


async def test_the_model_is_asked_to_greet_until_the_caller_has_heard_her(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Afterwards it is asked to go on: nobody is greeted twice."""
    await call.does(monkeypatch, AskAgain())
    call.watchdog.answers.granny_started(time.monotonic())
    await call.does(monkeypatch, AskAgain())
    assert call.session.asked == [GREETING, GO_ON]


async def test_a_session_that_is_closing_is_asked_nothing_more(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that is no crash: whoever closes it has told the caller why."""
    call.session.is_closing = True
    assert await call.does(monkeypatch, AskAgain()) is END


async def test_what_broke_for_good_ends_the_call_with_its_own_line(call: Call) -> None:
    call.supervisor.fail(faults.CALL_CRASHED.found("KeyError"))
    end = await asyncio.wait_for(call.supervisor.keep_watch(), 10)
    assert end.finding.fault is faults.CALL_CRASHED


async def test_she_is_deaf_to_her_own_greeting_and_hears_again_after_it(call: Call) -> None:
    """The caller's device may send back what it plays; what she says is a sound that the watchdog knows of."""
    greeting = Spoken(time.monotonic())
    greeting.is_over.set()
    await call.follow(greeting)
    assert call.session.hears == [False, True]
    assert call.watchdog.answers.heard_any
    assert not call.watchdog.answers.granny_speaks


async def test_a_greeting_that_nobody_hears_is_asked_of_the_model(call: Call) -> None:
    await call.follow(Spoken(None))
    assert call.watchdog.answers.debt.owed is Owed.LOST


async def test_a_caller_who_has_spoken_needs_no_greeting_any_more(call: Call) -> None:
    """The answer to what they said is her first word."""
    call.watchdog.event({"type": "input_audio_buffer.speech_started"}, time.monotonic())
    await call.follow(Spoken(None))
    assert call.watchdog.answers.debt.owed is not Owed.LOST


async def test_a_greeting_that_broke_ends_the_call_and_says_so(call: Call) -> None:
    class Broken(Spoken):
        async def begins(self) -> float | None:
            raise KeyError

    with pytest.raises(KeyError):
        await call.follow(Broken(None))
    end = await asyncio.wait_for(call.supervisor.keep_watch(), 10)
    assert (end.finding.fault, end.finding.evidence) == (faults.CALL_CRASHED, "KeyError")


@pytest.mark.parametrize("turns_of_the_loop", range(6))
async def test_a_stop_is_heeded_in_the_moment_of_a_fault_too(call: Call, turns_of_the_loop: int) -> None:
    """Python 3.10's and 3.11's `wait_for` swallows a cancellation that comes with its result."""
    watching = asyncio.create_task(call.supervisor.keep_watch())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    call.session.emit("error", SimpleNamespace(error=SimpleNamespace(error=APIConnectionError(), recoverable=True)))
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)
    watching.cancel()
    done, _ = await asyncio.wait([watching], timeout=5)
    watching.cancel()
    assert watching in done
    assert watching.cancelled()
