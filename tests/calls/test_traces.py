"""Traces of a whole call, as a collector on this machine has them: all that happened, and nothing that was said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from calls.bare_worker import WORDS
from calls.collecting import collecting
from calls.serving import AGENT, KEY, agent_joined, serving, until
from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import GREETING_TEXT
from granny.rehearsal.rig.livekit_server import livekit_server, why_missing

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]

PAIR = ("tracedkey", "a-secret-that-nobody-else-has-6f1c")
NOTES = "Her cat is called Wilhelmina."
COLLECTORS_KEY = "collectors-key-93ab"


async def was_written_down(caller: RoomCaller) -> bool:
    return any(WORDS in utterance.text for utterance in caller.heard.transcript)


@pytest.mark.full
async def test_a_collector_has_every_span_of_a_call_and_no_word_and_no_key_of_it(tmp_path: Path) -> None:
    """Not even where somebody has allowed the framework to send what was said."""
    notes = tmp_path / "notes.txt"
    notes.write_text(NOTES, encoding="utf-8")
    async with (
        livekit_server(log=tmp_path / "livekit.log", pair=PAIR) as livekit,
        StandIn(api_key=KEY, manner=Manner(heard=WORDS)) as standin,
        collecting() as collector,
    ):
        told = {
            "OPENAI_BASE_URL": standin.base_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-collector-key={COLLECTORS_KEY}",
            "LIVEKIT_TELEMETRY_ALLOW_PII": "1",
            "GRANNY_CALLER_FILE": str(notes),
        }
        async with serving(livekit, tmp_path, agent=AGENT, **told) as running:
            async with join(livekit, "traced") as caller:
                assert await agent_joined(caller)
                caller.say(recorded(SENTENCE))
                await until(lambda: was_written_down(caller), lambda: running.log)
            await running.until_metric('granny_calls_total{outcome="ok"}', 1)
            await until(lambda: asyncio.sleep(0, "job_entrypoint" in collector.spans), lambda: str(collector.spans))
        log = running.log
    assert {"agent_session", "agent_turn", "job_entrypoint"} <= collector.spans
    assert collector.services == {"granny"}
    assert collector.keys == {COLLECTORS_KEY}
    sent = b"".join(collector.sent)
    forbidden = (*pieces(KEY), *pieces(PAIR[1]), *pieces(COLLECTORS_KEY), WORDS, GREETING_TEXT, NOTES, "eyJ")
    assert [piece for piece in forbidden if piece.encode() in sent] == []
    assert [piece for piece in pieces(COLLECTORS_KEY) if piece in log] == []


def pieces(secret: str, length: int = 8) -> list[str]:
    return [secret[start : start + length] for start in range(len(secret) - length + 1)]
