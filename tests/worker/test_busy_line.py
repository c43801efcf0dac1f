"""The busy line in rooms that are fakes: what is said and when, who ends it, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from livekit import api, rtc
from prometheus_client import REGISTRY

from clock import Clock
from fakes import Person, Room, without_sound_card
from granny.config.settings import Settings
from granny.lines import Line, Recording, load
from granny.people import People
from granny.rooms.dispatch import job_metadata
from granny.worker import busy_line
from granny.worker.busy_line import MOST_AT_ONCE, MOST_ROOMS, BusyLine

SETTINGS = Settings.model_validate(
    {
        "OPENAI_API_KEY": "sk-FAKE",
        "LIVEKIT_URL": "ws://livekit.invalid",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
    }
)
BUSY, STILL = load(Line.LINE_BUSY), load(Line.STILL_BUSY)
TAIL = 0.3
ON_ITS_WAY = 0.3
"""What of a line the SDK has at most when it is hushed, and its dying away."""
MAPS = Path("/proc/self/maps")
HOME = Path(busy_line.__file__).parents[2]
AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
RECORDER = rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS
Reason = rtc.DisconnectReason


@pytest.fixture(autouse=True)
def no_sound_card(monkeypatch: pytest.MonkeyPatch) -> None:
    without_sound_card(monkeypatch)
    monkeypatch.setattr("granny.lines.own_voice.cache_folder", lambda: None)


@pytest.fixture
def line() -> BusyLine:
    return BusyLine(SETTINGS)


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """The room that it will join, with a caller in it."""
    room = Room(Person(), is_joined=False)
    monkeypatch.setattr(rtc, "Room", lambda: room)
    return room


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[Room]:
    """The rooms that it has joined, each with a caller in it."""
    rooms: list[Room] = []

    def another() -> Room:
        rooms.append(Room(Person(), is_joined=False))
        return rooms[-1]

    monkeypatch.setattr(rtc, "Room", another)
    return rooms


def granny(mark: str = "call") -> Person:
    return Person("agent-1", kind=AGENT, microphone="none", attributes={"granny.agent": mark})


def heard(room: Room) -> list[bytes]:
    return [track.source.pcm for track, *_ in room.me.published]


def whole(recording: Recording) -> bytes:
    """As it is played: in tenths of a second."""
    tenth = recording.sample_rate // 10 * 2
    return recording.pcm.ljust(-(-len(recording.pcm) // tenth) * tenth, b"\0")


def over(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """What the log says of the one who waited."""
    (told,) = [vars(record) for record in caplog.records if record.getMessage() == "caller waited"]
    return {name: told[name] for name in ("room", "seconds", "over")}


def waiting() -> float | None:
    return REGISTRY.get_sample_value("granny_callers_waiting")


async def held(line: BusyLine, room: str = "kitchen") -> asyncio.Task[None]:
    """Somebody waits; the voice is about to speak."""
    holding = asyncio.create_task(line.hold(room))
    await asyncio.sleep(0.05)
    return holding


def later(seconds: float, happens: Callable[..., object], *what: object) -> None:
    asyncio.get_running_loop().call_later(seconds, happens, *what)


async def test_who_waits_hears_it_at_once_and_again_every_twenty_seconds(
    line: BusyLine, room: Room, clock: Clock
) -> None:
    """The whole of it first, then a short word, each on a track of its own that is taken away meanwhile."""
    later(70.0, room.come, granny())
    await line.hold("kitchen")
    assert heard(room) == [whole(BUSY), whole(STILL), whole(STILL)]
    assert [caption["text"] for caption in room.me.captions] == [BUSY.text, STILL.text, STILL.text]
    spoken = ["track granny-line", "caption"]
    assert room.journal == [*spoken, "track TR_0 gone", *spoken, "track TR_1 gone", *spoken, "track TR_2 gone", "left"]
    assert clock.passed == 70.0


async def test_who_waits_hears_it_in_the_language_of_the_person_s_own(room: Room, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "anna.toml").write_text('language = "de"\n', encoding="utf-8")
    line = BusyLine(SETTINGS, People.read(tmp_path))
    later(15.0, room.leave, room.people["caller"], Reason.CLIENT_INITIATED)
    await line.hold("kitchen", job_metadata("anna"))
    assert heard(room) == [whole(load(Line.LINE_BUSY, language="de"))]
    assert clock.passed == 15.0


async def test_when_she_comes_the_voice_dies_away_within_the_second_and_leaves(
    line: BusyLine, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """In the middle of a word, and without a click: down to nothing in 40 ms."""
    caplog.set_level(logging.INFO, "granny.busy_line")
    later(2.0, room.come, granny())
    await line.hold("kitchen")
    assert 2.0 < clock.passed <= 2.0 + ON_ITS_WAY + TAIL
    (pcm,) = heard(room)
    said = array("h", pcm)
    ends = max(at for at, sample in enumerate(said) if sample) + 1
    fading = int(0.04 * BUSY.sample_rate)
    assert pcm[: 2 * (ends - fading)] == BUSY.pcm[: 2 * (ends - fading)]
    assert abs(said[ends - 1]) < 40
    assert room.journal[-2:] == ["track TR_0 gone", "left"]
    assert over(caplog) == {"room": "kitchen", "seconds": pytest.approx(2.5, abs=0.2), "over": "answered"}


async def test_between_two_lines_too_it_leaves_at_once_when_she_comes(line: BusyLine, room: Room, clock: Clock) -> None:
    later(15.0, room.come, granny())
    await line.hold("kitchen")
    assert clock.passed == 15.0


@pytest.mark.parametrize(
    "other",
    [granny("busy"), Person("recorder", kind=RECORDER, microphone="none"), Person("a second caller")],
    ids=lambda one: one.identity,
)
async def test_whoever_else_comes_does_not_answer_the_caller(
    line: BusyLine, room: Room, clock: Clock, other: Person
) -> None:
    later(1.0, room.come, other)
    later(50.0, room.come, Person("another agent", kind=AGENT))
    await line.hold("kitchen")
    assert clock.passed == 50.0


async def test_who_hangs_up_is_not_spoken_to_any_more(
    line: BusyLine, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "granny.busy_line")
    later(3.0, room.leave, room.people["caller"], Reason.CLIENT_INITIATED)
    await line.hold("kitchen")
    assert clock.passed <= 3.0 + ON_ITS_WAY + TAIL
    assert over(caplog)["over"] == "hung-up"
    assert (room.journal[-1], line.rooms) == ("left", frozenset())


async def test_while_one_of_two_stays_the_voice_does_too(line: BusyLine, room: Room, clock: Clock) -> None:
    other = Person("a second caller")
    later(1.0, room.come, other)
    later(2.0, room.leave, room.people["caller"], Reason.CLIENT_INITIATED)
    later(30.0, room.leave, other, Reason.CLIENT_INITIATED)
    await line.hold("kitchen")
    assert clock.passed >= 30.0


@pytest.mark.parametrize("reason", [Reason.DUPLICATE_IDENTITY, Reason.ROOM_DELETED])
async def test_whom_livekit_puts_out_does_not_come_back(
    line: BusyLine, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture, reason: Reason.ValueType
) -> None:
    """Another worker speaks there, or there is no room: coming back would put out the other one, or make a room."""
    caplog.set_level(logging.INFO, "granny.busy_line")
    later(1.0, room.end, reason)
    await line.hold("kitchen")
    assert clock.passed <= 1.0 + ON_ITS_WAY + TAIL
    assert (len(room.ways_in), over(caplog)["over"]) == (1, "put-out")
    assert [record.levelname for record in caplog.records] == ["INFO"]


@pytest.mark.parametrize(("people", "why"), [([], "hung-up"), ([Person(), granny()], "answered")])
async def test_where_nobody_waits_any_more_nothing_is_said(
    line: BusyLine, room: Room, caplog: pytest.LogCaptureFixture, people: list[Person], why: str
) -> None:
    """Between the look at a room and the voice's coming a caller may hang up, or be answered."""
    caplog.set_level(logging.INFO, "granny.busy_line")
    room.people = {one.identity: one for one in people}
    await line.hold("kitchen")
    assert room.journal == ["left"]
    assert over(caplog)["over"] == why


