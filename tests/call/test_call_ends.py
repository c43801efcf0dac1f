"""A call from its first moment to its end: who is told what, who is hung up on, and what the worker hears of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from livekit import api, rtc
from livekit.agents import CloseEvent, CloseReason, FunctionToolsExecutedEvent, UserStateChangedEvent, llm

from clock import Clock
from fakes import Job, LiveKit, Person, Room, RoomService, Session, without_sound_card
from granny import faults
from granny.call.ending import CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.greeting import Greeting
from granny.call.lifecycle import Call, broken, wind_up
from granny.call.reports import CHANNEL
from granny.faults import Fault
from granny.lines import Line, load
from scenarios._scene import settings

Reason = rtc.DisconnectReason


class Spoken:
    """A recorded greeting of which nothing is heard."""

    def __init__(self, journal: list[str]) -> None:
        self.journal = journal

    def stop(self) -> None:
        self.journal.append("greeting stopped")

    def hides_her(self, _: str) -> bool:
        return False

    async def begins(self) -> float | None:
        await asyncio.Event().wait()
        return None


class Scene:
    """A call in a room of fakes; `told` is what the worker hears of it."""

    def __init__(self, *people: Person, is_console: bool = False) -> None:
        self.told: list[Any] = []
        self.room = Room(*people)
        self.journal = self.room.journal
        self.job = Job(self.room, is_console=is_console)
        self.session = Session(self.journal)
        self.call = Call(self.job, settings(LIVEKIT_URL="ws://livekit.invalid"))

    def begin(self, *, is_greeted: bool = False) -> None:
        greeting = cast("Greeting", Spoken(self.journal)) if is_greeted else None
        with self.call:
            self.call._announcer.greeting = greeting
            self.call.watch_over(self.session)

    async def ends(self) -> CallEnd:
        """The job winds up, as the framework has it."""
        await wind_up(self.job)
        [ended] = [one for one in self.told if isinstance(one, CallEnded)]
        return ended.end

    @property
    def lines(self) -> list[bytes]:
        return [track.source.pcm for track, _, _ in self.room.me.published]

    def has_said(self, *lines: Line) -> bool:
        """After what she is: nobody here has heard a word of hers before."""
        pairs = zip(self.lines, (Line.COMPUTER_COMPANION, *lines), strict=True)
        return all(heard.startswith(load(line).pcm) for heard, line in pairs)

    def close(self, reason: CloseReason) -> None:
        self.session.emit("close", CloseEvent(reason=reason))

    def uses_tool(self, name: str) -> None:
        call = llm.FunctionCall(call_id="1", name=name, arguments="{}")
        output = llm.FunctionCallOutput(call_id="1", output="", is_error=False)
        self.session.emit(
            "function_tools_executed", FunctionToolsExecutedEvent(function_calls=[call], function_call_outputs=[output])
        )


@pytest.fixture
async def scene(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Scene:  # noqa: ARG001  a call goes by this clock
    without_sound_card(monkeypatch)
    return Scene(Person())


@pytest.fixture(autouse=True)
def hear_reports(request: pytest.FixtureRequest) -> Iterator[None]:
    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "scene" in request.fixturenames:
                request.getfixturevalue("scene").told.append(cast("Any", record).told)

    ear = Ear()
    CHANNEL.addHandler(ear)
    yield
    CHANNEL.removeHandler(ear)


def fault(of: Fault) -> CallEnd:
    return CallEnd.by(of.found(""))


async def test_a_caller_who_hangs_up_is_hung_up_on_and_nothing_is_said(scene: Scene) -> None:
    scene.begin()
    await asyncio.sleep(3)
    scene.room.leave(scene.room.people["caller"], Reason.CLIENT_INITIATED)
    await asyncio.sleep(1.1)
    assert scene.job.hung_up == ["hung-up-early"]
    assert scene.job.rooms.journal == ["the-room ended"]
    assert await scene.ends() == CallEnd(Ending.HUNG_UP_EARLY)
    assert scene.lines == []


async def test_what_the_worker_hears_names_the_call_and_its_caller(scene: Scene) -> None:
    scene.begin()
    await asyncio.sleep(3)
    scene.room.leave(scene.room.people["caller"], Reason.CLIENT_INITIATED)
    await asyncio.sleep(2)
    await scene.ends()
    [ended] = scene.told
    assert (ended.job_id, ended.room, ended.seconds) == ("job-1", "the-room", 5.0)
    assert ended.caller == Caller(CameBy.WEB, "caller")


async def test_a_fault_is_said_told_and_ends_the_call(scene: Scene) -> None:
    scene.begin()
    scene.close(CloseReason.ERROR)
    await asyncio.sleep(30)
    assert scene.has_said(Line.SOMETHING_WENT_WRONG)
    assert scene.job.hung_up == ["call-crashed"]
    assert scene.job.rooms.journal == ["the-room ended"]
    assert await scene.ends() == fault(faults.CALL_CRASHED)
    assert len(scene.lines) == 2


async def test_a_goodbye_of_hers_is_no_fault(scene: Scene) -> None:
    """The session closes when she has said it; the tool she uses for it is that one alone."""
    scene.begin()
    scene.uses_tool("another")
    scene.uses_tool("end_call")
    scene.close(CloseReason.USER_INITIATED)
    await asyncio.sleep(1)
    assert scene.job.hung_up == ["goodbye"]
    assert await scene.ends() == CallEnd(Ending.GOODBYE)
    assert scene.lines == []


async def test_a_session_that_closes_for_no_reason_of_hers_ends_nothing_yet(scene: Scene) -> None:
    """The job's end follows, and says why."""
    scene.begin()
    scene.close(CloseReason.JOB_SHUTDOWN)
    await asyncio.sleep(1)
    assert scene.job.hung_up == []


