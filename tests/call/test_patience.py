"""How long a caller is waited for, and what may pass the gate meanwhile; told of events at chosen times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from livekit.agents import llm

from granny.call.patience import SECONDS, Gate, Patience, Voice
from granny.call.patience._patience import CUT_OFF_SECONDS, LONGEST_SECONDS

STARTED = {"type": "input_audio_buffer.speech_started"}
STOPPED = {"type": "input_audio_buffer.speech_stopped"}
SOUND = "response.output_audio.delta"
ITEM = "response.output_item.added"


@dataclass
class Call:
    """A gate, all that it lets pass, has done and tells; the answer of number n is `resp_n`, its item `item_n`."""

    patience: Patience = field(default_factory=lambda: Patience(1.3))
    now: float = 100.0
    passed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(self.patience, self)
        self.gate.told = self

    # --- the line ---

    def pass_on(self, name: str, event: object) -> None:
        self.passed.append(f"{name} {_named(event)}")

    def delete_item(self, item_id: str) -> None:
        self.deleted.append(item_id)

    def stop_answer(self, response_id: str) -> None:
        self.stopped.append(response_id)

    # --- who counts ---

    def held(self) -> None:
        self.told.append("held")

    def let_go(self, now: float) -> None:
        self.told.append(f"let go at {now:.1f}")

    def dropped(self) -> None:
        self.told.append("dropped")

    def billed(self, tokens: int) -> None:
        self.told.append(f"{tokens} tokens")

    # --- what happens ---

    def hear(self, *events: dict[str, Any]) -> None:
        for event in events:
            self.gate.take(event, self.now)

    def emit(self, name: str, event: object) -> None:
        if not self.gate.keeps_back(name, event, self.now):
            self.pass_on(name, event)

    def answer(self, number: int, *, is_asked: bool = False) -> None:
        """An answer begins, with its item; there is no sound yet."""
        self.emit("generation_created", _generation(number, is_asked=is_asked))
        self.hear({"type": ITEM, "response_id": f"resp_{number}", "item": {"id": f"item_{number}"}})
        self.emit("remote_item_added", _item(f"item_{number}"))

    def sound(self, number: int) -> None:
        self.hear({"type": SOUND, "response_id": f"resp_{number}"})

    def done(self, number: int, status: str = "completed", tokens: int = 100) -> None:
        response = {"id": f"resp_{number}", "status": status, "usage": {"total_tokens": tokens}}
        self.hear({"type": "response.done", "response": response})

    def turn(self, number: int) -> None:
        """The caller has spoken, and the answer of this number begins."""
        self.hear(STARTED, STOPPED)
        self.answer(number)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.gate.open(self.now)

    def is_cut_off(self, number: int, *, after: float = 0.5) -> None:
        """An answer is heard, and the caller speaks so soon after its first sound."""
        self.turn(number)
        self.sound(number)
        self.wait(self.patience.seconds)
        self.done(number)
        self.now += after


def _generation(number: int, *, is_asked: bool) -> llm.GenerationCreatedEvent:
    return llm.GenerationCreatedEvent(
        message_stream=cast("Any", None),  # nobody looks into it
        function_stream=cast("Any", None),
        user_initiated=is_asked,
        response_id=f"resp_{number}",
    )


def _item(item_id: str) -> llm.RemoteItemAddedEvent:
    return llm.RemoteItemAddedEvent(
        previous_item_id=None, item=llm.ChatMessage(role="assistant", content=[], id=item_id)
    )


def _named(event: object) -> str:
    if isinstance(event, llm.GenerationCreatedEvent):
        return event.response_id or ""
    return event.item.id if isinstance(event, llm.RemoteItemAddedEvent) else ""


def test_an_answer_passes_when_the_caller_has_been_silent_for_the_patience() -> None:
    """The silence by which OpenAI knew the turn's end is a part of it."""
    call = Call()
    call.turn(1)
    call.sound(1)
    call.done(1)
    assert call.gate.opens_at == pytest.approx(100.0 - 0.3 + 1.3)
    call.wait(0.9)
    assert call.passed == []
    call.wait(0.1)
    assert call.passed == ["generation_created resp_1", "remote_item_added item_1"]
    assert call.told == ["held", "let go at 101.0"]
    assert call.gate.opens_at is None
    assert call.deleted == []


