"""Who speaks, and whether the caller is owed an answer: what OpenAI's events and the agent session tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from granny.call.record import CallRecord

_BYTES_PER_SECOND = 24_000 * 2
_BASE64 = 4 / 3
_PLAYOUT_SECONDS = 0.5
"""What the caller hears may lag so far behind what has arrived."""

Event = Mapping[str, object]


class Answers:
    """Kept up to date with every event of the Realtime connection; times in seconds on the watchdog's clock.

    Attributes:
        owed_since: since when the caller has been waiting for an answer, or None.
        owes_first_word: the caller has heard nothing yet, nor has anything been said in its place. However often the
            caller speaks meanwhile, it is owed since they met.
        sound_until: until when the sound that has arrived lasts.
        quiet_since: since when neither has spoken; the future while her sound lasts.
        caller_speaks, granny_speaks: at this moment.
        is_lost: the answer owed will not come by itself.
        was_silent: the answer owed came without a sound.
        heard_any: whether the caller has heard her in this call: the model's sound, or the recorded greeting.
    """

    def __init__(self, record: CallRecord, *, started: float) -> None:
        self.owed_since: float | None = None
        self.owes_first_word = True
        self.sound_until = started
        self.caller_speaks = False
        self.granny_speaks = False
        self.is_lost = False
        self.was_silent = False
        self.heard_any = False
        self._is_model_speaking = False
        self._started = started
        self._record = record
        self._unanswered_since: float | None = None
        self._quiet_since = started
        self._response_had_sound = False
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
        """Whether nobody is to be heard."""
        return not self.caller_speaks and not self._granny_sounds(now)

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
        if owes_greeting and self.owes_first_word and self.owed_since is None:
            self.owed_since = now

    def granny_started(self, now: float) -> None:
        """Her first sound of an answer left for the caller."""
        self.granny_speaks = self.heard_any = True
        self.owes_first_word = False
        self._is_model_speaking = now < self.sound_until
        if self._record.first_word is None:
            self._record.first_word = now - self._started
        if self._unanswered_since is not None:
            self._record.answers.append(now - self._unanswered_since)
            self._unanswered_since = None

    def granny_stopped(self, now: float) -> None:
        """She has been heard to the end, or was interrupted."""
        self.granny_speaks = False
        self._quiet_since = now

    def line_said(self, now: float) -> None:
        """A recorded line has been heard; an answer still owed is waited for from now on."""
        self._quiet_since = now
        if self.owed_since is not None:
            self.owed_since = now

    def disconnected(self, now: float) -> None:
        """The connection is gone, and with it a turn of the caller's and every answer that was on its way."""
        if self.caller_speaks:
            self.caller_speaks, self._unanswered_since = False, now
        elif self.owed_since is None:
            return
        self.lost(now)

    def lost(self, now: float) -> None:
        """An answer, or the greeting, is owed and will not come by itself."""
        self._owe(now)
        self.is_lost = True

    def asked_again(self, now: float) -> None:
        """The model has been asked for the lost answer."""
        self.is_lost = self.was_silent = False
        self._owe(now)

    def give_up(self) -> None:
        """The answer owed is no longer waited for."""
        self.owes_first_word = False
        self._overtaken()

    def _overtaken(self) -> None:
        """The caller has spoken, and what was owed before is no longer waited for; the first word is."""
        self.is_lost = self.was_silent = False
        self._unanswered_since = None
        if not self.owes_first_word:
            self.owed_since = None

    def _owe(self, now: float) -> None:
        if self.owed_since is None or not self.owes_first_word:
            self.owed_since = now

    def _caller_started(self, _: Event, now: float) -> None:
        if self.granny_speaks:
            self._record.interruptions += 1
        self._overtaken()
        self.caller_speaks = True
        self.sound_until = min(self.sound_until, now)

    def _caller_stopped(self, _: Event, now: float) -> None:
        self._record.turns += 1
        self.caller_speaks = False
        self._quiet_since = self._unanswered_since = now
        self._owe(now)

    def _response_created(self, _: Event, now: float) -> None:
        self._response_had_sound = False
        self.is_lost = False
        if not self.caller_speaks and not self.owes_first_word:
            self.owed_since = now if self.owed_since is None else self.owed_since

    def _sound(self, event: Event, now: float) -> None:
        seconds = len(str(event.get("delta", ""))) / _BASE64 / _BYTES_PER_SECOND
        self.sound_until = max(self.sound_until, now) + seconds
        self._response_had_sound = self.heard_any = True
        self.owes_first_word = False

    def _response_done(self, event: Event, now: float) -> None:
        response = _mapping(event.get("response"))
        self._count(_mapping(response.get("usage")))
        status = response.get("status")
        if status == "failed":
            self.lost(now)
        elif status == "cancelled":
            self._overtaken()
        elif self._response_had_sound:
            self.owed_since = None
        elif _calls_function(response):
            self._owe(now)
        elif self.owed_since is not None:
            self.was_silent = True

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
