"""Her voice of last resort: what the caller hears, what the room and the worker are told, and in which order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from livekit import api, rtc

from clock import Clock
from fakes import HER, Job, Output, Person, Room, Session
from granny import faults
from granny.call import line_player
from granny.call.announcer import FAULT, Announcer
from granny.call.greeting import Greeting
from granny.call.opening import HEAD_SECONDS
from granny.call.record import CallRecord
from granny.call.reports import CHANNEL, Alarm
from granny.lines import Line, OwnVoice, Recording, load
from granny.rooms.occupants import AGENT, CALL
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, settings

pytestmark = pytest.mark.usefixtures("no_sound_card")

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
TROUBLE = faults.OPENAI_UNAVAILABLE.found("HTTP 503")
TOLD = f'data {FAULT} {{"fault": "openai-unavailable"}}'
LEFT_FOR = f"attributes {{'{FAULT}': 'openai-unavailable'}}"
SAID = load(Line.ONE_MOMENT)


class Call:
    """An announcer in a call, with the room's journal."""

    def __init__(
        self, *people: Person, is_console: bool = False, is_joined: bool = True, has_session: bool = True, **values: str
    ) -> None:
        self.room = Room(*people, is_joined=is_joined)
        self.journal = self.room.journal
        self.job = Job(self.room, is_console=is_console)
        self.record = CallRecord(first_word=0.5)
        self.settings = settings(LIVEKIT_URL="ws://livekit.invalid", **values)
        self.hers = Announcer(self.job, self.settings, self.record)
        self.session = Session(self.journal)
        if has_session:
            self.hers.session = self.session

    @property
    def output(self) -> Output:
        assert isinstance(self.session.output.audio, Output)
        return self.session.output.audio

    def heard(self, number: int = -1) -> bytes:
        return self.room.me.published[number][0].source.pcm


class Spoken:
    """A recorded greeting that notes that it was stopped."""

    def __init__(self, journal: list[str], *, is_cut: bool = False) -> None:
        self.journal = journal
        self.is_cut = is_cut

    def stop(self) -> None:
        self.journal.append("greeting stopped")

    def hides_her(self, _: str) -> bool:
        return self.is_cut


@pytest.fixture
def told() -> Iterator[list[Alarm]]:
    """What the worker hears of the call."""
    heard: list[Alarm] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(cast("Any", record).told)

    ear = Ear()
    CHANNEL.addHandler(ear)
    yield heard
    CHANNEL.removeHandler(ear)


async def test_a_line_is_heard_in_the_room_and_nothing_is_told(clock: Clock, told: list[Alarm]) -> None:
    call = Call(Person())
    await call.hers.say(Line.ONE_MOMENT)
    assert call.heard().startswith(SAID.pcm)
    assert call.journal == ["track granny-line", "caption", "track TR_0 gone"]
    assert clock.passed == pytest.approx(SAID.duration + 0.3, abs=0.1)
    assert (call.record.spoken_faults, told) == ([], [])


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("kind", "first_word", "silence"),
    [(SIP, None, HEAD_SECONDS), (SIP, 0.5, 0.0), (rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, None, 0.0)],
)
async def test_a_telephone_that_is_picked_up_by_a_recording_hears_silence_before_it(
    kind: rtc.ParticipantKind.ValueType, first_word: float | None, silence: float
) -> None:
    """A telephone network opens its sound some time after the answer."""
    call, line = Call(Person(kind=kind)), load(Line.COMPUTER_COMPANION)
    call.record.first_word = first_word
    await call.hers.say(Line.COMPUTER_COMPANION)
    heard = bytes(2 * int(silence * line.sample_rate)) + line.pcm
    assert call.heard()[: len(heard)] == heard