def test_an_answer_that_comes_after_the_patience_is_heard_at_once() -> None:
    call = Call()
    call.hear(STARTED, STOPPED)
    call.now += 1.1
    call.answer(1)
    assert call.passed == ["generation_created resp_1", "remote_item_added item_1"]
    assert call.told == []


def test_of_an_answer_that_was_over_when_the_caller_went_on_nothing_is_left() -> None:
    call = Call()
    call.turn(1)
    call.sound(1)
    call.done(1, tokens=77)
    call.now += 0.5
    call.hear(STARTED)
    assert call.deleted == ["item_1"]
    call.wait(10.0)
    assert call.passed == []
    assert call.told == ["held", "dropped", "77 tokens"]


def test_an_answer_that_was_not_over_is_forgotten_when_openai_has_ended_it() -> None:
    """Its items are known only then; one that comes after the caller went on is one of them."""
    call = Call()
    call.hear(STARTED, STOPPED)
    call.emit("generation_created", _generation(1, is_asked=False))
    call.hear(STARTED)
    call.hear({"type": ITEM, "response_id": "resp_1", "item": {"id": "item_1"}})
    call.emit("remote_item_added", _item("item_1"))
    assert call.deleted == []
    call.done(1, "cancelled", tokens=50)
    assert call.deleted == ["item_1"]
    assert call.passed == []
    assert call.told == ["held", "dropped", "50 tokens"]


def test_the_next_answer_is_held_anew() -> None:
    call = Call()
    call.turn(1)
    call.done(1)
    call.now += 0.6
    call.turn(2)
    call.wait(0.9)
    assert call.passed == []
    call.wait(0.1)
    assert call.passed == ["generation_created resp_2", "remote_item_added item_2"]


def test_what_granny_was_asked_to_say_is_never_held() -> None:
    """Greetings, what she says after a function's end, an answer that is asked for once more."""
    call = Call()
    call.hear(STARTED, STOPPED)
    call.answer(1, is_asked=True)
    assert call.passed == ["generation_created resp_1", "remote_item_added item_1"]


def test_an_answer_to_somebody_who_still_speaks_is_stopped_and_not_heard() -> None:
    call = Call()
    call.hear(STARTED)
    call.answer(1)
    call.done(1, "cancelled")
    call.wait(10.0)
    assert (call.passed, call.stopped, call.deleted) == ([], ["resp_1"], ["item_1"])


def test_an_answer_that_failed_does_not_come_after_the_one_that_was_asked_for_in_its_place() -> None:
    call = Call()
    call.turn(1)
    call.sound(1)
    call.done(1, "failed", tokens=0)
    call.answer(2, is_asked=True)
    call.wait(10.0)
    assert call.passed == ["generation_created resp_2", "remote_item_added item_2"]
    assert call.deleted == ["item_1"]


@pytest.mark.parametrize("is_over", [True, False])
def test_with_the_connection_only_an_answer_goes_that_was_not_over(is_over: bool) -> None:  # noqa: FBT001  a table's row
    """One that was is heard whole; of the other nothing can be deleted, for the new connection has never had it."""
    call = Call()
    call.turn(1)
    call.sound(1)
    if is_over:
        call.done(1)
    call.emit("session_reconnected", llm.RealtimeSessionReconnectedEvent())
    call.wait(10.0)
    assert ("generation_created resp_1" in call.passed) == is_over
    assert call.deleted == []


def test_items_of_the_callers_pass_at_once() -> None:
    call = Call()
    call.turn(1)
    call.emit("remote_item_added", _item("the caller's"))
    assert call.passed == ["remote_item_added the caller's"]


