"""A call by telephone, in a room of fakes: it begins with the answer and ends with the telephone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentStateChangedEvent, CloseEvent, CloseReason, FunctionToolsExecutedEvent, llm

from clock import Clock
from fakes import Job, Person, Room, Session, without_sound_card
from granny import faults
from granny.call.announcer import Announcer
from granny.call.ending import CallEnd, CallEnded, CameBy, Ending
from granny.call.hello import HELLO_AGAIN_SECONDS, Due
from granny.call.instructions import HANG_UP
from granny.call.lifecycle import Call, wind_up
from granny.call.opening import HEAD_SECONDS
from granny.call.realtime_model import realtime_model
from granny.call.reports import CHANNEL
from granny.lines import Line, load
from granny.rooms.dispatch import Way, job_metadata
from granny.rooms.telephones import RING, RingOutcome, outcome_told
from scenarios._scene import settings

Reason = rtc.DisconnectReason
SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
_ONE_SECOND = 48_000
SETTINGS = {"LIVEKIT_URL": "ws://livekit.invalid", "GRANNY_IDLE_SECONDS": "10"}


def telephone(status: str = "ringing", *, rule: str = "SDR_1") -> Person:
    told = {"sip.callStatus": status, "sip.phoneNumber": "+4930555001", **({"sip.ruleID": rule} if rule else {})}
    return Person("phone", kind=SIP, attributes=told)


class Scene:
    """A call in a room of fakes; `told` is what the worker hears of it."""

    def __init__(self, *people: Person, way: Way | None = None, has_model: bool = False, **values: str) -> None:
        self.told: list[Any] = []
        self.room = Room(*people)
        self.journal = self.room.journal
        self.job = Job(self.room, metadata=job_metadata(way=way))
        self.settings = settings(**SETTINGS | values)
        self.session = Session(self.journal, model=realtime_model(self.settings) if has_model else None)
        self.call = Call(self.job, self.settings)

    def begin(self) -> None:
        with self.call:
            self.call.watch_over(self.session)
        self.opening = asyncio.create_task(self.call.opening.over())  # as whoever is to greet does

    def comes(self, person: Person) -> None:
        self.room.come(person)

    def is_now(self, status: str) -> None:
        self.room.tell(self.room.people["phone"], {"sip.callStatus": status})

    def leaves(self, reason: rtc.DisconnectReason.ValueType = Reason.CLIENT_INITIATED) -> None:
        self.room.leave(self.room.people["phone"], reason)

    def is_told(self, outcome: RingOutcome, *, by: rtc.RemoteParticipant | None = None) -> None:
        packet = rtc.DataPacket(
            data=outcome_told(outcome), kind=rtc.DataPacketKind.KIND_RELIABLE, participant=by, topic=RING
        )
        self.room.emit("data_received", packet)

    def openai(self, event: str) -> None:
        assert self.call._supervisor
        self.call._supervisor._on_event({"type": event})

    def says(self, words: str) -> None:
        """As OpenAI has written it down."""
        assert self.call._supervisor
        told = {"type": "conversation.item.input_audio_transcription.completed", "transcript": words}
        self.call._supervisor._on_event(told)

    def uses_tool(self, name: str) -> None:
        call = llm.FunctionCall(call_id="1", name=name, arguments="{}")
        output = llm.FunctionCallOutput(call_id="1", output="", is_error=False)
        self.session.emit(
            "function_tools_executed", FunctionToolsExecutedEvent(function_calls=[call], function_call_outputs=[output])
        )

    def presses(self, key: str) -> None:
        phone = self.room.people["phone"]
        self.room.emit("sip_dtmf_received", rtc.SipDTMF(code=1, digit=key, participant=phone))

    def is_speaking(self) -> None:
        """She says a word, and no more."""
        for old, new in (("listening", "speaking"), ("speaking", "listening")):
            event = AgentStateChangedEvent.model_validate({"old_state": old, "new_state": new})
            self.session.emit("agent_state_changed", event)

    async def fails(self) -> None:
        """A fault ends it, and is being told."""
        assert self.call._supervisor
        self.call._supervisor.fail(faults.CALL_CRASHED.found("a test"))
        await self.until(Line.SOMETHING_WENT_WRONG)

    async def until(self, line: Line) -> None:
        """A recorded line has begun."""
        while line not in self.lines:  # noqa: ASYNC110  a room of fakes tells nobody
            await asyncio.sleep(0.1)

    @property
    def is_heard(self) -> bool:
        return self.session.input.audio_enabled

    @property
    def lines(self) -> list[Line]:
        """The recorded lines that were begun, after what she is, and after silence."""
        every = {
            load(line).pcm.lstrip(b"\0")[:_ONE_SECOND]: line for line in Line if line is not Line.COMPUTER_COMPANION
        }
        heard = [track.source.pcm.lstrip(b"\0")[:_ONE_SECOND] for track, _, _ in self.room.me.published]
        return [every[pcm] for pcm in heard if pcm in every]

    async def ended(self) -> CallEnded:
        """The job winds up, as the framework has it."""
        await wind_up(self.job)
        [ended] = [one for one in self.told if isinstance(one, CallEnded)]
        return ended

    async def ends(self) -> Ending:
        return (await self.ended()).end.ending


@pytest.fixture(autouse=True)
def scenes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Scene]]:
    """Those of a test hear what its call reports."""
    without_sound_card(monkeypatch)
    here: list[Scene] = []
    begin = Scene.begin

    def noted(scene: Scene) -> None:
        here.append(scene)
        begin(scene)

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            here[-1].told.append(cast("Any", record).told)

    async def nowhere(_: Announcer) -> None:
        """A test that ends in mid-call leaves no call that looks for its room."""
        raise asyncio.TimeoutError

    monkeypatch.setattr(Scene, "begin", noted)
    monkeypatch.setattr(Announcer, "rejoin", nowhere)
    ear = Ear()
    CHANNEL.addHandler(ear)
    yield here
    CHANNEL.removeHandler(ear)


async def test_nothing_of_a_ringing_telephone_is_heard_and_nothing_waited_for(clock: Clock) -> None:
    """However long it rings: neither her patience with silence nor the longest call has begun."""
    scene = Scene(telephone("dialing", rule=""), way=Way.RING, GRANNY_MAX_CALL_MINUTES="1")
    scene.begin()
    scene.is_now("ringing")
    await asyncio.sleep(75)
    assert not scene.is_heard
    assert (scene.job.hung_up, scene.lines) == ([], [])
    assert clock.passed == 75


async def test_a_call_by_telephone_is_as_long_as_since_its_answer(clock: Clock) -> None:
    scene = Scene(telephone(), way=Way.PHONE)
    scene.begin()
    await asyncio.sleep(7)
    scene.is_now("active")
    assert scene.is_heard
    await asyncio.sleep(5)
    scene.leaves()
    await asyncio.sleep(1.1)
    ended = await scene.ended()
    assert ended.seconds == pytest.approx(6.1)
    assert clock.passed == pytest.approx(13.1)


async def test_a_telephone_that_is_in_hand_before_the_session_begins_is_no_warning(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.session.input.audio = None
    with caplog.at_level(logging.WARNING, logger="livekit.agents"):
        scene.begin()
        await asyncio.sleep(1)
    assert (scene.is_heard, caplog.messages) == (True, [])
    assert clock.passed == 1


async def test_silence_counts_from_the_answer(clock: Clock) -> None:
    """With ten seconds' patience somebody who answers after 25 is not asked whether they are still there."""
    scene = Scene(telephone("dialing", rule=""), way=Way.RING)
    scene.begin()
    await asyncio.sleep(25)
    scene.is_now("active")
    assert scene.call._supervisor
    scene.call._supervisor._watchdog.answers.debt.first_word_said()
    await asyncio.sleep(9)
    assert scene.lines == []
    assert clock.passed == 34


