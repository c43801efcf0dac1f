"""The watch at work, in its own time: what it asks, to whom it goes, whom it asks to wait, and what it leaves alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from livekit import api
from livekit.protocol.agent import Job, JobState, JobStatus
from livekit.protocol.agent_dispatch import AgentDispatch, AgentDispatchState
from livekit.protocol.models import Room
from prometheus_client import REGISTRY

from clock import Clock
from granny.rooms.asking import LiveKitRooms
from granny.rooms.knocking import Answer
from granny.rooms.occupants import Occupant, Occupants, Role
from granny.worker.admission import Admission
from granny.worker.room_watch import Host, RoomWatch
from granny.worker.room_watch._lonely_rooms import share_of

CALLER = Occupant("PA_caller", "caller", Role.CALLER, 1000)
LATER = Occupant("PA_later", "later", Role.CALLER, 2000)
HER = Occupant("PA_her", "agent-1", Role.GRANNY)
VOICE = Occupant("PA_voice", "granny-busy", Role.BUSY)
PHONE = Occupant("PA_phone", "sip_+493023125017", Role.CALLER, 3000, is_ringing=True)
PARTED = Occupant("PA_parted", "parted", Role.PARTED)
TROUBLES = [api.TwirpError("internal", "no", status=500), aiohttp.ClientConnectionError(), asyncio.TimeoutError()]


class Rooms(LiveKitRooms):
    """LiveKit's rooms as a test has them; what was asked stands in `asked`, and `breaks` says what cannot be."""

    def __init__(self) -> None:  # nothing of LiveKit's is there
        self.there: dict[str, list[Occupant]] = {}
        self.numbers: dict[str, tuple[int, int]] = {}
        self.sent: list[AgentDispatch] = [AgentDispatch(id="AD_1", metadata="a letter")]
        self.dead: set[str] = set()
        self.breaks: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.latency = 0.0
        self.in_cloud = False

    @property
    def is_cloud(self) -> bool:
        return self.in_cloud

    async def all(self) -> list[Room]:
        self._does("list")
        return [self._room(name) for name in self.there]

    async def occupants(self, room: str) -> Occupants:
        self._does(f"who {room}")
        await asyncio.sleep(self.latency)
        return Occupants(tuple(self.there.get(room, ())))

    async def dispatches(self, room: str) -> list[AgentDispatch]:
        self._does(f"dispatches {room}")
        return self.sent

    async def knock(self, room: str, identity: str) -> Answer:
        self._does(f"knock {room} {identity}")
        if identity in self.dead:
            await asyncio.sleep(2)
            return Answer.SILENT
        return Answer.THERE

    async def sign_up(self, room: str, identity: str, worker: str) -> None:
        self._does(f"sign {room} {identity} {worker}")
        await asyncio.sleep(self.latency)
        there = self.there[room]
        self.there[room] = [replace(one, coming=worker) if one.identity == identity else one for one in there]

    async def put_out(self, room: str, identity: str) -> None:
        self._does(f"put out {room} {identity}")

    async def end(self, room: str) -> None:
        self._does(f"end {room}")
        self.there.pop(room, None)

    def counted(self, what: str) -> int:
        return sum(one.startswith(what) for one in self.asked)

    def _room(self, name: str) -> Room:
        people, publishers = self.numbers.get(name, (1, 1))
        return Room(name=name, sid=f"RM_{name}", num_participants=people, num_publishers=publishers)

    def _does(self, what: str) -> None:
        self.asked.append(what)
        if error := self.breaks.get(what.split(maxsplit=1)[0]):
            raise error


