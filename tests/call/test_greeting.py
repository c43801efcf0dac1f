"""Her recorded greeting: whom it waits for, what of it is remembered, and how it stops."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from livekit import rtc

from clock import Clock
from fakes import Job, Person, Room
from granny import lines
from granny.call.greeting import Greeting, greet, greeting_line, heard_words, recorded_greeting
from granny.call.line_player import AT_ONCE, Loudspeaker
from granny.call.opening import Opening, until_somebody_is_there
from granny.call.telephone_call import TelephoneCall
from granny.config.settings import Settings
from granny.lines import Line, OwnVoice, Recording
from scenarios._scene import settings

pytestmark = pytest.mark.usefixtures("no_sound_card")

ENGLISH = "Good day, dear, this is Granny."
JAPANESE = "こんにちは、グラニーです。今日はいかがですか。"
THAI = "สวัสดีค่ะ นี่คือคุณยาย"
SAID = Recording(b"\x01\x02" * 24_000, 12_000, ENGLISH)
"""Two seconds."""
RECORDER = rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS


@pytest.mark.parametrize(
    ("text", "share", "heard"),
    [
        (ENGLISH, 1.0, ENGLISH),
        (ENGLISH, 0.0, ""),
        (ENGLISH, 0.5, "Good day, dear,"),
        (ENGLISH, 0.6, "Good day, dear,"),
        (ENGLISH, 0.4, "Good day,"),
        (JAPANESE, 0.5, "こんにちは、グラニーで"),
        (JAPANESE, 0.3, "こんにちは、"),
        (THAI, 0.3, "สวัสดี"),
        ("안녕하세요, 할머니예요.", 0.7, "안녕하세요,"),
    ],
)
def test_what_has_been_heard_is_remembered(text: str, share: float, heard: str) -> None:
    assert heard_words(text, share) == heard


async def at_once() -> bool:
    """No other Granny is in the room."""
    return True


def opening(job: Job, may_begin: Callable[[], Awaitable[bool]] = at_once) -> Opening:
    return Opening(job, TelephoneCall(), may_begin)


async def greets(job: Job, settings: Settings, may_begin: Callable[[], Awaitable[bool]] = at_once) -> Greeting | None:
    return await greet(job, settings, opening(job, may_begin))


class Call:
    """A job in a room, and a greeting that has begun in it."""

    def __init__(self, *people: Person, recording: Recording = SAID) -> None:
        self.room = Room(*people)
        self.journal = self.room.journal
        self.job = Job(self.room)
        self.speaker = Loudspeaker(self.room, recording)
        self.recording = recording

    async def greet(self) -> Greeting:
        await self.speaker.open()
        return Greeting(opening(self.job), self.speaker, self.recording)


async def test_a_greeting_is_heard_and_remembered_whole(clock: Clock) -> None:
    """As hers, from when it began: the conversation has it in its place."""
    call = Call(Person())
    began = time.time()
    greeting = await call.greet()
    assert await greeting.begins() == clock.time()
    said = await greeting.heard()
    assert (said.role, said.text_content, said.interrupted) == ("assistant", ENGLISH, False)
    assert began <= said.created_at <= time.time()
    assert call.journal == ["track granny-line", "caption", "track TR_0 gone"]
    assert clock.passed == pytest.approx(SAID.duration + 0.3)


async def test_of_a_greeting_that_is_stopped_the_words_that_were_heard_are_remembered(clock: Clock) -> None:
    call = Call(Person())
    greeting = await call.greet()
    await greeting.begins()
    await asyncio.sleep(SAID.duration / 2)
    greeting.stop()
    said = await greeting.heard()
    assert (said.text_content, said.interrupted) == ("Good day, dear,", True)
    assert clock.passed == SAID.duration / 2


@pytest.mark.parametrize(("share", "is_hidden"), [(0.2, True), (0.9, False)])
async def test_a_greeting_that_is_cut_short_may_not_have_said_what_she_is(
    clock: Clock, share: float, *, is_hidden: bool
) -> None:
    """What counts is how far it had come when it was first stopped; where it never began the model greets."""
    recording = lines.load(Line.GREETING)
    call = Call(Person(), recording=recording)
    greeting = await call.greet()
    assert not greeting.hides_her("en")
    await greeting.begins()
    await asyncio.sleep(recording.duration * share)
    greeting.stop()
    await greeting.over()
    assert greeting.hides_her("en") is is_hidden
    await asyncio.sleep(60)
    greeting.stop()
    assert greeting.hides_her("en") is is_hidden
    assert clock.passed == pytest.approx(recording.duration * share + 60)


async def test_its_track_is_closed_however_often_it_is_stopped(clock: Clock) -> None:
    """Also while LiveKit takes its time to take it away."""
    call = Call(Person())
    call.room.me.hangs.add("unpublish_track")
    greeting = await call.greet()
    await greeting.begins()
    for _ in range(3):
        greeting.stop()
        await asyncio.sleep(0)
    await greeting.over()
    assert call.room.me.track.source.is_closed
    assert call.journal == ["track granny-line", "caption", "track TR_0 gone"]
    assert clock.passed == 1.0


async def test_a_greeting_waits_for_its_caller_however_long(clock: Clock) -> None:
    """Whoever is no person is not greeted."""
    call = Call(Person("recorder", kind=RECORDER))
    greeting = await call.greet()
    asyncio.get_running_loop().call_later(600, call.room.come, Person())
    began_at = await greeting.begins()
    assert began_at == pytest.approx(clock.time())
    assert clock.passed == 600
    await greeting.over()


async def test_a_greeting_that_is_stopped_before_its_caller_comes_never_begins(clock: Clock) -> None:
    call = Call()
    greeting = await call.greet()
    asyncio.get_running_loop().call_later(5, greeting.stop)
    assert await greeting.begins() is None
    said = await greeting.heard()
    assert (said.text_content, said.interrupted) == ("", True)
    assert clock.passed == 5


async def test_a_greeting_that_fails_is_over_and_the_call_goes_on(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    call = Call(Person())

    async def fails(**_: object) -> None:
        raise ValueError

    monkeypatch.setattr(call.speaker, "play", fails)
    greeting = await call.greet()
    assert await greeting.begins() is None
    await greeting.over()
    assert call.room.me.track.source.is_closed
    [record] = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert (record.name, record.getMessage(), bool(record.exc_info)) == ("granny.call", "greeting failed", True)
    assert clock.passed == 0


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """A folder with a greeting of the family's."""
    for ending in ("wav", "txt"):
        shutil.copy(lines.SHIPPED / "en" / f"hello.{ending}", tmp_path / f"greeting.{ending}")
    return tmp_path