async def test_the_model_is_asked_for_nothing_before_the_answer(clock: Clock) -> None:
    scene = Scene(telephone(), way=Way.PHONE)
    scene.begin()
    await asyncio.sleep(20)
    assert not scene.opening.done()
    scene.is_now("active")
    await scene.opening
    assert clock.passed == 20


@pytest.mark.parametrize("reason", [reason for reason in Reason.values() if reason != Reason.UNKNOWN_REASON])
async def test_whatever_the_reason_a_telephone_that_has_gone_ends_the_call(
    clock: Clock, reason: rtc.DisconnectReason.ValueType
) -> None:
    """Also by those on which the framework's own session stays open; the room ends with it, within two seconds."""
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    await asyncio.sleep(3)
    scene.leaves(reason)
    await asyncio.sleep(2)
    assert scene.job.rooms.journal == ["the-room ended"]
    assert len(scene.job.hung_up) == 1
    assert scene.lines == []
    assert clock.passed == 5


@pytest.mark.parametrize(
    ("reason", "ending"),
    [(Reason.USER_REJECTED, Ending.DECLINED), (Reason.USER_UNAVAILABLE, Ending.NOT_ANSWERED)],
)
async def test_whom_she_rings_in_vain_is_given_up_within_two_seconds(
    clock: Clock, reason: rtc.DisconnectReason.ValueType, ending: Ending
) -> None:
    scene = Scene(telephone("ringing", rule=""), way=Way.RING)
    scene.begin()
    await asyncio.sleep(5)
    scene.leaves(reason)
    await asyncio.sleep(2)
    assert scene.job.rooms.journal == ["the-room ended"]
    ended = await scene.ended()
    assert (ended.end, ended.caller and ended.caller.came_by) == (CallEnd(ending), CameBy.RING)
    assert clock.passed == 7


