"""The watchdog when words were serious: the model is waited for, and a recorded line says whom to ring in its place."""

from __future__ import annotations

from typing import Any

import pytest

from call.test_watchdog import STARTED, STOPPED, Call, done, greeted, sound
from granny import faults
from granny.call.watchdog import End, FreeLine, Say
from granny.lines import Line

ASKED = {"type": "response.created", "response": {"id": "resp_asked", "metadata": {"client_event_id": "x"}}}
BY_ITSELF = {"type": "response.created", "response": {"id": "resp_own", "metadata": None}}


def spoken(response: str, seconds: float = 3.0) -> dict[str, Any]:
    return {**sound(seconds), "response_id": response}


def told(line: Line = Line.EMERGENCY) -> Call:
    """A call in which the caller has just said something serious."""
    call = greeted()
    call.hear(STARTED)
    call.wait(2)
    call.hear(STOPPED)
    call.watchdog.serious(line, call.now)
    return call


def test_the_model_that_is_heard_with_it_in_time_says_it() -> None:
    call = told()
    call.wait(1)
    call.hear(ASKED, spoken("resp_asked"), done())
    call.wait(12)
    assert call.due == []


@pytest.mark.parametrize("line", [Line.EMERGENCY, Line.CRISIS])
def test_a_model_that_is_not_heard_within_four_seconds_is_stood_in_for_once(line: Line) -> None:
    call = told(line)
    began = call.now
    call.hear(ASKED)
    call.wait(7)
    [(when, step)] = call.due
    assert isinstance(step, Say)
    assert (step.line, step.drop_answer, step.finding) == (line, False, None)
    assert when - began == pytest.approx(4.0, abs=0.2)


def test_an_answer_that_knows_nothing_of_it_is_none() -> None:
    """The model's mood does not count: only the answer that it was asked for."""
    call = told()
    call.hear(BY_ITSELF, spoken("resp_own"), done("cancelled"))
    call.wait(5)
    assert call.said == [Line.EMERGENCY]


def test_an_answer_asked_for_before_is_none() -> None:
    call = greeted()
    call.hear(ASKED, STARTED, STOPPED)
    call.watchdog.serious(Line.CRISIS, call.now)
    call.hear(spoken("resp_asked"))
    call.wait(5)
    assert call.said == [Line.CRISIS]


def test_a_caller_who_speaks_on_is_heard_out_for_a_while() -> None:
    call = told()
    began = call.now
    call.hear(STARTED)
    call.wait(7)
    assert call.due == []
    call.wait(2)
    assert call.said == [Line.EMERGENCY]
    assert call.time_of(Line.EMERGENCY) - began == pytest.approx(8.0, abs=0.2)


def test_before_a_fault_ends_the_call_the_caller_hears_whom_to_ring() -> None:
    call = told(Line.CRISIS)
    call.fail(faults.OPENAI_KEY_REJECTED, is_final=True)
    call.wait(0.3)
    assert call.said == [Line.CRISIS, Line.NOT_SET_UP]
    assert isinstance(call.due[1][1], End)


def test_before_old_trouble_ends_the_call_the_caller_hears_whom_to_ring() -> None:
    """OpenAI may write down late what was said, and her patience with its trouble is over sooner than the wait."""
    call = greeted()
    call.hear(STARTED, STOPPED, done("failed"))
    call.fail(faults.OPENAI_UNAVAILABLE)
    call.wait(5.5)
    call.watchdog.serious(Line.EMERGENCY, call.now)
    call.wait(3.5)
    assert call.said[-2:] == [Line.EMERGENCY, Line.CANNOT_REACH_VOICE]
    assert isinstance(call.due[-1][1], End)


def test_serious_words_again_do_not_put_off_what_is_due() -> None:
    call = told(Line.EMERGENCY)
    call.wait(3)
    call.watchdog.serious(Line.CRISIS, call.now)
    call.wait(1.3)
    assert call.said == [Line.CRISIS]


def test_a_connection_that_is_gone_puts_nothing_off() -> None:
    call = told()
    call.fail(faults.OPENAI_CONNECTION_LOST, is_disconnected=True)
    call.wait(5)
    assert Line.EMERGENCY in call.said