async def test_a_recorded_greeting_is_on_its_way_before_anything_else(clock: Clock, family: Path) -> None:
    """The rest of the call waits for its first sound."""
    room = Room(Person(), is_joined=False)
    greeting = await greets(Job(room), settings(GRANNY_LINES_FOLDER=str(family)))
    assert greeting
    assert len(room.ways_in) == 1
    [(track, options, _)] = room.me.published
    assert options == AT_ONCE
    recorded = lines.load(Line.GREETING, folder=family)
    assert recorded.pcm.startswith(track.source.pcm)
    assert track.source.pcm
    assert clock.passed == 0
    assert (await greeting.heard()).text_content == recorded.text


async def test_the_rest_of_the_call_waits_half_a_second_for_it(clock: Clock, family: Path) -> None:
    """The greeting itself goes on waiting for its caller."""
    room = Room()
    greeting = await greets(Job(room), settings(GRANNY_LINES_FOLDER=str(family)))
    assert greeting
    assert clock.passed == 0.5
    room.come(Person())
    assert await greeting.begins() == pytest.approx(clock.time())
    greeting.stop()
    await greeting.over()


async def test_without_a_recording_of_hers_the_model_greets() -> None:
    """It must sound like one person; and nobody is joined for nothing."""
    room = Room(Person(), is_joined=False)
    assert await greets(Job(room), settings()) is None
    assert room.ways_in == []


async def test_a_console_call_has_no_room_to_be_greeted_in(family: Path) -> None:
    room = Room(Person(), is_joined=False)
    assert await greets(Job(room, is_console=True), settings(GRANNY_LINES_FOLDER=str(family))) is None
    assert (room.ways_in, room.journal) == ([], [])


async def test_where_livekit_does_not_take_the_sound_the_model_greets(family: Path) -> None:
    room = Room(Person())
    room.me.breaks["publish_track"] = rtc.participant.PublishTrackError("no")
    assert await greets(Job(room), settings(GRANNY_LINES_FOLDER=str(family))) is None