async def test_whoever_has_dialled_says_how_it_ended() -> None:
    """LiveKit calls busy and declined the same; they know before she gives up, and after."""
    scene = Scene(telephone("ringing", rule=""), way=Way.RING)
    scene.begin()
    scene.leaves(Reason.USER_REJECTED)
    scene.is_told(RingOutcome.BUSY)
    await asyncio.sleep(0)
    assert scene.job.hung_up == ["busy"]
    assert await scene.ends() is Ending.BUSY


async def test_a_ring_that_is_given_up_before_the_telephone_came_is_told_too() -> None:
    scene = Scene(way=Way.RING)
    scene.begin()
    scene.is_told(RingOutcome.UNREACHABLE)
    await asyncio.sleep(0)
    assert scene.job.hung_up == ["unreachable"]


async def test_nobody_in_the_room_can_say_how_a_ring_ended() -> None:
    stranger = Person("stranger")
    scene = Scene(telephone("ringing", rule=""), way=Way.RING)
    scene.begin()
    scene.is_told(RingOutcome.BUSY, by=stranger)
    await asyncio.sleep(0)
    assert scene.job.hung_up == []


async def test_a_call_that_goes_on_is_not_ended_by_what_is_told_of_its_ringing(clock: Clock) -> None:
    scene = Scene(telephone("active", rule=""), way=Way.RING)
    scene.begin()
    scene.is_told(RingOutcome.NOT_ANSWERED)
    await asyncio.sleep(1)
    assert scene.job.hung_up == []
    assert clock.passed == 1


async def test_a_caller_who_had_gone_before_she_came_keeps_no_room(clock: Clock) -> None:
    """The job was told of a telephone, and none is there."""
    scene = Scene(way=Way.PHONE)
    scene.begin()
    await asyncio.sleep(1.5)
    assert scene.job.rooms.journal == ["the-room ended"]
    assert await scene.ends() is Ending.HUNG_UP_EARLY
    assert clock.passed == 1.5


async def test_a_ring_that_is_never_dialled_ends_by_itself(clock: Clock) -> None:
    scene = Scene(way=Way.RING)
    scene.begin()
    await asyncio.sleep(9)
    assert scene.job.hung_up == []
    await asyncio.sleep(1.5)
    assert scene.job.hung_up == ["unreachable"]
    assert clock.passed == 10.5


async def test_a_room_that_was_ended_while_it_rang_had_no_answer() -> None:
    scene = Scene(telephone("ringing", rule=""), way=Way.RING)
    scene.begin()
    scene.room.end(Reason.ROOM_DELETED)
    assert await scene.ends() is Ending.NOT_ANSWERED


