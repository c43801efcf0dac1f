"""What leaves her is easier to hear: the response is its table's, nothing is too loud, and it comes as it is cut."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from livekit import rtc
from livekit.agents import Agent, ModelSettings

from granny.call.hearing import MANNERS, Hearing, clearer
from granny.call.hearing._filter import Filter, kernel
from granny.call.hearing._hearing import bounded
from granny.call.hearing._level import EAR
from granny.call.hearing._manner import CEILING_DBFS, LOUDNESS_LUFS
from granny.call.line_player import recording_of
from granny.call.persona import Granny
from granny.config.settings import Settings
from granny.lines import Line, Recording, load
from granny.rehearsal.openai.voice import recorded_greeting

RATE = 24_000
LOUDEST = 10 ** (CEILING_DBFS / 20) * 32_768

every_manner = pytest.mark.parametrize("name", MANNERS)


def levels(response: dict[float, float], rate: int) -> dict[float, float]:
    """The gain of tones that have gone through the filter, in dB."""
    seconds = np.arange(2 * rate) / rate
    gains = {}
    for hertz in response:
        tone = np.sin(2 * np.pi * hertz * seconds)
        heard = Filter(kernel(response, rate)).run(tone)[rate:]
        gains[hertz] = float(10 * np.log10(np.mean(heard**2) / np.mean(tone[rate:] ** 2)))
    return gains


@every_manner
@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 48_000])
def test_the_response_is_within_half_a_decibel_of_its_table(name: str, rate: int) -> None:
    table = {hertz: gain for hertz, gain in MANNERS[name].response.items() if hertz < rate / 2}
    assert levels(table, rate) == pytest.approx(table, abs=0.5)


@every_manner
def test_it_is_heard_at_once(name: str) -> None:
    """The first sample is the loudest of an impulse: a filter of minimum phase waits for nothing."""
    impulse = np.zeros(2400)
    impulse[0] = 1.0
    heard = Filter(kernel(MANNERS[name].response, RATE)).run(impulse)
    assert np.argmax(np.abs(heard)) == 0
    assert np.sum(heard[: RATE // 1000] ** 2) > 0.99 * np.sum(heard**2)


pieces = st.lists(st.integers(0, 4000), min_size=1, max_size=30)


@every_manner
@given(cuts=pieces, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_how_the_sound_is_cut_does_not_matter(name: str, cuts: list[int], seed: int) -> None:
    pcm = noise(seed, sum(cuts))
    stream = Hearing(MANNERS[name], RATE)
    heard, start = b"", 0
    for samples in cuts:
        heard += stream.run(pcm[2 * start : 2 * (start + samples)])
        start += samples
    assert heard == Hearing(MANNERS[name], RATE).run(pcm)
    assert len(heard) == len(pcm)


def noise(seed: int, samples: int) -> bytes:
    """Of any level, up to the loudest that there is, and now and then silent."""
    random = np.random.default_rng(seed)
    level = 32_767 * 10 ** (-random.uniform(0, 60) / 20) * (random.random() > 0.1)
    sound = random.choice([random.standard_normal(samples), np.sign(random.standard_normal(samples))])
    return bytes(np.clip(sound * level, -32_768, 32_767).astype("<i2").tobytes())


def test_no_sample_is_louder_than_the_ceiling_in_ten_thousand_sounds() -> None:
    """Of any level, a hundred on a stream, from the softest gain to the largest."""
    names, random = list(MANNERS), np.random.default_rng(7)
    stream = Hearing(MANNERS["strong"], RATE)
    for seed in range(10_000):
        if seed % 100 == 0:
            loudness = float(random.uniform(-60, 0))
            stream = Hearing(MANNERS[names[seed // 100 % 2]], RATE, loudness=loudness)
        heard = np.frombuffer(stream.run(noise(seed, 600)), dtype="<i2").astype(int)
        assert np.max(np.abs(heard)) <= LOUDEST


def test_the_bound_has_no_corner_and_keeps_what_is_soft() -> None:
    samples = np.linspace(-4, 4, 100_001)
    heard = bounded(samples)
    assert np.all(np.diff(heard) >= 0)
    assert np.max(np.abs(np.diff(heard, 2))) < 1e-6
    soft = np.abs(samples) < 0.5
    assert np.array_equal(heard[soft], samples[soft])


def test_how_loud_a_tone_seems_is_as_itu_has_it() -> None:
    """By a library of its own, on tones through the whole range of a voice."""
    meter = pyloudnorm.Meter(48_000)
    seconds = np.arange(48_000) / 48_000
    for hertz in (100, 200, 500, 1000, 2000, 4000, 8000):
        tone = 0.1 * np.sin(2 * np.pi * hertz * seconds)
        heard = Filter(kernel(EAR, 48_000)).run(tone)[4800:]
        ours = -0.691 + 10 * np.log10(np.mean(heard**2))
        assert ours == pytest.approx(meter.integrated_loudness(tone), abs=0.5)


def lufs(pcm: bytes, rate: int) -> float:
    loudness: float = pyloudnorm.Meter(rate).integrated_loudness(np.frombuffer(pcm, dtype="<i2") / 32_768)
    return loudness


def louder(pcm: bytes, decibels: float) -> bytes:
    sound = np.frombuffer(pcm, dtype="<i2") * 10 ** (decibels / 20)
    return bytes(np.clip(sound, -32_768, 32_767).astype("<i2").tobytes())


@every_manner
@pytest.mark.parametrize("decibels", [-9, 0])
def test_the_model_and_every_recorded_line_are_as_loud_as_each_other(name: str, decibels: float) -> None:
    """The model once she has been heard for a few seconds; a line from its first word on."""
    voice = louder(recorded_greeting().pcm, decibels)
    model = Hearing(MANNERS[name], RATE)
    model.run(voice * 2)
    said = {"model": lufs(model.run(voice), RATE)}
    for line in Line:
        recording = load(line)
        made = clearer(dataclasses.replace(recording, pcm=louder(recording.pcm, decibels)), name)
        said[line.value] = lufs(made.pcm, made.sample_rate)
    assert max(said.values()) - min(said.values()) < 1.0, said
    assert said["model"] == pytest.approx(LOUDNESS_LUFS, abs=1.0)


def test_off_changes_nothing() -> None:
    recording = Recording(b"\1\2", 24_000, "hello")
    assert clearer(recording, "off") is recording


def test_nothing_comes_of_nothing() -> None:
    stream: Any = Hearing(MANNERS["soft"], RATE)
    assert stream.run(b"") == b""
    assert stream.run(bytes(4800)) == bytes(4800)


def asked(hearing: str) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE", "GRANNY_HEARING": hearing})


async def said(granny: Granny, pcm: bytes) -> bytes:
    """What leaves her of what the model says, in frames of a fifth of a second."""

    async def model() -> AsyncIterator[rtc.AudioFrame]:
        for start in range(0, len(pcm), 9600):
            piece = pcm[start : start + 9600]
            yield rtc.AudioFrame(piece, RATE, 1, len(piece) // 2)

    return b"".join([bytes(frame.data) async for frame in granny.realtime_audio_output_node(model(), ModelSettings())])


def as_the_framework_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework's own node, which passes on what it is given, needs a session."""
    monkeypatch.setattr(Agent.default, "realtime_audio_output_node", lambda _agent, audio, _settings: audio)


async def test_an_answer_does_not_begin_with_a_click_of_one_that_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    as_the_framework_s(monkeypatch)
    granny = Granny(asked("strong"))
    tone = np.sin(2 * np.pi * 150 / RATE * np.arange(RATE) + 1) * 16_000
    await said(granny, tone.astype("<i2").tobytes())
    assert await said(granny, bytes(4800)) == bytes(4800)


@pytest.mark.parametrize("hearing", ["off", "soft", "strong"])
async def test_the_model_and_the_lines_are_heard_by_one_setting(hearing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `off` every byte is as it was."""
    as_the_framework_s(monkeypatch)
    pcm, manner = recorded_greeting().pcm, MANNERS.get(hearing)
    heard = await said(Granny(asked(hearing)), pcm)
    assert heard == (Hearing(manner, RATE).run(pcm) if manner else pcm)
    line, shipped = await recording_of(Line.NO_ANSWER, asked(hearing)), load(Line.NO_ANSWER)
    assert line.text == shipped.text
    assert len(line.pcm) == len(shipped.pcm)
    assert (line.pcm == shipped.pcm) == (manner is None)