@pytest.mark.usefixtures("clock")
async def test_it_joins_as_an_agent_that_only_speaks_under_one_name_in_every_room(line: BusyLine, room: Room) -> None:
    later(1.0, room.come, granny())
    await line.hold("kitchen")
    ((url, token, options),) = room.ways_in
    claims = api.TokenVerifier("key", "s" * 32).verify(token)
    assert (url, claims.identity, claims.kind, claims.attributes) == (
        "ws://livekit.invalid",
        busy_line.IDENTITY,
        "agent",
        {"granny.agent": "busy"},
    )
    assert claims.video == api.VideoGrants(room_join=True, room="kitchen", can_subscribe=False)
    assert not options.auto_subscribe


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("breaks", ["connect", "publish_track"])
async def test_what_fails_is_a_line_of_the_log_and_the_room_may_be_held_again(
    line: BusyLine, room: Room, caplog: pytest.LogCaptureFixture, breaks: str
) -> None:
    """By its type: a message of LiveKit's may hold an address or a token."""
    caplog.set_level(logging.INFO, "granny.busy_line")
    if breaks == "connect":
        room.is_shut = rtc.ConnectError("wss://user:secret@host")
    else:
        room.me.breaks["publish_track"] = rtc.participant.PublishTrackError("secret")
    await line.hold("kitchen")
    failed, waited = caplog.records
    assert (failed.levelname, failed.getMessage(), vars(failed)["room"]) == ("WARNING", "busy line failed", "kitchen")
    assert vars(waited)["over"] == "failed"
    assert "secret" not in caplog.text
    assert (line.rooms, waiting()) == (frozenset(), 0)
    await line.hold("kitchen")
    assert len(room.ways_in) == 2