class BusyLine:
    """Who asks to wait, until she comes or the caller has gone."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.held: list[str] = []
        self.whose: list[str] = []
        self.is_closed = self.fails = False

    async def hold(self, room: str, metadata: str) -> None:
        self.held.append(room)
        self.whose.append(metadata)
        if self.fails:
            return
        self.rooms.there[room].append(VOICE)
        while not self.is_closed and Occupants(tuple(self.rooms.there.get(room, ()))).is_alone:  # noqa: ASYNC110  a fake
            await asyncio.sleep(0.1)
        if VOICE in self.rooms.there.get(room, ()):
            self.rooms.there[room].remove(VOICE)

    async def aclose(self) -> None:
        self.is_closed = True


class House:
    """A worker, as far as its watch sees it; whoever it launches is in the room at once, and on the line."""

    def __init__(self, places: int = 1) -> None:
        self.rooms = Rooms()
        self.busy = BusyLine(self.rooms)
        self.running: dict[str, str] = {}
        self.launched: list[tuple[str, str]] = []
        self.jobs: list[Job] = []
        self.is_well = True
        self.breaks: Exception | None = None
        self.joins_after = 0.0
        self.admission = Admission(places, running=lambda: self.running)
        host = Host(
            seconds=2.0,
            admission=self.admission,
            name=lambda: "AW_1",
            agent_name="",
            is_well=lambda: self.is_well,
            rooms=lambda: [f"RM_{room}" for room in self.running.values()],
            launch=self.launch,
        )
        self.watch = RoomWatch(self.rooms, host, self.busy)

    async def launch(self, job: Job, identity: str) -> None:
        assert self.admission.calls <= self.admission.places, "whoever is launched has a place"
        if self.breaks:
            raise self.breaks
        self.launched.append((job.room.name, identity))
        self.jobs.append(job)
        self.running[job.id] = job.room.name
        joining = Occupant(f"PA_{job.id}", identity, Role.GRANNY)
        asyncio.get_running_loop().call_later(self.joins_after, self.rooms.there[job.room.name].append, joining)

    def end(self, room: str) -> None:
        """The call in a room is over, and so is the room."""
        self.running = {job: name for job, name in self.running.items() if name != room}
        self.rooms.there.pop(room, None)
        self.admission.freed()
        self.watch.act()

    async def until_launched(self) -> None:
        for _ in range(60_000):
            if self.launched:
                return
            await asyncio.sleep(0.001)
        pytest.fail("nobody was gone to")

    @property
    def met(self) -> list[str]:
        return [room for room, _ in self.launched]


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[House]:
    """With one place, which is free."""
    assert not clock.passed
    here = House()
    yield here
    await here.watch.aclose()


@pytest.fixture
async def full(house: House) -> House:
    """The same, its place taken by a call in the kitchen."""
    house.rooms.there["kitchen"] = [CALLER, HER]
    house.running["AJ_1"] = "kitchen"
    return house


async def test_who_is_alone_is_gone_to(house: House, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    before = REGISTRY.get_sample_value("granny_callers_met_total") or 0.0
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(4)
    assert house.launched == [("parlour", "agent-RM_parlour")]
    [job] = house.jobs
    assert (job.metadata, job.dispatch_id, job.room.sid) == ("a letter", "AD_1", "RM_parlour")
    assert house.admission.calls == 1
    assert REGISTRY.get_sample_value("granny_callers_met_total") == before + 1
    [record] = caplog.records
    assert (record.name, record.getMessage()) == ("granny.room_watch", "a caller was alone")
    assert (vars(record)["room"], vars(record)["job_id"], vars(record)["is_well"]) == ("parlour", job.id, True)
    assert clock.passed == 4


async def test_at_the_very_moment_that_is_due_and_the_room_is_asked_once_more(house: House, clock: Clock) -> None:
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await house.until_launched()
    due = 2.1 + share_of("AW_1", "RM_parlour") / 2
    assert due <= clock.passed <= due + 0.06  # a look that has just ended is followed by a rest of 0.05
    assert house.rooms.asked[-4:] == ["who parlour", "dispatches parlour", "sign parlour caller AW_1", "who parlour"]


async def test_who_is_answered_in_the_last_moment_is_left_alone_and_keeps_no_place(house: House) -> None:
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(1.9)
    occupants = house.rooms.occupants

    async def answered(room: str) -> Occupants:
        if house.admission.calls:  # it is on its way
            house.rooms.there[room] = [CALLER, HER]
        return await occupants(room)

    house.rooms.occupants = answered  # type: ignore[method-assign]  # from now on
    await asyncio.sleep(10)
    assert (house.launched, house.admission.calls) == ([], 0)


async def test_of_two_workers_that_would_go_at_the_same_time_one_goes(house: House, clock: Clock) -> None:
    """Though a job needs longer to come into a room than the second worker is behind the first."""
    other = House()
    house.rooms.latency, house.joins_after, other.joins_after = 0.02, 1.0, 1.0
    other.rooms = house.rooms
    other.watch = RoomWatch(house.rooms, replace(other.watch._visits._host, name=lambda: "AW_2"), other.busy)
    sids = [f"room-{number}" for number in range(40)]
    house.admission.places = other.admission.places = len(sids)
    house.rooms.there |= {name: [CALLER] for name in sids}
    house.watch.look()
    other.watch.look()
    await asyncio.sleep(60)
    await other.watch.aclose()
    assert sorted(house.met + other.met) == sorted(sids)
    assert min(len(house.met), len(other.met)) > 5
    assert clock.passed == 60


async def test_to_whom_another_worker_is_on_its_way_is_gone_to_if_that_one_does_not_come(house: House) -> None:
    house.rooms.there["parlour"] = [replace(CALLER, coming="AW_2")]
    house.watch.look()
    await asyncio.sleep(4.9)
    assert (house.launched, house.admission.calls) == ([], 0)
    await asyncio.sleep(2)
    assert house.met == ["parlour"]


async def test_who_signs_up_last_goes(house: House) -> None:
    house.rooms.there["parlour"] = [CALLER]
    sign_up = house.rooms.sign_up

    async def later(room: str, identity: str, worker: str) -> None:
        await sign_up(room, identity, worker)
        await sign_up(room, identity, "AW_2")

    house.rooms.sign_up = later  # type: ignore[method-assign]  # another one does it just then
    house.watch.look()
    await asyncio.sleep(4.9)
    assert (house.launched, house.admission.calls) == ([], 0)
    signed = [one for one in house.rooms.asked if one.startswith("sign")]
    assert signed == ["sign parlour caller AW_1", "sign parlour caller AW_2"]  # which has its time


async def test_a_caller_whom_only_the_list_has_is_not_gone_to(house: House) -> None:
    """A node that is gone had them, and another one has the room now."""
    house.rooms.breaks["sign"] = api.TwirpError("unavailable", "no response from servers", status=503)
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(60)
    assert (house.launched, house.admission.calls) == ([], 0)
    assert house.rooms.counted("sign") < 6


@pytest.mark.parametrize("there", [[CALLER, HER], [HER], [PARTED], []])
async def test_whoever_is_answered_or_has_gone_is_left_alone(house: House, there: list[Occupant]) -> None:
    house.rooms.there["parlour"] = there
    house.watch.look()
    await asyncio.sleep(30)
    assert (house.launched, house.busy.held, house.admission.calls) == ([], [], 0)


async def test_a_room_of_others_is_not_touched(house: House) -> None:
    house.rooms.sent = [AgentDispatch(agent_name="translator")]
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(120)
    assert (house.launched, house.busy.held, house.admission.calls) == ([], [], 0)
    assert 1 <= house.rooms.counted("dispatches") <= 6


async def test_a_full_worker_asks_to_wait_and_goes_when_a_place_is_free(full: House, clock: Clock) -> None:
    full.rooms.there["parlour"] = [CALLER]
    full.watch.look()
    await asyncio.sleep(2)
    assert (full.busy.held, full.launched) == (["parlour"], [])
    assert full.busy.whose == ["a letter"]
    await asyncio.sleep(60)
    assert full.busy.held == ["parlour"]
    full.end("kitchen")
    await asyncio.sleep(0.2)
    assert full.met == ["parlour"]
    assert VOICE not in full.rooms.there["parlour"]
    assert clock.passed == 62.2


async def test_a_telephone_that_rings_hears_the_busy_tone_where_all_places_are_taken(
    full: House, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Its room's end is what the bridge makes it of; to ask it to wait would be to pick up."""
    before = REGISTRY.get_sample_value("granny_callers_turned_away_total") or 0.0
    full.rooms.there["parlour"] = [PHONE]
    full.watch.look()
    await asyncio.sleep(4)
    assert full.rooms.counted("end") == 0
    await asyncio.sleep(2)
    assert "parlour" not in full.rooms.there
    await asyncio.sleep(60)
    assert clock.passed == 66
    assert (full.rooms.counted("end"), full.busy.held, full.launched) == (1, [], [])
    assert REGISTRY.get_sample_value("granny_callers_turned_away_total") == before + 1
    assert [record.getMessage() for record in caplog.records] == ["a telephone is told that all places are taken"]


