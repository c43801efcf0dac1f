"""Where answers are held: what may pass to the agent session, and what becomes of an answer that may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from livekit.agents import llm

from granny.call.patience._patience import Patience

Event = Mapping[str, object]


class Line(Protocol):
    """The realtime session, as the gate needs it."""

    def pass_on(self, name: str, event: object) -> None:
        """Tell the agent session an event that was held."""

    def delete_item(self, item_id: str) -> None:
        """Have OpenAI forget an item of the conversation."""

    def stop_answer(self, response_id: str) -> None:
        """Have OpenAI make no more of an answer."""


class Told(Protocol):
    """Whoever counts the answers; the time is as the gate is told it."""

    def held(self) -> None:
        """An answer has begun that is not to be heard yet: what comes of it is no sound."""

    def let_go(self, now: float) -> None:
        """It is heard from now on, with all that has come of it."""

    def dropped(self) -> None:
        """It will not be heard."""

    def billed(self, tokens: int) -> None:
        """So many tokens, of input and output, a dropped answer has cost."""


@dataclass(slots=True)
class _Answer:
    """One answer that is held, or that was dropped before OpenAI had ended it."""

    response_id: str
    events: list[tuple[str, object]]
    items: list[str] = field(default_factory=list)
    has_sound: bool = False
    is_over: bool = False
    tokens: int = 0


class Gate:
    """Holds the answers of one realtime session; every method is told the time.

    Attributes:
        told: who counts.
    """

    def __init__(self, patience: Patience, line: Line) -> None:
        self.told: Told | None = None
        self._patience = patience
        self._line = line
        self._held: _Answer | None = None
        self._dropped: dict[str, _Answer] = {}
        self._awaited = ""
        self._takes: dict[object, Callable[[Event, float], None]] = {
            "input_audio_buffer.speech_started": self._caller_started,
            "input_audio_buffer.speech_stopped": self._caller_stopped,
            "response.output_item.added": self._item_added,
            "response.output_audio.delta": self._sound,
            "response.done": self._done,
        }

    @property
    def opens_at(self) -> float | None:
        """When `open` is to be called; None while nothing is held."""
        return self._patience.ends_at if self._held else None

    def take(self, event: Event, now: float) -> None:
        """An event from OpenAI, as parsed JSON, before the plugin's session hears of it."""
        if take := self._takes.get(event.get("type")):
            take(event, now)

    def keeps_back(self, name: str, event: object, now: float) -> bool:
        """Whether the agent session is not to hear of this yet, or at all."""
        if isinstance(event, llm.GenerationCreatedEvent):
            return not event.user_initiated and self._keeps_answer(name, event, now)
        if isinstance(event, llm.RemoteItemAddedEvent):
            return self._keeps_item(name, event)
        if isinstance(event, llm.RealtimeSessionReconnectedEvent):
            self._renewed()
        return False

    def open(self, now: float) -> None:
        """Let go what is held, if the caller has been silent long enough."""
        answer = self._held
        if answer is None or now < self._patience.ends_at:
            return
        self._held = None
        if self.told:
            self.told.let_go(now)
        self._hear(answer.response_id, now, has_sound=answer.has_sound)
        for name, event in answer.events:
            self._line.pass_on(name, event)

    def drop(self) -> None:
        """What is held will not be heard: the caller goes on, or something else is to be said."""
        answer, self._held = self._held, None
        if answer is None:
            return
        if self.told:
            self.told.dropped()
        if answer.is_over:
            self._forget(answer)
        else:
            self._dropped[answer.response_id] = answer

    def _keeps_answer(self, name: str, event: llm.GenerationCreatedEvent, now: float) -> bool:
        self.drop()
        response_id = event.response_id or ""
        if not self._patience.caller_speaks and now >= self._patience.ends_at:
            self._hear(response_id, now, has_sound=False)
            return False
        self._held = _Answer(response_id, [(name, event)])
        if self.told:
            self.told.held()
        if self._patience.caller_speaks:  # it does not know what is being said
            self.drop()
            self._line.stop_answer(response_id)
        return True

    def _keeps_item(self, name: str, event: llm.RemoteItemAddedEvent) -> bool:
        """The agent session would put it into its history."""
        answer = next((one for one in self._kept if event.item.id in one.items), None)
        if answer:
            answer.events.append((name, event))
        return answer is not None

    def _renewed(self) -> None:
        """Another connection: an answer that was not over has gone with the old one, and will be asked for anew."""
        self._dropped.clear()
        self._patience.forget_turn()
        if self._held and not self._held.is_over:
            self.drop()
            self._dropped.clear()

    def _hear(self, response_id: str, now: float, *, has_sound: bool) -> None:
        """An answer is heard from now on, or from its first sound on."""
        self._awaited = "" if has_sound else response_id
        if has_sound:
            self._patience.sounds(now)

    def _caller_started(self, _: Event, now: float) -> None:
        self._patience.caller_started(now)
        self._awaited = ""
        self.drop()

    def _caller_stopped(self, _: Event, now: float) -> None:
        self._patience.caller_stopped(now)

    def _item_added(self, event: Event, _: float) -> None:
        item = event.get("item")
        if (answer := self._answer(event)) and isinstance(item, Mapping):
            answer.items.append(str(item.get("id")))

    def _sound(self, event: Event, now: float) -> None:
        if answer := self._answer(event):
            answer.has_sound = True
        elif self._awaited and self._awaited == event.get("response_id"):
            self._hear(self._awaited, now, has_sound=True)

    def _done(self, event: Event, _: float) -> None:
        response = event.get("response")
        if not isinstance(response, Mapping):
            return
        answer = next((one for one in self._kept if one.response_id == response.get("id")), None)
        if answer is None:
            return
        answer.is_over, answer.tokens = True, _tokens(response)
        if self._dropped.pop(answer.response_id, None):
            self._forget(answer)
        elif response.get("status") == "failed":  # it will be asked for anew
            self.drop()

    def _forget(self, answer: _Answer) -> None:
        """It is gone from OpenAI's history; the agent session's never had it."""
        for item_id in answer.items:
            self._line.delete_item(item_id)
        if self.told:
            self.told.billed(answer.tokens)

    @property
    def _kept(self) -> tuple[_Answer, ...]:
        return (*self._dropped.values(), self._held) if self._held else tuple(self._dropped.values())

    def _answer(self, event: Event) -> _Answer | None:
        return next((one for one in self._kept if one.response_id == event.get("response_id")), None)


def _tokens(response: Event) -> int:
    usage = response.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, Mapping) else None
    return total if isinstance(total, int) else 0
