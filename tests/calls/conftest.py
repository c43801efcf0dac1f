"""What the tests of whole calls share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server


@pytest.fixture
async def livekit(tmp_path: Path) -> AsyncIterator[LiveKit]:
    async with livekit_server(log=tmp_path / "livekit.log") as server:
        yield server
