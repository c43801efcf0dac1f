"""The watchdog, told of events at chosen times: what is due, and when. No clock, no network."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from granny import faults
from granny.call.record import CallRecord
from granny.call.watchdog import AskAgain, End, FreeLine, Limits, Say, Step, Watchdog, farewell
from granny.call.watchdog._watchdog import ANSWER_SECONDS
from granny.faults import CATALOGUE, Fault
from granny.lines import Line

TICK = 0.1
STARTED = {"type": "input_audio_buffer.speech_started"}
STOPPED = {"type": "input_audio_buffer.speech_stopped"}
CREATED = {"type": "response.created"}
OPENED = {"type": "session.created"}


class Call:
    """A watchdog and its time; `due` collects the steps with the time they came at."""

    def __init__(
        self,
        *,
        idle: float = 60,
        longest: float = 2700,
        tokens: int | None = None,
        is_greeted: bool = False,
        is_joining: bool = False,
    ) -> None:
        self.now = 0.0
        self.record = CallRecord()
        limits = Limits(idle=idle, longest=longest, tokens=tokens)
        self.watchdog = Watchdog(self.record, limits=limits, greeting=Line.GREETING, started=0.0, is_greeted=is_greeted)
        self.due: list[tuple[float, Step]] = []
        if not is_joining:
            self.watchdog.met(0.0)
            self.watchdog.connecting(0.0)

    def hear(self, *events: dict[str, Any]) -> None:
        for event in events:
            self.watchdog.event(event, self.now)

    def speak(self, seconds: float) -> None:
        """A whole answer of the model's arrives."""
        self.hear(CREATED, sound(seconds), done())

    def fail(self, fault: Fault, *, is_final: bool = False, is_disconnected: bool = False) -> None:
        finding = fault.found("evidence")
        self.watchdog.error(finding, self.now, is_final=is_final, is_disconnected=is_disconnected)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = round(self.now + TICK, 3)
            if step := self.watchdog.step(self.now):
                self.due.append((self.now, step))
            if isinstance(step, Say):
                self.watchdog.answers.line_said(self.now)
            if isinstance(step, End | FreeLine):
                return

    @property
    def said(self) -> list[Line]:
        return [step.line for _, step in self.due if not isinstance(step, AskAgain)]

    def time_of(self, line: Line) -> float:
        return next(time for time, step in self.due if not isinstance(step, AskAgain) and step.line is line)


def sound(seconds: float) -> dict[str, Any]:
    delta = base64.b64encode(bytes(int(seconds * 48_000))).decode()
    return {"type": "response.output_audio.delta", "delta": delta}


def done(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status, **fields}}


def greeted(**limits: Any) -> Call:
    """A call in which the model has greeted."""
    call = Call(**limits)
    call.hear(OPENED)
    call.speak(1.0)
    call.wait(2.0)
    return call


def test_a_good_call_needs_nothing() -> None:
    call = greeted()
    for _ in range(3):
        call.hear(STARTED)
        call.wait(4)
        call.hear(STOPPED)
        call.wait(1)
        call.speak(5)
        call.wait(10)
    assert call.due == []
    assert call.record.turns == 3


def test_a_first_word_that_does_not_come_is_said_by_the_recording() -> None:
    call = Call()
    call.hear(OPENED, CREATED)
    call.wait(7)
    [(when, step)] = call.due
    assert isinstance(step, Say)
    assert (step.line, step.drop_answer) == (Line.GREETING, True)
    assert step.finding is not None
    assert step.finding.fault is faults.CALL_NO_FIRST_WORD
    assert when == pytest.approx(6.0, abs=0.2)


@pytest.mark.parametrize("is_greeted", [True, False], ids=["recorded greeting", "model greets"])
def test_a_room_that_takes_long_to_join_is_no_trouble_of_openais(*, is_greeted: bool) -> None:
    call = Call(is_greeted=is_greeted, is_joining=True)
    call.wait(12)
    call.watchdog.connecting(call.now)
    call.watchdog.met(call.now)
    call.wait(0.8)
    call.hear(OPENED)
    call.wait(1)
    assert call.due == []


