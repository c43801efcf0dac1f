"""What a scenario is: a place where one fault waits, and the settings that lead there."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from granny.config.settings import Settings
from granny.faults import Severity

OPENAI_KEY = "sk-proj-" + "FAKEfake09" * 15 + "Zq7Yx3Wv"
LIVEKIT_KEY = "API" + "fakeKEY" + "9k8j7h"
LIVEKIT_SECRET = "Sfake" * 8 + "q1w2e3"
_WAY = ("HTTPS_PROXY", "HTTP_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
SECRETS = (OPENAI_KEY, LIVEKIT_KEY, LIVEKIT_SECRET)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way for a fault to arise.

    Attributes:
        scene: given an empty folder, sets the place up and yields the settings that lead there.
        severity: that the finding must have.
        evidence: words that must be in its evidence.
    """

    scene: Callable[[Path], AbstractAsyncContextManager[Settings]]
    severity: Severity
    evidence: str = ""


def settings(**values: str) -> Settings:
    """Settings with the invented keys; from the environment only the way that requests take."""
    given = {
        "OPENAI_API_KEY": OPENAI_KEY,
        "LIVEKIT_API_KEY": LIVEKIT_KEY,
        "LIVEKIT_API_SECRET": LIVEKIT_SECRET,
    }
    way = {name: os.environ[name] for name in _WAY if name in os.environ}
    return Settings.model_validate(given | way | values)
