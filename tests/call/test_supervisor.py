"""The supervisor of a call does what the watchdog says, and tells it all that it must know: in a room of fakes."""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import AgentStateChangedEvent, APIConnectionError, APIError, APIStatusError, ErrorEvent, llm

from clock import Clock
from fakes import Job, Person, Room, Session
from granny import faults
from granny.call import refusal, reports
from granny.call.announcer import Announcer
from granny.call.greeting import Greeting
from granny.call.instructions import GO_ON, GREETING, urgent
from granny.call.opening import Opening
from granny.call.record import CallRecord
from granny.call.reports import Danger
from granny.call.serious import Kind
from granny.call.supervisor import Supervisor
from granny.call.telephone_call import TelephoneCall
from granny.call.watchdog import AskAgain, End, FreeLine, Limits, Owed, Say, Step, Watchdog
from granny.faults import Fault, Finding
from granny.lines import Line, OwnVoice, load, number_after
from scenarios._scene import settings

pytestmark = pytest.mark.usefixtures("no_sound_card")

END = End(faults.CALL_IDLE.found("x"), Line.GOODBYE)
OPENED = {"type": "session.created"}
STARTED = {"type": "input_audio_buffer.speech_started"}
STOPPED = {"type": "input_audio_buffer.speech_stopped"}


class Spoken:
    """A recorded greeting; `begun_at` is None for one that nobody will hear."""

    def __init__(self, begun_at: float | None, journal: list[str] | None = None) -> None:
        self.begun_at = begun_at
        self.is_over = asyncio.Event()
        self.journal: list[str] = [] if journal is None else journal

    async def begins(self) -> float | None:
        return self.begun_at

    async def over(self) -> None:
        await self.is_over.wait()

    def stop(self) -> None:
        self.journal.append("greeting stopped")


class Call:
    """One call's supervisor, round a real watchdog and a real announcer."""

    def __init__(self, *, is_greeted: bool = False) -> None:
        self.room = Room(Person())
        self.journal = self.room.journal
        self.session = Session(self.journal)
        self.record = CallRecord()
        limits = Limits(idle=60, longest=600, tokens=None)
        self.watchdog = Watchdog(
            self.record, limits=limits, greeting=Line.GREETING, started=time.monotonic(), is_greeted=is_greeted
        )
        job = Job(self.room)
        self.telephone = TelephoneCall()
        self.opening = Opening(job, self.telephone, asyncio.Event().wait)
        self.announcer = Announcer(job, settings(), self.record)
        self.announcer.session = self.session
        self.announcer._has_introduced = True  # as to a caller who has heard her
        self.supervisor = Supervisor(
            self.session, self.announcer, settings(), watchdog=self.watchdog, opening=self.opening
        )
        self.openai = rtc.EventEmitter[str]()

    async def follow(self, greeting: Spoken) -> None:
        self.announcer.greeting = cast("Greeting", greeting)
        self.supervisor.follow(self.announcer.greeting)
        assert self.supervisor._following
        await asyncio.wait([self.supervisor._following])

    async def does(self, monkeypatch: pytest.MonkeyPatch, *steps: Step) -> End | FreeLine:
        due = iter((*steps, END))
        monkeypatch.setattr(self.watchdog, "step", lambda _: next(due))
        return await self.supervisor.keep_watch()

    def listen(self) -> None:
        self.supervisor.listen(cast("llm.RealtimeSession[Any]", self.openai))

    def hear(self, *events: dict[str, Any]) -> None:
        for event in events:
            self.openai.emit("openai_server_event_received", event)

    def fail(self, error: Exception, *, recoverable: bool = True) -> None:
        told = llm.RealtimeModelError(timestamp=0, label="fake", error=error, recoverable=recoverable)
        self.session.emit("error", ErrorEvent(error=told, source=None))

    def state(self, old: Any, new: Any) -> None:
        self.session.emit("agent_state_changed", AgentStateChangedEvent(old_state=old, new_state=new))

    async def ends(self) -> tuple[Fault, str]:
        """The fault by which the watch ends, with its evidence."""
        end = await self.supervisor.keep_watch()
        assert isinstance(end, End)
        return end.finding.fault, end.finding.evidence

    def heard(self) -> list[bytes]:
        return [track.source.pcm for track, _, _ in self.room.me.published]


