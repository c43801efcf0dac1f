"""Debian's Chromium, driven by Playwright: with a microphone that plays a recording, or with none."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the group `browser` is not everybody's
    from playwright.async_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome")
ELSEWHERE = "granny.test"
"""A name that leads here as well, and is no secure context over http."""


def why_missing() -> str | None:
    """Why no page can be opened here; None if one can."""
    if not importlib.util.find_spec("playwright"):
        return "needs the dependency group `browser`: `make browser` installs it"
    if not _program():
        return "needs Chromium on PATH: Debian's packages chromium and fonts-dejavu-core"
    return None


@contextlib.asynccontextmanager
async def chromium(recording: Path | None) -> AsyncIterator[Browser]:
    """A browser in which a page may use the microphone if its context is permitted to.

    Args:
        recording: what the microphone hears; None: there is no microphone.
    """
    from playwright.async_api import async_playwright  # noqa: PLC0415  the group `browser` is not everybody's

    flags = [f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
    if recording:
        flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={recording}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_program(), args=flags)
        try:
            yield browser
        finally:
            await browser.close()


def _program() -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name))), None)
