"""The watchdog at its bounds: a time that has just come is not yet due, and every figure of a call adds up."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from granny import faults
from granny.call.record import CallRecord
from granny.call.watchdog import AskAgain, End, Limits, Owed, Say, Watchdog, farewell
from granny.call.watchdog._answers import Answers
from granny.call.watchdog._trouble import Trouble
from granny.lines import Line

STARTED = {"type": "input_audio_buffer.speech_started"}
STOPPED = {"type": "input_audio_buffer.speech_stopped"}
CREATED = {"type": "response.created"}


def sound(seconds: float) -> dict[str, Any]:
    delta = base64.b64encode(bytes(int(seconds * 48_000))).decode()
    return {"type": "response.output_audio.delta", "delta": delta}


def done(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status, **fields}}


def limits(*, idle: float = 60, longest: float = 50, tokens: int | None = None) -> Limits:
    return Limits(idle=idle, longest=longest, tokens=tokens)


def test_a_call_may_be_as_long_as_its_longest() -> None:
    """Beyond it the end waits for a pause, for twenty seconds: a call that never pauses ends, too."""
    assert limits().step(lasted=50, silent_for=1, tokens=9) is None
    over = farewell(faults.CALL_TOO_LONG.found("1 minutes, 9 tokens"))
    assert limits().step(lasted=50.1, silent_for=0.1, tokens=9) == over
    assert limits().step(lasted=70, silent_for=0, tokens=9) is None
    assert limits().step(lasted=70.1, silent_for=0, tokens=9) == over
    hour = limits(longest=3500).step(lasted=3600, silent_for=1, tokens=0)
    assert isinstance(hour, End)
    assert hour.finding.evidence == "60 minutes, 0 tokens"


def test_a_call_may_cost_as_many_tokens_as_it_may() -> None:
    assert limits(tokens=100).step(lasted=1, silent_for=1, tokens=100) is None
    assert isinstance(limits(tokens=100).step(lasted=1, silent_for=1, tokens=101), End)
    assert limits(tokens=100).step(lasted=1, silent_for=0, tokens=101) is None


def test_in_a_call_of_hours_she_says_again_what_she_is() -> None:
    """Every two hours and three quarters, once each, and only in a pause."""
    long = limits(idle=10**6, longest=12 * 3600)
    due = 2.75 * 3600
    assert long.step(lasted=due - 0.1, silent_for=1, tokens=0) is None
    assert long.step(lasted=due, silent_for=0, tokens=0) is None
    assert long.step(lasted=due + 5, silent_for=0.5, tokens=0) == Say(line=Line.COMPUTER_COMPANION)
    assert long.step(lasted=due + 6, silent_for=0.5, tokens=0) is None
    assert long.step(lasted=2 * due, silent_for=0.5, tokens=0) == Say(line=Line.COMPUTER_COMPANION)


def test_a_clock_moved_by_hours_gives_exactly_one_reminder() -> None:
    for hours in (3, 7):
        long = limits(idle=10**6, longest=12 * 3600)
        steps = [long.step(lasted=hours * 3600 + tick, silent_for=1, tokens=0) for tick in range(1000)]
        assert steps.count(Say(line=Line.COMPUTER_COMPANION)) == 1
        assert steps.count(None) == len(steps) - 1


def test_the_end_is_announced_once_a_minute_before_and_in_a_pause() -> None:
    long = limits(longest=120)
    assert long.step(lasted=60, silent_for=0.5, tokens=0) is None
    assert long.step(lasted=60.1, silent_for=0, tokens=0) is None
    assert long.step(lasted=60.1, silent_for=0.5, tokens=0) == Say(line=Line.TIME_NEARLY_UP)
    assert long.step(lasted=60.2, silent_for=0.6, tokens=0) is None


def test_silence_is_asked_about_beyond_its_time_and_again_after_an_answer() -> None:
    idle = limits(longest=9000)
    assert idle.step(lasted=60, silent_for=60, tokens=0) is None
    ask = Say(line=Line.ARE_YOU_STILL_THERE)
    assert idle.step(lasted=61, silent_for=60.1, tokens=0) == ask
    idle.caller_spoke()
    assert idle.step(lasted=161, silent_for=60.1, tokens=0) == ask
    goodbye = farewell(faults.CALL_IDLE.found("silence of 61 s after the question"))
    assert idle.step(lasted=261, silent_for=61, tokens=0) == goodbye


def test_an_empty_room_is_waited_in_for_twice_the_silence() -> None:
    assert limits().empty_room(lasted=120) is None
    assert limits().empty_room(lasted=121) == farewell(faults.CALL_IDLE.found("nobody came in 121 s"))


def test_a_fault_without_a_line_of_its_own_is_something_that_went_wrong() -> None:
    assert farewell(replace(faults.VALUE_EMPTY, spoken=None).found("x")).line is Line.SOMETHING_WENT_WRONG


UNAVAILABLE = faults.OPENAI_UNAVAILABLE.found("HTTP 503")


def test_trouble_is_told_after_two_seconds_and_given_up_after_eight() -> None:
    trouble = Trouble()
    trouble.error(UNAVAILABLE, 0)
    assert trouble.step(2, may_settle=False, may_speak=True) is None
    assert trouble.step(2.1, may_settle=False, may_speak=False) is None
    one_moment = Say(line=Line.ONE_MOMENT, finding=UNAVAILABLE, drop_answer=False)
    assert trouble.step(2.1, may_settle=False, may_speak=True) == one_moment
    assert trouble.step(8, may_settle=False, may_speak=True) is None
    assert trouble.step(8.1, may_settle=False, may_speak=False) == farewell(UNAVAILABLE)


def test_new_trouble_is_told_anew() -> None:
    trouble = Trouble()
    for begins in (0.0, 100.0):
        trouble.error(UNAVAILABLE, begins)
        assert isinstance(trouble.step(begins + 2.1, may_settle=False, may_speak=True), Say)
        trouble.over()
        assert trouble.since is None


def test_a_connection_settles_when_it_has_been_calm() -> None:
    """After an error, and only once OpenAI has spoken on it."""
    trouble = Trouble()
    trouble.error(UNAVAILABLE, 0)
    trouble.step(1.9, may_settle=True, may_speak=False)
    assert trouble.since == 0
    trouble.connected(2)
    trouble.step(3.5, may_settle=True, may_speak=False)
    assert trouble.since == 0
    trouble.step(3.6, may_settle=False, may_speak=False)
    assert trouble.since == 0
    trouble.step(3.6, may_settle=True, may_speak=False)
    assert trouble.since is None


def test_a_connection_that_does_not_open_is_trouble_since_it_was_tried() -> None:
    trouble = Trouble()
    assert trouble.step(9, may_settle=False, may_speak=True) is None
    trouble.connecting(10)
    trouble.step(11, may_settle=False, may_speak=False)
    assert trouble.since is None
    step = trouble.step(12.5, may_settle=False, may_speak=True)
    assert trouble.since == 10
    assert step == Say(line=Line.ONE_MOMENT, finding=faults.OPENAI_SILENT.found("the connection did not open"))


def watchdog(*, started: float = 100.0, longest: float = 2700) -> Watchdog:
    """A call in which she and her caller have met, and the connection is open."""
    made = Watchdog(CallRecord(), limits=limits(longest=longest), greeting=Line.GREETING, started=started)
    made.connecting(started)
    made.event({"type": "session.created"}, started)
    made.met(started)
    return made


def test_the_first_word_is_waited_for_six_seconds_and_an_answer_eight() -> None:
    call = watchdog()
    assert call.step(105.9) is None
    first = faults.CALL_NO_FIRST_WORD.found("silence of 6.0 s")
    assert call.step(106) == Say(line=Line.GREETING, finding=first, drop_answer=True)
    call = watchdog()
    for event in (CREATED, sound(1), done(), STARTED):
        call.event(event, 100)
    call.event(STOPPED, 110)
    assert call.step(117.9) is None
    answer = faults.CALL_NO_ANSWER.found("silence of 8.0 s")
    assert call.step(118) == Say(line=Line.NO_ANSWER, finding=answer, drop_answer=True)


def test_an_answer_without_a_sound_is_called_that() -> None:
    call = watchdog()
    for event in (CREATED, sound(1), done(), STARTED, STOPPED, CREATED, done()):
        call.event(event, 102)
    finding = faults.CALL_NO_ANSWER.found("no sound in the answer")
    assert call.step(102) == Say(line=Line.NO_ANSWER, finding=finding, drop_answer=True)


def test_a_call_lasts_since_it_began() -> None:
    """Whatever the clock stood at."""
    call = watchdog(started=5000)
    for event in (CREATED, sound(1), done()):
        call.event(event, 5000)
    assert call.step(5002) is None


def test_a_failed_answer_is_asked_for_after_a_second() -> None:
    """It alone: an answer that came a moment ago puts nothing off."""
    call = watchdog()
    for event in (CREATED, sound(1), done(), STARTED, STOPPED):
        call.event(event, 100)
    for event in (CREATED, done("failed")):
        call.event(event, 102)
    assert call.step(102.9) is None
    assert call.step(103) is not None


@pytest.mark.parametrize(("line_said", "due"), [(None, 108), (104, 110)])
def test_sound_that_is_not_played_is_dropped_after_six_seconds(line_said: float | None, due: float) -> None:
    """Since somebody first listened, or since a line was heard meanwhile; a line before any sound begins nothing."""
    call = watchdog()
    call.answers.line_said(100)
    assert call.answers.sound_since is None
    for event in (CREATED, sound(1), done()):
        call.event(event, 101)
    call.listened(102)
    if line_said is not None:
        call.answers.line_said(line_said)
    call.listened(105)
    assert call.step(due - 0.1) is None
    mute = faults.CALL_NO_FIRST_WORD.found("sound that was not played for 6.0 s")
    assert call.step(due) == Say(line=Line.GREETING, finding=mute, drop_answer=True)
    assert call.step(due) is None


def test_an_error_of_openais_is_no_sign_that_it_speaks() -> None:
    """Any other event is: the connection is open."""
    call = Watchdog(CallRecord(), limits=limits(), greeting=Line.GREETING, started=0)
    call.connecting(0)
    call.event({"type": "error"}, 0.5)
    call.step(1.5)
    assert call._trouble.since == 0


def answers(*events: dict[str, Any], at: float = 10) -> Answers:
    made = Answers(CallRecord(), started=0)
    for event in events:
        made.take(event, at)
    return made


def test_sound_lasts_as_long_as_its_bytes() -> None:
    """24 000 samples of two bytes a second; what arrives meanwhile is added."""
    assert answers(sound(2), sound(1)).sound_until == pytest.approx(13, abs=1e-4)


def test_she_is_heard_half_a_second_beyond_what_has_arrived() -> None:
    """The session waits for an answer that broke off; her own line she speaks as long as it says."""
    heard = answers(sound(2))
    assert (heard.is_quiet(11.9), heard.is_quiet(12)) == (False, True)
    heard.granny_started(10)
    assert (heard.is_quiet(12.4), heard.is_quiet(12.5)) == (False, True)
    heard.granny_stopped(13)
    assert heard.is_quiet(13)
    line = answers(at=0)
    assert line.quiet_since == 0
    line.granny_started(0)
    assert not line.is_quiet(60)
    line.granny_stopped(60)
    assert (line.is_quiet(60), line.quiet_since) == (True, 60)


def test_the_first_word_counts_from_the_start_and_once() -> None:
    record = CallRecord()
    heard = Answers(record, started=100)
    heard.granny_started(103)
    heard.granny_started(109)
    assert record.first_word == 3
    assert (heard.debt.is_first_word, heard.heard_any) == (False, True)


def test_each_answer_is_timed_once_from_the_callers_last_word() -> None:
    record = CallRecord()
    heard = Answers(record, started=0)
    for begins in (10, 20):
        heard.take(STARTED, begins)
        heard.take(STOPPED, begins + 2)
        heard.granny_started(begins + 3)
        heard.granny_started(begins + 4)
        heard.granny_stopped(begins + 5)
    assert record.answers == [1, 1]


def test_who_is_interrupted_gives_no_answer() -> None:
    """Each time the caller speaks into hers is counted, and what was to be said is not waited for."""
    record = CallRecord()
    heard = Answers(record, started=0)
    heard.granny_started(1)
    for now in (2, 3):
        heard.take(CREATED, now)
        heard.take(sound(9), now)
        heard.take(STARTED, now)
        assert heard.sound_until == now
        assert heard.debt.since is None
    assert record.interruptions == 2
    heard.granny_stopped(3)
    assert not heard.is_quiet(3)
    heard.granny_started(4)
    heard.take(STOPPED, 5)
    heard.give_up(13)
    heard.granny_started(14)
    assert record.answers == []


def test_tokens_add_up() -> None:
    usage = {"input_tokens": 10, "output_tokens": 5, "input_token_details": {"cached_tokens": 4}}
    record = CallRecord()
    heard = Answers(record, started=0)
    heard.take(done(usage=usage), 1)
    heard.take(done(usage=usage), 2)
    assert (record.input_tokens, record.output_tokens, record.cached_tokens) == (20, 10, 8)


def test_an_answer_owed_is_waited_for_since_it_was_owed() -> None:
    """A response that begins or fails, and a new question to the model, do not begin the wait anew; a line does."""
    heard = answers(sound(1), done(), STARTED, STOPPED)
    heard.take(CREATED, 12)
    assert heard.debt.since == 10
    heard.line_said(15)
    assert (heard.debt.since, heard.quiet_since) == (15, 15)
    heard.lost(17)
    assert (heard.debt.since, heard.debt.owed) == (15, Owed.LOST)
    heard.asked_again(18)
    assert (heard.debt.since, heard.debt.owed) == (15, Owed.AWAITED)
    heard.take(done(output=[{"type": "function_call"}]), 19)
    assert heard.debt.since == 19
    heard.take(done("failed"), 20)
    assert (heard.debt.since, heard.debt.owed) == (19, Owed.LOST)


def test_a_turn_that_the_connection_cut_is_owed_an_answer_from_then_on() -> None:
    heard = answers(sound(1), done(), STARTED)
    heard.disconnected(14)
    assert (heard.debt.since, heard.debt.owed, heard.caller_speaks) == (14, Owed.LOST, False)
    heard.granny_started(16)
    assert heard._record.answers == [2]
    early = answers(STARTED)
    early.disconnected(14)
    assert (early.debt.since, early.debt.owed) == (14, Owed.LOST)


def test_who_was_owed_nothing_has_lost_nothing() -> None:
    heard = answers(sound(1), done())
    heard.disconnected(14)
    assert (heard.debt.since, heard.debt.owed) == (None, Owed.NOTHING)


def test_the_first_word_is_owed_since_they_met() -> None:
    """However often it fails; a response of which no sound has come leaves it owed."""
    heard = Answers(CallRecord(), started=0)
    heard.met(5, owes_greeting=True)
    heard.take(done("failed"), 7)
    assert heard.debt.since == 5
    heard.take(CREATED, 8)
    heard.take(done(), 8)
    assert (heard.debt.since, heard.debt.owed) == (5, Owed.SILENT)


def test_a_lost_connection_counts_from_when_it_was_lost() -> None:
    """Whatever took it: the caller's turn is owed an answer from then on, and trouble begins if none opens."""
    call = watchdog()
    for event in (CREATED, sound(1), done(), STARTED):
        call.event(event, 105)
    call.error(faults.OPENAI_UNKNOWN_ERROR.found("x"), 110, is_final=False, is_disconnected=True)
    assert call.answers.debt.since == 110
    call.step(111.1)
    assert call._trouble.since == 110