async def test_a_telephone_gets_the_place_that_is_free_before_it_is_turned_away(full: House) -> None:
    full.rooms.there["parlour"] = [PHONE]
    full.watch.look()
    await asyncio.sleep(3)
    full.end("kitchen")
    await asyncio.sleep(1)
    assert (full.met, full.rooms.counted("end")) == (["parlour"], 0)


async def test_a_telephone_to_which_another_worker_is_on_its_way_rings_on(full: House) -> None:
    full.rooms.there["parlour"] = [replace(PHONE, coming="AW_2")]
    full.watch.look()
    await asyncio.sleep(6)
    assert full.rooms.counted("end") == 0
    full.rooms.there["parlour"].append(HER)
    await asyncio.sleep(60)
    assert full.rooms.counted("end") == 0


@pytest.mark.parametrize("there", [[replace(PHONE, is_ringing=False)], [PHONE, CALLER]])
async def test_a_telephone_that_has_been_answered_or_is_with_others_is_asked_to_wait(
    full: House, there: list[Occupant]
) -> None:
    """As when its worker has died: never silence, and never the end of somebody else's call."""
    full.rooms.there["parlour"] = there
    full.watch.look()
    await asyncio.sleep(10)
    assert (full.busy.held, full.rooms.counted("end")) == (["parlour"], 0)


