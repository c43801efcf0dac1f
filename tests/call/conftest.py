"""What the tests of one call share."""

from __future__ import annotations

import pytest

from fakes import without_sound_card


@pytest.fixture
def no_sound_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Her voice is not this machine's: no track of LiveKit's library is made, and no recording of hers is at hand."""
    without_sound_card(monkeypatch)
    monkeypatch.setattr("granny.lines.own_voice.cache_folder", lambda: None)