def test_a_renewed_connection_is_asked_after_half_a_second() -> None:
    """The caller may go on with the turn that was cut; nothing but that puts the question off."""
    call = watchdog()
    for event in (CREATED, sound(1), done(), STARTED):
        call.event(event, 102)
    call.renewed(103)
    assert call.answers.debt.since == 103
    call.event({"type": "session.updated"}, 103.4)
    assert call.step(103.4) is None
    assert call.step(103.5) == AskAgain()
    assert call.answers.debt.since == 103


def test_only_the_caller_answers_the_question_whether_they_are_there() -> None:
    call = watchdog()
    for event in (CREATED, sound(1), done()):
        call.event(event, 100)
    assert call.step(162) == Say(line=Line.ARE_YOU_STILL_THERE)
    call.event({"type": "session.updated"}, 162)
    assert isinstance(call.step(163), End)


def test_no_limit_is_heeded_while_an_answer_is_owed_or_she_speaks() -> None:
    """Who waits is not asked whether they are there, and nobody is cut short in the middle of a word."""
    owed = Watchdog(CallRecord(), limits=limits(idle=3, longest=600), greeting=Line.GREETING, started=100)
    owed.connecting(100)
    owed.met(100)
    for event in (CREATED, sound(1), done(), STARTED, STOPPED):
        owed.event(event, 100)
    assert owed.step(104) is None
    speaking = watchdog(longest=5)
    for event in (CREATED, sound(30), done()):
        speaking.event(event, 100)
    assert speaking.step(106) is None


def test_an_empty_room_is_waited_in_since_the_call_began() -> None:
    call = Watchdog(CallRecord(), limits=limits(), greeting=Line.GREETING, started=5000)
    assert call.step(5001) is None
    assert isinstance(call.step(5121), End)
