"""Her telephone is set up with LiveKit: once or ten times, with the same result, and beside what others have there."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from livekit import api
from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    CreateSIPInboundTrunkRequest,
    SIPDispatchRule,
    SIPDispatchRuleDirect,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
)

from fakes._livekit_api import Refusal, livekit_api
from granny.config.settings import Settings
from granny.faults import Finding
from granny.phone.setup import planned, set_up, with_livekit
from granny.preflight.probes import phone
from granny.rehearsal.rig import livekit_server, redis_server
from granny.rehearsal.rig.livekit_server import LiveKit, own_livekit_server
from granny.rooms.access import Access
from granny.rooms.asking import LiveKitRooms
from granny.rooms.telephony import Bridge, TelephoneService
from granny.rooms.trunks import Change, Piece
from scenarios._scene import settings
from scenarios.phone import HERS, NUMBER, OTHER, RINGS

_PROGRAMS = (livekit_server.PROGRAM, redis_server.PROGRAM)
_MISSING = [program for program in _PROGRAMS if not shutil.which(program)]
SECRET = "secret" * 6
ALL = {**RINGS, "GRANNY_PHONE_IN_USER": "pbx", "GRANNY_PHONE_IN_PASSWORD": "in", "GRANNY_AGENT_NAME": "granny"}
ALL |= {"GRANNY_PHONE_OUT_USER": "hers", "GRANNY_PHONE_OUT_PASSWORD": "out"}

on_livekit = pytest.mark.skipif(bool(_MISSING), reason=f"needs {', '.join(_MISSING)} on PATH")


@contextlib.asynccontextmanager
async def with_redis(folder: Path) -> AsyncIterator[LiveKit]:
    """A LiveKit server that can have telephones: its SIP service, which is not there, is not needed for that."""
    redis = redis_server.redis(folder / "redis", persistence="no")
    await redis.start()
    try:
        async with own_livekit_server(log=folder / "livekit.log", pair=("devkey", SECRET), redis=redis.port) as livekit:
            yield livekit
    finally:
        await redis.stop()


@contextlib.asynccontextmanager
async def asking(hers: Settings) -> AsyncIterator[tuple[TelephoneService, api.LiveKitAPI]]:
    async with aiohttp.ClientSession() as session:
        rooms = LiveKitRooms(session, Access.of(hers))
        yield TelephoneService(rooms), rooms.api


def states(changes: tuple[Change, ...] | Finding) -> dict[Piece, str]:
    assert not isinstance(changes, Finding), changes
    kinds = ("new" if one.before is None else "other" if one.is_needed else "same" for one in changes)
    return dict(zip((one.piece for one in changes), kinds, strict=True))


@on_livekit
@pytest.mark.livekit
async def test_on_a_real_livekit_server_it_is_made_found_and_brought_up_to_date(tmp_path: Path) -> None:
    """Planned and not done, made, found as it was, changed with the settings, and never made twice."""
    async with with_redis(tmp_path) as server:
        hers = settings(**server.environment, **ALL)
        assert set(states(await with_livekit(hers, planned)).values()) == {"new"}
        assert set(states(await with_livekit(hers, set_up)).values()) == {"new"}
        for _ in range(2):
            assert set(states(await with_livekit(hers, set_up)).values()) == {"same"}
        other = settings(**server.environment, **ALL | {"GRANNY_PHONE_NUMBER": OTHER, "GRANNY_PHONE_OUT_USER": "new"})
        assert set(states(await with_livekit(other, planned)).values()) == {"other", "same"}
        changed = states(await with_livekit(other, set_up))
        assert changed == {Piece.INBOUND: "other", Piece.OUTBOUND: "other", Piece.RULE: "same"}
        async with asking(other) as (service, _):
            there = await service.telephony()
            assert [len(each) for each in (there.inbound, there.outbound, there.rules)] == [1, 1, 1]
            assert there.rules[0].trunk_ids == [there.inbound[0].sip_trunk_id]
            assert (there.inbound[0].auth_password, there.outbound[0].auth_username) == ("in", "new")
            assert await service.bridge() is Bridge.MISSING
        answer = await phone.ask(other)
        assert [one.fault.slug for one in getattr(answer, "findings", ())] == ["phone-service-missing"]


@on_livekit
@pytest.mark.livekit
async def test_beside_what_others_have_on_a_real_livekit_server(tmp_path: Path) -> None:
    """A trunk by hand is taken over, with its rule; one that has others' numbers, too, is left alone, and named."""
    async with with_redis(tmp_path) as server:
        hers = settings(**server.environment, **HERS)
        async with asking(hers) as (service, livekit):
            office = SIPInboundTrunkInfo(name="office", numbers=["+493023125099"])
            await livekit.sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=office))
            by_hand = SIPInboundTrunkInfo(name="by hand", numbers=[NUMBER], krisp_enabled=True)
            trunk = await livekit.sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=by_hand))
            direct = SIPDispatchRule(dispatch_rule_direct=SIPDispatchRuleDirect(room_name="kitchen"))
            rule = SIPDispatchRuleInfo(name="by hand", trunk_ids=[trunk.sip_trunk_id], rule=direct)
            await livekit.sip.create_dispatch_rule(CreateSIPDispatchRuleRequest(dispatch_rule=rule))
            assert set(states(await set_up(service, hers)).values()) == {"other"}
            there = await service.telephony()
            assert sorted(one.name for one in there.inbound) == ["by hand", "office"]
            kept = there.inbound_of(hers)
            assert kept is not None
            assert kept.krisp_enabled
            assert [one.rule.WhichOneof("rule") for one in there.rules] == ["dispatch_rule_callee"]
            shared = settings(**server.environment, GRANNY_PHONE_NUMBER="+493023125001")
            both = SIPInboundTrunkInfo(name="both", numbers=["+493023125001", "+493023125002"])
            made = await livekit.sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=both))
        refused = await with_livekit(shared, set_up)
        assert isinstance(refused, Finding)
        assert refused.fault.slug == "phone-setup-refused"
        assert made.sip_trunk_id in refused.evidence
        assert isinstance(await with_livekit(shared, planned), Finding)


