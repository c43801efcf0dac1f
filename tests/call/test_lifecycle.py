"""A call from its first moment to its end: its stages, how it says that it ended, and how she leaves."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from livekit import rtc
from livekit.agents import CloseEvent, CloseReason, FunctionToolsExecutedEvent
from livekit.agents.llm import FunctionCall, FunctionCallOutput

from clock import Clock
from fakes import Job, Person, Room, Session
from granny import faults, lines
from granny.call import stage
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.call.lifecycle import Call, wind_up
from granny.call.reports import PERSON
from granny.call.stage import TRANSITIONS, Event, Stage
from granny.call.watchdog import End
from granny.lines import Line
from granny.rooms.access import Access
from scenarios._scene import settings

pytestmark = pytest.mark.usefixtures("no_sound_card")

HUNG_UP = rtc.DisconnectReason.CLIENT_INITIATED


def test_the_table_that_is_read_is_the_table_that_is_heeded() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", stage.__doc__ or "", re.MULTILINE)
    assert [name for name, _ in rows] == [event.name for event in Event]
    for name, cells in rows:
        assert [Stage(cell) for cell in cells.split(" | ")] == [TRANSITIONS[Event[name]][was] for was in Stage]


@pytest.mark.parametrize("event", Event, ids=lambda one: one.name)
def test_who_is_being_told_goodbye_is_told_to_the_end(event: Event) -> None:
    """Nothing that happens meanwhile says another, and whoever has lost her worker goes by herself."""
    for said in (Stage.FAREWELL, Stage.ORPHANED):
        assert TRANSITIONS[event][said] is said


class Here:
    """A call in a room, of which only the framework's ends are fakes."""

    def __init__(self, room: Room, *, is_console: bool = False, **values: str) -> None:
        self.room = room
        self.job = Job(room, is_console=is_console)
        self.session = Session(room.journal)
        self.session._recorded_events = []
        self.call = Call(self.job, settings(LIVEKIT_URL="ws://livekit.invalid", **values))

    def begins(self) -> Here:
        with self.call as call:
            call.watch_over(self.session)
        return self

    def breaks(self) -> None:
        with self.call as call:
            call.watch_over(self.session)
            raise KeyError

    async def greets_and_breaks(self) -> None:
        with self.call as call:
            assert await call.greet()
            raise KeyError

    async def ends(self) -> None:
        """The framework winds the job up."""
        await asyncio.wait_for(wind_up(self.job), 60)

    def says_goodbye(self) -> None:
        called = FunctionCall(call_id="1", name="end_call", arguments="{}")
        self.session.emit(
            "function_tools_executed",
            FunctionToolsExecutedEvent(
                function_calls=[called],
                function_call_outputs=[FunctionCallOutput(call_id="1", output="", is_error=False)],
            ),
        )
        self.session.emit("close", CloseEvent(reason=CloseReason.USER_INITIATED))

    @property
    def faults_told(self) -> list[str]:
        return self.call._record.spoken_faults


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[CallEnded]:
    """What was told of the end of each call."""
    ended: list[CallEnded] = []
    monkeypatch.setattr("granny.call.reports.report", ended.append)
    return ended


@pytest.fixture
async def here(clock: Clock) -> Here:
    """A call that goes on; time is a value."""
    assert clock.passed == 0
    return Here(Room(Person())).begins()


async def test_a_job_that_is_told_to_end_says_so(here: Here, reported: list[CallEnded]) -> None:
    await here.ends()
    assert reported[0].end == CallEnd.by(faults.WORKER_STOPPING.found(""))
    assert here.faults_told == ["worker-stopping"]
    assert here.job.rooms.journal == ["the-room ended"]


async def test_a_goodbye_ends_the_call_with_the_session(here: Here, reported: list[CallEnded]) -> None:
    here.job.proc.userdata[PERSON] = "anna"
    here.says_goodbye()
    await here.ends()
    assert (reported[0].end, here.faults_told) == (CallEnd(Ending.GOODBYE), [])
    assert reported[0].person == "anna"
    assert here.job.hung_up == ["goodbye"]


async def test_a_caller_who_hangs_up_is_told_nothing(here: Here, reported: list[CallEnded]) -> None:
    here.room.leave(here.room.people["caller"], HUNG_UP)
    await asyncio.sleep(2)
    await here.ends()
    assert (reported[0].end, here.faults_told) == (CallEnd(Ending.HUNG_UP_EARLY), [])
    assert here.job.hung_up == ["hung-up-early"]


async def test_a_farewell_is_said_once(here: Here, reported: list[CallEnded]) -> None:
    """Though the session closes, the caller leaves and the job is wound up while it is being said."""
    assert here.call._supervisor
    here.call._supervisor.fail(faults.OPENAI_SILENT.found("x"))
    await asyncio.sleep(0.2)
    here.says_goodbye()
    here.room.leave(here.room.people["caller"], HUNG_UP)
    await here.ends()
    assert (reported[0].end.fault, here.faults_told) == ("openai-silent", ["openai-silent"])
    assert set(here.job.hung_up) == {"openai-silent"}