async def test_a_fault_before_the_answer_is_told_to_no_ringing_telephone(clock: Clock) -> None:
    """It stops ringing: nobody is to be called to the telephone for an apology. The worker hears of it all the same."""
    scene = Scene(telephone("ringing", rule=""), way=Way.RING)
    scene.begin()
    assert scene.call._supervisor
    scene.call._supervisor.fail(faults.OPENAI_KEY_REJECTED.found("401"))
    await asyncio.sleep(2)
    assert scene.lines == []
    assert scene.job.rooms.journal == ["the-room ended"]
    assert (await scene.ended()).end == CallEnd.by(faults.OPENAI_KEY_REJECTED.found(""))
    assert clock.passed == 2


async def test_a_fault_is_told_to_a_telephone_that_calls(clock: Clock) -> None:
    scene = Scene(telephone("ringing"), way=Way.PHONE)
    scene.begin()
    assert scene.call._supervisor
    scene.call._supervisor.fail(faults.OPENAI_KEY_REJECTED.found("401"))
    await asyncio.sleep(30)
    assert scene.lines == [Line.NOT_SET_UP]
    assert clock.passed == 30


async def test_she_stays_on_the_line_until_her_last_word_has_come_through(clock: Clock) -> None:
    """A telephone network may swallow a call's last second."""
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    await asyncio.sleep(3)
    assert scene.call._supervisor
    scene.call._supervisor.fail(faults.CALL_CRASHED.found("a test"))
    spoken = load(Line.COMPUTER_COMPANION).duration + load(Line.SOMETHING_WENT_WRONG).duration
    spoken += HEAD_SECONDS
    await asyncio.sleep(spoken + 2 * 0.3 + 1.2)
    assert scene.job.rooms.journal == []
    await asyncio.sleep(0.3)
    assert scene.job.rooms.journal == ["the-room ended"]
    assert clock.passed == pytest.approx(3 + spoken + 2.1)


async def test_a_key_is_a_sign_of_life(clock: Clock) -> None:
    """Whoever presses one is not asked whether they are there for another length of her patience."""
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    assert scene.call._supervisor
    scene.call._supervisor._watchdog.answers.give_up(clock.time())
    await asyncio.sleep(9)
    scene.presses("5")
    await asyncio.sleep(9)
    assert scene.lines == []
    await asyncio.sleep(5)
    assert scene.lines == [Line.ARE_YOU_STILL_THERE]
    assert clock.passed == 23


async def test_whoever_rings_for_her_is_told_that_somebody_has_answered() -> None:
    scene = Scene(telephone("ringing", rule=""), way=Way.RING)
    scene.begin()
    assert f"attributes {{'{RING}': 'answered'}}" not in scene.journal
    scene.is_now("active")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert f"attributes {{'{RING}': 'answered'}}" in scene.journal


NO_CONVERSATION = f"attributes {{'{RING}': 'no-conversation'}}"


async def test_whom_she_rang_only_to_apologise_was_not_talked_with(clock: Clock) -> None:
    """Whoever rings for her is told before the apology, for its end is the room's."""
    scene = Scene(telephone("active", rule=""), way=Way.RING)
    scene.begin()
    await asyncio.sleep(3)
    assert scene.call._supervisor
    scene.call._supervisor.fail(faults.CALL_CRASHED.found("a test"))
    await asyncio.sleep(1)
    assert NO_CONVERSATION in scene.journal
    assert scene.job.rooms.journal == []
    await scene.until(Line.SOMETHING_WENT_WRONG)
    assert clock.passed > 4


async def test_who_takes_her_call_and_never_says_a_word_was_not_talked_with(clock: Clock) -> None:
    """It may be a machine of few words, or somebody who cannot speak."""
    scene = Scene(telephone("active", rule=""), way=Way.RING)
    scene.begin()
    scene.openai("input_audio_buffer.speech_started")
    scene.openai("input_audio_buffer.speech_stopped")  # a hello at the most
    scene.is_speaking()
    await scene.until(Line.GOODBYE)
    assert NO_CONVERSATION in scene.journal
    assert clock.passed > 20