@pytest.mark.skipif(livekit_server.why_missing() is not None, reason=livekit_server.why_missing() or "")
@pytest.mark.livekit
async def test_a_real_livekit_server_without_redis_has_no_telephones(tmp_path: Path) -> None:
    async with livekit_server.livekit_server(log=tmp_path / "livekit.log") as server:
        refused = await with_livekit(settings(**server.environment, **HERS), set_up)
    assert isinstance(refused, Finding)
    assert refused.fault.slug == "phone-service-missing"


async def test_what_livekit_does_not_take_is_named_without_its_words() -> None:
    """They hold numbers."""
    async with livekit_api() as livekit:
        livekit.answers["CreateSIPInboundTrunk"] = Refusal("invalid_argument", f"Conflicting: {NUMBER}", status=400)
        refused = await with_livekit(settings(**livekit.environment, **HERS), set_up)
    assert isinstance(refused, Finding)
    assert refused.fault.slug == "phone-setup-refused"
    assert refused.evidence == "LiveKit says of the trunk for calls to her: invalid_argument."


async def test_a_livekit_that_fails_may_do_better_later() -> None:
    async with livekit_api() as livekit:
        livekit.answers["ListSIPInboundTrunk"] = Refusal("resource_exhausted", status=429)
        failed = await with_livekit(settings(**livekit.environment, **HERS), set_up)
    assert isinstance(failed, Finding)
    assert (failed.fault.slug, failed.severity.value) == ("livekit-unavailable", "transient")
    nowhere = settings(LIVEKIT_URL="ws://127.0.0.1:9", **HERS)
    assert isinstance(await with_livekit(nowhere, planned), Finding)


async def test_a_dry_run_changes_nothing() -> None:
    async with livekit_api() as livekit:
        await with_livekit(settings(**livekit.environment, **RINGS), planned)
        assert {method for method, _ in livekit.asked} == {
            "ListSIPInboundTrunk",
            "ListSIPOutboundTrunk",
            "ListSIPDispatchRule",
        }
