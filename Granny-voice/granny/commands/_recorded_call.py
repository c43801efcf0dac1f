"""The rehearsal without a microphone: a recorded caller's call, kept as a WAV and measured."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from granny.config.paths import AGENT, HOME, make_private
from granny.faults import ExitCode
from granny.rehearsal.callers.caller import Measured, Span, call, measure, save
from granny.rehearsal.callers.telephone import Recording

RECORDINGS = HOME.parent / "recordings"

_RESULT = """\
REHEARSAL finished. (Levels are RMS of 16-bit sound.)
  recording   {file} (left: the caller, right: Granny)
  greeting    {greeting}
  question    {question}
  answer      {answer}
  silence     level {silence:.0f}
  first word  {to_first_word} after picking up
  answer      {to_answer} after the caller's last word (the pause that ends a turn included)
"""
_NOT_HEARD = "The call did not go as it should. What Granny's process said is in {log}"


async def recorded_call(environment: Mapping[str, str]) -> int:
    """The recorded caller's call, kept as a WAV; 0 if greeting and answer were heard."""
    make_private(RECORDINGS)
    file = RECORDINGS / f"rehearsal-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.wav"
    log = file.with_suffix(".log")
    recording = await call(AGENT, log=log, environment={**os.environ, **environment})
    save(recording, file)
    measured = measure(recording)
    print(summary(recording, measured, file))
    if measured.greeting and measured.answer:
        return ExitCode.OK
    print(_NOT_HEARD.format(log=log), file=sys.stderr)
    return ExitCode.SOFTWARE


def summary(recording: Recording, measured: Measured, file: Path) -> str:
    """What was said and measured, for a person."""
    lines = [f"  {turn.speaker:<11} {turn.text}" for turn in recording.transcript]
    result = _RESULT.format(
        file=file,
        greeting=_span(measured.greeting),
        question=_span(measured.question),
        answer=_span(measured.answer),
        silence=measured.silence_rms,
        to_first_word=_seconds(measured.to_first_word),
        to_answer=_seconds(measured.to_answer),
    )
    return "\n".join(["What was said:", *lines, "", result])


def _span(span: Span | None) -> str:
    return f"{span.start:.1f} s to {span.end:.1f} s, level {span.rms:.0f}" if span else "not heard"


def _seconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"
