"""What the browser's microphone hears: the rehearsal's recorded caller, with silence before and after."""

from __future__ import annotations

from pathlib import Path

from family import record
from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.telephone import SAMPLE_RATE

QUIET_BEFORE = 8.0
"""Seconds. The recording begins when the page opens the microphone: she greets meanwhile."""
QUIET_AFTER = 20.0
"""Seconds, before Chromium begins anew: whoever was not heard asks again."""


def record_caller(file: Path) -> Path:
    """A file for Chromium's `--use-file-for-fake-audio-capture`."""
    record(file, _silence(QUIET_BEFORE) + recorded(SENTENCE) + _silence(QUIET_AFTER), SAMPLE_RATE)
    return file


def _silence(seconds: float) -> bytes:
    return bytes(int(seconds * SAMPLE_RATE) * 2)
