"""A recorded line in a room: who waits for whom, what is heard and shown, and how long each may take."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
from array import array

import pytest
from livekit import rtc

from clock import Clock
from fakes import HER, Output, Person, Room, Source
from granny.call.line_player import AT_ONCE, SAFELY, Loudspeaker, people, play_in_room, play_on
from granny.lines import Recording

pytestmark = pytest.mark.usefixtures("no_sound_card")

LINE = Recording(b"\x01\x02" * 12_000, 24_000, "One moment, dear.")
"""Half a second."""
TAIL = 0.3
STEEPEST = 1_050
LOUD = array("h", [int(8_000 * math.sin(math.tau * 500 * number / 24_000)) for number in range(24_000)]).tobytes()
"""A second of 500 Hz, of which no two neighbouring samples are further apart than that."""
PHONE = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
RECORDER = rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS
OTHER_AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


async def opened(room: Room, *, is_listened: bool = True, recording: Recording = LINE) -> Loudspeaker:
    room.me.is_listened = is_listened
    speaker = Loudspeaker(room, recording)
    await speaker.open()
    return speaker


async def test_a_line_is_a_microphone_of_hers_and_is_heard_whole() -> None:
    """The room takes it for her voice; in its last moments it is still on its way to the caller."""
    room = Room(Person())
    speaker = await opened(room)
    await speaker.play()
    track, options, _ = room.me.published[0]
    assert (track.name, options.source) == ("granny-line", rtc.TrackSource.SOURCE_MICROPHONE)
    assert (track.source.sample_rate, track.source.num_channels) == (24_000, 1)
    assert track.source.pcm == LINE.pcm


async def test_it_lasts_as_long_as_its_sound_and_the_way_to_the_caller(clock: Clock) -> None:
    speaker = await opened(Room(Person()))
    await speaker.play()
    assert clock.passed == LINE.duration + TAIL
    assert speaker.began_at == pytest.approx(clock.time() - LINE.duration - TAIL)
    assert speaker.began.is_set()


def test_a_line_that_must_arrive_goes_twice_and_the_first_word_at_once() -> None:
    """By LiveKit's default each packet is sent again with the next one."""
    assert not SAFELY.HasField("red")
    assert AT_ONCE.HasField("red")
    assert not AT_ONCE.red
    assert AT_ONCE.source == SAFELY.source == rtc.TrackSource.SOURCE_MICROPHONE


async def test_the_first_word_is_published_as_it_is_told_to() -> None:
    room = Room(Person())
    await Loudspeaker(room, LINE, AT_ONCE).open()
    await Loudspeaker(room, LINE).open()
    assert [options for _, options, _ in room.me.published] == [AT_ONCE, SAFELY]


