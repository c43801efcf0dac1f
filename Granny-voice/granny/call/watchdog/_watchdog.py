"""The whole watchdog: answers, trouble and limits, and the order in which they are heeded."""

from __future__ import annotations

from granny import faults
from granny.call.record import CallRecord
from granny.call.watchdog._answers import Answers, Event
from granny.call.watchdog._limits import Limits
from granny.call.watchdog._owed import Owed
from granny.call.watchdog._serious import Serious
from granny.call.watchdog._step import AskAgain, End, Say, Step, farewell
from granny.call.watchdog._trouble import Trouble
from granny.faults import Finding, Severity
from granny.lines import Line

FIRST_WORD_SECONDS = 6.0
"""The longest wait for her first word, from when she and her caller have met in the room."""
ANSWER_SECONDS = 8.0
"""The longest wait for an answer, from the end of the caller's turn or from the sound that broke off."""
_PAUSE_SECONDS = 0.5
"""After a renewal: time for the caller to go on with a cut turn, and for an answer that comes by itself."""
_RETRY_SECONDS = 1.0
"""Between two tries for an answer that failed."""


class Watchdog:
    """One call's watchdog; every method is told the time, in seconds on one clock.

    Attributes:
        record: the call's figures, as far as they are known.
        answers: who speaks, and what is owed.
    """

    def __init__(
        self, record: CallRecord, *, limits: Limits, greeting: Line, started: float, is_greeted: bool = False
    ) -> None:
        """A watchdog over the call that begins now.

        Args:
            record: where the call's figures are kept.
            limits: what the settings allow.
            greeting: the line that stands in for a first word that does not come.
            started: the time.
            is_greeted: whether she greets by a recording, so that the model owes nothing yet.
        """
        self.answers = Answers(record, started=started)
        self.record = record
        self._limits = limits
        self._greeting = greeting
        self._is_greeted = is_greeted
        self._started = started
        self._has_met = self._is_ringing = False
        self._trouble = Trouble()
        self._serious = Serious()
        self._end: End | None = None
        self._to_say: Say | None = None
        self._listened_since: float | None = None
        self._is_mute_told = False
        self._ask_at = started
        self._silences = 0
        self._is_renewed = False

    def connecting(self, now: float) -> None:
        """There is a realtime session; until then nothing is asked of OpenAI, however long the room takes to join."""
        self._trouble.connecting(now)

    def met(self, now: float) -> None:
        """She and her caller are in the room; a recorded greeting comes by itself."""
        self._has_met = True
        self.answers.met(now, owes_greeting=not self._is_greeted)

    def rings(self) -> None:
        """A telephone is yet to be answered: the room is not empty, and nobody is waiting for anything."""
        self._is_ringing = True

    def answered(self, now: float) -> None:
        """It has been: from now on the call's time counts, and silence is one; she need not have begun to speak."""
        self._is_ringing, self._has_met, self._started = False, True, now
        self.answers.answered(now)

    def caller_is_there(self, now: float) -> None:
        """The caller has given a sign of life without a word."""
        self._limits.caller_spoke()
        self.answers.caller_is_there(now)

    def event(self, event: Event, now: float) -> None:
        """An event from OpenAI."""
        kind = event.get("type")
        if kind != "error":
            self._trouble.connected(now)
        if kind == "input_audio_buffer.speech_started":
            self._limits.caller_spoke()
            self._serious.caller_spoke(now)
        self.answers.take(event, now)
        self._serious.take(event, now)
        if kind == "response.output_audio.delta":
            self._well_again()
        elif kind == "response.done" and self.answers.debt.owed is Owed.LOST:
            self._ask_at = now + _RETRY_SECONDS

    def error(self, finding: Finding, now: float, *, is_final: bool, is_disconnected: bool) -> None:
        """An error of the agent session, diagnosed.

        Args:
            finding: what it is.
            now: the time.
            is_final: the plugin will not try again.
            is_disconnected: the connection is gone.
        """
        if is_disconnected:
            self._trouble.connecting(now)
            self.answers.disconnected(now)
        if self._end is None and (is_final or finding.severity is Severity.FATAL):
            self._end = farewell(finding)
        elif finding.severity is Severity.TRANSIENT:
            self._trouble.error(finding, now)

    def say(self, step: Say) -> None:
        """Something else is to be said, as soon as nobody else is to be heard; the call goes on."""
        self._to_say = step

    def serious(self, line: Line, now: float) -> None:
        """The caller's words were serious, and the model is told of it; where that is not heard, the line is."""
        self._serious.heard(line, now)

    def free_line(self) -> None:
        """They were serious, and the caller can ring nobody while she is on the line."""
        self._serious.free_line()

    @property
    def frees_line(self) -> bool:
        """Whether she is to hang up when the caller has been told whom to ring."""
        return self._serious.frees_line

    @property
    def is_told(self) -> bool:
        """Whether the model has begun the answer that serious words were asked of it for."""
        return self._serious.is_told

    @property
    def owes_number(self) -> bool:
        """Whether the caller has yet to be told whom to ring."""
        return self._serious.is_owed

    def listened(self, now: float) -> None:
        """Somebody's device listens to her: what comes of her from now on can be heard."""
        self._listened_since = now if self._listened_since is None else self._listened_since

    def renewed(self, now: float) -> None:
        """The plugin has opened another connection and told it the conversation so far."""
        self._is_renewed = True
        self._trouble.connected(now)
        self.answers.disconnected(now)
        self._ask_at = now + _PAUSE_SECONDS

    def step(self, now: float) -> Step | None:
        """What is due now; to be asked about ten times a second, and after every event that matters."""
        due = self._due(now)
        if not isinstance(due, End):
            return due
        self._end = due
        return self._serious_step(now) or due  # whatever ends the call, whom to ring is said first

    def _due(self, now: float) -> Step | None:
        return (
            self._serious_step(now)
            or self._end
            or self._trouble_step(now)
            or self._say_step(now)
            or self._lost_step(now)
            or self._mute_step(now)
            or self._silence_step(now)
            or self._limit_step(now)
        )

    def _serious_step(self, now: float) -> Step | None:
        is_quiet = not self.answers.caller_speaks
        due = self._serious.step(now, is_quiet=is_quiet, is_ending=self._end is not None)
        quiet_for = now - self.answers.quiet_since if self.answers.is_quiet(now) else 0.0
        return due or self._serious.free_step(quiet_for=quiet_for)

    def _trouble_step(self, now: float) -> Step | None:
        step = self._trouble.step(
            now, may_settle=self._owes_nothing, may_speak=self._has_met and self.answers.is_quiet(now)
        )
        if self._trouble.since is None and self._trouble.is_connected:
            self._count_renewal()
        return step

    def _say_step(self, now: float) -> Step | None:
        if self._to_say is None or not self._has_met or not self.answers.is_quiet(now):
            return None
        step, self._to_say = self._to_say, None
        return step

    def _lost_step(self, now: float) -> Step | None:
        lost = self.answers.debt.owed is Owed.LOST
        if not lost or not self._trouble.is_connected or self.answers.caller_speaks or now < self._ask_at:
            return None
        self.answers.asked_again(now)
        return AskAgain()

    def _mute_step(self, now: float) -> Step | None:
        """The model's sound has come, somebody listens, and none of it is played: what stands in its way is dropped."""
        sound, listened = self.answers.sound_since, self._listened_since
        if self._is_mute_told or sound is None or listened is None or self.record.first_word is not None:
            return None
        waited = now - max(sound, listened)
        if waited < FIRST_WORD_SECONDS or self.answers.caller_speaks:
            return None
        self._is_mute_told = True
        finding = faults.CALL_NO_FIRST_WORD.found(f"sound that was not played for {waited:.1f} s")
        return Say(line=self._greeting, finding=finding, drop_answer=True)

    def _silence_step(self, now: float) -> Step | None:
        waited = self._waited(now)
        if waited is None or self._trouble.since is not None:
            return None
        is_first, is_silent = self.answers.debt.is_first_word, self.answers.debt.owed is Owed.SILENT
        limit = FIRST_WORD_SECONDS if is_first else ANSWER_SECONDS
        if waited < limit and not is_silent:
            return None
        evidence = "no sound in the answer" if is_silent else f"silence of {waited:.1f} s"
        fault = faults.CALL_NO_FIRST_WORD if is_first else faults.CALL_NO_ANSWER
        return self._no_answer(fault.found(evidence), self._greeting if is_first else Line.NO_ANSWER, now)

    def _waited(self, now: float) -> float | None:
        """How long the caller has been waiting for a sound; None if for none."""
        debt = self.answers.debt
        if debt.since is None or self.answers.caller_speaks:
            return None
        return now - max(debt.since, self.answers.sound_until)

    @property
    def _owes_nothing(self) -> bool:
        return self.answers.debt.owed is Owed.NOTHING

    def _no_answer(self, finding: Finding, line: Line, now: float) -> Step:
        self.answers.give_up(now)
        self._silences += 1
        if self._silences > 1:
            return End(finding, Line.SOMETHING_WENT_WRONG)
        return Say(line=line, finding=finding, drop_answer=True)

    def _limit_step(self, now: float) -> Step | None:
        if not self._has_met:
            return None if self._is_ringing else self._limits.empty_room(lasted=now - self._started)
        calm = self._trouble.since is None and self._owes_nothing and self.answers.is_quiet(now)
        return self._limits.step(
            lasted=now - self._started,
            silent_for=now - self.answers.quiet_since if calm else 0.0,
            tokens=self.record.input_tokens + self.record.output_tokens,
        )

    def _well_again(self) -> None:
        self._trouble.over()
        self._silences = 0
        self._count_renewal()

    def _count_renewal(self) -> None:
        self.record.renewals += self._is_renewed
        self._is_renewed = False
