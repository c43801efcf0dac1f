"""When she may begin: a page's caller is there at once, a telephone when answered, whom she rings after hello."""

from __future__ import annotations

import asyncio
import time

import pytest
from livekit import rtc

from clock import Clock
from fakes import Job, Person, Room
from granny.call.hello import Due
from granny.call.opening import HEAD_SECONDS, Opening, until_somebody_is_there
from granny.call.telephone_call import TelephoneCall
from granny.rooms.dispatch import Way

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP


def ringing(*, rule: str = "SDR_1") -> Person:
    told = {"sip.callStatus": "ringing", **({"sip.ruleID": rule} if rule else {})}
    return Person("phone", kind=SIP, attributes=told)


class Ear:
    """Notes who answers turns."""

    def __init__(self) -> None:
        self.journal: list[str] = []

    def hear_out(self) -> None:
        self.journal.append("hears out")

    def take_turns(self) -> None:
        self.journal.append("takes turns")


class Scene:
    """A room in which a call is to begin."""

    def __init__(self, *people: Person, way: Way | None = None, is_console: bool = False) -> None:
        self.room = Room(*people)
        self.telephone = TelephoneCall(way)
        self.opening = Opening(Job(self.room, is_console=is_console), self.telephone, at_once)
        self.ear = Ear()
        self.opening.lend_ear(self.ear)

    def answers(self) -> None:
        phone = self.room.people["phone"]
        self.room.tell(phone, {"sip.callStatus": "active"})
        self.telephone.look(phone)

    def says(self, what: str) -> None:
        self.opening.take({"type": f"input_audio_buffer.speech_{what}"}, time.monotonic())


async def at_once() -> bool:
    return True


async def later(seconds: float, *events: tuple[Scene, str]) -> None:
    await asyncio.sleep(seconds)
    for scene, what in events:
        scene.says(what)


async def test_a_page_s_caller_is_greeted_as_soon_as_they_are_there(clock: Clock) -> None:
    scene = Scene()
    asyncio.get_running_loop().call_later(5, scene.room.come, Person())
    assert await scene.opening.over() is Due.GREET
    await scene.opening.sounds()
    assert clock.passed == 5
    assert (scene.ear.journal, scene.opening.answered_at) == ([], None)


async def test_a_call_without_a_room_has_its_caller(clock: Clock) -> None:
    assert await Scene(is_console=True).opening.over() is Due.GREET
    assert clock.passed == 0


@pytest.mark.parametrize("way", [None, Way.PHONE])
async def test_a_telephone_that_calls_is_greeted_when_it_is_answered_and_its_line_is_open(
    clock: Clock, way: Way | None
) -> None:
    scene = Scene(ringing(), way=way)
    asyncio.get_running_loop().call_later(3, scene.answers)
    assert await scene.opening.over() is Due.GREET
    assert clock.passed == 3
    assert scene.opening.answered_at == pytest.approx(clock.time())
    await scene.opening.sounds()
    assert clock.passed == pytest.approx(3 + HEAD_SECONDS)
    assert scene.ear.journal == []


async def test_whom_she_rings_is_greeted_after_hello_and_the_model_does_not_answer_it_meanwhile(clock: Clock) -> None:
    scene = Scene(ringing(rule=""), way=Way.RING)
    loop = asyncio.get_running_loop()
    loop.call_later(25, scene.answers)
    loop.call_later(25.8, scene.says, "started")
    loop.call_later(26.4, scene.says, "stopped")
    assert await scene.opening.over() is Due.GREET
    assert clock.passed == pytest.approx(26.4)
    scene.opening.begins()
    await asyncio.sleep(1.9)
    assert (scene.ear.journal, scene.opening.is_hearing_out) == (["hears out"], True)
    await asyncio.sleep(0.2)
    assert (scene.ear.journal, scene.opening.is_hearing_out) == (["hears out", "takes turns"], False)


async def test_whom_she_rings_and_who_says_nothing_is_greeted_after_two_seconds(clock: Clock) -> None:
    scene = Scene(ringing(rule=""))
    asyncio.get_running_loop().call_later(6, scene.answers)
    assert await scene.opening.over() is Due.GREET
    assert clock.passed == pytest.approx(8, abs=0.11)


async def test_what_is_too_long_for_a_hello_is_for_the_model(clock: Clock) -> None:
    scene = Scene(ringing(rule=""))
    loop = asyncio.get_running_loop()
    loop.call_later(1, scene.answers)
    loop.call_later(2, scene.says, "started")
    loop.call_later(7, scene.says, "stopped")
    assert await scene.opening.over() is Due.LISTEN
    assert clock.passed == pytest.approx(7)


async def test_while_hello_is_waited_for_it_is_no_interruption() -> None:
    scene = Scene(ringing(rule=""))
    assert not scene.opening.is_hearing_out
    scene.answers()
    waiting = asyncio.create_task(scene.opening.over())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert scene.opening.is_hearing_out
    scene.says("started")
    scene.says("stopped")
    await waiting
    assert scene.opening.is_hearing_out
    scene.opening.close()


async def test_whoever_says_hello_before_her_first_sound_is_heard_out_once_more(clock: Clock) -> None:
    """They were slow, or say it twice: what she has begun is cut short, and begun anew when they have ended."""
    scene = Scene(ringing(rule=""))
    scene.answers()
    loop = asyncio.get_running_loop()
    assert await scene.opening.over() is Due.GREET
    assert clock.passed == pytest.approx(2, abs=0.11)
    assert not scene.opening.is_spoken_into
    scene.says("started")
    assert scene.opening.is_spoken_into
    loop.call_later(1, scene.says, "stopped")
    assert await scene.opening.over() is Due.GREET
    assert clock.passed == pytest.approx(3, abs=0.11)
    assert not scene.opening.is_spoken_into
    scene.opening.close()


async def test_an_ear_that_comes_after_the_answer_hears_the_hello_out() -> None:
    scene = Scene(ringing(rule=""))
    scene.answers()
    waiting = asyncio.create_task(scene.opening.over())
    for _ in range(3):
        await asyncio.sleep(0)
    late = Ear()
    scene.opening.lend_ear(late)
    assert late.journal == ["hears out"]
    waiting.cancel()
    scene.opening.close()


async def test_who_stops_waiting_stops_nobody_else(clock: Clock) -> None:
    """The greeting may be stopped, and the watch waits all the same."""
    scene = Scene(ringing())
    first, second = (asyncio.create_task(scene.opening.over()) for _ in range(2))
    await asyncio.sleep(1)
    first.cancel()
    await asyncio.sleep(1)
    scene.answers()
    assert await second is Due.GREET
    assert clock.passed == 2


async def test_nobody_is_there_while_a_telephone_rings(clock: Clock) -> None:
    room = Room(ringing())
    waiting = asyncio.create_task(until_somebody_is_there(room))
    await asyncio.sleep(60)
    assert not waiting.done()
    room.tell(room.people["phone"], {"sip.callStatus": "active"})
    await waiting
    assert clock.passed == 60