async def test_the_room_hears_of_a_fault_while_the_caller_hears_the_line(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The call goes on; the operator has the fault with its evidence."""
    call = Call(Person())
    with caplog.at_level(logging.WARNING, logger="granny.call"):
        await call.hers.say(Line.ONE_MOMENT, TROUBLE)
    assert sorted(call.journal) == sorted(["track granny-line", TOLD, "caption", "track TR_0 gone"])
    assert call.journal.index(TOLD) < call.journal.index("track TR_0 gone")
    assert call.room.me.reliably == [True]
    assert call.record.spoken_faults == ["openai-unavailable"]
    [record] = caplog.records
    assert (record.name, record.getMessage()) == ("granny.call", "fault told")
    assert (vars(record)["fault"], vars(record)["evidence"]) == ("openai-unavailable", "HTTP 503")
    assert clock.passed == pytest.approx(SAID.duration + 0.3, abs=0.1)


async def test_at_the_end_the_model_is_silenced_and_everybody_is_told_why(clock: Clock, told: list[Alarm]) -> None:
    """The worker before anybody; the fault stays with her name in the room, where whoever looks later finds it."""
    call = Call(Person())
    call.hers.greeting = cast("Greeting", Spoken(call.journal))
    await call.hers.end(Line.CANNOT_REACH_VOICE, TROUBLE)
    assert call.journal[:2] == ["greeting stopped", "session shut down"]
    assert sorted(call.journal[2:]) == sorted([TOLD, LEFT_FOR, "track granny-line", "caption", "track TR_0 gone"])
    assert call.journal.index(TOLD) < call.journal.index(LEFT_FOR) < call.journal.index("track TR_0 gone")
    assert call.heard().startswith(load(Line.CANNOT_REACH_VOICE).pcm)
    assert told == [Alarm("job-1", "openai-unavailable")]
    assert call.record.spoken_faults == ["openai-unavailable"]
    assert clock.passed > 0


@pytest.mark.parametrize(("broken", "kept"), [("publish_track", [TOLD, LEFT_FOR]), ("publish_data", [LEFT_FOR])])
async def test_what_fails_of_an_announcement_keeps_the_rest_from_nothing(
    clock: Clock, broken: str, kept: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Sound without words, words without sound; a fault that cannot be told is not the reason that she stays."""
    call = Call(Person())
    call.room.me.breaks[broken] = rtc.participant.PublishTrackError("no")
    with caplog.at_level(logging.ERROR, logger="granny.call"):
        await call.hers.end(Line.GOODBYE, TROUBLE)
    [record] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.getMessage() == "announcement failed"
    assert record.exc_info
    assert record.exc_info[0] is rtc.participant.PublishTrackError
    assert (kept == [TOLD, LEFT_FOR]) == (LEFT_FOR in call.journal)
    assert ("caption" in call.journal) == (broken == "publish_data")
    assert clock.passed >= 0


async def test_without_an_agent_session_the_caller_hears_her_all_the_same(clock: Clock) -> None:
    """What breaks before it begins is said like anything else."""
    call = Call(Person(), has_session=False)
    await call.hers.end(Line.SOMETHING_WENT_WRONG, TROUBLE)
    assert call.heard().startswith(load(Line.SOMETHING_WENT_WRONG).pcm)
    await call.hers.silence_model()
    with call.hers.model_held_back():
        pass
    assert "model held back" not in call.journal
    assert clock.passed > 0


async def test_she_joins_before_she_speaks(clock: Clock) -> None:
    """A fault may be faster than the room."""
    call = Call(Person(), is_joined=False)
    await call.hers.say(Line.ONE_MOMENT, TROUBLE)
    [(url, _, _)] = call.room.ways_in
    assert url == "ws://livekit.invalid"
    assert TOLD in call.journal
    assert call.heard().startswith(SAID.pcm)
    assert clock.passed > 0


async def test_a_room_that_does_not_let_her_in_is_waited_for_ten_seconds(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    call = Call(Person(), is_joined=False)
    call.room.is_slow = True
    await call.hers.say(Line.ONE_MOMENT)
    assert clock.passed == 10.0
    assert call.journal == []
    assert [record.getMessage() for record in caplog.records] == ["announcement failed"]


async def test_a_room_that_is_lost_is_not_spoken_to_by_other_means(clock: Clock, told: list[Alarm]) -> None:
    """The agent session's own output waits, once the room has gone, for a listener who never comes."""
    call = Call(Person())
    await call.job.connect()
    call.room.is_joined = False
    await call.hers.end(Line.GOODBYE, TROUBLE)
    assert call.journal == ["session shut down"]
    assert call.output.pcm == b""
    assert [one.fault for one in told] == ["openai-unavailable"]
    assert clock.passed == 0


async def test_who_has_heard_nothing_yet_is_waited_for_longer_than_who_has(clock: Clock) -> None:
    """A device needs seconds for the first sound of a call, and as a rule a moment for one more track."""
    call = Call(Person())
    call.room.me.is_listened = False
    await call.hers.say(Line.ONE_MOMENT)
    assert clock.passed == pytest.approx(10 + SAID.duration + 0.3, abs=0.21)
    before = clock.passed
    call.room.emit("local_track_subscribed", call.room.me.track)
    await call.hers.say(Line.ONE_MOMENT)
    assert clock.passed - before == pytest.approx(5 + SAID.duration + 0.3, abs=0.21)


async def test_in_a_console_call_she_speaks_by_the_session_and_there_is_no_room(clock: Clock) -> None:
    """The caller's microphone is closed, the model interrupted, and the line heard after it."""
    call = Call(is_console=True)
    await call.hers.end(Line.GOODBYE, TROUBLE)
    assert call.journal == ["ear closed", "model interrupted", "flushed"]
    assert not call.session.input.audio_enabled
    assert call.output.pcm.startswith(load(Line.GOODBYE).pcm)
    assert clock.passed == pytest.approx(load(Line.GOODBYE).duration + 0.5)


async def test_a_console_call_without_a_session_is_spoken_to_by_nobody(clock: Clock) -> None:
    call = Call(is_console=True, has_session=False)
    await call.hers.say(Line.ONE_MOMENT, TROUBLE)
    assert (call.journal, clock.passed) == ([], 0)


async def test_what_the_model_says_meanwhile_is_heard_afterwards() -> None:
    """Also when the line could not be said."""
    call = Call(Person())
    with contextlib.suppress(KeyError), call.hers.model_held_back():
        assert call.journal == ["model held back"]
        raise KeyError
    assert call.journal == ["model held back", "model let go"]


async def test_in_a_console_call_nothing_is_held_back() -> None:
    """The line itself goes that way."""
    call = Call(is_console=True)
    with call.hers.model_held_back():
        call.journal.append("said")
    assert call.journal == ["said"]


async def test_the_model_is_interrupted_even_where_it_would_not_be(clock: Clock) -> None:
    call = Call(Person())
    call.hers.greeting = cast("Greeting", Spoken(call.journal))
    await call.hers.silence_model()
    assert call.journal == ["greeting stopped", "model interrupted"]
    assert clock.passed == 0


async def test_an_interruption_is_waited_for_half_a_second(clock: Clock) -> None:
    """What is to be said waits for nothing longer."""
    call = Call(Person())
    call.session.interrupts_slowly = True
    await call.hers.silence_model()
    assert clock.passed == 0.5


async def test_a_session_that_does_not_run_has_nothing_to_silence() -> None:
    call = Call(Person())
    call.session.is_over = True
    await call.hers.silence_model()
    assert call.journal == []


async def test_a_session_is_not_left_to_finish_its_sentence() -> None:
    call = Call(Person())
    await call.hers.close_session()
    assert call.journal == ["session shut down"]
    assert call.session.input.audio_enabled


async def test_a_line_is_read_and_mixed_beside_the_call(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A family's recording may be half a minute of stereo; it is looked for where the settings say."""
    readers: list[threading.Thread] = []
    places: list[dict[str, Any]] = []

    def spied(line: Line, **where: Any) -> Recording:
        readers.append(threading.current_thread())
        places.append(where)
        return load(line, **where)

    monkeypatch.setattr(line_player, "load", spied)
    call = Call(is_console=True, GRANNY_LINES_FOLDER=str(tmp_path), GRANNY_LANGUAGE="de")
    await call.hers.say(Line.ONE_MOMENT)
    assert len(readers) == 1
    assert readers[0] is not threading.main_thread()
    assert places == [{"folder": tmp_path, "language": "de", "own": OwnVoice.of(call.settings)}]
    assert clock.passed > 0


class NewRooms:
    """What `rtc.Room()` makes from now on, one at most; the environment knows another LiveKit server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = Room(Person(), is_joined=False)
        monkeypatch.setattr(rtc, "Room", lambda: self.room)
        monkeypatch.setenv("LIVEKIT_URL", "ws://elsewhere.invalid")
        monkeypatch.setenv("LIVEKIT_API_KEY", "another")
        monkeypatch.setenv("LIVEKIT_API_SECRET", "another")


async def test_she_comes_back_as_herself_and_only_speaks(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token of her own: the job's is good for an hour, and its connection is of no use any more."""
    call = Call(Person())
    await call.job.connect()
    new = NewRooms(monkeypatch).room
    await call.hers.rejoin()
    [(url, token, options)] = new.ways_in
    assert (url, options.auto_subscribe) == ("ws://livekit.invalid", False)
    claims = api.TokenVerifier(LIVEKIT_KEY, LIVEKIT_SECRET).verify(token)
    assert (claims.identity, claims.kind, claims.attributes) == (HER, "agent", {AGENT: CALL})
    assert claims.video == api.VideoGrants(room_join=True, room="the-room", agent=True, can_update_own_metadata=True)
    call.room.is_joined = False
    await call.hers.end(Line.GOODBYE, TROUBLE)
    assert new.me.track.source.pcm.startswith(load(Line.GOODBYE).pcm)
    assert (TOLD in new.journal, LEFT_FOR in new.journal) == (True, True)
    assert clock.passed > 0


async def test_a_way_back_that_does_not_open_is_waited_for_ten_seconds(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She is where she was then."""
    call = Call(Person())
    new = NewRooms(monkeypatch).room
    new.is_slow = True
    with pytest.raises(asyncio.TimeoutError):
        await call.hers.rejoin()
    assert clock.passed == 10.0
    assert call.hers.room is call.room


async def test_a_way_back_that_is_refused_is_told() -> None:
    call = Call(Person())
    with pytest.MonkeyPatch.context() as patched:
        new = NewRooms(patched).room
        new.is_shut = rtc.ConnectError("no")
        with pytest.raises(rtc.ConnectError):
            await call.hers.rejoin()
    assert call.hers.room is call.room


async def test_a_console_call_has_no_room_to_come_back_into(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(is_console=True)
    new = NewRooms(monkeypatch).room
    await call.hers.rejoin()
    assert new.ways_in == []


async def test_whoever_has_heard_nothing_of_her_is_told_first_what_she_is(clock: Clock) -> None:
    """Once, however many lines follow; of an end, too."""
    call = Call(Person())
    call.record.first_word = None
    await call.hers.say(Line.ONE_MOMENT)
    await call.hers.end(Line.CANNOT_REACH_VOICE, TROUBLE)
    said = [Line.COMPUTER_COMPANION, Line.ONE_MOMENT, Line.CANNOT_REACH_VOICE]
    assert len(call.room.me.published) == len(said)
    assert all(call.heard(number).startswith(load(line).pcm) for number, line in enumerate(said))
    assert clock.passed > 0


async def test_so_is_whoever_has_heard_no_more_than_the_beginning_of_a_greeting(clock: Clock) -> None:
    """As with a key that is refused while she greets."""
    call = Call(Person())
    call.hers.greeting = cast("Greeting", Spoken(call.journal, is_cut=True))
    await call.hers.end(Line.NOT_SET_UP, TROUBLE)
    said = [Line.COMPUTER_COMPANION, Line.NOT_SET_UP]
    assert len(call.room.me.published) == len(said)
    assert all(call.heard(number).startswith(load(line).pcm) for number, line in enumerate(said))
    assert clock.passed > 0


async def test_what_she_is_keeps_nobody_from_hearing_of_the_fault(clock: Clock, told: list[Alarm]) -> None:
    """The room and the worker are told at once, however long it takes until somebody listens."""
    call = Call(Person())
    call.record.first_word, call.room.me.is_listened = None, False
    ending = asyncio.create_task(call.hers.end(Line.CANNOT_REACH_VOICE, TROUBLE))
    await asyncio.sleep(1)
    assert [one.fault for one in told] == ["openai-unavailable"]
    assert {TOLD, LEFT_FOR} <= set(call.journal)
    assert "track TR_0 gone" not in call.journal
    await ending
    assert clock.passed > 10


@pytest.mark.parametrize("line", [Line.GREETING, Line.HELLO, Line.COMPUTER_COMPANION])
async def test_what_says_it_itself_needs_no_other_line_before_it(clock: Clock, line: Line) -> None:
    call = Call(Person())
    call.record.first_word = None
    await call.hers.say(line)
    assert len(call.room.me.published) == 1
    assert clock.passed > 0
