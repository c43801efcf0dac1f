"""Turn detection by loudness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.realtime import RealtimeAudioInputTurnDetection
from openai.types.realtime.realtime_audio_input_turn_detection import SemanticVad, ServerVad

from granny.rehearsal.openai.hearing import BYTES_PER_MS, Hearing, SpeechStarted, SpeechStopped, loudness
from rehearsal.raw_client import silence, speech

SERVER_VAD = ServerVad(type="server_vad", silence_duration_ms=500, prefix_padding_ms=300)
SPOKEN = silence(1000) + speech() + silence(1000)


def tone(ms: int, *, dbfs: float) -> bytes:
    """A hum whose RMS has this level."""
    phase = np.arange(24 * ms) * (2 * np.pi * 200 / 24_000)
    return bytes((np.sin(phase) * np.sqrt(2) * 10 ** (dbfs / 20) * 32767).astype("<i2"))


def listening(detection: RealtimeAudioInputTurnDetection | None = SERVER_VAD) -> Hearing:
    hearing = Hearing(semantic_silence_ms=700, eager_silence_ms=300)
    hearing.listen(detection)
    return hearing


def test_a_spoken_sentence_is_one_turn() -> None:
    """Pauses between words do not end a turn; the silence after the sentence does."""
    started, stopped = listening().append(SPOKEN)
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert 600 <= started.start_ms <= 1000
    assert len(stopped.audio) == (stopped.end_ms - started.start_ms) * BYTES_PER_MS
    assert speech()[BYTES_PER_MS * 200 : -BYTES_PER_MS * 300] in stopped.audio


@given(st.lists(st.integers(1, 40_000).map(lambda samples: samples * 2), min_size=1, max_size=12))
def test_how_audio_is_cut_into_events_does_not_matter(sizes: list[int]) -> None:
    """Whatever the pieces' lengths, the same turns come out."""
    hearing, sounds, rest = listening(), [], SPOKEN
    for size in sizes:
        sounds += hearing.append(rest[:size])
        rest = rest[size:]
    sounds += hearing.append(rest)
    assert sounds == listening().append(SPOKEN)


@pytest.mark.parametrize(
    "quiet",
    [silence(3000), silence(500) + tone(40, dbfs=-10) + silence(500), tone(3000, dbfs=-60)],
    ids=["silence", "a click", "a distant hum"],
)
def test_what_is_no_speech_starts_no_turn(quiet: bytes) -> None:
    assert listening().append(quiet) == []


def test_a_steady_noise_stops_being_speech() -> None:
    """A fan that is switched on is heard at first, and then taken for the room."""
    started, stopped = listening().append(tone(60_000, dbfs=-40))
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)


def test_a_higher_threshold_needs_a_louder_voice() -> None:
    murmur = silence(500) + tone(500, dbfs=-40) + silence(1000)
    assert listening().append(murmur)
    assert not listening(ServerVad(type="server_vad", threshold=0.9)).append(murmur)


@pytest.mark.parametrize(
    ("detection", "silence_ms"),
    [
        (ServerVad(type="server_vad", silence_duration_ms=200), 200),
        (ServerVad(type="server_vad"), 500),
        (SemanticVad(type="semantic_vad", eagerness="low"), 700),
        (SemanticVad(type="semantic_vad", eagerness="high"), 300),
    ],
)
def test_the_silence_that_ends_a_turn(detection: RealtimeAudioInputTurnDetection, silence_ms: int) -> None:
    """server_vad brings its own length of silence, semantic_vad has the stand-in's."""
    spoken = tone(1000, dbfs=-20)
    assert len(listening(detection).append(spoken + silence(silence_ms - 20))) == 1
    assert len(listening(detection).append(spoken + silence(silence_ms))) == 2


def test_without_turn_detection_everything_is_kept_for_the_commit() -> None:
    hearing = listening(None)
    assert hearing.append(SPOKEN) == []
    assert hearing.take() == SPOKEN
    assert hearing.take() == b""


def test_clearing_forgets_a_turn_that_has_begun() -> None:
    hearing = listening()
    assert len(hearing.append(SPOKEN[: 2000 * BYTES_PER_MS])) == 1
    hearing.clear()
    assert hearing.append(silence(1000)) == []


def test_loudness_is_rms_in_dbfs() -> None:
    assert loudness(tone(20, dbfs=-20)) == pytest.approx([-20], abs=0.1)
    assert loudness(silence(40)) == pytest.approx([-100, -100])