async def test_who_waits_longest_comes_first_and_nobody_who_comes_later_has_the_place(full: House) -> None:
    full.rooms.there |= {"garden": [LATER], "parlour": [CALLER]}
    full.watch.look()
    await asyncio.sleep(5)
    assert sorted(full.busy.held) == ["garden", "parlour"]
    full.end("kitchen")
    assert not full.admission.promise("who comes now")
    await asyncio.sleep(1)
    assert full.met == ["parlour"]
    full.end("parlour")
    await asyncio.sleep(1)
    assert full.met == ["parlour", "garden"]


async def test_where_the_first_who_waits_has_gone_the_next_has_the_place(full: House) -> None:
    full.rooms.there |= {"garden": [LATER], "parlour": [CALLER]}
    full.watch.look()
    await asyncio.sleep(5)
    full.rooms.there["parlour"] = []
    full.end("kitchen")
    await asyncio.sleep(0.3)
    assert full.met == ["garden"]


async def test_who_cannot_be_asked_to_wait_is_tried_again_after_a_while(full: House) -> None:
    full.busy.fails = True
    full.rooms.there["parlour"] = [CALLER]
    full.watch.look()
    await asyncio.sleep(12)
    assert 2 <= len(full.busy.held) <= 3


async def test_whom_another_worker_asks_to_wait_is_not_asked_twice_and_gone_to_all_the_same(full: House) -> None:
    full.rooms.there["parlour"] = [CALLER, VOICE]
    full.watch.look()
    await asyncio.sleep(5)
    assert full.busy.held == []
    full.end("kitchen")
    await asyncio.sleep(1)
    assert full.met == ["parlour"]


async def test_a_shut_worker_answers_only_after_the_healthy_ones_had_their_time(house: House) -> None:
    house.is_well = False
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(3.9)
    assert house.launched == []
    await asyncio.sleep(1.5)
    assert house.met == ["parlour"]
    assert house.busy.held == []


async def test_whom_livekit_has_given_the_call_is_waited_for(house: House, clock: Clock) -> None:
    given = Job(state=JobState(status=JobStatus.JS_RUNNING, participant_identity="agent-slow"))
    house.rooms.sent = [AgentDispatch(state=AgentDispatchState(jobs=[given]))]
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(4.9)
    assert (house.launched, house.admission.calls) == ([], 0)
    await asyncio.sleep(1.5)
    assert house.met == ["parlour"]
    assert clock.passed == 6.4