@pytest.mark.parametrize("rate", [8_000, 24_000, 11_025, 44_100])
async def test_sound_goes_in_tenths_of_a_second_and_the_last_is_filled_with_silence(rate: int) -> None:
    recording = Recording(b"\x05\x06" * (rate // 4), rate, "")
    room = Room(Person())
    speaker = await opened(room, recording=recording)
    await speaker.play()
    frames = room.me.track.source.frames
    assert [frame.samples_per_channel for frame in frames] == [rate // 10] * 3
    assert {(frame.sample_rate, frame.num_channels) for frame in frames} == {(rate, 1)}
    assert room.me.track.source.pcm == recording.pcm.ljust(3 * (rate // 10) * 2, b"\0")


async def test_its_words_are_shown_where_hers_are() -> None:
    """As the framework's own transcription: a segment of its own, final, of the track that says it."""
    room = Room(Person())
    for _ in range(2):
        await (await opened(room)).play()
    first, second = room.me.captions
    assert (first["text"], first["topic"]) == (LINE.text, "lk.transcription")
    assert (first["lk.transcribed_track_id"], second["lk.transcribed_track_id"]) == ("TR_0", "TR_1")
    assert first["lk.transcription_final"] == "true"
    assert first["lk.segment_id"].startswith("SG_")
    assert first["lk.segment_id"] != second["lk.segment_id"]


async def test_a_caption_that_fails_leaves_the_sound_and_names_no_word(caplog: pytest.LogCaptureFixture) -> None:
    room = Room(Person())
    room.me.breaks["send_text"] = ValueError("what was said")
    with caplog.at_level(logging.WARNING, logger="granny.call"):
        await (await opened(room)).play()
    [record] = caplog.records
    assert (record.name, record.getMessage()) == ("granny.call", "no caption")
    assert vars(record)["error"] == "ValueError"
    assert "what was said" not in caplog.text
    assert room.me.track.source.pcm == LINE.pcm


async def test_a_caption_that_does_not_end_holds_the_call_up_for_two_seconds(clock: Clock) -> None:
    room = Room(Person())
    room.me.hangs.add("send_text")
    await (await opened(room)).play()
    assert clock.passed == 2 + TAIL
    assert room.me.track.source.pcm == LINE.pcm


async def test_sound_that_is_not_taken_holds_the_call_up_for_two_seconds_more_than_it_lasts(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Source, "capture_frame", never)
    speaker = await opened(Room(Person()))
    await speaker.play()
    assert clock.passed == LINE.duration + 2 + TAIL
    assert (speaker.began_at, speaker.began.is_set()) == (None, False)


async def test_what_was_not_published_is_played_to_whoever_listens_to_the_source(clock: Clock) -> None:
    """Whoever plays without opening waits for nobody."""
    room = Room(Person())
    await Loudspeaker(room, LINE).play()
    assert clock.passed == LINE.duration + TAIL
    assert room.me.captions[0]["lk.transcribed_track_id"] == ""


async def test_nothing_is_said_before_somebody_listens(clock: Clock) -> None:
    """On a slow line a caller is in the room well before the sound is."""
    room = Room(Person())
    speaker = await opened(room, is_listened=False)
    asyncio.get_running_loop().call_later(4.25, room.me.publication.listened.set)
    await speaker.play()
    assert speaker.began_at == pytest.approx(clock.time() - LINE.duration - TAIL)
    assert clock.passed == pytest.approx(4.25 + LINE.duration + TAIL)


@pytest.mark.parametrize(("kind", "waited"), [(PHONE, 3.1), (OTHER_AGENT, 1.1), (RECORDER, 1.1)])
async def test_who_may_yet_listen_is_waited_for_and_an_empty_room_for_a_second(
    clock: Clock, kind: rtc.ParticipantKind.ValueType, waited: float
) -> None:
    """A telephone that still rings is in the room; another agent or a recorder is nobody. It is looked at in tenths."""
    speaker = await opened(Room(Person(kind=kind)), is_listened=False)
    await speaker.play(patience=3.0)
    assert clock.passed == pytest.approx(waited + LINE.duration + TAIL, abs=0.11)
    assert clock.passed > int(waited) + LINE.duration + TAIL


async def test_a_caller_who_comes_meanwhile_is_waited_for_like_one_who_was_there(clock: Clock) -> None:
    room = Room()
    speaker = await opened(room, is_listened=False)
    asyncio.get_running_loop().call_later(0.5, room.come, Person())
    await speaker.play(patience=3.0)
    assert clock.passed == pytest.approx(3.1 + LINE.duration + TAIL, abs=0.11)


async def test_a_room_is_not_empty_while_the_connection_is_being_mended(clock: Clock) -> None:
    """LiveKit's SDK forgets who is there until it is told anew, and the line would be said to nobody."""
    caller = Person()
    room = Room(caller)
    speaker = await opened(room, is_listened=False)
    loop = asyncio.get_running_loop()

    def begin_anew() -> None:
        room._connection_state = rtc.ConnectionState.CONN_RECONNECTING
        room.leave(caller, rtc.DisconnectReason.UNKNOWN_REASON)

    def be_back() -> None:
        room._connection_state = rtc.ConnectionState.CONN_CONNECTED
        room.come(caller)

    loop.call_later(5, begin_anew)
    loop.call_later(8, be_back)
    loop.call_later(9, room.me.publication.listened.set)
    await speaker.play()
    assert clock.passed == pytest.approx(9 + LINE.duration + TAIL)


async def test_a_greeting_waits_for_its_caller_however_long(clock: Clock) -> None:
    room = Room(Person())
    speaker = await opened(room, is_listened=False)
    asyncio.get_running_loop().call_later(600, room.me.publication.listened.set)
    await speaker.play()
    assert clock.passed == pytest.approx(600 + LINE.duration + TAIL)


async def test_in_a_room_that_has_gone_nobody_is_waited_for(clock: Clock) -> None:
    room = Room(Person())
    speaker = await opened(room, is_listened=False)
    room.end(rtc.DisconnectReason.SERVER_SHUTDOWN)
    await speaker.play(patience=60)
    assert clock.passed == LINE.duration + TAIL


async def test_who_has_listened_is_no_longer_waited_for_when_stopped(clock: Clock) -> None:
    """A stop in the wait leaves nothing behind that waits on."""
    room = Room(Person())
    speaker = await opened(room, is_listened=False)
    playing = asyncio.create_task(speaker.play())
    await asyncio.sleep(1)
    before = asyncio.all_tasks()
    playing.cancel()
    await asyncio.wait([playing])
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == len(before) - 2
    assert clock.passed == 1.0


async def test_a_stopped_line_knows_how_much_of_it_was_played(clock: Clock) -> None:
    room = Room(Person())
    speaker = await opened(room)
    playing = asyncio.create_task(speaker.play())
    await asyncio.sleep(LINE.duration / 4)
    playing.cancel()
    await speaker.close()
    assert speaker.share_played == pytest.approx(0.25)
    assert clock.passed == LINE.duration / 4


@pytest.mark.parametrize("share", [0.1, 0.45, 0.7])
async def test_a_line_that_is_hushed_dies_away_within_a_quarter_of_a_second(clock: Clock, share: float) -> None:
    """In the middle of a word it goes on for what the SDK has of it, and then down to nothing without a jump."""
    room, loud = Room(Person()), Recording(LOUD, 24_000, "A line of a second.")
    speaker = Loudspeaker(room, loud, ahead_ms=100)
    await speaker.open()
    asyncio.get_running_loop().call_later(share, speaker.hush)
    await speaker.play()
    assert share <= clock.passed - TAIL <= share + 0.3
    heard = array("h", room.me.track.source.pcm)
    assert heard[-1] == 0
    assert max(abs(after - before) for before, after in itertools.pairwise(heard)) <= STEEPEST
    assert any(heard[int((share + 0.05) * 24_000) :])


async def test_a_line_that_is_hushed_before_somebody_listens_is_not_said(clock: Clock) -> None:
    room = Room(Person())
    speaker = await opened(room, is_listened=False)
    asyncio.get_running_loop().call_later(3.0, speaker.hush)
    await speaker.play()
    assert clock.passed == pytest.approx(3.0, abs=0.11)
    assert (room.me.track.source.pcm, room.me.captions) == (b"", [])


async def test_a_line_that_was_played_was_played_whole_and_no_more() -> None:
    speaker = await opened(Room(Person()))
    assert speaker.share_played == 0
    await speaker.play()
    await speaker.close()
    assert speaker.share_played == 1.0


async def test_of_a_line_that_never_began_nothing_was_played() -> None:
    speaker = await opened(Room(Person()))
    await speaker.close()
    assert speaker.share_played == 0.0


async def test_closing_takes_the_track_away_and_frees_its_source() -> None:
    room = Room(Person())
    speaker = await opened(room)
    await speaker.close()
    assert room.journal == ["track granny-line", "track TR_0 gone"]
    assert room.me.track.source.is_closed
    await speaker.close()
    assert len(room.journal) == 2


async def test_a_room_that_has_gone_is_told_nothing_and_the_source_is_freed_all_the_same() -> None:
    room = Room(Person())
    speaker = await opened(room)
    room.is_joined = False
    await speaker.close()
    assert room.journal == ["track granny-line"]
    assert room.me.track.source.is_closed


async def test_a_livekit_that_does_not_answer_holds_the_end_up_for_a_second(clock: Clock) -> None:
    room = Room(Person())
    room.me.hangs.add("unpublish_track")
    speaker = await opened(room)
    await speaker.close()
    assert clock.passed == 1.0
    assert room.me.track.source.is_closed


async def test_a_line_is_published_played_and_taken_away(clock: Clock) -> None:
    room = Room(Person())
    room.me.is_listened = False
    await play_in_room(room, LINE, patience=2.0)
    assert room.journal == ["track granny-line", "caption", "track TR_0 gone"]
    assert room.me.track.source.pcm == LINE.pcm
    assert clock.passed == pytest.approx(2.1 + LINE.duration + TAIL, abs=0.11)


async def test_a_track_that_livekit_does_not_take_is_told_and_its_source_is_freed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Source] = []

    def source(rate: int, channels: int, ahead_ms: int) -> Source:
        made.append(Source(rate, channels, ahead_ms))
        return made[-1]

    monkeypatch.setattr(rtc, "AudioSource", source)
    room = Room(Person())
    room.me.breaks["publish_track"] = rtc.participant.PublishTrackError("no")
    with pytest.raises(rtc.participant.PublishTrackError):
        await play_in_room(room, LINE, patience=2.0)
    assert [one.is_closed for one in made] == [True]
    assert room.journal == ["track granny-line"]


async def test_people_are_callers_of_every_way_and_nothing_else() -> None:
    kinds = rtc.ParticipantKind.values()
    assert people(Room(*(Person(str(kind), kind=kind) for kind in kinds))) == 3
    assert people(Room(Person("a"), Person("b", kind=PHONE), Person(HER, kind=OTHER_AGENT))) == 2
    assert people(Room()) == 0


async def test_in_a_console_call_a_line_goes_to_the_session_s_own_output(clock: Clock) -> None:
    """It ends only when the loudspeaker, which lags behind, has said it all."""
    output = Output([])
    await play_on(output, LINE)
    assert (output.pcm, output.journal) == (LINE.pcm, ["flushed"])
    assert clock.passed == LINE.duration + 0.5