async def test_a_fault_makes_no_less_of_a_conversation(clock: Clock) -> None:
    scene = Scene(telephone("active", rule=""), way=Way.RING)
    scene.begin()
    scene.is_speaking()
    scene.openai("input_audio_buffer.speech_started")
    scene.openai("input_audio_buffer.speech_stopped")
    scene.is_speaking()
    await scene.fails()
    assert NO_CONVERSATION not in scene.journal
    assert clock.passed > 0


async def test_whoever_has_rung_her_is_told_nothing_of_a_ring(clock: Clock) -> None:
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    await scene.fails()
    assert NO_CONVERSATION not in scene.journal
    assert clock.passed > 0


async def test_a_hello_is_answered_by_the_greeting_alone(clock: Clock) -> None:
    """It is heard, and OpenAI does not answer it by itself; soon after her first sound it answers again."""
    scene = Scene(telephone("ringing", rule=""), way=Way.RING, has_model=True)
    scene.begin()
    model = cast("Any", scene.session.llm)
    scene.is_now("active")
    await asyncio.sleep(0.5)
    assert model._hears_out
    scene.openai("input_audio_buffer.speech_started")
    await asyncio.sleep(0.7)
    scene.openai("input_audio_buffer.speech_stopped")
    await scene.opening
    assert clock.passed == pytest.approx(1.2)
    assert model._hears_out
    scene.session.emit("agent_state_changed", AgentStateChangedEvent(old_state="listening", new_state="speaking"))
    await asyncio.sleep(2.1)
    assert not model._hears_out


async def test_a_greeting_that_never_comes_leaves_no_caller_unanswered(clock: Clock) -> None:
    """A recorded line says it, and from then on OpenAI answers by itself."""
    scene = Scene(telephone("active", rule=""), way=Way.RING, has_model=True)
    scene.begin()
    await asyncio.sleep(12)
    assert scene.lines == [Line.GREETING]
    assert not cast("Any", scene.session.llm)._hears_out
    assert clock.passed == 12


@pytest.mark.parametrize(
    ("way", "noise", "heard"),
    [(Way.PHONE, "near_field", "near_field"), (None, "near_field", "near_field"), (Way.RING, "far_field", "far_field")],
)
async def test_a_telephone_is_held_to_the_mouth_unless_the_settings_say_otherwise(
    way: Way | None, noise: str, heard: str
) -> None:
    """Whether the job was told of it or finds one in the room."""
    phone = telephone("ringing", rule="" if way is Way.RING else "SDR_1")
    scene = Scene(phone, way=way, has_model=True, GRANNY_PHONE_NOISE=noise)
    scene.begin()
    scene.is_now("active")
    assert cast("Any", scene.session.llm)._opts.input_audio_noise_reduction.type == heard


async def test_a_caller_from_a_page_is_heard_as_before() -> None:
    scene = Scene(Person(), has_model=True)
    scene.begin()
    assert scene.is_heard
    assert cast("Any", scene.session.llm)._opts.input_audio_noise_reduction.type == "far_field"
    assert await scene.opening is Due.GREET


async def test_what_is_told_of_a_telephone_s_caller_shows_no_number() -> None:
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    scene.leaves()
    ended = await scene.ended()
    assert ended.caller
    assert ended.caller.came_by is CameBy.PHONE
    assert "4930555" not in repr(ended)


async def test_a_machine_is_told_of_and_ends_the_call_under_its_name() -> None:
    """Neither answered nor a goodbye."""
    scene = Scene(telephone("active", rule=""), way=Way.RING)
    scene.begin()
    scene.uses_tool("answering_machine")
    scene.leaves()
    assert await scene.ends() is Ending.MACHINE
    assert f"attributes {{'{RING}': 'machine'}}" in scene.journal


