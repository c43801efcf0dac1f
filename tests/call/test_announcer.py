"""Her voice of last resort: what a line needs does not keep the call from going on."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentSession, JobContext
from livekit.agents.utils import EventEmitter

from granny.call import announcer
from granny.call.announcer import Announcer
from granny.call.record import CallRecord
from granny.config.settings import Settings
from granny.lines import Line, Recording, load


async def test_a_line_is_read_and_mixed_beside_the_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    readers: list[threading.Thread] = []

    def spied(line: Line, **where: Any) -> Recording:
        readers.append(threading.current_thread())
        return load(line, **where)

    monkeypatch.setattr(announcer, "load", spied)
    settings = Settings.model_validate({"OPENAI_API_KEY": "invented", "GRANNY_LINES_FOLDER": str(tmp_path)})
    job = SimpleNamespace(room=EventEmitter[Any](), is_fake_job=lambda: True)
    await Announcer(cast("JobContext", job), settings, CallRecord()).say(Line.ONE_MOMENT)
    assert len(readers) == 1
    assert readers[0] is not threading.main_thread()


async def test_a_room_that_is_lost_is_not_spoken_to_by_other_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent session's own output waits, once the room has gone, for a listener who never comes."""

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    async def connected() -> None:
        """As it was once."""

    monkeypatch.setattr(announcer, "play_on", never)
    room = EventEmitter[Any]()
    room.isconnected = lambda: False  # type: ignore[attr-defined]  # all that is asked of it
    job = SimpleNamespace(room=room, is_fake_job=lambda: False, connect=connected)
    settings = Settings.model_validate({"OPENAI_API_KEY": "invented"})
    hers = Announcer(cast("JobContext", job), settings, CallRecord())
    hers.session = cast("AgentSession[Any]", SimpleNamespace(output=SimpleNamespace(audio=object())))
    await asyncio.wait_for(hers.say(Line.ONE_MOMENT), 10)
