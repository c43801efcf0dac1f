"""The recorded caller: hears the greeting, says one recorded sentence, hears the answer, and measures."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from granny.rehearsal.callers.telephone import FRAME_BYTES, FRAME_SECONDS, SAMPLE_RATE, Recording, Telephone, pick_up
from granny.rehearsal.openai.hearing import AUDIBLE_RMS

SENTENCE = Path(__file__).with_name("caller.wav")
"""What the recorded caller says (made with Debian's flite, voice rms)."""

_PAUSE_SECONDS = 0.9
"""A silence this long ends a turn."""
_FAREWELL_SECONDS = 10.0
"""How long the agent process may take to end."""
_PATIENCE_SECONDS = 20.0
"""How long the caller waits for a turn to begin."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of speech on one track: seconds from the start of the call, and its level (RMS of PCM16)."""

    start: float
    end: float
    rms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one call was like for the caller; seconds, and RMS of PCM16. None: it was not heard."""

    greeting: Span | None
    question: Span | None
    answer: Span | None
    silence_rms: float

    @property
    def to_first_word(self) -> float | None:
        """From picking up to the greeting's first sound."""
        return self.greeting.start if self.greeting else None

    @property
    def to_answer(self) -> float | None:
        """From the end of the caller's sentence to the answer's first sound, turn detection included."""
        return self.answer.start - self.question.end if self.answer and self.question else None


async def call(agent: Path, *, log: Path, environment: Mapping[str, str]) -> Recording:
    """One whole call with an agent file in a process of its own, through the framework's console transport.

    Args:
        agent: the file that defines the AgentServer.
        log: where the process's output goes.
        environment: the process's environment.
    """
    async with pick_up() as telephone:
        with _open_private(log) as output:
            command = (
                sys.executable,
                "-m",
                "livekit.agents",
                "console",
                agent.name,
                "--connect-addr",
                telephone.address,
            )
            process = await asyncio.create_subprocess_exec(
                *command, cwd=agent.parent, env=environment, stdout=output, stderr=output
            )
            talk = asyncio.create_task(hold_call(telephone))
            gone = asyncio.create_task(process.wait())
            await asyncio.wait({talk, gone}, return_when=asyncio.FIRST_COMPLETED)
            talk.cancel()
            await _hang_up(process, gone)
        return telephone.recording


async def _hang_up(process: asyncio.subprocess.Process, gone: asyncio.Task[int]) -> None:
    if process.returncode is None:
        _interrupt(process)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.shield(gone), _FAREWELL_SECONDS)
    if process.returncode is None:
        process.kill()
        await gone


def _interrupt(process: asyncio.subprocess.Process) -> None:
    """As Ctrl+C does; Windows lets no process do that to another, so there it just ends."""
    if sys.platform == "win32":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)


async def hold_call(telephone: Telephone) -> None:
    """Hold one whole call; returns when the answer has been heard, the patience is over or the agent hung up."""
    await telephone.answered()
    await _listen(telephone, since=0.0)
    spoke_at = telephone.recording.seconds
    telephone.say(recorded(SENTENCE))
    await telephone.said()
    await _listen(telephone, since=spoke_at)


async def _listen(telephone: Telephone, *, since: float) -> None:
    """Until the agent has spoken and then paused."""
    recording = telephone.recording
    while not telephone.is_over:
        heard = [span for span in speech(recording.agent) if span.start >= since]
        quiet_for = recording.seconds - (heard[-1].end if heard else max(since, _spoken_until(recording)))
        if quiet_for > (_PAUSE_SECONDS if heard else _PATIENCE_SECONDS):
            return
        await asyncio.sleep(0.1)


def _spoken_until(recording: Recording) -> float:
    spans = speech(recording.caller)
    return spans[-1].end if spans else 0.0


def measure(recording: Recording) -> Measured:
    """What the caller heard, from the sound alone."""
    question = next(iter(speech(recording.caller)), None)
    asked_at = question.start if question else float("inf")
    spans = speech(recording.agent)
    return Measured(
        greeting=next((span for span in spans if span.start < asked_at), None),
        question=question,
        answer=next((span for span in spans if span.start > asked_at), None),
        silence_rms=_quietest(recording.agent),
    )


def speech(pcm: bytes | bytearray) -> list[Span]:
    """The stretches of speech on a track (PCM16 mono at `SAMPLE_RATE`), short pauses included."""
    levels = _levels(pcm)
    loud = np.flatnonzero(levels > AUDIBLE_RMS)
    if not loud.size:
        return []
    turns = np.split(loud, np.flatnonzero(np.diff(loud) > _PAUSE_SECONDS / FRAME_SECONDS) + 1)
    return [_span(levels, int(turn[0]), int(turn[-1]) + 1) for turn in turns]


def _span(levels: np.ndarray[tuple[int], np.dtype[np.float64]], first: int, end: int) -> Span:
    rms = float(np.sqrt(np.mean(levels[first:end] ** 2)))
    return Span(first * FRAME_SECONDS, end * FRAME_SECONDS, rms)


def _levels(pcm: bytes | bytearray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """RMS of each whole frame."""
    whole = len(pcm) // FRAME_BYTES * FRAME_BYTES
    frames = np.frombuffer(bytes(pcm[:whole]), dtype="<i2").reshape(-1, FRAME_BYTES // 2).astype(np.float64)
    levels: np.ndarray[tuple[int], np.dtype[np.float64]] = np.sqrt(np.mean(frames**2, axis=1))
    return levels


def _quietest(pcm: bytes | bytearray) -> float:
    """RMS of the track outside speech."""
    levels = _levels(pcm)
    quiet = levels[levels <= AUDIBLE_RMS]
    return float(np.sqrt(np.mean(quiet**2))) if quiet.size else 0.0


def recorded(file: Path) -> bytes:
    """A mono PCM16 recording, repeated up to the telephone's rate (which its own must divide)."""
    with wave.open(str(file)) as source:
        pcm = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2")
        times = SAMPLE_RATE // source.getframerate()
    return np.repeat(pcm, times).tobytes()


def save(recording: Recording, file: Path) -> None:
    """Write the call as a stereo WAV: the caller on the left, the agent on the right."""
    both = np.stack([np.frombuffer(bytes(track), dtype="<i2") for track in (recording.caller, recording.agent)], axis=1)
    with _open_private(file) as output, wave.open(output, "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(SAMPLE_RATE)
        target.writeframes(both.tobytes())


def _open_private(file: Path) -> BinaryIO:
    """A new file for this user alone: somebody's voice may be in it."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600), "wb")