def test_the_first_word_is_waited_for_from_when_she_and_her_caller_have_met() -> None:
    call = Call(is_joining=True)
    call.watchdog.connecting(0.0)
    call.hear(OPENED, CREATED)
    call.wait(10)
    assert call.due == []
    call.watchdog.met(call.now)
    call.wait(7)
    assert call.said == [Line.GREETING]
    assert call.time_of(Line.GREETING) == pytest.approx(16.0, abs=0.2)


@pytest.mark.parametrize("turn_seconds", [0.5, 4.0], ids=["a hello", "a sentence beyond the time"])
def test_a_caller_who_speaks_first_is_still_owed_the_first_word(turn_seconds: float) -> None:
    call = Call()
    call.hear(OPENED, CREATED)
    call.wait(4.5)
    call.hear(STARTED, done("cancelled"))
    call.wait(turn_seconds)
    call.hear(STOPPED, CREATED)
    call.wait(8)
    [(when, step)] = call.due
    assert isinstance(step, Say)
    assert step.finding is not None
    assert step.finding.fault is faults.CALL_NO_FIRST_WORD
    assert when == pytest.approx(max(6.0, 4.5 + turn_seconds), abs=0.2)


def test_a_model_that_never_answers_ends_the_call_at_the_second_silence() -> None:
    call = Call()
    call.hear(OPENED, CREATED)
    call.wait(8)
    call.hear(STARTED, STOPPED, CREATED)
    call.wait(9)
    assert call.said == [Line.GREETING, Line.SOMETHING_WENT_WRONG]
    end = call.due[-1][1]
    assert isinstance(end, End)
    assert end.finding.fault is faults.CALL_NO_ANSWER


def test_a_first_answer_that_fails_again_and_again_is_no_longer_waited_for() -> None:
    """Each failure asks anew; the caller has been waiting all along."""
    call = Call()
    call.hear(OPENED)
    for _ in range(8):
        call.hear(CREATED, done("failed"))
        call.wait(1.2)
    assert call.said[0] == Line.GREETING


def test_a_recorded_greeting_may_wait_for_its_caller() -> None:
    call = Call(is_greeted=True)
    call.hear(OPENED)
    call.wait(30)
    call.watchdog.answers.granny_started(call.now)
    call.wait(5)
    call.watchdog.answers.granny_stopped(call.now)
    call.wait(10)
    assert call.due == []
    assert call.record.first_word == pytest.approx(30.0)


def test_the_model_is_asked_for_a_greeting_that_could_not_be_played() -> None:
    call = Call(is_greeted=True)
    call.hear(OPENED)
    call.watchdog.answers.lost(call.now)
    call.wait(1)
    assert [step for _, step in call.due] == [AskAgain()]
    assert not call.watchdog.answers.heard_any


@pytest.mark.parametrize("silence", [(), (CREATED,), (CREATED, sound(0.5))], ids=["none", "empty", "stalled"])
def test_an_answer_that_does_not_come_ends_the_call_the_second_time(silence: tuple[dict[str, Any], ...]) -> None:
    call = greeted()
    for _ in range(2):
        call.hear(STARTED)
        call.wait(1)
        call.hear(STOPPED, *silence)
        call.wait(10)
    expected = [Line.NO_ANSWER, Line.SOMETHING_WENT_WRONG]
    assert call.said == (expected if sound(0.5) not in silence else [Line.NO_ANSWER, Line.NO_ANSWER])


def test_an_answer_without_sound_is_noticed_at_once() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED, done())
    call.wait(0.2)
    assert call.said == [Line.NO_ANSWER]


@pytest.mark.parametrize("asked", ["by the caller", "for her first word"])
def test_an_answer_that_begins_after_a_silent_one_is_not_talked_over(asked: str) -> None:
    """While OpenAI is in trouble nothing is said of the silent one; what comes then is an answer all the same."""
    call = greeted() if asked == "by the caller" else Call()
    call.hear(OPENED, STOPPED)
    call.fail(faults.OPENAI_RATE_LIMITED)
    call.hear(CREATED, done())
    call.wait(0.3)
    call.hear(CREATED)
    call.wait(0.2)
    call.hear(sound(3))
    call.wait(1)
    call.hear(done())
    call.wait(5)
    assert call.due == []


