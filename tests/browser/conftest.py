"""What the browser tests share: one browser, one house with her page, and all of it in one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from pytest_asyncio import is_async_test

from browser import chromium
from browser.microphone import record_caller
from browser.rig import NOWHERE, PEOPLE, Rig, page_at, rig_at
from family import with_people
from granny.rehearsal.rig.livekit_server import livekit_server, why_missing

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is one for a browser, and shares the loop in which the browser is driven."""
    reason = chromium.why_missing() or why_missing()
    for item in items:
        if _HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.skipif(reason is not None, reason=reason or ""))
        if is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears."""
    return record_caller(tmp_path_factory.mktemp("microphone") / "caller.wav")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(recording: Path) -> AsyncIterator[Browser]:
    """Chromium with a microphone."""
    async with chromium.chromium(recording) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Rig]:
    """Her page, and she is there: LiveKit, a worker, the stand-in."""
    folder = tmp_path_factory.mktemp("rig")
    async with (
        livekit_server(log=folder / "livekit.log") as livekit,
        rig_at(livekit, home, folder, browser) as rig,
    ):
        yield rig


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def alone(home: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Rig]:
    """Her page alone: nobody is behind it."""
    folder = tmp_path_factory.mktemp("alone")
    own = with_people(home, folder / "Granny-voice", PEOPLE)
    async with page_at(NOWHERE, own, folder, browser) as rig:
        yield rig
