"""OpenAI's Realtime model as the settings ask for it; the only module that names the plugin."""

from __future__ import annotations

from livekit.agents import APIConnectOptions
from livekit.plugins.openai.realtime import RealtimeModel
from openai.types.realtime import AudioTranscription
from openai.types.realtime.realtime_audio_input_turn_detection import SemanticVad
from openai.types.realtime.realtime_truncation_retention_ratio import RealtimeTruncationRetentionRatio, TokenLimits

from granny.settings import Settings

_TRUNCATION = RealtimeTruncationRetentionRatio(
    type="retention_ratio", retention_ratio=0.4, token_limits=TokenLimits(post_instructions=24_000)
)
"""No response reads more than 24,000 tokens of talk, some 27 minutes of it, so that a long talk's cost grows linearly.
What is dropped is dropped at once, to the last ten minutes: each time the rest must be read anew, at its full price.
`python -m benchmarks.long_talk --choices` compares."""

_TRIES = APIConnectOptions(max_retry=20, retry_interval=1.0, timeout=4.0)
"""Short tries, and more than `granny.watch` has patience for: it decides when to give up, not the plugin."""


def realtime_model(settings: Settings) -> RealtimeModel:
    """The model of one call, with the key given explicitly: what the environment says later changes nothing.

    Source of the options: https://platform.openai.com/docs/api-reference/realtime-client-events/session/update
    """
    return RealtimeModel(
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
