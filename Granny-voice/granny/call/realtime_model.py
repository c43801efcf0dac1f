"""OpenAI's Realtime model as the settings ask for it; the only module that names the plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from livekit.agents import APIConnectOptions, TurnHandlingOptions, llm
from livekit.agents.utils.audio import AudioByteStream
from livekit.plugins.openai.realtime import RealtimeModel, RealtimeSession
from openai.types.realtime import AudioTranscription
from openai.types.realtime.realtime_audio_input_turn_detection import SemanticVad
from openai.types.realtime.realtime_truncation_retention_ratio import RealtimeTruncationRetentionRatio, TokenLimits

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


class VoiceModel(RealtimeModel):
    """The plugin's model, heard from the first event on, and which hears the caller sooner."""

    listener: Callable[[llm.RealtimeSession[Any]], None] | None = None
    """Told of each realtime session before anything is said on it."""

    def session(self, *, turn_detection_disabled: bool = False) -> RealtimeSession:
        """As the plugin's; called by the agent session."""
        realtime = super().session(turn_detection_disabled=turn_detection_disabled)
        # No option: what is sent to OpenAI is sent in pieces of this buffer. A test fails when the plugin moves it.
        realtime._bstream = AudioByteStream(RATE, 1, samples_per_channel=RATE // _CHUNKS_PER_SECOND)  # noqa: SLF001
        if self.listener:
            self.listener(realtime)
        realtime.on("openai_server_event_received", _without_words)  # after the listener, before the plugin itself
        return realtime


def realtime_model(settings: Settings) -> VoiceModel:
    """The model of one call, with the key given explicitly: what the environment says later changes nothing.

    Source of the options: https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
    """
    return VoiceModel(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.model,
        voice=settings.voice,
        speed=settings.speed,
        input_audio_transcription=AudioTranscription(
            model=settings.transcription_model, language=settings.language.partition("-")[0]
        ),
        input_audio_noise_reduction=None if settings.noise_reduction == "off" else settings.noise_reduction,
        turn_detection=SemanticVad(
            type="semantic_vad",
            eagerness=settings.eagerness,
            create_response=True,
            interrupt_response=True,
        ),
        truncation=_TRUNCATION,
        conn_options=_TRIES,
    )


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
