"""The settings of one connection: OpenAI's defaults, what `session.update` changed, a response's own."""

import time
from typing import Any

from openai.types.realtime import (
    RealtimeAudioInputTurnDetection,
    RealtimeResponse,
    RealtimeResponseCreateParams,
    RealtimeSessionCreateRequest,
)
from openai.types.realtime.realtime_response import Audio, AudioOutput

from granny.rehearsal.openai.conversation import new_id
from granny.rehearsal.openai.errors import Refused, WireError

LONGEST_SESSION = 3600  # seconds
PCM = {"type": "audio/pcm", "rate": 24_000}
DEFAULTS: dict[str, Any] = {
    "type": "realtime",
    "object": "realtime.session",
    "output_modalities": ["audio"],
    "instructions": "",
    "tools": [],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "tracing": None,
    "truncation": "auto",
    "audio": {
        "input": {
            "format": PCM,
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 500,
                "create_response": True,
                "interrupt_response": True,
            },
        },
        "output": {"format": PCM, "voice": "alloy", "speed": 1.0},
    },
}


class Settings:
    """A session's settings, in force."""

    def __init__(self, model: str) -> None:
        own = {"id": new_id("sess"), "model": model, "expires_at": int(time.time()) + LONGEST_SESSION}
        self.wire = RealtimeSessionCreateRequest.model_validate({**DEFAULTS, **own})

    @property
    def turn_detection(self) -> RealtimeAudioInputTurnDetection | None:
        """Who ends a turn: the server in one of two ways, or (None) the client."""
        return self.wire.audio.input.turn_detection if self.wire.audio and self.wire.audio.input else None

    @property
    def transcribes(self) -> bool:
        """Whether the caller's words are asked for in writing."""
        return bool(self.wire.audio and self.wire.audio.input and self.wire.audio.input.transcription)

    def update(self, change: RealtimeSessionCreateRequest) -> None:
        """Take over the fields that are present in the change.

        Raises:
            Refused: The change asks for another model, or for audio that is not PCM at 24 kHz.
        """
        if change.model and change.model != self.wire.model:
            raise Refused(WireError("invalid_value", "A session's model cannot be changed.", param="session.model"))
        merged = _merge(self.wire.to_dict(), change.to_dict())
        for side in ("input", "output"):
            if merged["audio"][side]["format"] != PCM:
                message = "The rehearsal knows audio/pcm at 24000 Hz only."
                raise Refused(WireError("invalid_value", message, param=f"session.audio.{side}.format"))
        self.wire = RealtimeSessionCreateRequest.model_validate(merged)

    def response(self, asked: RealtimeResponseCreateParams, *, conversation_id: str | None) -> RealtimeResponse:
        """A response as it begins: the session's settings, overridden by what was asked for."""
        output = self.wire.audio.output if self.wire.audio else None
        voice = output.voice if output and isinstance(output.voice, str) else None
        return RealtimeResponse(
            object="realtime.response",
            conversation_id=conversation_id,
            output_modalities=asked.output_modalities or self.wire.output_modalities,
            max_output_tokens=asked.max_output_tokens or self.wire.max_output_tokens,
            metadata=asked.metadata,
            audio=Audio(output=AudioOutput(voice=voice)),
            status_details=None,
            usage=None,
        )

    def prompt(self, asked: RealtimeResponseCreateParams) -> tuple[str, list[dict[str, object]]]:
        """The instructions and tools that a response's model reads."""
        instructions = self.wire.instructions if asked.instructions is None else asked.instructions
        tools = self.wire.tools if asked.tools is None else asked.tools
        return instructions or "", [tool.to_dict() for tool in tools or []]


def _merge(old: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The old fields with the changed ones, level by level; what became of another type is replaced whole."""
    merged = dict(old)
    for name, value in change.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict) and _same_type(before, value):
            merged[name] = _merge(before, value)
        else:
            merged[name] = value
    return merged


def _same_type(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return "type" not in after or before.get("type") == after["type"]
