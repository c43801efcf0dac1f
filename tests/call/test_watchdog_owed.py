"""What the caller is owed: the whole table walked by what really happens in a call, and a promise for any call."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from granny import faults
from granny.call.record import CallRecord
from granny.call.watchdog import AskAgain, End, FreeLine, Limits, Owed, Say, Watchdog, _owed
from granny.call.watchdog._answers import Answers
from granny.call.watchdog._owed import TRANSITIONS, Happening
from granny.faults import Fault
from granny.lines import Line

STARTED = {"type": "input_audio_buffer.speech_started"}
STOPPED = {"type": "input_audio_buffer.speech_stopped"}
CREATED = {"type": "response.created"}
FUNCTION: dict[str, Any] = {"output": [{"type": "function_call"}]}


def sound(seconds: float) -> dict[str, Any]:
    delta = base64.b64encode(bytes(int(seconds * 48_000))).decode()
    return {"type": "response.output_audio.delta", "delta": delta}


def done(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status, **fields}}


Act = Callable[[Answers, float], None]


def hears(*events: dict[str, Any]) -> Act:
    def act(answers: Answers, now: float) -> None:
        for event in events:
            answers.take(event, now)

    return act


def greets(answers: Answers, now: float) -> None:
    answers.met(now, owes_greeting=True)


EARLY: dict[Owed, tuple[Act, ...]] = {
    Owed.NOTHING: (),
    Owed.AWAITED: (greets,),
    Owed.LOST: (greets, hears(done("failed"))),
    Owed.SILENT: (greets, hears(done())),
}
"""How each state comes about before her first word."""
LATER: dict[Owed, tuple[Act, ...]] = {
    Owed.NOTHING: (Answers.granny_started,),
    Owed.AWAITED: (Answers.granny_started, hears(STOPPED)),
    Owed.LOST: (Answers.granny_started, hears(done("failed"))),
    Owed.SILENT: (Answers.granny_started, hears(STOPPED, done())),
}
"""And after it."""
WALK: dict[Happening, tuple[tuple[dict[Owed, tuple[Act, ...]], Act], ...]] = {
    Happening.MET: ((EARLY, greets),),
    Happening.TURN_ENDED: ((EARLY, hears(STOPPED)), (LATER, hears(STOPPED))),
    Happening.BEGAN: ((LATER, hears(CREATED)),),
    Happening.BEGAN_UNASKED: ((EARLY, hears(CREATED)),),
    Happening.CALLED_FUNCTION: ((EARLY, hears(done(**FUNCTION))), (LATER, hears(done(**FUNCTION)))),
    Happening.CAME: ((EARLY, hears(sound(1), done())), (LATER, hears(sound(1), done()))),
    Happening.CAME_SILENT: ((EARLY, hears(done())), (LATER, hears(done()))),
    Happening.ASKED_AGAIN: ((EARLY, Answers.asked_again), (LATER, Answers.asked_again)),
    Happening.FAILED: ((EARLY, Answers.lost), (LATER, Answers.lost), (LATER, hears(done("failed")))),
    Happening.CUT: ((EARLY, Answers.disconnected), (LATER, Answers.disconnected)),
    Happening.OVERTAKEN: ((LATER, hears(STARTED)), (LATER, hears(done("cancelled")))),
    Happening.OVERTAKEN_EARLY: ((EARLY, hears(STARTED)), (EARLY, hears(done("cancelled")))),
    Happening.GIVEN_UP: ((EARLY, Answers.give_up), (LATER, Answers.give_up)),
}
"""For everything that can happen: how it happens, and from where."""
KEEPS_WAITING = {
    Happening.MET,
    Happening.BEGAN,
    Happening.BEGAN_UNASKED,
    Happening.CAME_SILENT,
    Happening.FAILED,
    Happening.ASKED_AGAIN,
}
"""What is no new reason to wait for an answer; for her first word nothing is."""

every_happening = pytest.mark.parametrize("happening", Happening, ids=lambda one: one.name)
every_state = pytest.mark.parametrize("state", Owed, ids=lambda one: one.name)


def test_the_table_that_is_read_is_the_table_that_is_heeded() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", _owed.__doc__ or "", re.MULTILINE)
    assert [name for name, _ in rows] == [happening.name for happening in Happening]
    for name, cells in rows:
        assert [Owed(cell) for cell in cells.split(" | ")] == [TRANSITIONS[Happening[name]][state] for state in Owed]


@every_state
@every_happening
def test_whatever_happens_leads_where_the_table_says(happening: Happening, state: Owed) -> None:
    """Told as OpenAI and the session tell it; and who is owed something has been waiting since some moment."""
    for paths, act in WALK[happening]:
        answers = Answers(CallRecord(), started=0)
        for step in paths[state]:
            step(answers, 1)
        assert (answers.debt.owed, answers.debt.is_first_word) == (state, paths is EARLY)
        act(answers, 2)
        owed = answers.debt.owed
        assert owed is TRANSITIONS[happening][state]
        has_waited = state is not Owed.NOTHING and (paths is EARLY or happening in KEEPS_WAITING)
        assert answers.debt.since == (None if owed is Owed.NOTHING else 1 if has_waited else 2)


@every_state
def test_an_answer_that_begins_while_the_caller_speaks_is_not_waited_for(state: Owed) -> None:
    """But one that was lost is, for it is on its way again."""
    answers = Answers(CallRecord(), started=0)
    for step in LATER[state]:
        step(answers, 1)
    answers.caller_speaks = True
    answers.take(CREATED, 2)
    assert answers.debt.owed is TRANSITIONS[Happening.BEGAN_UNASKED][state]


LIMIT_SECONDS = 8.2
"""The longest that anybody who waits for an answer hears nothing, unless there is a new reason to wait."""
TICK = 0.1


class AnyCall(RuleBasedStateMachine):
    """Whatever OpenAI, the network and the caller do, in any order that is possible: nobody is left in silence.

    Attributes:
        waits_since: since when the caller has been waiting for a sound, as far as the caller knows; None if for none.
        is_answering: the model has begun an answer, and has not ended it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.begin()

    def begin(self) -> None:
        self.waits_since: float | None = self.now
        self.is_answering = False
        limits = Limits(idle=60, longest=600, tokens=None)
        self.watchdog = Watchdog(CallRecord(), limits=limits, greeting=Line.GREETING, started=self.now)
        self.watchdog.connecting(self.now)
        self.watchdog.met(self.now)

    def hear(self, *events: dict[str, Any]) -> None:
        for event in events:
            self.watchdog.event(event, self.now)

    def wait_anew(self) -> None:
        if self.waits_since is not None:
            self.waits_since = self.now

    @rule()
    def caller_speaks(self) -> None:
        self.hear(STARTED)
        self.waits_since = None

    @precondition(lambda self: self.watchdog.answers.caller_speaks)
    @rule()
    def caller_has_spoken(self) -> None:
        self.hear(STOPPED)
        self.waits_since = self.now

    @rule()
    def model_begins(self) -> None:
        self.hear(CREATED)
        self.is_answering = True

    @precondition(lambda self: self.is_answering)
    @rule(seconds=st.sampled_from([0.3, 4.0]))
    def model_sounds(self, seconds: float) -> None:
        self.hear(sound(seconds))
        self.waits_since = None

    @precondition(lambda self: self.is_answering)
    @rule(event=st.sampled_from([done(), done("failed"), done("cancelled"), done(**FUNCTION)]))
    def model_ends(self, event: dict[str, Any]) -> None:
        self.hear(event)
        self.is_answering = False
        self.wait_anew()
        if event == done("cancelled"):
            self.waits_since = None

    @rule(fault=st.sampled_from([faults.OPENAI_UNAVAILABLE, faults.OPENAI_UNKNOWN_ERROR]))
    def something_fails(self, fault: Fault) -> None:
        if self.watchdog._trouble.since is None:
            self.wait_anew()
        self.watchdog.error(fault.found("x"), self.now, is_final=False, is_disconnected=False)

    @rule()
    def line_breaks(self) -> None:
        lost = faults.OPENAI_CONNECTION_LOST.found("x")
        self.cut(lambda: self.watchdog.error(lost, self.now, is_final=False, is_disconnected=True))

    @rule()
    def line_comes_back(self) -> None:
        self.cut(lambda: self.watchdog.renewed(self.now))

    def cut(self, happens: Callable[[], None]) -> None:
        """A turn of the caller's is cut, too, and owed an answer."""
        was_speaking = self.watchdog.answers.caller_speaks
        happens()
        self.is_answering = False
        self.wait_anew()
        if was_speaking:
            self.waits_since = self.now

    @rule(seconds=st.sampled_from([0.4, 3.0, 9.0]))
    def time_passes(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.now = round(self.now + TICK, 3)
            step = self.watchdog.step(self.now)
            if isinstance(step, End | FreeLine):
                self.begin()
                return
            self.do(step)
            if self.waits_since is not None:
                assert self.now - max(self.waits_since, self.watchdog.answers.sound_until) <= LIMIT_SECONDS

    def do(self, step: Say | AskAgain | None) -> None:
        if step:
            self.wait_anew()
        if isinstance(step, Say):
            self.watchdog.answers.line_said(self.now)
            if step.drop_answer:
                self.waits_since = None


TestAnyCall = AnyCall.TestCase
TestAnyCall.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
