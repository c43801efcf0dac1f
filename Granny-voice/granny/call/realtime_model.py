"""OpenAI's Realtime model as the settings ask for it; the only module that names the plugin."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterable
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, TurnHandlingOptions, llm
from livekit.agents.utils.audio import AudioByteStream
from livekit.plugins.openai.realtime import RealtimeModel, RealtimeSession
from openai.types.realtime import (
    AudioTranscription,
    ConversationItemDeleteEvent,
    InputAudioBufferAppendEvent,
    InputAudioBufferCommitEvent,
    RealtimeAudioConfig,
    RealtimeAudioConfigInput,
    RealtimeSessionCreateRequest,
    ResponseCancelEvent,
    SessionUpdateEvent,
)
from openai.types.realtime.realtime_audio_input_turn_detection import SemanticVad
from openai.types.realtime.realtime_truncation_retention_ratio import RealtimeTruncationRetentionRatio, TokenLimits

from granny.call.patience import SECONDS, Gate, Patience, Voice
from granny.config.settings import Settings

RATE = 24_000
"""Hz, of the sound that goes to OpenAI."""

_TRUNCATION = RealtimeTruncationRetentionRatio(
    type="retention_ratio", retention_ratio=0.4, token_limits=TokenLimits(post_instructions=24_000)
)
"""No response reads more than 24,000 tokens of talk, some 27 minutes of it, so that a long talk's cost grows linearly.
What is dropped is dropped at once, to the last ten minutes: each time the rest must be read anew, at its full price.
`python -m benchmarks.long_talk --choices` compares."""

_TRIES = APIConnectOptions(max_retry=20, retry_interval=1.0, timeout=4.0)
"""Short tries, and more than `granny.call.watchdog` has patience for: it decides when to give up, not the plugin."""

TURNS = TurnHandlingOptions(turn_detection="realtime_llm")
"""OpenAI hears when a turn begins and ends; the agent session looks for no detector of its own."""

_CHUNKS_PER_SECOND = 25
"""The plugin's own are a tenth of a second long, and by so much she would notice a voice, or its end, too late."""


_LATE = "Cancellation failed"
"""The only words of OpenAI's that the plugin reads."""