def test_a_function_call_is_no_silent_answer() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED, done(output=[{"type": "function_call"}]))
    call.wait(5)
    assert call.due == []


def test_a_cancelled_answer_is_not_waited_for() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED, done("cancelled"))
    call.wait(20)
    assert call.due == []


def test_a_fatal_fault_ends_the_call_at_once_with_its_own_line() -> None:
    call = greeted()
    call.fail(faults.OPENAI_OUT_OF_CREDIT)
    call.wait(0.1)
    [(_, step)] = call.due
    assert step == farewell(faults.OPENAI_OUT_OF_CREDIT.found("evidence"))
    assert call.said == [Line.NO_CREDIT]


def test_what_the_plugin_gives_up_on_ends_the_call_whatever_it_is() -> None:
    call = greeted()
    call.fail(faults.OPENAI_UNKNOWN_ERROR, is_final=True)
    call.wait(0.1)
    assert call.said == [Line.SOMETHING_WENT_WRONG]


def test_an_unknown_error_that_the_plugin_lives_with_changes_nothing() -> None:
    call = greeted()
    call.fail(faults.OPENAI_UNKNOWN_ERROR)
    call.wait(20)
    assert call.due == []


def test_trouble_that_lasts_is_told_after_two_seconds_and_ends_after_eight() -> None:
    call = greeted()
    began = call.now
    for _ in range(10):
        call.fail(faults.OPENAI_UNAVAILABLE, is_disconnected=True)
        call.wait(1)
    assert call.said[:2] == [Line.ONE_MOMENT, Line.CANNOT_REACH_VOICE]
    assert call.time_of(Line.ONE_MOMENT) - began == pytest.approx(2.1, abs=0.2)
    assert call.time_of(Line.CANNOT_REACH_VOICE) - began == pytest.approx(8.1, abs=0.2)


def test_a_connection_that_opens_and_breaks_ten_times_a_second_is_trouble_all_along() -> None:
    call = greeted()
    for _ in range(100):
        call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
        call.hear(OPENED)
        call.watchdog.renewed(call.now)
        call.wait(TICK)
    assert call.said[:2] == [Line.ONE_MOMENT, Line.CANNOT_REACH_VOICE]
    assert call.record.renewals == 0


def test_a_connection_that_never_opens_is_silence() -> None:
    call = Call()
    call.wait(9)
    end = call.due[-1][1]
    assert isinstance(end, End)
    assert end.finding.fault is faults.OPENAI_SILENT
    assert call.said == [Line.ONE_MOMENT, Line.CANNOT_REACH_VOICE]


def test_why_it_does_not_come_back_says_more_than_that_it_went() -> None:
    call = greeted()
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.wait(0.5)
    call.fail(faults.OPENAI_UNAVAILABLE, is_disconnected=True)
    call.wait(0.5)
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.wait(8)
    end = call.due[-1][1]
    assert isinstance(end, End)
    assert end.finding.fault is faults.OPENAI_UNAVAILABLE


def test_nobody_is_told_of_trouble_while_somebody_speaks() -> None:
    call = greeted()
    call.hear(CREATED, sound(4))
    call.fail(faults.OPENAI_UNAVAILABLE)
    call.wait(3.5)
    assert call.due == []
    call.wait(1)
    assert call.said == [Line.ONE_MOMENT]


def test_a_short_break_between_answers_is_not_heard() -> None:
    call = greeted()
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.wait(0.2)
    call.hear(OPENED)
    call.watchdog.renewed(call.now)
    call.wait(10)
    assert call.due == []
    assert call.record.renewals == 1


def test_an_answer_lost_with_the_connection_is_asked_for_again() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED, sound(0.4))
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.wait(0.2)
    call.watchdog.renewed(call.now)
    call.wait(1)
    assert [step for _, step in call.due] == [AskAgain()]
    call.speak(1)
    call.wait(5)
    assert len(call.due) == 1
    assert call.record.renewals == 1


