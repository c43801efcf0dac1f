"""What the tests of her page share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from page.only_answering import LiveKit, answering, calling
from page.visiting import Visitor


@pytest.fixture
async def livekit() -> AsyncIterator[LiveKit]:
    async with answering() as server:
        yield server


@pytest.fixture
async def page(livekit: LiveKit) -> AsyncIterator[Visitor]:
    """Her page, on which one may call by that."""
    async with calling(livekit) as visitor:
        yield visitor
