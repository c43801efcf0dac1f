"""Her recorded greeting: what of it is remembered, and how it stops. `calls/test_first_words.py` has it in a room."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from livekit.agents import JobContext

from granny.call.greeting import Greeting, heard_words
from granny.call.line_player import Loudspeaker
from granny.lines import Recording

ENGLISH = "Good day, dear, this is Granny."
JAPANESE = "こんにちは、グラニーです。今日はいかがですか。"
THAI = "สวัสดีค่ะ นี่คือคุณยาย"


@pytest.mark.parametrize(
    ("text", "share", "heard"),
    [
        (ENGLISH, 1.0, ENGLISH),
        (ENGLISH, 0.0, ""),
        (ENGLISH, 0.5, "Good day, dear,"),
        (ENGLISH, 0.6, "Good day, dear,"),
        (ENGLISH, 0.4, "Good day,"),
        (JAPANESE, 0.5, "こんにちは、グラニーで"),
        (JAPANESE, 0.3, "こんにちは、"),
        (THAI, 0.3, "สวัสดี"),
        ("안녕하세요, 할머니예요.", 0.7, "안녕하세요,"),
    ],
)
def test_what_has_been_heard_is_remembered(text: str, share: float, heard: str) -> None:
    assert heard_words(text, share) == heard


class Speaker:
    """A loudspeaker that plays for ever, and takes its time to close."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.began_at: float | None = None
        self.share_played = 0.5
        self.may_close = asyncio.Event()
        self.is_closed = False

    async def play(self) -> None:
        self.began.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        await self.may_close.wait()
        self.is_closed = True


class Job:
    async def wait_for_participant(self) -> None:
        """There is one."""


async def test_its_track_is_closed_however_often_it_is_stopped() -> None:
    speaker = Speaker()
    greeting = Greeting(cast("JobContext", Job()), cast("Loudspeaker", speaker), Recording(b"", 24_000, ENGLISH))
    await speaker.began.wait()
    for _ in range(3):
        greeting.stop()
        await asyncio.sleep(0)
    speaker.may_close.set()
    await greeting.over()
    assert speaker.is_closed
    assert (await greeting.heard()).text_content == "Good day, dear,"
