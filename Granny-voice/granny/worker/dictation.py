"""Dictation: the model is told to say a sentence, and what it said is heard to its end."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from granny import faults
from granny.faults import Finding, Severity
from granny.lines.takes import SAMPLE_RATE, Take
from granny.net.conversation import ASK_ID, UPDATE_ID, Event, Socket, events, is_last, judged

if TYPE_CHECKING:  # pydantic may be missing, and that is then the check-up's finding
    from granny.config.settings import Settings

TAKE_SECONDS = 60.0
"""The longest wait for one take; OpenAI sends sound faster than it is heard."""
_MOST_TOKENS = 2048
"""What a take that does not end may cost: about a hundred seconds of sound."""
_INSTRUCTIONS = "Say exactly, warmly and slowly, nothing else: {text}"
_BLOCKING = (Severity.FATAL, Severity.TRANSIENT)


async def dictate(socket: Socket, text: str) -> Take | Finding:
    """Have this text said, once; what was said, or what every further sentence would meet."""
    await socket.send_json(_request(text))
    try:
        return await asyncio.wait_for(_hear(socket), TAKE_SECONDS)
    except asyncio.TimeoutError:
        return faults.OPENAI_SILENT.found(f"no end of a line within {TAKE_SECONDS:.0f} s")
    except ValueError:  # binascii's: no base64
        return faults.OPENAI_NOT_OPENAI.found("sound in an unknown form", variable="OPENAI_BASE_URL")


async def _hear(socket: Socket) -> Take | Finding:
    """Listen until the response ends, or something says that it never will."""
    pcm, transcript = bytearray(), ""
    async for event in events(socket):
        finding = event if isinstance(event, Finding) else judged(event)
        if finding and finding.severity in _BLOCKING:
            return finding
        if isinstance(event, Finding) or is_last(event):
            break
        if event.get("type") == "response.output_audio.delta":
            pcm += base64.b64decode(str(event.get("delta")))
        elif event.get("type") == "response.output_audio_transcript.done":
            transcript = str(event.get("transcript"))
    return Take(bytes(pcm), transcript).trimmed()


def update(settings: Settings) -> Event:
    """The voice, and nobody to listen to; in the form in which the plugin sends it."""
    output = {
        "format": {"type": "audio/pcm", "rate": SAMPLE_RATE},
        "voice": settings.voice,
        "speed": settings.speed,
    }
    audio = {"input": {"turn_detection": None}, "output": output}
    return {
        "type": "session.update",
        "event_id": UPDATE_ID,
        "session": {"type": "realtime", "output_modalities": ["audio"], "audio": audio},
    }


def _request(text: str) -> Event:
    """One response beside the conversation, with an empty context: no line colours the next one."""
    return {
        "type": "response.create",
        "event_id": ASK_ID,
        "response": {
            "conversation": "none",
            "input": [],
            "instructions": _INSTRUCTIONS.format(text=text),
            "max_output_tokens": _MOST_TOKENS,
            "output_modalities": ["audio"],
        },
    }
