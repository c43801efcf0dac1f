"""Who speaks, and whether the caller is owed an answer: what OpenAI's events and the agent session tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from granny.call.record import CallRecord
from granny.call.watchdog._owed import Debt, Happening

_BYTES_PER_SECOND = 24_000 * 2
_BASE64 = 4 / 3
_PLAYOUT_SECONDS = 0.5
"""What the caller hears may lag so far behind what has arrived."""

Event = Mapping[str, object]


class Answers:
    """Kept up to date with every event of the Realtime connection; times in seconds on the watchdog's clock.

    Attributes:
        debt: what the caller is owed.
        sound_until: until when the sound that has arrived lasts.
        quiet_since: since when neither has spoken; the future while her sound lasts.
        caller_speaks, granny_speaks: at this moment.
        heard_any: whether the caller has heard her in this call: the model's sound, or the recorded greeting.
        sound_since: since when there has been sound of the model's, or a line after it; None if there was none yet.
    """

    def __init__(self, record: CallRecord, *, started: float) -> None:
        self.debt = Debt()
        self.sound_until = started
        self.caller_speaks = False
        self.granny_speaks = False
        self.heard_any = False
        self.sound_since: float | None = None
        self._is_model_speaking = False
        self._started = started
        self._record = record
        self._unanswered_since: float | None = None
        self._quiet_since = started
        self._response_had_sound = False
        self._held_seconds: float | None = None
        self._takes: dict[object, Callable[[Event, float], None]] = {
            "input_audio_buffer.speech_started": self._caller_started,
            "input_audio_buffer.speech_stopped": self._caller_stopped,
            "response.created": self._response_created,
            "response.output_audio.delta": self._sound,
            "response.done": self._response_done,
        }

    @property
    def quiet_since(self) -> float:
        """The end of the last sound of either."""
        return max(self._quiet_since, self.sound_until)

    def is_quiet(self, now: float) -> bool:
        """Whether nobody is to be heard; while an answer is held, one of the two soon is."""
        return not self.caller_speaks and self._held_seconds is None and not self._granny_sounds(now)

    def _granny_sounds(self, now: float) -> bool:
        """Whether she is heard; the agent session goes on waiting for the end of an answer that broke off."""
        if self.granny_speaks and self._is_model_speaking:
            return now < self.sound_until + _PLAYOUT_SECONDS
        return self.granny_speaks or now < self.sound_until

    def take(self, event: Event, now: float) -> None:
        """An event from OpenAI, as parsed JSON."""
        if take := self._takes.get(event.get("type")):
            take(event, now)

    def met(self, now: float, *, owes_greeting: bool) -> None:
        """She and her caller are in the room; whether it is for the model to greet. No silence is older than that."""
        self._quiet_since = now
        if owes_greeting and self.debt.is_first_word:
            self.debt.happens(Happening.MET, now)

    def answered(self, now: float) -> None:
        """The call begins now: what was before it is no time that anybody has waited."""
        self._started = self._quiet_since = now
        self.sound_until = min(self.sound_until, now)

    def caller_is_there(self, now: float) -> None:
        """A sign of life without a word: the silence begins anew."""
        self._quiet_since = max(self._quiet_since, now)

    def granny_started(self, now: float) -> None:
        """Her first sound of an answer left for the caller."""
        self.granny_speaks = self.heard_any = True
        self.debt.first_word_said()
        self._is_model_speaking = now < self.sound_until
        if self._unanswered_since is not None:
            self._record.answers.append(now - self._unanswered_since)
            self._record.is_conversation = self._record.first_word is not None
            self._unanswered_since = None
        if self._record.first_word is None:
            self._record.first_word = now - self._started

    def granny_stopped(self, now: float) -> None:
        """She has been heard to the end, or was interrupted."""
        self.granny_speaks = False
        self._quiet_since = now

    def line_said(self, now: float) -> None:
        """A recorded line has been heard; an answer still owed is waited for from now on."""
        self._quiet_since = now
        self.sound_since = None if self.sound_since is None else now
        self.debt.waits_on(now)

    def disconnected(self, now: float) -> None:
        """The connection is gone, and with it a turn of the caller's and every answer that was on its way."""
        if self.caller_speaks:
            self.caller_speaks, self._unanswered_since = False, now
            self.debt.happens(Happening.TURN_ENDED, now)
        self.debt.happens(Happening.CUT, now)

    def held(self) -> None:
        """An answer has begun that the caller shall not hear yet: what comes of it is no sound."""
        self._held_seconds = 0.0

    def let_go(self, now: float) -> None:
        """The caller hears it from now on, with all that has come of it."""
        seconds, self._held_seconds = self._held_seconds, None
        if seconds:
            self._sounds(seconds, now)

    def dropped(self) -> None:
        """The caller will not hear it."""
        self._held_seconds = None
        self._record.dropped += 1

    def billed(self, tokens: int) -> None:
        """A dropped answer has cost so many."""
        self._record.dropped_tokens += tokens

    def lost(self, now: float) -> None:
        """An answer, or the greeting, is owed and will not come by itself."""
        self.debt.happens(Happening.FAILED, now)

    def asked_again(self, now: float) -> None:
        """The model has been asked for the lost answer."""
        self.debt.happens(Happening.ASKED_AGAIN, now)

    def give_up(self, now: float) -> None:
        """The answer owed is no longer waited for."""
        self._unanswered_since = None
        self.debt.first_word_said()
        self.debt.happens(Happening.GIVEN_UP, now)

    def _overtaken(self, now: float) -> None:
        """The caller has spoken, or will not hear this answer."""
        self._unanswered_since = None
        self.debt.is_overtaken(now)

    def _caller_started(self, _: Event, now: float) -> None:
        if self.granny_speaks:
            self._record.interruptions += 1
        if self._held_seconds is not None:
            self._record.turns -= 1  # it had not ended
        self._overtaken(now)
        self.caller_speaks = True
        self.sound_until = min(self.sound_until, now)

    def _caller_stopped(self, _: Event, now: float) -> None:
        self._record.turns += 1
        self.caller_speaks = False
        self._quiet_since = self._unanswered_since = now
        self.debt.happens(Happening.TURN_ENDED, now)

    def _response_created(self, _: Event, now: float) -> None:
        self._response_had_sound = False
        self.debt.begins(now, caller_speaks=self.caller_speaks)

    def _sound(self, event: Event, now: float) -> None:
        seconds = len(str(event.get("delta", ""))) / _BASE64 / _BYTES_PER_SECOND
        self._response_had_sound = True
        if self._held_seconds is None:
            self._sounds(seconds, now)
        else:
            self._held_seconds += seconds

    def _sounds(self, seconds: float, now: float) -> None:
        """So much more is there to be heard."""
        self.sound_until = max(self.sound_until, now) + seconds
        self.heard_any = True
        self.sound_since = now if self.sound_since is None else self.sound_since
        self.debt.first_word_said()

    def _response_done(self, event: Event, now: float) -> None:
        response = _mapping(event.get("response"))
        self._count(_mapping(response.get("usage")))
        status = response.get("status")
        if status == "failed":
            self.debt.happens(Happening.FAILED, now)
        elif status == "cancelled":
            self._overtaken(now)
        elif self._response_had_sound:
            self.debt.happens(Happening.CAME, now)
        elif _calls_function(response):
            self.debt.happens(Happening.CALLED_FUNCTION, now)
        else:
            self.debt.happens(Happening.CAME_SILENT, now)

    def _count(self, usage: Event) -> None:
        details = _mapping(usage.get("input_token_details"))
        self._record.input_tokens += _number(usage.get("input_tokens"))
        self._record.output_tokens += _number(usage.get("output_tokens"))
        self._record.cached_tokens += _number(details.get("cached_tokens"))


def _mapping(value: object) -> Event:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _calls_function(response: Event) -> bool:
    output = response.get("output")
    return isinstance(output, list) and any(_mapping(item).get("type") == "function_call" for item in output)
