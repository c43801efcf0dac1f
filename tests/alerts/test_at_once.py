"""Told from a process that is about to end: that she does not start, or that she rang somebody in vain."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.post import SECRET, with_addresses
from granny import alerts
from granny.config.settings import Settings
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import livekit_server, why_missing
from granny.rehearsal.rig.services import Services

KEY = "sk-proj-" + "FAKE" * 10
LIVEKIT = {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "APIfakefake", "LIVEKIT_API_SECRET": "FAKE" * 9}


@dataclass(frozen=True)
class Refused:
    """A `start` that is refused: where it runs, in which environment, and who is told of it."""

    home: Path
    environment: dict[str, str]
    services: Services

    async def starts(self, **others: str) -> tuple[int, list[str]]:
        """Its exit status, and the titles of the letters that it has sent."""
        before = len(self.services.letters)
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "agent.py", "start"],
            cwd=self.home,
            env=self.environment | others,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        said = done.stdout + done.stderr
        assert "exit_code" in said.splitlines()[-1], "the report is the last word"
        assert not [piece for piece in (SECRET[start : start + 8] for start in range(len(SECRET) - 7)) if piece in said]
        return done.returncode, [str(letter["title"]) for letter in self.services.letters[before:]]


@pytest.fixture
async def refused(home: Path, bare_environment: dict[str, str], tmp_path: Path) -> AsyncIterator[Refused]:
    async with StandIn(api_key="another") as openai, Services() as services:
        environment = bare_environment | {
            **LIVEKIT,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": openai.base_url,
            "GRANNY_PREFLIGHT_WAIT": "0",
            "GRANNY_DATA_FOLDER": str(tmp_path / "data"),
            "GRANNY_ALERTS": services.hook(SECRET),
            "GRANNY_HEARTBEAT_URL": services.beat(SECRET),
        }
        yield Refused(home, environment, services)


async def test_a_start_that_is_refused_is_told_and_then_ends_as_ever(refused: Refused) -> None:
    """78, and once an hour however often a supervisor starts her again; the heartbeat fails each time."""
    status, titles = await refused.starts(OPENAI_API_KEY="")
    assert (status, titles) == (78, ["Something in Granny's set-up is wrong, or was refused."])
    assert "\nFault: value-empty" in refused.services.letters[0]["message"]
    assert await refused.starts(OPENAI_API_KEY="") == (78, [])
    assert refused.services.beats == ["/fail", "/fail"]


async def test_what_cannot_be_sent_then_is_sent_by_the_next_start(refused: Refused) -> None:
    """Be it that a setting is wrong of which alerts know nothing: they take what can be read."""
    refused.services.status = 503
    assert await refused.starts(GRANNY_SPEED="fast") == (78, [])
    refused.services.status = 200
    file = Path(refused.environment["GRANNY_DATA_FOLDER"]) / "granny.sqlite3"
    with contextlib.closing(sqlite3.connect(file)) as store, store:
        assert store.execute("UPDATE outbox SET not_before = made").rowcount == 1  # its first pause is over
    assert await refused.starts(GRANNY_SPEED="fast") == (78, ["Something in Granny's set-up is wrong, or was refused."])


@pytest.mark.livekit
async def test_a_rejected_key_is_told_in_the_familys_language(refused: Refused, tmp_path: Path) -> None:
    """By the check-up itself, with LiveKit well and OpenAI asked; then 78."""
    if lacking := why_missing():
        pytest.skip(lacking)
    async with livekit_server(log=tmp_path / "livekit.log") as livekit:
        told = await refused.starts(**livekit.environment, GRANNY_LANGUAGE="de")
    assert told == (78, ["OpenAI nimmt Grannys Schlüssel nicht an."])
    message = refused.services.letters[0]["message"]
    assert "Granny startet nicht." in message
    assert "Störung: openai-key-rejected" in message


async def test_somebody_rung_in_vain_is_told(empty: Settings) -> None:
    async with Services() as services:
        settings = with_addresses(empty, services.hook(SECRET))
        await alerts.not_reached("anna", settings)
        await alerts.not_reached("anna", settings)
        (letter,) = services.letters
    assert letter["title"] == "Granny rang, and did not reach the one whom she was to reach."
    assert "Whom it concerns: anna" in letter["message"]


async def test_nor_is_it_kept_back_why_nobody_could_be_rung(empty: Settings) -> None:
    async with Services() as services:
        settings = with_addresses(empty, services.hook(SECRET))
        await alerts.not_reached("anna", settings, why="phone-out-refused")
        (letter,) = services.letters
    assert "Why: phone-out-refused\n" in letter["message"]


async def test_with_no_address_nobody_is_told(empty: Settings) -> None:
    await alerts.not_reached("anna", empty)
    assert empty.data_place
    assert not empty.data_place.exists()