def by_telephone() -> Call:
    call = told()
    call.watchdog.free_line()
    return call


def test_whoever_has_to_ring_by_this_telephone_is_hung_up_on_when_they_know_whom() -> None:
    """Five seconds after her last word: until then they can say that nothing is the matter."""
    call = by_telephone()
    call.wait(1)
    call.hear(ASKED, spoken("resp_asked", seconds=6.0), done())
    heard_until = call.now + 6.0
    call.wait(20)
    [(when, step)] = call.due
    assert step == FreeLine(Line.GOODBYE)
    assert when - heard_until == pytest.approx(5.0, abs=0.2)


def test_a_recorded_line_in_the_model_s_place_frees_the_telephone_as_well() -> None:
    call = by_telephone()
    call.wait(20)
    assert [step for _, step in call.due] == [Say(line=Line.EMERGENCY), FreeLine(Line.GOODBYE)]
    assert call.due[1][0] - call.due[0][0] == pytest.approx(5.0, abs=0.2)


def test_whoever_says_that_nothing_is_the_matter_is_not_hung_up_on() -> None:
    call = by_telephone()
    call.hear(ASKED, spoken("resp_asked"), done())
    call.wait(5)
    call.hear(STARTED)
    call.wait(2)
    call.hear(STOPPED)
    call.speak(3)
    call.wait(20)
    assert call.due == []
    assert not call.watchdog.frees_line


def test_whoever_goes_on_before_they_were_told_is_told_and_then_hung_up_on() -> None:
    call = by_telephone()
    call.hear(STARTED)
    call.wait(1)
    call.hear(STOPPED, ASKED, spoken("resp_asked"), done())
    call.wait(9)
    assert call.due[-1][1] == FreeLine(Line.GOODBYE)


def test_whoever_speaks_of_ending_their_life_is_not_hung_up_on_whatever_they_have_said_before() -> None:
    call = by_telephone()
    call.hear(STARTED)
    call.wait(1)
    call.hear(STOPPED)
    call.watchdog.serious(Line.CRISIS, call.now)
    call.wait(0.5)
    call.hear(ASKED, spoken("resp_asked"), done())
    call.wait(20)
    assert call.due == []
    assert not call.watchdog.frees_line


def test_who_cuts_the_answer_short_as_it_begins_has_not_been_told_whom_to_ring() -> None:
    """Whoever is in need speaks on; what OpenAI makes of that itself is no answer that knows how serious it is."""
    call = by_telephone()
    call.wait(1)
    call.hear(ASKED, spoken("resp_asked", seconds=0.3))
    call.wait(0.5)
    call.hear(STARTED, done("cancelled"))
    began = call.now
    call.wait(2)
    call.hear(STOPPED, BY_ITSELF, spoken("resp_own"), done())
    call.wait(14)
    assert [step for _, step in call.due] == [Say(line=Line.EMERGENCY), FreeLine(Line.GOODBYE)]
    assert call.time_of(Line.EMERGENCY) - began == pytest.approx(4.0, abs=0.2)


def test_who_speaks_when_the_number_has_been_said_has_been_told() -> None:
    call = told()
    call.wait(1)
    call.hear(ASKED, spoken("resp_asked", seconds=8.0))
    call.wait(3)
    call.hear(STARTED, done("cancelled"))
    call.wait(2)
    call.hear(STOPPED, BY_ITSELF, spoken("resp_own"), done())
    call.wait(14)
    assert call.due == []


def test_serious_words_again_are_answered_before_she_hangs_up() -> None:
    call = by_telephone()
    call.hear(ASKED, spoken("resp_asked"), done())
    call.wait(4)
    call.watchdog.serious(Line.EMERGENCY, call.now)
    call.wait(6)
    assert [step for _, step in call.due] == [Say(line=Line.EMERGENCY)]


def test_on_a_page_nobody_is_hung_up_on() -> None:
    """They have a telephone besides."""
    call = told()
    call.hear(ASKED, spoken("resp_asked"), done())
    call.wait(30)
    assert call.due == []
