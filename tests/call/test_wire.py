"""A recording over the wire of a call without a room: what is heard and shown of it, and what is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from livekit.agents.voice.io import TextOutput
from typing_extensions import override

from clock import Clock
from fakes import Job, Output, Room
from granny import faults
from granny.call.announcer import Announcer
from granny.call.greeting import Greeting, greet
from granny.call.opening import Opening
from granny.call.record import CallRecord
from granny.call.telephone_call import TelephoneCall
from granny.call.wire import WireSpeaker, give
from granny.lines import Line, Recording, load
from scenarios._scene import settings

pytestmark = pytest.mark.usefixtures("no_sound_card")

SAID = Recording(b"\x01\x02" * 24_000, 12_000, "Good day, dear, this is Granny.")
"""Two seconds."""


class Words(TextOutput):
    def __init__(self, journal: list[str]) -> None:
        super().__init__(label="fake", next_in_chain=None)
        self.journal = journal

    @override
    async def capture_text(self, text: str) -> None:
        self.journal.append(text)

    @override
    def flush(self) -> None:
        self.journal.append("all of it")


class OneWire:
    """One call's wire, and what went over it."""

    def __init__(self) -> None:
        self.journal: list[str] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.output = Output(self.journal)
        self.words = Words(self.journal)

    def tell(self, what: str, **words: str | bool) -> None:
        self.told.append((what, words))


@pytest.fixture
def wire() -> OneWire:
    return OneWire()


@pytest.fixture
async def job(wire: OneWire) -> Job:
    job = Job(Room(), is_console=True)
    give(job, wire)
    return job


def opening(job: Job) -> Opening:
    async def may_begin() -> bool:
        return True

    return Opening(job, TelephoneCall(), may_begin)


async def test_a_greeting_goes_over_the_wire_with_its_words(clock: Clock, wire: OneWire, job: Job) -> None:
    greeting = Greeting(opening(job), WireSpeaker(wire, SAID), SAID)
    said = await greeting.heard()
    assert (said.text_content, said.interrupted) == (SAID.text, False)
    assert wire.output.pcm == SAID.pcm
    assert wire.journal == [SAID.text, "all of it", "flushed"]
    assert clock.passed == pytest.approx(SAID.duration + 0.5)


async def test_of_a_greeting_that_is_stopped_nothing_more_is_heard(clock: Clock, wire: OneWire, job: Job) -> None:
    greeting = Greeting(opening(job), WireSpeaker(wire, SAID), SAID)
    assert await greeting.begins() == clock.time()
    await asyncio.sleep(1.0)
    greeting.stop()
    said = await greeting.heard()
    assert (said.text_content, said.interrupted) == ("Good day, dear,", True)
    assert wire.journal[-1] == "cleared"


async def test_without_a_recording_the_model_greets(wire: OneWire, job: Job) -> None:
    assert await greet(job, settings(GRANNY_OWN_VOICE="off"), opening(job)) is None
    assert wire.journal == []


async def test_a_fault_is_told_over_the_wire_and_said_without_an_agent_session(
    clock: Clock, wire: OneWire, job: Job
) -> None:
    """As it is when the code of the call breaks before there is one."""
    announcer = Announcer(job, settings(GRANNY_OWN_VOICE="off"), CallRecord(first_word=0.5))
    await announcer.end(Line.SOMETHING_WENT_WRONG, faults.CALL_CRASHED.found("KeyError"))
    line = load(Line.SOMETHING_WENT_WRONG)
    assert wire.output.pcm.startswith(line.pcm)
    told = dict(wire.told)
    assert told["fault"] == {"fault": "call-crashed"}
    assert (told["caption"]["text"], told["caption"]["final"]) == (line.text, True)
    assert clock.passed == pytest.approx(line.duration + 0.5)