async def test_a_bug_in_the_call_is_told_when_the_job_is_wound_up(clock: Clock, reported: list[CallEnded]) -> None:
    here = Here(Room(Person()))
    with pytest.raises(KeyError):
        here.breaks()
    assert (clock.passed, here.faults_told) == (0, [])
    await here.ends()
    assert (reported[0].end, here.faults_told) == (CallEnd(Ending.CRASHED, "call-crashed"), ["call-crashed"])


async def test_a_watch_that_breaks_is_told_at_once(
    here: Here, reported: list[CallEnded], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: float) -> End:
        raise ZeroDivisionError

    assert here.call._supervisor
    monkeypatch.setattr(here.call._supervisor._watchdog, "step", broken)
    await asyncio.sleep(60)
    assert here.job.hung_up == ["call-crashed"]
    await here.ends()
    assert reported[0].end == CallEnd(Ending.CRASHED, "call-crashed")


async def test_a_caller_whose_worker_died_is_told_and_the_room_ended_by_name(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job's own means have gone with the worker: the loop is being torn down, and every task cancelled."""
    ended: list[str] = []

    async def delete(room: str, _: Access) -> None:
        ended.append(room)

    async def rejoin() -> None:
        """As if it could."""

    monkeypatch.setattr("granny.call.leaving.delete_room", delete)
    monkeypatch.setattr(here.call._announcer, "rejoin", rejoin)
    await asyncio.sleep(0.2)
    assert here.call._watching
    here.call._watching.cancel()
    await here.call._watching
    assert (here.faults_told, ended) == (["worker-died"], ["the-room"])
    assert here.job.rooms.journal == []


@pytest.mark.usefixtures("clock")
async def test_she_leaves_a_room_to_those_who_are_still_in_it(reported: list[CallEnded]) -> None:
    here = Here(Room(Person(), Person("second"))).begins()
    await here.ends()
    assert here.room.journal[-1] == "left"
    assert ("the-room ended" in here.job.rooms.journal, len(reported)) == (False, 1)


@pytest.mark.usefixtures("clock")
async def test_a_console_call_just_ends(reported: list[CallEnded]) -> None:
    here = Here(Room(), is_console=True).begins()
    await here.ends()
    assert (reported[0].end, here.faults_told) == (CallEnd(Ending.HUNG_UP), [])


async def test_a_room_that_is_lost_is_come_back_into(
    here: Here, reported: list[CallEnded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was in it hears why; if there is no way back, the call has ended by it all the same."""

    async def no_way() -> None:
        raise asyncio.TimeoutError

    monkeypatch.setattr(here.call._announcer, "rejoin", no_way)
    here.room.end(rtc.DisconnectReason.STATE_MISMATCH)
    await here.ends()
    assert reported[0].end.fault == "livekit-connection-lost"
    assert (here.job.hung_up, here.faults_told) == (["livekit-connection-lost"], [])


async def test_a_bug_before_the_session_stops_the_greeting(
    clock: Clock, reported: list[CallEnded], tmp_path: Path
) -> None:
    """It is no longer to be heard under the apology."""
    for ending in ("wav", "txt"):
        shutil.copy(lines.SHIPPED / "en" / f"no-credit.{ending}", tmp_path / f"greeting.{ending}")
    here = Here(Room(Person()), GRANNY_LINES_FOLDER=str(tmp_path))
    with pytest.raises(KeyError):
        await here.greets_and_breaks()
    await here.ends()
    assert (reported[0].end, here.faults_told) == (CallEnd(Ending.CRASHED, "call-crashed"), ["call-crashed"])
    [greeting, what_she_is, apology] = [track.source for track, _, _ in here.room.me.published]
    assert clock.passed > lines.load(Line.SOMETHING_WENT_WRONG).duration
    assert len(greeting.pcm) < len(lines.load(Line.GREETING, folder=tmp_path).pcm) / 2
    assert what_she_is.pcm.startswith(lines.load(Line.COMPUTER_COMPANION).pcm)
    assert apology.pcm.startswith(lines.load(Line.SOMETHING_WENT_WRONG).pcm)


async def test_a_room_that_stays_empty_is_one_into_which_nobody_came(
    clock: Clock, reported: list[CallEnded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it ends: by time, as here, or because somebody ends the room. Nobody is told of it as of a fault."""
    here = Here(Room(), GRANNY_IDLE_SECONDS="30").begins()
    alarms: list[str] = []
    monkeypatch.setattr("granny.call.reports.raise_alarm", lambda slug, **_: alarms.append(slug))
    await asyncio.sleep(100)
    assert clock.passed == 100
    assert here.job.hung_up == ["nobody-came"]
    assert here.job.rooms.journal == ["the-room ended"]
    await here.ends()
    assert (reported[0].end, reported[0].caller) == (CallEnd(Ending.NOBODY_CAME), None)
    assert (alarms, here.faults_told, here.room.me.published) == ([], [], [])
    assert here.room.journal == ["session shut down"]


async def test_a_caller_who_says_nothing_has_come(here: Here, reported: list[CallEnded]) -> None:
    """Silence with somebody there is a silence."""
    assert here.call._supervisor
    here.call._supervisor.fail(faults.CALL_IDLE.found("x"))
    await asyncio.sleep(60)
    await here.ends()
    assert reported[0].end == CallEnd.by(faults.CALL_IDLE.found("x"))
