"""How she is heard through `GRANNY_HEARING`, at the caller's ear, after LiveKit and Opus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calls.house import house
from granny.rehearsal.callers.room_caller import join
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.rig.livekit_server import why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.full,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
]

_VOWELS, _CONSONANTS = (300.0, 1000.0), (2500.0, 5000.0)
"""Hz: what makes a voice loud, and what makes its words plain."""
_LIFT_DB = 7.0
"""What the table of `strong` has for the consonants, on the whole."""


async def test_strong_hearing_lifts_the_consonants_of_a_call_by_what_its_table_says(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    usual = await brightness(home, tmp_path_factory, "off")
    strong = await brightness(home, tmp_path_factory, "strong")
    assert strong - usual == pytest.approx(_LIFT_DB, abs=1.5)


async def brightness(home: Path, folders: pytest.TempPathFactory, hearing: str) -> float:
    """By how many dB the consonants of her greeting are above its vowels."""
    folder = folders.mktemp(hearing)
    async with house(home / "agent.py", folder, GRANNY_HEARING=hearing) as here, join(here.livekit, hearing) as caller:
        await here.until_greeted(caller)
        heard = np.frombuffer(bytes(caller.heard.sound), dtype="<i2").astype(np.float64)
    energy = np.abs(np.fft.rfft(heard)) ** 2
    hertz = np.fft.rfftfreq(len(heard), 1 / SAMPLE_RATE)
    low, high = (energy[(hertz >= start) & (hertz < end)].sum() for start, end in (_VOWELS, _CONSONANTS))
    return float(10 * np.log10(high / low))