async def test_in_an_emergency_she_says_that_she_hangs_up_and_does(clock: Clock) -> None:
    """The caller has no other telephone to ring for help by."""
    phone = telephone("active")
    phone.is_sent(100)
    scene = Scene(phone, way=Way.PHONE)
    scene.begin()
    scene.says("Help, I have fallen and I cannot get up!")
    await scene.until(Line.GOODBYE)
    scene.session.emit("close", CloseEvent(reason=CloseReason.USER_INITIATED))  # she has closed it
    await asyncio.sleep(1.5)
    assert scene.job.rooms.journal == [], "the line is heard to its end"
    await asyncio.sleep(8)
    assert scene.lines == [Line.EMERGENCY, Line.GOODBYE]
    assert scene.job.rooms.journal == ["the-room ended"]
    assert await scene.ends() is Ending.LINE_FREED
    assert clock.passed < 45


async def test_in_an_emergency_her_own_goodbye_frees_the_line_too() -> None:
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    scene.says("Help, I have fallen and I cannot get up!")
    scene.uses_tool("end_call")
    scene.leaves()
    assert await scene.ends() is Ending.LINE_FREED


async def test_a_caller_from_a_page_is_not_hung_up_on_in_an_emergency(clock: Clock) -> None:
    scene = Scene(Person())
    scene.begin()
    scene.says("Help, I have fallen and I cannot get up!")
    await asyncio.sleep(9)
    assert scene.lines == [Line.EMERGENCY]
    assert not any(HANG_UP in note for note in scene.journal)
    assert clock.passed == 9


async def test_the_model_is_told_that_the_telephone_is_to_be_freed() -> None:
    scene = Scene(telephone("active"), way=Way.PHONE)
    scene.begin()
    scene.says("Help, I have fallen and I cannot get up!")
    await asyncio.sleep(0.1)
    assert any(note.startswith("asked: ") and note.endswith(HANG_UP) for note in scene.journal)


async def test_a_telephone_from_which_nothing_came_any_more_was_dead(clock: Clock) -> None:
    """The bridge gives it up after fifteen seconds and says no more than that it has left."""
    phone = telephone("active")
    scene = Scene(phone, way=Way.PHONE)
    phone.is_sent(100)
    scene.begin()
    await asyncio.sleep(2)
    phone.is_sent(150)
    await asyncio.sleep(15)
    scene.leaves()
    await asyncio.sleep(1.1)
    assert scene.job.hung_up == ["line-dead"]
    assert clock.passed == 18.1


async def test_a_telephone_that_sends_until_it_is_hung_up_was_not(clock: Clock) -> None:
    phone = telephone("active")
    scene = Scene(phone, way=Way.PHONE, GRANNY_IDLE_SECONDS="60")
    scene.begin()
    for packets in range(50, 1000, 50):
        phone.is_sent(packets)
        await asyncio.sleep(1)
    scene.leaves()
    await asyncio.sleep(1.1)
    assert scene.job.hung_up == ["hung-up-early"]
    assert clock.passed == 20.1


async def test_whom_she_rings_does_not_interrupt_her_by_saying_hello_once_more() -> None:
    """The framework takes care of it where somebody rings her, and of a browser; a recorded greeting does by itself."""
    assert Scene(telephone("ringing", rule=""), way=Way.RING).call.echo_seconds == HELLO_AGAIN_SECONDS
    assert Scene(telephone("ringing"), way=Way.PHONE).call.echo_seconds is NOT_GIVEN
    assert Scene(Person()).call.echo_seconds is NOT_GIVEN
    greeted = Scene(telephone("ringing", rule=""), way=Way.RING)
    greeted.call._announcer.greeting = cast("Any", object())
    assert greeted.call.echo_seconds == 0


async def test_a_telephone_that_somebody_else_rings_into_her_room_is_waited_for(clock: Clock) -> None:
    """Nobody told the job of it; until it comes, the room is empty."""
    scene = Scene()
    scene.begin()
    await asyncio.sleep(5)
    scene.comes(telephone("dialing", rule=""))
    await asyncio.sleep(40)
    assert (scene.is_heard, scene.job.hung_up) == (False, [])
    scene.is_now("active")
    assert scene.is_heard
    assert clock.passed == 45


async def test_whoever_talks_with_her_is_heard_while_somebody_else_s_telephone_rings() -> None:
    scene = Scene(Person())
    scene.begin()
    scene.comes(telephone("ringing", rule=""))
    assert scene.is_heard
    scene.is_now("active")
    assert scene.is_heard
