"""Who calls when the month's money is spent hears so at once, in a recorded line, and OpenAI is never asked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from calls.serving import HANG, KEY, registered
from granny.config.settings import Settings
from granny.lines import Line, words
from granny.rehearsal.callers.room_caller import join
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.store.rows import CallRow
from granny.store.store import Store

pytestmark = [
    pytest.mark.full,
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
]


def spend(dollars: str, folder: Path) -> None:
    """A call of a minute ago has cost so much."""
    store = Store.open(Settings.model_validate({"OPENAI_API_KEY": KEY, "GRANNY_DATA_FOLDER": str(folder)}))
    now = datetime.now(timezone.utc)
    store.calls.add(CallRow(job="long", started=now, seconds=60.0, ending="goodbye", cost=Decimal(dollars)))
    store.close()


async def test_a_caller_is_told_kindly_and_costs_nothing(home: Path, livekit: LiveKit, tmp_path: Path) -> None:
    spend("20.01", tmp_path / "data")
    money = {"GRANNY_PRICE_INPUT": "32", "GRANNY_PRICE_OUTPUT": "64", "GRANNY_MONTHLY_BUDGET": "20"}
    where = {"GRANNY_DATA_FOLDER": str(tmp_path / "data"), "GRANNY_OVER_BUDGET": "refuse"}
    async with StandIn(api_key=KEY) as standin:
        ours = {"OPENAI_BASE_URL": standin.base_url, **money, **where}
        async with registered(livekit, tmp_path, agent=home / "agent.py", **ours) as running:
            await running.until_health(503, "fault", "budget-spent")
            asked_by_check_up = len(standin.connections)
            async with join(livekit, "late-in-the-month") as caller:
                await asyncio.wait_for(caller.gone.wait(), HANG)
            said = " ".join(one.text for one in caller.heard.transcript)
            assert words(Line.NO_CREDIT) in said
            assert caller.heard.attributes["granny.fault"] == "budget-spent"
            assert len(standin.connections) == asked_by_check_up
            await running.until_logged("call ended")
            (ended,) = running.lines("call ended")
            assert (ended["outcome"], ended["spoken_faults"]) == ("budget-spent", ["budget-spent"])