def test_who_is_cut_off_three_times_in_six_answers_is_waited_for_longer_for_the_rest_of_the_call() -> None:
    call = Call()
    for number in (1, 2, 3):
        assert call.patience.seconds == 1.3
        call.is_cut_off(number)
        call.hear(STARTED)
    assert call.patience.seconds == pytest.approx(1.3 * 1.4)
    for number in range(4, 20):
        call.is_cut_off(number, after=CUT_OFF_SECONDS)
        call.hear(STARTED)
    assert call.patience.seconds == pytest.approx(1.3 * 1.4)


def test_once_in_a_while_is_no_reason_to_wait_longer() -> None:
    call = Call()
    for number in range(1, 30):
        call.is_cut_off(number, after=0.5 if number % 3 == 0 else 5.0)
        call.hear(STARTED)
    assert call.patience.seconds == 1.3


@pytest.mark.parametrize("seconds", SECONDS.values())
def test_however_often_a_caller_is_cut_off_the_wait_stays_bearable(seconds: float) -> None:
    call = Call(Patience(seconds))
    for number in range(1, 100):
        call.is_cut_off(number)
        call.hear(STARTED)
    assert call.patience.seconds == LONGEST_SECONDS


def test_of_an_answer_that_was_late_the_first_sound_counts() -> None:
    """The caller who speaks before it has not been cut off."""
    call = Call()
    for number in (1, 2, 3):
        call.hear(STARTED, STOPPED)
        call.now += 2.0
        call.answer(number)
        call.now += 1.0
        call.hear(STARTED)
        call.done(number, "cancelled")
    assert call.patience.seconds == 1.3
    for number in (4, 5, 6):
        call.hear(STARTED, STOPPED)
        call.now += 2.0
        call.answer(number)
        call.now += 5.0
        call.sound(number)
        call.now += 1.0
        call.hear(STARTED)
    assert call.patience.seconds > 1.3


@pytest.mark.parametrize(("voice_before", "silence"), [(0.7, 0.7), (0.05, 0.2), (30.0, 0.3)])
def test_the_patience_counts_from_the_last_voice(voice_before: float, silence: float) -> None:
    """Of what cannot have been the caller's last word OpenAI's own silence is assumed: another's voice, or none."""
    call = Call()
    call.hear(STARTED)
    call.patience.voice(call.now - voice_before)
    call.hear(STOPPED)
    call.answer(1)
    assert call.gate.opens_at == pytest.approx(call.now - silence + 1.3)


def test_an_answer_does_not_begin_in_the_moment_in_which_the_caller_goes_on() -> None:
    """A voice is heard here before OpenAI tells of it; what is no word of the caller's does not keep her waiting."""
    call = Call()
    call.turn(1)
    call.wait(0.9)
    call.patience.voice(call.now)
    call.wait(0.15)
    assert call.passed == []
    for _ in range(30):
        call.patience.voice(call.now)
        call.wait(0.01)
    assert call.gate.opens_at is None
    assert call.passed[0] == "generation_created resp_1"


def test_a_voice_is_told_from_the_noise_of_the_room() -> None:
    voice = Voice()
    room = [voice.is_in(hum(-45.0), seconds=0.04) for _ in range(50)]
    assert not any(room)
    assert voice.is_in(hum(-30.0), seconds=0.04)
    assert not voice.is_in(hum(-45.0), seconds=0.04)
    assert not Voice().is_in(memoryview(b""), seconds=0.0)


def test_a_fan_that_is_switched_on_becomes_noise() -> None:
    voice = Voice()
    assert not voice.is_in(hum(-60.0), seconds=0.04)
    fan = [voice.is_in(hum(-40.0), seconds=0.04) for _ in range(25 * 10)]
    assert fan[0]
    assert not fan[-1]


def hum(dbfs: float) -> memoryview:
    """Forty milliseconds of this level."""
    phase = np.arange(960) * (2 * np.pi * 200 / 24_000)
    return memoryview((np.sin(phase) * np.sqrt(2) * 10 ** (dbfs / 20) * 32_767).astype("<i2").tobytes())