async def test_a_worker_that_is_told_to_stop_says_goodbye(scene: Scene) -> None:
    scene.begin()
    await asyncio.sleep(1)
    assert await scene.ends() == fault(faults.WORKER_STOPPING)
    assert scene.has_said(Line.WORKER_STOPPING)
    assert scene.job.hung_up == ["worker-stopping"]


async def test_a_room_that_the_caller_has_left_already_is_told_nothing(scene: Scene) -> None:
    """The room's end may reach the worker before it reaches the job."""
    scene.begin()
    await asyncio.sleep(1)
    scene.room.leave(scene.room.people["caller"], Reason.ROOM_DELETED)
    assert await scene.ends() == CallEnd(Ending.HUNG_UP_EARLY)
    assert scene.lines == []


async def test_what_breaks_before_there_is_a_session_is_said(scene: Scene) -> None:
    """An exception in the call's first lines; a stop is none."""
    with contextlib.suppress(KeyError), scene.call:
        raise KeyError
    assert await scene.ends() == fault(faults.CALL_CRASHED)
    assert scene.has_said(Line.SOMETHING_WENT_WRONG)


async def test_a_stop_before_there_is_a_session_is_no_crash(scene: Scene) -> None:
    with contextlib.suppress(asyncio.CancelledError), scene.call:
        raise asyncio.CancelledError
    assert await scene.ends() == fault(faults.WORKER_STOPPING)


