"""What the stand-in and the recorded caller say begins and ends with sound, so that no silence is measured as a wait.

Silence is a 20 ms window whose RMS is below `AUDIBLE_RMS`: what the callers of the benchmarks do not take for speech.
"""

import wave
from pathlib import Path

import numpy as np
import pytest

from granny.lines import Line, words
from granny.rehearsal.openai import voice
from granny.rehearsal.openai.hearing import AUDIBLE_RMS, FRAME_BYTES, SAMPLE_RATE
from granny.rehearsal.openai.script import Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import Recording, read_out, recorded_greeting
from rehearsal.raw_client import KEY, silence, speech, talking_to

SHIPPED = sorted(Path(voice.__file__).parents[1].rglob("*.wav"), key=lambda file: file.name)
FAST = Script(pace=1000.0)


def rms(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, dtype="<i2").astype(np.float64) ** 2)))


def ends(pcm: bytes) -> tuple[float, float]:
    """The level of the first and of the last 20 ms."""
    return rms(pcm[:FRAME_BYTES]), rms(pcm[-FRAME_BYTES:])


def is_sound_from_end_to_end(pcm: bytes) -> bool:
    return min(ends(pcm)) > AUDIBLE_RMS


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_a_shipped_recording_begins_and_ends_with_sound(file: Path) -> None:
    with wave.open(str(file)) as wav:
        assert wav.getframerate() == SAMPLE_RATE
        assert is_sound_from_end_to_end(wav.readframes(wav.getnframes()))


def test_the_shipped_recordings_are_the_greeting_and_the_caller() -> None:
    assert [file.name for file in SHIPPED] == ["caller.wav", "greeting.wav"]


@pytest.mark.parametrize("line", Line)
def test_what_it_reads_out_begins_and_ends_with_sound(line: Line) -> None:
    """Of about the length that the words would take."""
    text = words(line)
    said = read_out(text, recorded_greeting())
    assert said.transcript == text
    assert is_sound_from_end_to_end(said.pcm)
    seconds, wanted = len(said.pcm) / 2 / SAMPLE_RATE, 0.4 * len(text.split())
    assert wanted - 0.8 < seconds <= wanted


def test_whatever_becomes_a_recording_loses_its_silence() -> None:
    assert Recording.of(silence(300) + speech() + silence(500), "").pcm == speech()


def test_a_silent_recording_stays_as_it_is() -> None:
    assert Recording.of(silence(300), "").pcm == silence(300)


async def test_the_callers_own_voice_comes_back_without_the_pauses_round_it() -> None:
    """Turn detection keeps 300 ms before a turn and the silence by which it ended."""
    async with StandIn(api_key=KEY, script=FAST) as standin, talking_to(standin) as client:
        await client.update(audio={"input": {"turn_detection": {"type": "server_vad"}}})
        await client.say(silence(1000) + speech() + silence(1000))
        await client.until("response.done")
        assert is_sound_from_end_to_end(client.heard())
        assert abs(len(client.heard()) - len(speech())) <= 2 * FRAME_BYTES