def test_an_answer_that_comes_by_itself_is_not_asked_for() -> None:
    call = greeted()
    call.hear(STARTED)
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.watchdog.renewed(call.now)
    call.wait(0.2)
    call.hear(STARTED)
    call.wait(2)
    call.hear(STOPPED)
    call.wait(0.3)
    call.speak(1)
    call.wait(5)
    assert call.due == []


def test_a_failed_answer_is_tried_again_until_patience_ends() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED)
    for _ in range(12):
        call.hear(CREATED, done("failed"))
        call.fail(faults.OPENAI_RATE_LIMITED)
        call.wait(1.2)
    assert sum(step == AskAgain() for _, step in call.due) >= 5
    assert call.said[:2] == [Line.ONE_MOMENT, faults_line(faults.OPENAI_RATE_LIMITED)]


def test_an_answer_that_fails_of_what_nobody_knows_ends_the_call_as_silence_does() -> None:
    """The model is asked again and again; what it fails of is no trouble by name, and the caller hears nothing."""
    call = greeted()
    call.hear(STARTED, STOPPED)
    turn_ended = call.now
    while not call.due or not isinstance(call.due[-1][1], End):
        call.hear(CREATED, done("failed"))
        call.fail(faults.OPENAI_UNKNOWN_ERROR)
        call.wait(1.1)
    assert call.said == [Line.NO_ANSWER, Line.SOMETHING_WENT_WRONG]
    assert call.time_of(Line.NO_ANSWER) - turn_ended < ANSWER_SECONDS + 2 * TICK
    assert call.now - turn_ended < 2 * ANSWER_SECONDS + 2


def test_after_silence_she_asks_and_then_says_goodbye() -> None:
    call = greeted(idle=60)
    call.wait(200)
    assert call.said == [Line.ARE_YOU_STILL_THERE, Line.GOODBYE]
    assert call.time_of(Line.GOODBYE) - call.time_of(Line.ARE_YOU_STILL_THERE) == pytest.approx(60, abs=0.3)


@pytest.mark.parametrize("is_greeted", [True, False], ids=["recorded greeting", "model greets"])
def test_an_empty_room_is_asked_nothing_and_a_late_caller_has_all_the_time(*, is_greeted: bool) -> None:
    """A question would stop the recorded greeting that waits for its caller."""
    call = Call(is_greeted=is_greeted, is_joining=True)
    call.watchdog.connecting(0.0)
    call.hear(OPENED)
    call.wait(110)
    call.watchdog.met(call.now)
    call.wait(5)
    assert call.due == []
    call.speak(1.0)
    call.wait(125)
    assert call.said == [Line.ARE_YOU_STILL_THERE, Line.GOODBYE]
    assert call.time_of(Line.ARE_YOU_STILL_THERE) == pytest.approx(176, abs=0.5)


def test_trouble_is_told_to_nobody_before_somebody_has_come() -> None:
    """Told into the empty room, it would stop the recorded greeting that waits for its caller."""
    call = Call(is_greeted=True, is_joining=True)
    call.watchdog.connecting(0.0)
    call.fail(faults.OPENAI_UNREACHABLE)
    call.wait(4)
    call.hear(OPENED)
    call.wait(3)
    assert call.due == []


def test_nobody_is_waited_for_for_ever() -> None:
    call = Call(is_joining=True)
    call.watchdog.connecting(0.0)
    call.hear(OPENED)
    call.wait(125)
    [(when, step)] = call.due
    assert isinstance(step, End)
    assert step.finding.evidence == "nobody came in 120 s"
    assert when == pytest.approx(120, abs=0.5)


def test_a_caller_who_answers_is_asked_anew() -> None:
    call = greeted(idle=60)
    call.wait(70)
    call.hear(STARTED, STOPPED)
    call.speak(1)
    call.wait(70)
    assert call.said == [Line.ARE_YOU_STILL_THERE, Line.ARE_YOU_STILL_THERE]


def test_the_longest_call_is_announced_a_minute_before() -> None:
    call = greeted(idle=1000, longest=300)
    call.wait(400)
    assert call.said == [Line.TIME_NEARLY_UP, Line.TIME_IS_UP]
    assert call.time_of(Line.TIME_IS_UP) - call.time_of(Line.TIME_NEARLY_UP) == pytest.approx(60, abs=0.3)


