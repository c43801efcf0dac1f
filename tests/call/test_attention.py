"""Whom she listens to: who speaks with her, not who was there first, and nobody takes her away from a talk."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import pytest
from livekit import rtc
from livekit.agents import AgentStateChangedEvent

from clock import Clock
from fakes import HER, Link, Person, Room, Session
from granny.call.attention import HOLD_SECONDS, Attention, Ear, Scene

BOTH = {"first": True, "second": True}


def heard(*scenes: Scene, seconds: float = 1.0) -> list[str]:
    """Whom she listens to after each of the scenes, so many seconds apart."""
    attention, whom, now, turns = Attention(), "first", 0.0, []
    for scene in scenes:
        now += seconds
        whom = attention.turn_to(whom, scene, now)
        turns.append(whom)
    return turns


def test_whoever_speaks_first_is_listened_to() -> None:
    assert heard(Scene(BOTH), Scene(BOTH, ["second"])) == ["first", "second"]


def test_also_while_she_greets() -> None:
    assert heard(Scene(BOTH, ["second"], she_speaks=True)) == ["second"]


def test_who_has_a_microphone_comes_before_who_has_none() -> None:
    assert heard(Scene({"first": False, "second": False}), Scene({"first": False, "second": True})) == [
        "first",
        "second",
    ]


def test_who_speaks_comes_before_who_only_has_a_microphone() -> None:
    assert heard(Scene({"first": False, "second": True, "third": True}, ["third"])) == ["third"]


def test_who_talks_with_her_is_not_talked_over() -> None:
    """Nor in the pause for thought, nor while she answers, however long that is."""
    talk = (
        Scene(BOTH, ["first"]),
        Scene(BOTH, ["second", "first"]),
        Scene(BOTH, ["second"]),
        Scene(BOTH, ["second"], she_speaks=True),
        Scene(BOTH, ["second"], she_speaks=True),
        Scene(BOTH, ["second"]),
    )
    assert heard(*talk, seconds=HOLD_SECONDS - 1) == ["first"] * len(talk)


def test_after_a_long_silence_who_speaks_is_listened_to() -> None:
    assert heard(Scene(BOTH, ["first"]), Scene(BOTH, ["second"]), seconds=HOLD_SECONDS) == ["first", "second"]


def test_a_microphone_closed_for_a_moment_gives_nothing_away() -> None:
    closed = Scene({"first": False, "second": True}, ["second"])
    assert heard(Scene(BOTH, ["first"]), closed, Scene(BOTH, ["first"])) == ["first"] * 3


def test_who_has_been_turned_to_by_mistake_gives_way_to_the_first_word() -> None:
    """A stranger's microphone is open while the caller's browser still asks for leave."""
    waiting = Scene({"first": False, "second": True})
    assert heard(waiting, Scene(BOTH, ["first"])) == ["second", "first"]


def test_a_voice_without_a_microphone_is_nobody_s() -> None:
    """Music that somebody shares."""
    assert heard(Scene({"first": True, "second": False}, ["second"])) == ["first"]


def test_a_hold_is_over_when_it_has_lasted_and_not_before() -> None:
    talk = (Scene(BOTH, ["first"]), Scene(BOTH, ["second"]))
    assert heard(*talk, seconds=HOLD_SECONDS - 0.1) == ["first", "first"]
    assert heard(*talk, seconds=HOLD_SECONDS) == ["first", "second"]


def test_her_own_voice_holds_only_whom_she_talks_with() -> None:
    """A greeting is for everybody: who has not said a word has no hold on her."""
    assert heard(Scene(BOTH, she_speaks=True), Scene(BOTH, ["second"])) == ["first", "second"]


def test_of_two_who_speak_the_loudest_is_listened_to() -> None:
    three = {"first": True, "second": True, "third": True}
    assert heard(Scene(three, ["third", "second"])) == ["third"]


def test_where_nobody_has_a_microphone_nobody_is_turned_to() -> None:
    assert heard(Scene({"first": False, "second": False}, ["second"])) == ["first"]


def test_of_two_open_microphones_hers_is_whose_she_hears_already() -> None:
    """Whoever came second and is listened to stays so until somebody speaks."""
    assert Attention().turn_to("second", Scene(BOTH), 1) == "second"


def test_whom_somebody_else_has_turned_her_to_has_no_hold_yet() -> None:
    """As `presence` does when the one she heard has left: that one's talk is not the newcomer's."""
    attention = Attention()
    assert attention.turn_to("first", Scene(BOTH, ["first"]), 1) == "first"
    assert attention.turn_to("second", Scene(BOTH, ["first"]), 2) == "first"


class Talk:
    """A room with two people in it, of whom the agent session hears the first."""

    def __init__(self, first: Literal["none", "open", "muted"] = "open", *, has_begun: bool = True) -> None:
        self.first, self.second = Person("first", microphone=first), Person("second")
        self.room = Room(self.first, self.second)
        self.link = Link(self.room, "first")
        self.session = Session(link=self.link if has_begun else None)
        self.ear = Ear(self.room, self.session)

    def speak(self, *who: rtc.Participant) -> None:
        self.room.emit("active_speakers_changed", list(who))

    def happens(self, *events: str) -> None:
        for event in events:
            self.room.emit(event, None, None)  # type: ignore[arg-type]  # one of the names that the room knows


async def test_the_session_hears_whoever_speaks_first(caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk()
    with caplog.at_level(logging.INFO, logger="granny.call"):
        talk.speak(talk.second)
    assert talk.link.heard == ["first", "second"]
    [record] = caplog.records
    assert (record.name, record.getMessage()) == ("granny.call", "listening to somebody else")
    assert vars(record)["participant"] == "second"


async def test_whom_it_hears_already_is_not_turned_to_again(clock: Clock) -> None:
    talk = Talk()
    talk.speak(talk.first)
    assert talk.link.heard == ["first"]
    await asyncio.sleep(60)
    assert clock.passed == 60


async def test_who_speaks_on_is_turned_to_when_the_hold_is_over_though_nothing_changes(clock: Clock) -> None:
    """LiveKit tells of changes only: a voice that has been there all along is not told of again."""
    talk = Talk()
    talk.speak(talk.first)
    await asyncio.sleep(1)
    talk.speak(talk.second)
    assert talk.link.heard == ["first"]
    await asyncio.sleep(HOLD_SECONDS - 0.1)
    assert talk.link.heard == ["first"]
    await asyncio.sleep(0.2)
    assert talk.link.heard == ["first", "second"]
    assert clock.passed == pytest.approx(1 + HOLD_SECONDS + 0.1)


async def test_a_new_voice_puts_that_off(clock: Clock) -> None:
    """Whoever she talks with has said something meanwhile."""
    talk = Talk()
    talk.speak(talk.first)
    talk.speak(talk.second)
    await asyncio.sleep(6)
    talk.speak(talk.first)
    talk.speak(talk.second)
    await asyncio.sleep(6)
    assert talk.link.heard == ["first"]
    await asyncio.sleep(4.1)
    assert talk.link.heard == ["first", "second"]
    assert clock.passed == 16.1


async def test_her_own_voice_keeps_the_talk_going(clock: Clock) -> None:
    talk = Talk()
    talk.speak(talk.first)
    await asyncio.sleep(HOLD_SECONDS - 1)
    talk.speak(talk.room.me, talk.second)
    await asyncio.sleep(HOLD_SECONDS - 1)
    talk.speak(talk.second)
    assert talk.link.heard == ["first"]
    assert clock.passed == 2 * (HOLD_SECONDS - 1)
    assert talk.room.me.identity == HER


@pytest.mark.parametrize(
    "event",
    ["track_published", "track_unpublished", "track_subscribed", "track_muted", "track_unmuted"],
)
async def test_a_microphone_that_opens_or_closes_is_noticed(event: str) -> None:
    talk = Talk()
    talk.first.mute()
    assert talk.link.heard == ["first"]
    talk.happens(event)
    assert talk.link.heard == ["first", "second"]


async def test_somebody_who_leaves_is_noticed() -> None:
    talk = Talk("muted")
    talk.room.come(Person("third", microphone="none"))
    talk.room.leave(talk.room.people["third"], rtc.DisconnectReason.CLIENT_INITIATED)
    assert talk.link.heard == ["first", "second"]


async def test_the_session_s_state_is_noticed() -> None:
    """Before it runs there is nobody to turn."""
    talk = Talk("none")
    talk.session.emit("agent_state_changed", AgentStateChangedEvent(old_state="listening", new_state="speaking"))
    assert talk.link.heard == ["first", "second"]


async def test_what_is_no_microphone_is_nobody_s_voice() -> None:
    """A screen's sound, or a camera."""
    talk = Talk("none")
    talk.first.publish(rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)
    talk.happens("track_published")
    assert talk.link.heard == ["first", "second"]


async def test_another_agent_is_not_listened_to() -> None:
    talk = Talk()
    other = talk.room.come(Person("other", kind=rtc.ParticipantKind.PARTICIPANT_KIND_AGENT))
    talk.speak(other)
    assert talk.link.heard == ["first"]


async def test_a_voice_that_has_left_is_heard_no_more() -> None:
    """The last that LiveKit told of who speaks was before they left."""
    talk = Talk()
    talk.speak(talk.first)
    talk.speak(talk.second)
    talk.room.leave(talk.second, rtc.DisconnectReason.CLIENT_INITIATED)
    assert talk.link.heard == ["first"]


@pytest.mark.parametrize("without", ["a session", "anybody linked", "a room"])
async def test_where_there_is_nobody_to_hear_nobody_is_turned_to(
    without: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing breaks: the framework would only log it."""
    talk = Talk(has_begun=without != "a session")
    if without == "anybody linked":
        talk.link.heard = []
    talk.room.is_joined = without != "a room"
    talk.speak(talk.second)
    assert talk.link.heard == ([] if without == "anybody linked" else ["first"])
    assert caplog.records == []