def sound(seconds: float) -> dict[str, Any]:
    return {"type": "response.output_audio.delta", "delta": "A" * int(seconds * 64_000)}


@pytest.fixture
async def call(clock: Clock) -> Call:  # noqa: ARG001  all that a call does goes by this clock
    return Call()


async def test_a_line_stops_the_greeting_and_holds_the_model_back(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two voices at once are never heard; an answer on its way is heard after the line."""
    call.announcer.greeting = cast("Greeting", Spoken(None, call.journal))
    assert await call.does(monkeypatch, Say(line=Line.ONE_MOMENT)) is END
    said = ["track granny-line", "caption", "track TR_0 gone"]
    assert call.journal == ["greeting stopped", "model held back", *said, "model let go"]
    assert call.heard()[0].startswith(load(Line.ONE_MOMENT).pcm)


async def test_an_answer_that_is_given_up_is_silenced_before_the_line(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call.does(monkeypatch, Say(line=Line.NO_ANSWER, drop_answer=True))
    assert call.journal[:3] == ["model interrupted", "model held back", "track granny-line"]


async def test_the_room_is_told_of_the_fault_that_a_line_is_for(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    await call.does(monkeypatch, Say(line=Line.ONE_MOMENT, finding=faults.OPENAI_UNAVAILABLE.found("x")))
    assert 'data granny.fault {"fault": "openai-unavailable"}' in call.journal


async def test_an_answer_is_waited_for_anew_after_a_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The silence that the line filled does not count."""
    call.supervisor.met()
    call.listen()
    owed = call.watchdog.answers.debt.since
    await call.does(monkeypatch, Say(line=Line.ONE_MOMENT))
    assert call.watchdog.answers.debt.since == time.monotonic() != owed


async def test_the_model_is_asked_to_greet_until_the_caller_has_heard_her(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Afterwards it is asked to go on: nobody is greeted twice."""
    await call.does(monkeypatch, AskAgain())
    call.state("listening", "speaking")
    await call.does(monkeypatch, AskAgain())
    assert call.journal == [f"asked: {GREETING}", f"asked: {GO_ON}"]


async def test_a_session_that_is_closing_is_asked_nothing_more(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that is no crash: whoever closes it has told the caller why."""
    call.session.is_over = True
    assert await call.does(monkeypatch, AskAgain()) is END
    assert call.journal == []


async def test_what_broke_for_good_ends_the_call_with_its_own_line(call: Call, clock: Clock) -> None:
    call.supervisor.fail(faults.CALL_CRASHED.found("KeyError"))
    assert await call.ends() == (faults.CALL_CRASHED, "KeyError")
    assert clock.passed == 0


async def test_she_looks_ten_times_a_second(call: Call, clock: Clock) -> None:
    """A room in which nobody came is left after two minutes, and a tenth of a second at most."""
    assert await call.ends() == (faults.CALL_IDLE, "nobody came in 120 s")
    assert clock.passed == pytest.approx(120.1, abs=0.11)


async def test_a_fault_is_heeded_at_once_and_not_at_the_next_look(call: Call, clock: Clock) -> None:
    asyncio.get_running_loop().call_later(0.55, call.supervisor.fail, faults.CALL_CRASHED.found("x"))
    assert await call.ends() == (faults.CALL_CRASHED, "x")
    assert clock.passed == 0.55


async def test_a_caller_who_waits_in_vain_hears_the_greeting_and_then_the_end(call: Call, clock: Clock) -> None:
    """The whole of it: met, connected, and not a sound from the model; the second silence ends the call."""
    call.supervisor.met()
    call.listen()
    call.hear(OPENED, {"type": "response.created"})
    loop = asyncio.get_running_loop()
    loop.call_later(20, call.hear, STARTED)
    loop.call_later(21, call.hear, STOPPED)
    assert await call.ends() == (faults.CALL_NO_ANSWER, "silence of 8.0 s")
    [line] = call.heard()
    assert line.startswith(load(Line.GREETING).pcm)
    assert call.record.spoken_faults == ["call-no-first-word"]
    assert clock.passed == pytest.approx(29.0, abs=0.11)


async def test_a_connection_that_does_not_open_is_told_and_given_up(call: Call, clock: Clock) -> None:
    """It counts from when it was begun: nothing is asked of OpenAI before."""
    await asyncio.sleep(5)
    call.supervisor.met()
    call.listen()
    assert await call.ends() == (faults.OPENAI_SILENT, "the connection did not open")
    assert call.heard()[0].startswith(load(Line.ONE_MOMENT).pcm)
    assert clock.passed == pytest.approx(13.1, abs=0.11)


async def test_her_voice_counts_from_its_first_sound_to_its_last(call: Call) -> None:
    call.state("listening", "speaking")
    assert call.watchdog.answers.granny_speaks
    assert call.record.first_word == 0
    call.state("speaking", "listening")
    assert not call.watchdog.answers.granny_speaks
    call.state("listening", "thinking")
    assert not call.watchdog.answers.granny_speaks


async def test_what_openai_says_is_counted(call: Call) -> None:
    call.listen()
    call.hear(OPENED, STARTED, STOPPED)
    assert call.record.turns == 1
    await asyncio.sleep(2)
    call.state("listening", "speaking")
    assert call.record.answers == [2.0]


@pytest.mark.parametrize("does_open", [True, False])
async def test_a_renewed_connection_is_one(call: Call, *, does_open: bool) -> None:
    call.listen()
    call.hear(OPENED)
    if does_open:
        call.openai.emit("session_reconnected", llm.RealtimeSessionReconnectedEvent())
    call.hear(sound(0.1))
    assert call.record.renewals == does_open


async def test_an_error_event_of_openais_ends_the_call_by_its_fault(call: Call, clock: Clock) -> None:
    call.listen()
    call.hear(OPENED, {"type": "error", "error": {"type": "insufficient_quota", "code": "insufficient_quota"}})
    fault, _ = await call.ends()
    assert fault is faults.OPENAI_OUT_OF_CREDIT
    assert clock.passed == 0


async def test_an_event_that_is_no_error_is_no_fault(call: Call, clock: Clock) -> None:
    call.listen()
    call.hear(OPENED, {"type": "rate_limits.updated"})
    assert await call.ends() == (faults.CALL_IDLE, "nobody came in 120 s")
    assert clock.passed > 100


async def test_what_the_plugin_gives_up_ends_the_call_and_what_it_tries_again_does_not(
    call: Call, clock: Clock
) -> None:
    call.fail(APIError("no"), recoverable=True)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(7, lambda: call.fail(APIError("no"), recoverable=False))
    fault, _ = await call.ends()
    assert fault is faults.OPENAI_UNKNOWN_ERROR
    assert clock.passed == 7


async def test_what_is_no_error_of_the_model_s_is_not_heeded(call: Call, clock: Clock) -> None:
    """The framework tells of others, too."""
    call.session.emit("error", ErrorEvent(error=SimpleNamespace(error="a text"), source=None))
    call.session.emit("error", ErrorEvent(error=SimpleNamespace(), source=None))
    assert await call.ends() == (faults.CALL_IDLE, "nobody came in 120 s")
    assert clock.passed > 100


class Probe:
    """The check-up's question at OpenAI's door; it answers when `answer` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[Finding] = []
        self.answer: asyncio.Future[Finding | None] = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(refusal, "reason", self.reason)

    async def reason(self, finding: Finding, _: object) -> Finding | None:
        self.asked.append(finding)
        return await asyncio.shield(self.answer)


@pytest.fixture
async def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    return Probe(monkeypatch)


def refused(status: int = 401) -> APIConnectionError:
    """As the plugin tells of it: a status and nothing of its body."""
    error = APIConnectionError("refused")
    error.__cause__ = APIStatusError("refused", status_code=status)
    error.__cause__.status = status  # type: ignore[attr-defined]  # as aiohttp's handshake error has it
    return error


def lost(cause: Exception | None) -> APIConnectionError:
    error = APIConnectionError("lost")
    error.__cause__ = cause
    return error


async def test_why_a_connection_was_refused_is_asked_and_ends_the_call(call: Call, probe: Probe, clock: Clock) -> None:
    """Until the answer is there the connection is lost, no more."""
    call.listen()
    call.fail(refused())
    assert call.watchdog.step(time.monotonic()) is None
    key = faults.OPENAI_KEY_REJECTED.found("HTTP 401, code invalid_api_key")
    asyncio.get_running_loop().call_later(0.5, probe.answer.set_result, key)
    assert await call.ends() == (key.fault, key.evidence)
    assert len(probe.asked) == 1
    assert clock.passed == 0.5


async def test_it_is_asked_once_at_a_time_and_again_afterwards(call: Call, probe: Probe) -> None:
    """The plugin tries again while the probe is on its way."""
    call.listen()
    for _ in range(3):
        call.fail(refused())
        await asyncio.sleep(0)
    assert len(probe.asked) == 1
    probe.answer.set_result(None)
    await asyncio.sleep(0.1)
    call.fail(refused())
    await asyncio.sleep(0)
    assert len(probe.asked) == 2


@pytest.mark.parametrize("answer", [None, OSError()])
async def test_where_the_probe_finds_nothing_or_fails_the_trouble_is_what_it_was(
    call: Call, probe: Probe, clock: Clock, answer: OSError | None, caplog: pytest.LogCaptureFixture
) -> None:
    call.supervisor.met()
    call.listen()
    call.fail(refused())
    if answer:
        probe.answer.set_exception(answer)
    else:
        probe.answer.set_result(None)
    assert await call.ends() == (faults.OPENAI_SILENT, "the connection did not open")
    assert clock.passed == pytest.approx(8.1, abs=0.11)
    assert [record.getMessage() for record in caplog.records] == ["fault told"]


@pytest.mark.parametrize(("seconds", "is_asked"), [(1.9, True), (2.0, False)])
async def test_a_connection_that_is_closed_as_soon_as_it_is_open_was_not_wanted(
    call: Call, probe: Probe, seconds: float, *, is_asked: bool
) -> None:
    """The plugin may not have read why."""
    call.listen()
    call.hear(OPENED)
    await asyncio.sleep(seconds)
    call.fail(APIConnectionError("closed"))
    await asyncio.sleep(0)
    assert len(probe.asked) == is_asked


@pytest.mark.parametrize("cause", [None, ConnectionResetError()], ids=["closed", "closed while she wrote"])
async def test_why_a_connection_was_closed_of_which_nothing_was_read_is_asked(
    call: Call, probe: Probe, clock: Clock, cause: Exception | None
) -> None:
    """However long the one before it was held; else the caller would hear of a moment, and not what is wrong."""
    call.supervisor.met()
    call.listen()
    call.hear(OPENED)
    await asyncio.sleep(60)
    call.fail(APIConnectionError("torn"))
    await asyncio.sleep(0.1)
    assert probe.asked == []
    call.fail(lost(cause))
    key = faults.OPENAI_KEY_REJECTED.found("error event, code invalid_api_key")
    asyncio.get_running_loop().call_later(0.5, probe.answer.set_result, key)
    assert await call.ends() == (key.fault, key.evidence)
    assert call.heard() == []
    assert clock.passed == pytest.approx(60.6)


@pytest.mark.parametrize("error", [lost(OSError()), lost(asyncio.TimeoutError()), APIError("not lost")], ids=str)
async def test_a_connection_that_never_opened_is_not_asked_about(call: Call, probe: Probe, error: Exception) -> None:
    """Nor is an error on one that goes on."""
    call.listen()
    if not isinstance(error, APIConnectionError):
        call.hear(OPENED)
    call.fail(error)
    await asyncio.sleep(0)
    assert probe.asked == []


async def test_a_turn_that_the_connection_cut_is_asked_for_when_it_is_back(call: Call, clock: Clock) -> None:
    """An error that leaves the connection as it is cuts nothing."""
    call.supervisor.met()
    call.listen()
    call.hear(OPENED, sound(0.1), STARTED)
    call.fail(APIError("not lost"))
    assert call.watchdog.answers.caller_speaks
    await asyncio.sleep(3)
    call.fail(APIConnectionError("lost"))
    assert (call.watchdog.answers.caller_speaks, call.watchdog.answers.debt.owed) == (False, Owed.LOST)
    assert call.watchdog.answers.debt.since == time.monotonic()
    assert clock.passed == 3


async def test_she_is_deaf_to_her_own_greeting_until_the_caller_s_device_knows_her_voice(
    call: Call, clock: Clock
) -> None:
    """The device may send back what it plays: three seconds, or as long as the greeting is."""
    short, long = Spoken(time.monotonic()), Spoken(time.monotonic())
    loop = asyncio.get_running_loop()
    loop.call_later(1, short.is_over.set)
    await call.follow(short)
    assert (call.journal, clock.passed) == (["ear closed", "ear opened"], 1)
    loop.call_later(2.9, call.journal.append, "still deaf")
    loop.call_later(5, long.is_over.set)
    await call.follow(long)
    assert call.journal[2:] == ["ear closed", "still deaf", "ear opened"]
    assert clock.passed == 6


async def test_a_recorded_greeting_is_her_first_word(call: Call, clock: Clock) -> None:
    greeting = Spoken(time.monotonic() + 0.4)
    asyncio.get_running_loop().call_later(5, greeting.is_over.set)
    following = asyncio.create_task(call.follow(greeting))
    await asyncio.sleep(4)
    assert call.watchdog.answers.granny_speaks
    await following
    assert call.watchdog.answers.heard_any
    assert not call.watchdog.answers.granny_speaks
    assert call.watchdog.answers.quiet_since == time.monotonic()
    assert call.record.first_word == pytest.approx(0.4)
    assert clock.passed == 5


async def test_a_greeting_that_nobody_hears_is_asked_of_the_model(call: Call) -> None:
    await asyncio.sleep(2)
    await call.follow(Spoken(None))
    assert (call.watchdog.answers.debt.owed, call.watchdog.answers.debt.since) == (Owed.LOST, time.monotonic())
    assert call.journal == []


@pytest.mark.parametrize("events", [[STARTED], [STARTED, STOPPED]])
async def test_a_caller_who_has_spoken_needs_no_greeting_any_more(call: Call, events: list[dict[str, Any]]) -> None:
    """The answer to what they said is her first word."""
    for event in events:
        call.watchdog.event(event, time.monotonic())
    await call.follow(Spoken(None))
    assert call.watchdog.answers.debt.owed is not Owed.LOST


async def test_a_greeting_that_broke_ends_the_call_and_says_so(call: Call) -> None:
    class Broken(Spoken):
        async def begins(self) -> float | None:
            raise KeyError

    await call.follow(Broken(None))
    assert await call.ends() == (faults.CALL_CRASHED, "KeyError")


async def test_a_greeting_that_is_no_longer_followed_is_no_crash(call: Call, clock: Clock) -> None:
    """As at the end of the job."""
    call.supervisor.follow(cast("Greeting", Spoken(time.monotonic())))
    await asyncio.sleep(0)
    assert call.supervisor._following
    call.supervisor._following.cancel()
    assert await call.ends() == (faults.CALL_IDLE, "nobody came in 120 s")
    assert clock.passed > 100


@pytest.mark.parametrize("turns_of_the_loop", range(6))
async def test_a_stop_is_heeded_in_the_moment_of_a_fault_too(call: Call, turns_of_the_loop: int) -> None:
    """Python 3.10's and 3.11's `wait_for` swallows a cancellation that comes with its result."""
    watching = asyncio.create_task(call.supervisor.keep_watch())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    call.fail(APIConnectionError())
    for _ in range(turns_of_the_loop):
        await asyncio.sleep(0)
    watching.cancel()
    done, _ = await asyncio.wait([watching], timeout=5)
    watching.cancel()
    assert watching in done
    assert watching.cancelled()


async def test_a_watch_that_was_stopped_leaves_nothing_that_waits(call: Call) -> None:
    watching = asyncio.create_task(call.supervisor.keep_watch())
    await asyncio.sleep(1)
    watching.cancel()
    await asyncio.wait([watching])
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_call_that_nobody_hears_ends(call: Call) -> None:
    """Whatever OpenAI does; the caller is off the line and the room knows why."""
    call.supervisor.unheard()
    fault, _ = await call.ends()
    assert fault is faults.CALL_UNHEARD


async def test_a_caller_of_whom_nothing_comes_is_asked_and_the_call_goes_on(call: Call) -> None:
    """In a call in which they have met, and when nobody else is to be heard."""
    watching = asyncio.create_task(call.supervisor.keep_watch())
    call.supervisor.deaf()
    await asyncio.sleep(1)
    assert call.heard() == []
    call.supervisor.met()
    await asyncio.sleep(4)
    assert call.heard()[0].startswith(load(Line.ARE_YOU_STILL_THERE).pcm)
    assert call.record.spoken_faults == ["call-deaf"]
    assert not watching.done()
    watching.cancel()


@pytest.mark.usefixtures("clock")
async def test_whose_line_was_lost_hears_that_she_listens_again() -> None:
    """Nothing else tells it, unless she is yet to greet, or can be heard already."""
    call = Call(is_greeted=True)
    watching = asyncio.create_task(call.supervisor.keep_watch())
    call.supervisor.met()
    call.supervisor.returned()
    await asyncio.sleep(1)
    assert call.heard() == []
    call.watchdog.answers.granny_started(time.monotonic())
    call.supervisor.returned()
    await asyncio.sleep(1)
    call.watchdog.answers.granny_stopped(time.monotonic())
    await asyncio.sleep(1)
    assert call.heard() == []
    for _ in range(2):
        call.supervisor.returned()
        await asyncio.sleep(5)
        call.supervisor.returned()  # so soon after, it is known
        await asyncio.sleep(6)
    assert [heard.startswith(load(Line.ARE_YOU_STILL_THERE).pcm) for heard in call.heard()] == [True, True]
    assert call.record.spoken_faults == []
    watching.cancel()


ASKED = {"type": "response.created", "response": {"id": "resp_1", "metadata": {"client_event_id": "x"}}}


def transcript(words: str) -> dict[str, Any]:
    return {"type": "conversation.item.input_audio_transcription.completed", "transcript": words}


@pytest.mark.parametrize(
    ("words", "kind", "number"),
    [("I want to die.", Kind.CRISIS, "0800 111 0 111"), ("I've fallen and I can't get up.", Kind.EMERGENCY, "112")],
)
async def test_serious_words_put_the_number_before_the_model_at_once(
    call: Call, caplog: pytest.LogCaptureFixture, words: str, kind: Kind, number: str
) -> None:
    """In the place of the answer that is under way; the log has the fact and no word."""
    call.supervisor._settings = settings(GRANNY_TIMEZONE="Europe/Berlin")
    call.listen()
    with caplog.at_level(logging.DEBUG):
        call.hear(transcript(words))
        await asyncio.sleep(0.1)
        call.hear(ASKED)
        assert call.supervisor._urging
        await call.supervisor._urging
    assert call.journal == ["model interrupted", f"asked: {urgent(kind, call.supervisor._settings)}"]
    assert number in call.journal[-1]
    [record] = caplog.records
    assert (record.getMessage(), vars(record)["kind"]) == ("serious words", kind.value)
    assert not [word for word in words.lower().split() if word in str(vars(record)).lower() and len(word) > 4]


@pytest.mark.parametrize(("agreed", "told"), [("on", [Danger("AJ_1", "crisis", "anna")]), ("off", [])])
async def test_the_family_is_told_of_danger_at_once_only_if_who_calls_has_agreed(
    call: Call, monkeypatch: pytest.MonkeyPatch, agreed: str, told: list[Danger]
) -> None:
    """That it was named, by whom, and of which kind; never the words."""
    heard: list[object] = []
    monkeypatch.setattr(reports, "_tell", heard.append)
    monkeypatch.setattr(call.announcer, "_settings", settings(GRANNY_ALERT_DANGER=agreed))
    call.announcer._ctx.proc.userdata[reports.PERSON] = "anna"
    call.announcer._ctx.job.id = "AJ_1"
    call.listen()
    call.hear(transcript("I want to die."))
    assert heard == told


async def test_an_answer_that_begins_in_the_same_moment_is_stopped_and_the_model_asked_again(call: Call) -> None:
    """It stands in the way of the one that is asked for, until there is something to be stopped."""
    call.listen()
    call.hear(transcript("I want to die."))
    await asyncio.sleep(0.6)
    call.hear(ASKED)
    await asyncio.sleep(5)
    assert [entry.partition(":")[0] for entry in call.journal] == ["model interrupted", "asked"] * 2


async def test_an_answer_on_whom_to_ring_that_was_lost_is_asked_for_as_such_once_more(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that only goes on would pass for it."""
    call.listen()
    call.state("listening", "speaking")
    call.hear(transcript("I want to die."), ASKED)
    assert call.supervisor._urging
    await call.supervisor._urging
    await call.does(monkeypatch, AskAgain())
    urging = f"asked: {urgent(Kind.CRISIS, call.supervisor._settings)}"
    assert call.journal == ["model interrupted", urging, urging]
    call.hear({**sound(1), "response_id": "resp_1"})
    await call.does(monkeypatch, AskAgain())
    assert call.journal[-1] == f"asked: {GO_ON}"


async def test_with_a_dead_model_the_recorded_line_and_the_number_are_heard(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four seconds after the words were understood, whatever the model does not say."""
    here = settings(GRANNY_TIMEZONE="Europe/Berlin")
    monkeypatch.setattr(call.supervisor, "_settings", here)
    monkeypatch.setattr(call.announcer, "_settings", here)
    call.supervisor.met()
    call.listen()
    call.state("listening", "speaking")
    call.state("speaking", "listening")
    call.hear(OPENED, STARTED, STOPPED, transcript("I want to die."))
    watching = asyncio.create_task(call.supervisor.keep_watch())
    await asyncio.sleep(4.2)
    said = load(Line.CRISIS)
    number = number_after(Line.CRISIS, said, OwnVoice.of(here))
    assert number is not None
    await asyncio.sleep(said.duration + number.duration + 2)
    watching.cancel()
    first, second = call.heard()
    assert first.startswith(said.pcm)
    assert second.startswith(number.pcm)


async def test_what_is_not_serious_changes_nothing(call: Call) -> None:
    call.listen()
    call.hear(transcript("My husband died in 1998."), transcript(""), {"type": transcript("")["type"]})
    await asyncio.sleep(0)
    assert call.journal == []