def test_a_call_of_a_minute_is_not_told_that_a_minute_is_left() -> None:
    call = greeted(idle=1000, longest=60)
    call.wait(90)
    assert call.said == [Line.TIME_IS_UP]


def test_the_last_sentence_may_be_finished_when_the_time_is_up() -> None:
    call = greeted(idle=1000, longest=300)
    call.wait(296)
    call.speak(8)
    call.wait(20)
    assert call.time_of(Line.TIME_IS_UP) == pytest.approx(306, abs=0.5)


def test_tokens_are_counted_and_bounded() -> None:
    call = greeted(tokens=1000)
    usage = {"input_tokens": 700, "output_tokens": 400, "input_token_details": {"cached_tokens": 100}}
    call.hear(STARTED, STOPPED, CREATED, sound(1), done(usage=usage))
    call.wait(5)
    assert call.said == [Line.TIME_IS_UP]
    assert (call.record.input_tokens, call.record.cached_tokens, call.record.output_tokens) == (700, 100, 400)


def test_the_record_has_the_times_that_the_caller_felt() -> None:
    call = Call()
    call.wait(0.5)
    call.hear(OPENED, CREATED, sound(1), done())
    call.watchdog.answers.granny_started(call.now)
    call.wait(1)
    call.hear(STARTED)
    call.watchdog.answers.granny_stopped(call.now)
    call.wait(2)
    call.hear(STOPPED)
    call.wait(0.7)
    call.hear(CREATED, sound(1), done())
    call.watchdog.answers.granny_started(call.now)
    assert call.record.first_word == pytest.approx(0.5)
    assert call.record.answers == [pytest.approx(0.7)]
    assert call.record.interruptions == 1


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)
def test_every_fault_ends_with_a_line_that_exists(fault: Fault) -> None:
    assert fault.spoken is None or farewell(fault.found("")).line.value == fault.spoken


def faults_line(fault: Fault) -> Line:
    return farewell(fault.found("")).line


def test_what_else_is_to_be_said_is_said_once_and_into_a_silence() -> None:
    call = greeted()
    call.hear(CREATED, sound(3), done())
    call.watchdog.say(Say(line=Line.ARE_YOU_STILL_THERE))
    call.wait(2.9)
    assert call.due == []
    call.wait(5)
    assert call.said == [Line.ARE_YOU_STILL_THERE]


def test_what_else_is_to_be_said_is_said_to_nobody_before_somebody_has_come() -> None:
    call = Call(is_greeted=True, is_joining=True)
    call.watchdog.connecting(0.0)
    call.hear(OPENED)
    call.watchdog.say(Say(line=Line.ONE_MOMENT))
    call.wait(1)
    assert call.due == []
    call.watchdog.met(call.now)
    call.wait(1)
    assert call.said == [Line.ONE_MOMENT]


def test_sound_that_comes_and_is_not_played_is_dropped_once_and_the_greeting_said() -> None:
    """Somebody listens, and speaks every few seconds; the agent session has stopped at something."""
    call = Call()
    call.watchdog.listened(0.0)
    for _ in range(5):
        call.hear(STARTED)
        call.wait(0.8)
        call.hear(STOPPED, CREATED, sound(1), done())
        call.wait(2.6)
    [(at, step)] = call.due
    assert isinstance(step, Say)
    assert (step.line, step.drop_answer) == (Line.GREETING, True)
    assert at == pytest.approx(6.8, abs=0.8)
    assert step.finding
    assert step.finding.fault is faults.CALL_NO_FIRST_WORD


@pytest.mark.parametrize("is_played", [True, False], ids=["is played", "nobody listens"])
def test_sound_that_is_played_or_has_nobody_to_hear_it_is_not_dropped(*, is_played: bool) -> None:
    """On a slow line it waits for a listener, however long."""
    call = Call()
    call.hear(OPENED, CREATED, sound(3), done())
    if is_played:
        call.watchdog.listened(0.0)
        call.watchdog.answers.granny_started(call.now)
    call.wait(30)
    assert call.due == []


