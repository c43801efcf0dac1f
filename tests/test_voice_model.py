"""The model's connection, as Granny wants it; with the plugin's own session, which is not connected here."""

import pytest
from livekit import rtc

from granny.settings import Settings
from granny.voice_model import RATE, realtime_model

KEY = "sk-FAKE"


async def test_the_callers_sound_is_sent_in_pieces_of_forty_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of a hundred, as by the plugin itself: this fails when an update of the plugin moves its buffer."""
    settings = Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
    realtime = realtime_model(settings).session()
    try:
        sent: list[object] = []
        monkeypatch.setattr(realtime, "send_event", sent.append)
        samples = RATE // 50
        for _ in range(5):
            realtime.push_audio(rtc.AudioFrame(bytes(2 * samples), RATE, 1, samples))
        assert len(sent) == 2
    finally:
        await realtime.aclose()


async def test_the_listener_is_told_of_a_session_before_anything_is_said_on_it() -> None:
    """The session connects in a task of its own, which has not run yet."""
    model = realtime_model(Settings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}))
    told: list[object] = []
    model.listener = told.append
    realtime = model.session()
    try:
        assert told == [realtime]
    finally:
        await realtime.aclose()
