"""The pictures of her page in docs/: `make pictures` takes them anew, of the page as it is."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from browser.her_page import HerPage
from browser.rig import Rig
from browser.screens import TALK, stage, talk

DOCS = Path(__file__).resolve().parents[2] / "docs"
TO = "GRANNY_PICTURES"
"""The folder into which they are taken; unset: one that is thrown away."""
MOST = 150 * 1024
GERMAN = (
    ("granny", "Guten Abend, Berta. Wie schön, dass Sie anrufen!"),
    ("caller", "Guten Abend, Oma. Heute habe ich wieder Orgel gespielt."),
    ("granny", "Ach, das freut mich. Was haben Sie denn gespielt?"),
)


async def as_it_opens(_: HerPage) -> None:
    pass


async def in_english(page: HerPage) -> None:
    await talk(page, TALK)


async def in_german(page: HerPage) -> None:
    await talk(page, GERMAN)


async def without_microphone(page: HerPage) -> None:
    await page.press("talk")
    await page.until_trouble("microphone-denied")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file's name, whose page, what happens on it, and the device."""

    name: str
    person: str
    show: Callable[[HerPage], Awaitable[None]]
    width: int
    height: int
    kind: dict[str, Any] = field(default_factory=dict)


PICTURES = (
    Picture("page-ready", "anna", as_it_opens, 768, 1024),
    Picture("page-call", "anna", in_english, 768, 1024),
    Picture("page-evening", "berta", in_german, 1024, 768, {"color_scheme": "dark"}),
    Picture("page-trouble", "anna", without_microphone, 360, 640, {"microphone": False, "device_scale_factor": 2}),
)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_a_picture_is_taken(alone: Rig, picture: Picture, tmp_path: Path) -> None:
    file = Path(os.environ.get(TO, tmp_path)) / f"{picture.name}.png"
    size = {"width": picture.width, "height": picture.height}
    async with alone.visitor(picture.person, viewport=size, **picture.kind) as page:
        await stage(page)
        await page.open(alone.address(picture.person))
        await picture.show(page)
        await page.page.evaluate("document.fonts.ready")
        await page.page.screenshot(path=file)
    assert 5_000 < file.stat().st_size <= MOST


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_docs_have_it(picture: Picture) -> None:
    assert 5_000 < (DOCS / f"{picture.name}.png").stat().st_size <= MOST
