"""Who stands by a call ends when told to, at whatever moment."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentSession, APIConnectionError
from livekit.agents.utils import EventEmitter

from granny.announcer import Announcer
from granny.call_record import CallRecord
from granny.lines import Line
from granny.settings import Settings
from granny.stand_by import StandBy
from granny.watch import Limits, Watch


@pytest.mark.parametrize("turns_of_the_loop", range(6))
async def test_a_stop_is_heeded_in_the_moment_of_a_fault_too(turns_of_the_loop: int) -> None:
    """Python 3.10's and 3.11's `wait_for` swallows a cancellation that comes with its result."""
    watch = Watch(CallRecord(), limits=Limits(60, 2700, None), greeting=Line.GREETING, started=time.monotonic())
    session = EventEmitter[Any]()
    stand_by = StandBy(cast("AgentSession[Any]", session), cast("Announcer", None), cast("Settings", None), watch=watch)
    watching = asyncio.create_task(stand_by.keep_watch())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    session.emit("error", SimpleNamespace(error=SimpleNamespace(error=APIConnectionError(), recoverable=True)))
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)
    watching.cancel()
    done, _ = await asyncio.wait([watching], timeout=5)
    watching.cancel()
    assert watching in done
    assert watching.cancelled()