class VoiceSession(RealtimeSession):
    """The plugin's session, to which the caller's sound goes sooner, and whose answers may have to wait.

    Attributes:
        gate: where they wait; None if OpenAI alone decides when a turn has ended.
    """

    gate: Gate | None = None

    def __init__(
        self, model: RealtimeModel, *, turn_detection_disabled: bool, patience: Patience | None = None
    ) -> None:
        super().__init__(model, turn_detection_disabled=turn_detection_disabled)
        self._pieces = AudioByteStream(RATE, 1, samples_per_channel=RATE // _CHUNKS_PER_SECOND)
        self._alarm: asyncio.TimerHandle | None = None
        self._opens_at: float | None = None
        self._voice, self._patience = Voice(), patience
        if patience:
            self.gate = Gate(patience, self)

    def emit(self, event: Any, *arguments: Any) -> None:  # noqa: ANN401  as the SDK's own
        """As the SDK's, but for what waits at the gate."""
        if self.gate is None or not arguments:
            super().emit(event, *arguments)
            return
        if event == "openai_server_event_received":
            super().emit(event, *arguments)
            self.gate.take(arguments[0], time.monotonic())
        elif not self.gate.keeps_back(event, arguments[0], time.monotonic()):
            super().emit(event, *arguments)
        self._set_alarm()

    def pass_on(self, name: str, event: object) -> None:
        """What was held is told the agent session now."""
        held: Any = name  # of a kind that was emitted
        super().emit(held, event)

    def delete_item(self, item_id: str) -> None:
        """OpenAI forgets it."""
        self.send_event(ConversationItemDeleteEvent(type="conversation.item.delete", item_id=item_id))

    def stop_answer(self, response_id: str) -> None:
        """OpenAI makes no more of it."""
        self.send_event(ResponseCancelEvent(type="response.cancel", response_id=response_id))

    def interrupt(self) -> None:
        """As the plugin's; an answer that waits is dropped, too."""
        if self.gate:
            self.gate.drop()
            self._set_alarm()
        super().interrupt()

    def generate_reply(self, **options: Any) -> asyncio.Future[llm.GenerationCreatedEvent]:  # noqa: ANN401  the plugin's
        """As the plugin's; it takes the place of an answer that waits."""
        if self._opens_at is not None:
            self.interrupt()
        return super().generate_reply(**options)

    async def aclose(self) -> None:
        """As the plugin's; what waits is never heard."""
        if self._alarm:
            self._alarm.cancel()
        await super().aclose()

    def _set_alarm(self) -> None:
        """For the moment at which the gate is to be opened."""
        opens_at = self.gate.opens_at if self.gate else None
        if opens_at == self._opens_at:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm, self._opens_at = None, opens_at
        if opens_at is not None:
            self._alarm = asyncio.get_running_loop().call_later(opens_at - time.monotonic(), self._ring)

    def _ring(self) -> None:
        self._opens_at = None
        if self.gate:
            self.gate.open(time.monotonic())
            self._set_alarm()

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Send what is said; the agent session gives it as OpenAI takes it.

        Raises:
            ValueError: it is not of one channel and 24,000 Hz.
        """
        if (frame.sample_rate, frame.num_channels) != (RATE, 1):
            msg = f"{frame.num_channels} channels at {frame.sample_rate} Hz"
            raise ValueError(msg)
        if self._patience and self._voice.is_in(frame.data, seconds=frame.duration):
            self._patience.voice(time.monotonic())
        self._send(self._pieces.push(frame.data.cast("b")))

    def commit_audio(self) -> None:
        """End the caller's turn, if it is not OpenAI who hears its end."""
        self._send(self._pieces.flush())
        self.send_event(InputAudioBufferCommitEvent(type="input_audio_buffer.commit"))

    def clear_audio(self) -> None:
        """Forget what has been said since the last turn."""
        self._pieces.clear()
        super().clear_audio()

    def _send(self, pieces: Iterable[rtc.AudioFrame]) -> None:
        for piece in pieces:
            sound = base64.b64encode(piece.data).decode()
            self.send_event(InputAudioBufferAppendEvent(type="input_audio_buffer.append", audio=sound))


class VoiceModel(RealtimeModel):
    """The plugin's model, heard from the first event on, and which hears the caller sooner."""

    listener: Callable[[llm.RealtimeSession[Any]], None] | None = None
    """Told of each realtime session before anything is said on it."""
    patience: Patience | None = None
    """With this call's caller; without one OpenAI alone decides when a turn has ended."""
    turns: SemanticVad
    """How OpenAI hears when a turn begins and ends."""
    _realtime: VoiceSession | None = None
    _hears_out: bool = False

    def hear_out(self) -> None:
        """Until `take_turns` OpenAI hears when a turn has ended, and answers only what it is asked to.

        The framework is not told: it would take the turns itself.
        """
        self._hears_out = True
        self._tell_turns()

    def take_turns(self) -> None:
        """OpenAI answers every turn again."""
        self._hears_out = False
        self._tell_turns()

    def _tell_turns(self) -> None:
        turns = self.turns
        if self._hears_out:
            turns = turns.model_copy(update={"eagerness": "high", "create_response": False})
        if self._realtime:
            heard = RealtimeAudioConfigInput(turn_detection=turns)
            session = RealtimeSessionCreateRequest(type="realtime", audio=RealtimeAudioConfig(input=heard))
            self._realtime.send_event(SessionUpdateEvent(type="session.update", session=session))

    def _on_renewed(self, _: llm.RealtimeSessionReconnectedEvent) -> None:
        """The plugin has told the new connection what it knows."""
        if self._hears_out:
            self._tell_turns()

    def update_options(self, **options: Any) -> None:  # noqa: ANN401  the plugin's
        """As the plugin's, which knows nothing of the session that goes on: a telephone may be seen late."""
        super().update_options(**options)
        if self._realtime:
            self._realtime.update_options(**options)

    def session(self, *, turn_detection_disabled: bool = False) -> RealtimeSession:
        """As the plugin's; called by the agent session."""
        realtime = VoiceSession(self, turn_detection_disabled=turn_detection_disabled, patience=self.patience)
        self._realtime = realtime
        realtime.on("session_reconnected", self._on_renewed)
        if self._hears_out:
            self._tell_turns()
        if self.listener:
            self.listener(realtime)
        realtime.on("openai_server_event_received", _without_words)  # after the listener, before the plugin itself
        return realtime


def realtime_model(settings: Settings) -> VoiceModel:
    """The model of one call, with the key given explicitly: what the environment says later changes nothing.

    Source of the options: https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
    """
    patience = Patience(SECONDS[settings.patience]) if settings.patience != "off" else None
    turns = SemanticVad(
        type="semantic_vad",
        eagerness="high" if patience else settings.eagerness,  # the answer waits here
        create_response=True,
        interrupt_response=True,
    )
    model = VoiceModel(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.model,
        voice=settings.voice,
        speed=settings.speed,
        input_audio_transcription=AudioTranscription(
            model=settings.transcription_model, language=settings.language.partition("-")[0]
        ),
        input_audio_noise_reduction=None if settings.noise_reduction == "off" else settings.noise_reduction,
        turn_detection=turns,
        truncation=_TRUNCATION,
        conn_options=_TRIES,
    )
    model.patience, model.turns = patience, turns
    return model


def _without_words(event: dict[str, Any]) -> None:
    """OpenAI's error texts may repeat the caller's words or hold part of the key, and the plugin logs and raises them.

    Their code and type stay, by which every fault is known; the listener has heard the words.
    """
    details = _inner(event.get("response"), "status_details")
    for error in (event.get("error"), _inner(details, "error")):
        if isinstance(message := _inner(error, "message"), str) and isinstance(error, dict):
            error["message"] = _LATE if message.startswith(_LATE) else ""


def _inner(holder: object, name: str) -> object:
    return holder.get(name) if isinstance(holder, dict) else None