async def test_where_another_granny_goes_on_with_the_call_nothing_is_begun(clock: Clock, family: Path) -> None:
    """She is in the room, as one must be to know, and has published nothing."""

    async def never() -> bool:
        await asyncio.sleep(1.5)
        return False

    room = Room(Person(), is_joined=False)
    assert await greets(Job(room), settings(GRANNY_LINES_FOLDER=str(family)), never) is None
    assert (len(room.ways_in), room.me.published, clock.passed) == (1, [], 1.5)


def test_the_family_s_greeting_is_hers_whatever_her_name(family: Path) -> None:
    """Without one she has a name only if it is the one that is recorded."""
    theirs = settings(GRANNY_LINES_FOLDER=str(family), GRANNY_NAME="Ada")
    assert greeting_line(theirs) is Line.GREETING
    assert recorded_greeting(theirs) == lines.load(Line.GREETING, folder=family)
    assert greeting_line(settings(GRANNY_NAME="Ada")) is Line.HELLO
    assert greeting_line(settings()) is Line.GREETING
    assert recorded_greeting(settings()) is None


def in_her_own_voice(monkeypatch: pytest.MonkeyPatch, folder: Path, **values: str) -> None:
    """Have her greeting recorded in her own voice, with the words that are to be said."""
    monkeypatch.setattr("granny.lines.own_voice.cache_folder", lambda: folder)
    own = OwnVoice.of(settings(**values))
    file = own.file(Line.GREETING.value, lines.own_words(Line.GREETING, own))
    assert file
    shutil.copy(lines.SHIPPED / "en" / "hello.wav", file)


def test_her_own_greeting_is_heard_with_her_own_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_her_own_voice(monkeypatch, tmp_path, GRANNY_NAME="Ada")
    recorded = recorded_greeting(settings(GRANNY_NAME="Ada"))
    assert recorded
    assert "Ada" in recorded.text
    assert greeting_line(settings(GRANNY_NAME="Ada")) is Line.GREETING
    assert recorded_greeting(settings(GRANNY_NAME="Eve")) is None


def test_a_greeting_in_another_language_than_the_call_s_is_not_heard(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the words are not shipped in it, her own recording is an English one."""
    in_her_own_voice(monkeypatch, tmp_path, GRANNY_LANGUAGE="xx")
    assert recorded_greeting(settings(GRANNY_LANGUAGE="xx")) is None


def test_her_own_greeting_is_in_whatever_language_the_family_has_written_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the words are theirs, it is no English one."""
    family = tmp_path / "family"
    family.mkdir()
    (family / "greeting.txt").write_text("Ada ima!", "utf-8")
    monkeypatch.setattr("granny.lines.own_voice.cache_folder", lambda: tmp_path)
    theirs = settings(GRANNY_LANGUAGE="xx", GRANNY_LINES_FOLDER=str(family))
    file = OwnVoice.of(theirs).file(Line.GREETING.value, "Ada ima!")
    assert file
    shutil.copy(lines.SHIPPED / "en" / "hello.wav", file)
    recorded = recorded_greeting(theirs)
    assert recorded
    assert recorded.text == "Ada ima!"


async def test_somebody_who_is_there_is_not_waited_for(clock: Clock) -> None:
    await until_somebody_is_there(Room(Person("recorder", kind=RECORDER), Person()))
    assert clock.passed == 0


@pytest.mark.parametrize("is_joined", [True, False])
async def test_an_empty_room_is_waited_in_until_somebody_comes(clock: Clock, *, is_joined: bool) -> None:
    """A recorder is nobody; and the room need not be joined yet. Afterwards nobody listens to the room any more."""
    room = Room(is_joined=is_joined)
    loop = asyncio.get_running_loop()
    loop.call_later(5, room.come, Person("recorder", kind=RECORDER))
    if is_joined:
        loop.call_later(60, room.come, Person())
    else:
        loop.call_later(59, room.people.setdefault, "caller", Person())
        loop.call_later(60, room.emit, "connection_state_changed", rtc.ConnectionState.CONN_CONNECTED)
    before = {name: len(listening) for name, listening in room._events.items()}
    await until_somebody_is_there(room)
    assert clock.passed == 60
    assert {name: len(listening) for name, listening in room._events.items() if listening} == before


async def test_who_no_longer_waits_listens_to_the_room_no_more(clock: Clock) -> None:
    room = Room()
    waiting = asyncio.create_task(until_somebody_is_there(room))
    await asyncio.sleep(1)
    assert any(room._events.values())
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not any(room._events.values())
    assert clock.passed == 1
