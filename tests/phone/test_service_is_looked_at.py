"""The check-up asks a real SIP service whether it is there, and one that is too busy says so; no telephone rings."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit import api

from granny.faults import PHONE_SERVICE_BUSY, PHONE_SERVICE_MISSING
from granny.net.answer import Answer
from granny.phone.setup import set_up, with_livekit
from granny.preflight.probes import phone
from granny.rehearsal.rig.sip_bridge import NEVER_BUSY, SipBridge, sip_bridge
from phone.exchange import HERS
from scenarios._scene import settings

_ALWAYS_BUSY = 0.000_001


async def looked_at(bridge: SipBridge) -> Answer:
    hers = settings(**bridge.livekit.environment, GRANNY_PHONE_NUMBER=HERS, GRANNY_PHONE_IN_ADDRESSES="127.0.0.1")
    assert await with_livekit(hers, set_up)
    answer = await phone.ask(hers)
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize(
    ("busy", "found"), [(NEVER_BUSY, []), (_ALWAYS_BUSY, [PHONE_SERVICE_BUSY])], ids=["well", "busy"]
)
async def test_a_service_is_known_to_be_there_or_busy(tmp_path: Path, busy: float, found: list[object]) -> None:
    """For that it is asked for a call which it refuses before it makes a room."""
    async with sip_bridge(tmp_path, busy=busy) as bridge:
        answer = await looked_at(bridge)
        async with api.LiveKitAPI(bridge.livekit.url, bridge.livekit.key, bridge.livekit.secret) as livekit:
            assert not (await livekit.room.list_rooms(api.ListRoomsRequest())).rooms
        assert "Creating SIP participant" not in bridge.program.words
    assert [one.fault for one in answer.findings] == found


async def test_a_service_that_has_gone_is_missed(tmp_path: Path) -> None:
    async with sip_bridge(tmp_path) as bridge:
        await bridge.program.kill()
        assert [one.fault for one in (await looked_at(bridge)).findings] == [PHONE_SERVICE_MISSING]