async def test_the_caller_of_a_machine_that_is_gone_is_met_within_ten_seconds(
    house: House, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """LiveKit still lists the agent; it is put out, so that the caller sees one."""
    house.rooms.there["parlour"] = [CALLER, HER]
    house.rooms.numbers["parlour"] = (1, 2)
    house.watch.look()
    await asyncio.sleep(20)
    assert house.rooms.counted("knock") >= 5
    house.rooms.dead.add(HER.identity)
    await house.until_launched()
    assert clock.passed - 20 < 9
    assert house.launched == [("parlour", "agent-RM_parlour")]
    assert house.rooms.asked[-1] == "put out parlour agent-1"
    assert [record.getMessage() for record in caplog.records] == [
        "an agent is gone that LiveKit still lists",
        "a caller was alone",
    ]


async def test_while_livekit_itself_cannot_be_asked_nobody_is_taken_for_gone(house: House) -> None:
    """A LiveKit node without its redis says of every room that no node has it."""
    knock = house.rooms.knock

    async def nobody(room: str, identity: str) -> Answer:
        await knock(room, identity)
        await asyncio.sleep(1)
        return Answer.UNKNOWN_TO_ALL if house.rooms.breaks else Answer.THERE

    house.rooms.knock = nobody  # type: ignore[method-assign]  # from now on
    house.rooms.there["parlour"] = [CALLER, HER]
    house.rooms.numbers["parlour"] = (1, 2)
    house.watch.look()
    await asyncio.sleep(20)
    house.rooms.breaks = dict.fromkeys(("list", "who"), api.TwirpError("internal", "no redis", status=500))
    await asyncio.sleep(15)
    assert house.rooms.counted("knock") > 8
    house.rooms.breaks.clear()
    await asyncio.sleep(20)
    assert (house.launched, house.rooms.counted("put out")) == ([], 0)


async def test_a_voice_whose_machine_is_gone_asks_nobody_to_wait(full: House) -> None:
    full.rooms.there["parlour"] = [CALLER, VOICE]
    full.rooms.dead.add(VOICE.identity)
    full.watch.look()
    await asyncio.sleep(12)
    assert full.busy.held[:1] == ["parlour"]


async def test_where_its_own_jobs_are_the_worker_neither_asks_nor_knocks(full: House) -> None:
    full.watch.look()
    await asyncio.sleep(30)
    assert set(full.rooms.asked) == {"list"}


async def test_who_stays_when_a_call_has_ended_as_it_should_is_not_called_back(house: House) -> None:
    house.rooms.there["parlour"] = [CALLER, HER]
    house.watch.look()
    await asyncio.sleep(1)
    house.watch.parted("RM_parlour")
    house.rooms.there["parlour"] = [CALLER]
    await asyncio.sleep(25)
    assert house.launched == []


async def test_a_launch_that_fails_keeps_no_place_and_is_tried_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.breaks = RuntimeError("no process")
    house.rooms.there["parlour"] = [CALLER]
    house.watch.look()
    await asyncio.sleep(5)
    assert house.admission.calls == 0
    house.breaks = None
    await asyncio.sleep(5)
    assert house.met == ["parlour"]
    [failed] = [record for record in caplog.records if record.getMessage() == "could not go to a caller"]
    assert (vars(failed)["error"], vars(failed)["room"], failed.exc_info) == ("RuntimeError", "parlour", None)


@pytest.mark.parametrize("error", TROUBLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("broken", ["list", "who"])
async def test_a_livekit_that_does_not_answer_is_told_once_and_asked_again(
    house: House, broken: str, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="granny.room_watch")
    house.rooms.there["parlour"] = [CALLER]
    house.rooms.breaks[broken] = error
    house.watch.look()
    await asyncio.sleep(20)
    assert [record.getMessage() for record in caplog.records] == ["the room watch cannot look"]
    assert vars(caplog.records[0])["error"] == type(error).__name__
    house.rooms.breaks.clear()
    await asyncio.sleep(5)
    assert house.met == ["parlour"]
    assert [record.getMessage() for record in caplog.records][1:] == [
        "the room watch looks again",
        "a caller was alone",
    ]


async def test_a_room_that_no_livekit_node_has_is_told_once_and_asked_ever_less(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The list has it, and its caller, as long as a redis: its node is gone."""
    house.rooms.there["ghost"] = [CALLER]
    house.rooms.breaks["dispatches"] = api.TwirpError("unavailable", "no response from servers", status=503)
    house.watch.look()
    await asyncio.sleep(600)
    assert (house.launched, house.admission.calls) == ([], 0)
    assert [record.getMessage() for record in caplog.records] == ["could not go to a caller"]
    assert house.rooms.counted("dispatches") < 20


async def test_one_room_that_breaks_keeps_nobody_else_waiting(house: House) -> None:
    house.rooms.there |= {"ghost": [CALLER], "parlour": [LATER]}
    dispatches = house.rooms.dispatches

    async def slow(room: str) -> list[AgentDispatch]:
        if room == "ghost":
            await asyncio.sleep(5)
            raise asyncio.TimeoutError
        return await dispatches(room)

    house.rooms.dispatches = slow  # type: ignore[method-assign]  # one of two rooms
    house.watch.look()
    await asyncio.sleep(9)
    assert house.met == ["parlour"]


async def test_a_look_that_is_wished_for_comes_at_once(house: House, clock: Clock) -> None:
    house.watch.look()
    await asyncio.sleep(0.5)
    house.rooms.asked.clear()
    house.watch.look()
    await asyncio.sleep(0.001)
    assert house.rooms.asked[:1] == ["list"]
    assert clock.passed == 0.501


async def test_before_the_first_look_nothing_is_done(house: House) -> None:
    house.rooms.there["parlour"] = [CALLER]
    await asyncio.sleep(30)
    house.watch.act()
    assert house.rooms.asked == []


async def test_a_worker_that_stops_looks_no_more_and_leaves_who_waits_to_others(full: House) -> None:
    full.rooms.there["parlour"] = [CALLER]
    full.watch.look()
    await asyncio.sleep(3)
    await full.watch.aclose()
    assert (full.busy.held, full.busy.is_closed) == (["parlour"], True)
    assert VOICE not in full.rooms.there["parlour"]
    full.rooms.asked.clear()
    full.end("kitchen")
    full.watch.look()
    await asyncio.sleep(30)
    assert (full.rooms.asked, full.launched) == ([], [])


async def test_whoever_is_being_gone_to_is_gone_to_though_the_worker_stops(house: House) -> None:
    house.rooms.there["parlour"] = [CALLER]
    launch, begun = house.launch, asyncio.Event()

    async def slow(job: Job, identity: str) -> None:
        begun.set()
        await asyncio.sleep(3)
        await launch(job, identity)

    object.__setattr__(house.watch._visits._host, "launch", slow)
    house.watch.look()
    await asyncio.wait_for(begun.wait(), 60)
    await house.watch.aclose()
    assert house.met == ["parlour"]


def with_others(house: House, rooms: int) -> None:
    """So many rooms in which agents of another worker's are."""
    for number in range(rooms):
        house.rooms.there[f"room-{number}"] = [CALLER, Occupant(f"PA_{number}", f"agent-{number}", Role.GRANNY)]
        house.rooms.numbers[f"room-{number}"] = (1, 2)


async def test_in_livekits_cloud_a_worker_asks_a_few_times_a_minute(house: House, clock: Clock) -> None:
    """A project there has a thousand requests a minute, for all that its owner does."""
    house.rooms.in_cloud = True
    house.watch = RoomWatch(house.rooms, house.watch._visits._host, house.busy)
    with_others(house, 1)
    house.watch.look()
    await asyncio.sleep(600)
    assert len(house.rooms.asked) / 10 < 20
    assert house.rooms.counted("knock") == 0
    house.rooms.there["parlour"] = [LATER]
    since = clock.passed
    await house.until_launched()
    assert clock.passed - since < 8


async def test_a_livekit_that_is_asked_too_often_is_asked_ever_less(house: House) -> None:
    house.rooms.breaks["list"] = api.TwirpError("resource_exhausted", "rate limit exceeded", status=429)
    house.watch.look()
    await asyncio.sleep(600)
    assert house.rooms.counted("list") < 20
    house.rooms.breaks.clear()
    house.rooms.asked.clear()
    await asyncio.sleep(1800)
    house.rooms.asked.clear()
    await asyncio.sleep(60)
    assert house.rooms.counted("list") > 50


async def test_among_many_callers_of_others_the_calls_are_bounded(full: House) -> None:
    """Each of them is due at another moment, at which the watch wakes."""
    full.rooms.sent = [AgentDispatch(agent_name="translator")]
    full.rooms.there |= {f"meeting-{number}": [CALLER] for number in range(200)}
    full.watch.look()
    await asyncio.sleep(60)
    assert full.rooms.counted("who") < 1000


async def test_the_calls_to_livekits_api_are_bounded(house: House, clock: Clock) -> None:
    """A worker of one place with ten rooms of others', all attended: an hour's worth, by the minute."""
    with_others(house, 10)
    house.watch.look()
    await asyncio.sleep(3600)
    minutes = clock.passed / 60
    assert house.rooms.counted("list") / minutes < 7
    assert house.rooms.counted("who") / minutes < 61
    assert house.rooms.counted("knock") / minutes < 65


async def test_a_caller_who_signs_for_another_worker_again_and_again_is_asked_after_ever_less(house: House) -> None:
    """Whose token lets them set their own attributes: neither a place nor LiveKit's patience is theirs to take."""
    house.rooms.there["parlour"] = [replace(CALLER, coming="AW_2")]
    sign_up = house.rooms.sign_up

    async def answered(room: str, identity: str, worker: str) -> None:
        await sign_up(room, identity, worker)
        house.rooms.there[room] = [replace(CALLER, coming="AW_2")]

    house.rooms.sign_up = answered  # type: ignore[method-assign]  # the caller takes it back
    house.watch.look()
    await asyncio.sleep(60)
    assert house.rooms.counted("sign") < 8
    assert (house.launched, house.admission.calls) == ([], 0)