def test_an_answer_that_is_held_is_neither_sound_nor_silence() -> None:
    """It has come, so that nothing is due; nobody hears it yet, so that no line falls into it."""
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED)
    call.watchdog.answers.held()
    call.hear(sound(30.0), done())
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.wait(2.8)
    assert call.due == []
    assert call.watchdog.answers.sound_until <= call.now
    call.watchdog.answers.let_go(call.now)
    call.watchdog.answers.granny_started(call.now)
    assert call.watchdog.answers.sound_until == pytest.approx(call.now + 30.0)
    assert call.record.answers == [pytest.approx(2.8)]


def test_an_answer_that_is_held_before_its_sound_is_waited_for_as_any() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED)
    call.watchdog.answers.held()
    call.wait(1.0)
    call.watchdog.answers.let_go(call.now)
    call.wait(ANSWER_SECONDS + 1)
    assert call.said == [Line.NO_ANSWER]


def test_a_turn_that_was_taken_up_again_is_one_and_its_answer_is_counted_as_dropped() -> None:
    call = greeted()
    call.hear(STARTED, STOPPED, CREATED)
    call.watchdog.answers.held()
    call.hear(sound(2.0))
    call.wait(0.5)
    call.hear(STARTED)
    call.watchdog.answers.dropped()
    call.hear(done("cancelled", usage={"input_tokens": 90, "output_tokens": 10}))
    call.watchdog.answers.billed(100)
    call.hear(STOPPED)
    assert (call.record.turns, call.record.dropped, call.record.dropped_tokens) == (1, 1, 100)
    assert (call.record.input_tokens, call.record.output_tokens) == (90, 10)
    assert call.record.interruptions == 0
    call.wait(ANSWER_SECONDS + 1)
    assert call.said == [Line.NO_ANSWER], "the next answer is owed as if the first had never been"


def test_by_telephone_the_call_s_time_counts_from_the_answer() -> None:
    """Neither an empty room, nor silence, nor the longest call, before it; afterwards all of them."""
    call = Call(idle=10, longest=100, is_joining=True, is_greeted=True)
    call.watchdog.rings()
    call.watchdog.connecting(call.now)
    call.hear({"type": "session.created"})
    call.wait(120)
    assert call.due == []
    call.watchdog.answered(call.now)
    call.watchdog.met(call.now)
    answered_at = call.now
    call.wait(50)
    assert call.said == [Line.ARE_YOU_STILL_THERE, Line.GOODBYE]
    assert call.time_of(Line.ARE_YOU_STILL_THERE) - answered_at == pytest.approx(10, abs=0.2)


def test_by_telephone_her_first_word_is_as_late_as_since_the_answer() -> None:
    call = Call(is_joining=True, is_greeted=True)
    call.watchdog.rings()
    call.wait(30)
    call.watchdog.answered(call.now)
    call.watchdog.answers.granny_started(call.now + 0.5)
    assert call.record.first_word == pytest.approx(0.5)


def test_whoever_answers_and_is_not_greeted_is_owed_a_first_word_from_then_on() -> None:
    call = Call(is_joining=True)
    call.watchdog.rings()
    call.watchdog.connecting(call.now)
    call.hear({"type": "session.created"})
    call.wait(30)
    call.watchdog.answered(call.now)
    call.wait(3)
    call.watchdog.met(call.now)
    met_at = call.now
    call.wait(7)
    [(when, step)] = call.due
    assert isinstance(step, Say)
    assert step.finding
    assert step.finding.fault is faults.CALL_NO_FIRST_WORD
    assert when - met_at == pytest.approx(6.0, abs=0.2)


def test_a_sign_of_life_without_a_word_begins_the_silence_anew() -> None:
    call = greeted(idle=10)
    call.wait(9)
    call.watchdog.caller_is_there(call.now)
    call.wait(9)
    assert call.said == []
    call.wait(2)
    assert call.said == [Line.ARE_YOU_STILL_THERE]
    call.watchdog.caller_is_there(call.now)
    call.wait(11)
    assert call.said == [Line.ARE_YOU_STILL_THERE] * 2