async def test_a_watch_that_breaks_ends_the_call_and_says_so(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(_: object) -> None:
        raise ValueError

    monkeypatch.setattr("granny.call.supervisor.Supervisor.keep_watch", breaks)
    scene.begin()
    await asyncio.sleep(30)
    assert scene.has_said(Line.SOMETHING_WENT_WRONG)
    assert await scene.ends() == fault(faults.CALL_CRASHED)


async def test_a_room_in_which_others_stay_is_left_and_not_ended(scene: Scene) -> None:
    scene.room.come(Person("visitor"))
    scene.begin()
    scene.close(CloseReason.ERROR)
    await asyncio.sleep(30)
    assert scene.journal[-1] == "left"
    assert "the-room ended" not in scene.job.rooms.journal


async def test_while_a_farewell_is_said_nobody_else_hangs_up(scene: Scene) -> None:
    scene.begin()
    scene.close(CloseReason.ERROR)
    await asyncio.sleep(0.2)
    scene.room.leave(scene.room.people["caller"], Reason.CLIENT_INITIATED)
    await asyncio.sleep(30)
    assert scene.job.hung_up == ["call-crashed"]


async def test_who_speaks_while_she_greets_is_listened_to(scene: Scene) -> None:
    """And at the end of the job nothing goes on that was being said."""
    scene.begin(is_greeted=True)
    scene.session.emit("user_state_changed", UserStateChangedEvent(old_state="listening", new_state="away"))
    assert scene.journal == []
    scene.session.emit("user_state_changed", UserStateChangedEvent(old_state="listening", new_state="speaking"))
    assert scene.journal == ["greeting stopped"]
    await scene.ends()
    assert scene.journal[1] == "greeting stopped"


class ComingBack:
    """The new room of hers, and LiveKit's rooms as a job without a worker asks for them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = Room(Person(), is_joined=False)
        self.rooms = RoomService([])
        self.livekit = LiveKit(self.rooms)
        monkeypatch.setattr(rtc, "Room", lambda: self.room)
        monkeypatch.setattr(api, "LiveKitAPI", lambda *_: self.livekit)

    def has_said(self, line: Line) -> bool:
        return self.room.me.track.source.pcm.startswith(load(line).pcm)


async def test_a_room_that_was_lost_is_come_back_into_to_say_so(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.begin()
    back = ComingBack(monkeypatch)
    scene.room.end(Reason.STATE_MISMATCH)
    assert await scene.ends() == fault(faults.LIVEKIT_CONNECTION_LOST)
    assert back.has_said(Line.SOMETHING_WENT_WRONG)
    assert scene.lines == []


async def test_where_there_is_no_way_back_the_job_ends_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scene.begin()
    back = ComingBack(monkeypatch)
    back.room.is_shut = rtc.ConnectError("no")
    scene.room.end(Reason.STATE_MISMATCH)
    assert await scene.ends() == fault(faults.LIVEKIT_CONNECTION_LOST)
    assert scene.job.hung_up == ["livekit-connection-lost"]
    assert "no way back into the room" in [record.getMessage() for record in caplog.records]


async def test_a_room_that_somebody_ended_is_not_come_back_into(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.begin()
    back = ComingBack(monkeypatch)
    scene.room.end(Reason.ROOM_DELETED)
    assert await scene.ends() == CallEnd(Ending.HUNG_UP_EARLY)
    assert back.room.ways_in == []


async def test_a_way_back_that_cannot_even_be_asked_for_ends_the_job(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """LiveKit's address and key are not among the settings: the job was sent into the room by other means."""
    scene.call._announcer._settings = settings(LIVEKIT_URL="ws://livekit.invalid", LIVEKIT_API_KEY="")
    scene.begin()
    scene.room.end(Reason.STATE_MISMATCH)
    assert await scene.ends() == fault(faults.LIVEKIT_CONNECTION_LOST)
    assert scene.job.hung_up == ["livekit-connection-lost"]
    assert "no way back into the room" in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("broken_by", [None, api.TwirpError("not_found", "no", status=404)])
async def test_a_job_whose_worker_is_gone_comes_back_says_so_and_ends_the_room_itself(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, broken_by: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The framework cancels what a job does when its worker has died; nobody has told it to wind up."""
    scene.begin()
    back = ComingBack(monkeypatch)
    if broken_by:
        back.rooms.breaks["delete_room"] = broken_by
    await asyncio.sleep(1)
    assert scene.call._watching
    scene.call._watching.cancel()
    await asyncio.wait([scene.call._watching])
    assert back.has_said(load_line(faults.WORKER_DIED))
    assert back.rooms.journal == ["the-room ended"]
    assert back.livekit.is_closed
    assert scene.job.hung_up == ["worker-died"]
    warned = [record for record in caplog.records if record.getMessage() == "room not ended"]
    assert [vars(record)["error"] for record in warned] == (["ServerError"] if broken_by else [])


async def test_leaving_takes_five_seconds_at_most(scene: Scene, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(scene.job.rooms, "delete_room", never)
    scene.begin()
    await asyncio.sleep(1)
    scene.room.leave(scene.room.people["caller"], Reason.CLIENT_INITIATED)
    await asyncio.sleep(1)
    await scene.ends()
    assert clock.passed == 7.0


async def test_a_console_call_that_is_stopped_was_hung_up(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    without_sound_card(monkeypatch)
    scene = Scene(is_console=True)
    told: list[CallEnded] = []
    monkeypatch.setattr("granny.call.reports.report", told.append)
    scene.begin()
    await asyncio.sleep(1)
    await wind_up(scene.job)
    [ended] = told
    assert (ended.end, ended.caller) == (CallEnd(Ending.HUNG_UP), Caller(CameBy.CONSOLE))
    assert (scene.job.hung_up, scene.journal, clock.passed) == ([], [], 1)


async def test_a_job_without_a_call_has_nothing_to_wind_up(clock: Clock) -> None:
    await wind_up(Job(Room()))
    assert clock.passed == 0


def test_a_crash_is_named_by_its_type_alone() -> None:
    """Its text may hold a key."""
    assert broken(ValueError("secret")) == faults.CALL_CRASHED.found("ValueError")
    assert broken(rtc.ConnectError("secret")) == faults.LIVEKIT_CONNECTION_LOST.found("ConnectError")


def load_line(of: Fault) -> Line:
    return next((line for line in Line if line.value == of.spoken), Line.SOMETHING_WENT_WRONG)