async def test_who_lets_go_of_a_room_need_not_wait_and_the_voice_leaves(
    line: BusyLine, room: Room, clock: Clock
) -> None:
    """Whoever cancels has their time back at once; the voice still dies away first."""
    holding = await held(line)
    await asyncio.sleep(2.0)
    holding.cancel()
    await asyncio.wait([holding])
    assert holding.cancelled()
    assert clock.passed == 2.05
    await line.aclose()
    assert clock.passed <= 2.05 + ON_ITS_WAY + TAIL
    assert room.journal[-2:] == ["track TR_0 gone", "left"]


async def test_a_connection_is_not_cut_off_while_it_is_made(
    line: BusyLine, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiveKit's SDK would make it all the same, and the voice would stay in the room for ever, and say nothing."""
    joined = asyncio.Event()
    connect = room.connect

    async def slowly(*way: Any) -> None:
        await joined.wait()
        await connect(*way)

    monkeypatch.setattr(room, "connect", slowly)
    holding = await held(line)
    holding.cancel()
    await asyncio.wait([holding])
    assert line.rooms == {"kitchen"}
    joined.set()
    await line.aclose()
    assert (room.journal, line.rooms) == (["left"], frozenset())


async def test_a_worker_that_stops_leaves_every_room_within_the_second(
    line: BusyLine, room: Room, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "granny.busy_line")
    holding = await held(line)
    await asyncio.sleep(5.0)
    before = clock.passed
    await line.aclose()
    assert clock.passed <= before + 0.9
    await holding
    assert (room.journal[-1], over(caplog)["over"]) == ("left", "let-go")
    await line.hold("kitchen")
    assert len(room.ways_in) == 1


@pytest.mark.parametrize("hangs", ["connect", "disconnect", "publish_track"])
async def test_a_livekit_that_does_not_answer_holds_up_no_stop(
    line: BusyLine, room: Room, clock: Clock, monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    if hangs == "publish_track":
        room.me.hangs.add("publish_track")
    else:
        monkeypatch.setattr(room, hangs, never)
    holding = await held(line)
    before = clock.passed
    await line.aclose()
    assert clock.passed <= before + 0.9
    holding.cancel()
    for task in line._going_on:
        task.cancel()  # as the end of the event loop does


@pytest.mark.usefixtures("clock")
async def test_a_room_that_is_held_already_is_not_held_twice(line: BusyLine, room: Room) -> None:
    holding = await held(line)
    await line.hold("kitchen")
    assert (len(room.ways_in), set(line.rooms), waiting()) == (1, {"kitchen"}, 1)
    room.come(granny())
    await holding
    assert (line.rooms, waiting()) == (frozenset(), 0)


@pytest.mark.usefixtures("clock")
async def test_of_too_many_it_is_told_once_and_the_next_is_held_when_one_has_gone(
    line: BusyLine, rooms: list[Room], caplog: pytest.LogCaptureFixture
) -> None:
    holding = [await held(line, f"room-{number}") for number in range(MOST_ROOMS)]
    for _ in range(3):
        await line.hold("one more")
    assert (len(rooms), len(line.rooms), waiting()) == (MOST_ROOMS, MOST_ROOMS, MOST_ROOMS)
    (told,) = [record for record in caplog.records if record.getMessage() == "more callers wait than can be spoken to"]
    assert vars(told)["callers"] == MOST_ROOMS
    rooms[0].come(granny())
    await holding[0]
    await held(line, "one more")
    assert "one more" in line.rooms
    await line.aclose()


async def test_ten_are_spoken_to_at_once_and_the_others_in_turn(
    line: BusyLine, rooms: list[Room], clock: Clock
) -> None:
    """Who waits for a turn and is answered meanwhile is left at once."""
    holding = [asyncio.create_task(line.hold(f"room-{number}")) for number in range(MOST_AT_ONCE + 2)]
    await asyncio.sleep(1.0)
    answered, last = (number for number, room in enumerate(rooms) if not room.me.published)
    rooms[answered].come(granny())
    await holding[answered]
    assert clock.passed == 1.0
    await asyncio.sleep(BUSY.duration + 1.0)
    assert [len(room.me.published) for room in (rooms[last], rooms[answered])] == [1, 0]
    await line.aclose()


@pytest.mark.skipif(not MAPS.exists(), reason="needs /proc/self/maps, which Linux has")
def test_a_worker_loads_livekits_native_library_with_the_first_who_waits() -> None:
    """Not before: it takes memory and threads, and most workers never need it."""
    code = (
        "import granny.worker.server, granny.worker.busy_line, pathlib;"
        f"print('livekit_ffi' in pathlib.Path('{MAPS}').read_text())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.usefixtures("clock")
async def test_the_familys_recording_is_heard_instead(line: BusyLine, room: Room, tmp_path: Path) -> None:
    (tmp_path / "line-busy.wav").write_bytes((HOME / "granny/lines/en/hello.wav").read_bytes())
    line._settings = SETTINGS.model_copy(update={"lines_folder": tmp_path})
    later(6.0, room.come, granny())
    await line.hold("kitchen")
    assert heard(room) == [whole(load(Line.HELLO))]
