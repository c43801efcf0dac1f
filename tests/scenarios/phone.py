"""The telephone, as LiveKit has it: what keeps calls from coming to her, slug → scenarios, and what is well."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from livekit.protocol.room import RoomConfiguration
from livekit.protocol.sip import (
    SIPCodec,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPMediaConfig,
    SIPOutboundTrunkInfo,
)

from fakes._livekit_api import LiveKitApi, Refusal, livekit_api
from granny.config.settings import Settings
from granny.faults import Severity
from granny.rooms import trunks
from granny.rooms.trunks import Telephony
from scenarios._scene import Scenario, settings

NUMBER = "+493023125017"
OTHER = "+493023125042"
HERS = {"GRANNY_PHONE_NUMBER": NUMBER, "GRANNY_PHONE_IN_ADDRESSES": "192.0.2.1"}
RINGS = {**HERS, "GRANNY_PHONE_OUT_ADDRESS": "sip.example"}
WARNING = Severity.WARNING

Scene = Callable[[Path], contextlib.AbstractAsyncContextManager[Settings]]
Then = Callable[[LiveKitApi, Settings], None]
Change = Callable[[SIPInboundTrunkInfo, SIPDispatchRuleInfo], None]


def set_up(livekit: LiveKitApi, hers: Settings) -> tuple[SIPInboundTrunkInfo, SIPDispatchRuleInfo]:
    """Trunk and rule as `phone setup` makes them, and a trunk to ring by where she is to ring."""
    trunk, rule, outbound = made(hers)
    livekit.has([trunk], [rule], [outbound] if outbound else [])
    return trunk, rule


def made(hers: Settings) -> tuple[SIPInboundTrunkInfo, SIPDispatchRuleInfo, SIPOutboundTrunkInfo | None]:
    """The same, with the ids that LiveKit gives."""
    trunk = trunks.inbound(hers, Telephony()).after
    assert isinstance(trunk, SIPInboundTrunkInfo)
    trunk.sip_trunk_id = "ST_in"
    rule = trunks.rule(hers, Telephony(), trunk).after
    assert isinstance(rule, SIPDispatchRuleInfo)
    rule.sip_dispatch_rule_id = "SDR_1"
    change = trunks.outbound(hers, Telephony())
    outbound = change.after if change else None
    assert outbound is None or isinstance(outbound, SIPOutboundTrunkInfo)
    if outbound:
        outbound.sip_trunk_id = "ST_out"
    return trunk, rule, outbound


def at(then: Then, **given: str) -> Callable[[Path], contextlib.AbstractAsyncContextManager[Settings]]:
    """A LiveKit server whose telephones are so."""

    @contextlib.asynccontextmanager
    async def scene(_: Path) -> AsyncIterator[Settings]:
        async with livekit_api() as livekit:
            hers = settings(LIVEKIT_URL=livekit.environment["LIVEKIT_URL"], **(given or HERS))
            then(livekit, hers)
            yield hers

    return scene


def _refuses(code: str) -> Then:
    def then(livekit: LiveKitApi, _: Settings) -> None:
        livekit.answers["ListSIPInboundTrunk"] = Refusal(code)

    return then


def _bridge(message: str) -> Then:
    def then(livekit: LiveKitApi, hers: Settings) -> None:
        set_up(livekit, hers)
        livekit.answers["CreateSIPParticipant"] = Refusal("unavailable", message, status=503)

    return then


def _changed(
    change: Callable[[SIPInboundTrunkInfo, SIPDispatchRuleInfo], None],
) -> Then:
    """Set up, and changed since."""

    def then(livekit: LiveKitApi, hers: Settings) -> None:
        trunk, rule, outbound = made(hers)
        change(trunk, rule)
        livekit.has([trunk], [rule], [outbound] if outbound else [])

    return then


def _without_rule(livekit: LiveKitApi, hers: Settings) -> None:
    trunk, _, _ = made(hers)
    livekit.has([trunk])


def _rule_of_another_trunk(livekit: LiveKitApi, hers: Settings) -> None:
    trunk, rule, _ = made(hers)
    rule.trunk_ids[:] = ["ST_other"]
    livekit.has([trunk], [rule])


def _without_out(livekit: LiveKitApi, hers: Settings) -> None:
    trunk, rule, _ = made(hers)
    livekit.has([trunk], [rule])


def _other_number(livekit: LiveKitApi, hers: Settings) -> None:
    trunk, rule, _ = made(hers)
    trunk.numbers[:] = [OTHER]
    livekit.has([trunk], [rule])


def _other_agent(_: SIPInboundTrunkInfo, rule: SIPDispatchRuleInfo) -> None:
    rule.room_config.agents[0].agent_name = "grandpa"


def _no_agent(_: SIPInboundTrunkInfo, rule: SIPDispatchRuleInfo) -> None:
    rule.room_config.CopyFrom(RoomConfiguration())


def _pcm_only(trunk: SIPInboundTrunkInfo, _: SIPDispatchRuleInfo) -> None:
    trunk.media.CopyFrom(SIPMediaConfig(only_listed_codecs=True, codecs=[SIPCodec(name="PCMA")]))


def _rule_pcm_only(_: SIPInboundTrunkInfo, rule: SIPDispatchRuleInfo) -> None:
    rule.media.CopyFrom(SIPMediaConfig(only_listed_codecs=True, codecs=[SIPCodec(name="PCMU")]))


def _national(trunk: SIPInboundTrunkInfo, _: SIPDispatchRuleInfo) -> None:
    trunk.allowed_numbers.append("030 23125042")


def _national_in_rule(_: SIPInboundTrunkInfo, rule: SIPDispatchRuleInfo) -> None:
    rule.inbound_numbers.append("03023125042")


def _rings_long(trunk: SIPInboundTrunkInfo, _: SIPDispatchRuleInfo) -> None:
    trunk.ringing_timeout.seconds = 180


def _names_the_caller(_: SIPInboundTrunkInfo, rule: SIPDispatchRuleInfo) -> None:
    rule.rule.dispatch_rule_individual.room_prefix = "call"


def _nothing(_: SIPInboundTrunkInfo, __: SIPDispatchRuleInfo) -> None:
    """As it was set up."""


def _g722(trunk: SIPInboundTrunkInfo, _: SIPDispatchRuleInfo) -> None:
    trunk.media.CopyFrom(SIPMediaConfig(only_listed_codecs=True, codecs=[SIPCodec(name="G722")]))


def _signed_in(trunk: SIPInboundTrunkInfo, _: SIPDispatchRuleInfo) -> None:
    trunk.auth_username, trunk.auth_password = "pbx", "secret"


def _empty(livekit: LiveKitApi, _: Settings) -> None:
    livekit.has()


_NAMED = {**HERS, "GRANNY_AGENT_NAME": "granny-at-home"}
_OPEN = {"GRANNY_PHONE_NUMBER": NUMBER}

SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "phone-service-missing": (
        Scenario(at(_refuses("internal")), WARNING, "LiveKit says: internal"),
        Scenario(at(_refuses("unimplemented")), WARNING, "LiveKit says: unimplemented"),
        Scenario(at(_bridge("no response from servers")), WARNING, "Nobody answers for it"),
    ),
    "phone-service-busy": (Scenario(at(_bridge("cpu exhausted")), WARNING, "says so itself"),),
    "phone-trunk-missing": (
        Scenario(at(_empty), WARNING, "no trunks"),
        Scenario(at(_other_number), WARNING, "1 trunk for another number"),
    ),
    "phone-rule-missing": (
        Scenario(at(_without_rule), WARNING, "no rules"),
        Scenario(at(_rule_of_another_trunk), WARNING, "1 rule for another trunk"),
    ),
    "phone-rule-other-agent": (
        Scenario(at(_changed(_other_agent)), WARNING, "It sends for grandpa"),
        Scenario(at(_changed(_other_agent), **_NAMED), WARNING, "It sends for grandpa"),
        Scenario(at(_changed(_no_agent), **_NAMED), WARNING, "for nobody by name"),
    ),
    "phone-setup-outdated": (
        Scenario(at(_changed(_rings_long)), WARNING, "ringing_timeout"),
        Scenario(at(_changed(_names_the_caller)), WARNING, "rule"),
        Scenario(at(_changed(_no_agent)), WARNING, "room_config"),
    ),
    "phone-number-form": (
        Scenario(at(_changed(_national)), WARNING, "ends in 42"),
        Scenario(at(_changed(_national_in_rule)), WARNING, "ends in 42"),
    ),
    "phone-trunk-open": (Scenario(at(_changed(_nothing), **_OPEN), WARNING, "no addresses, no user"),),
    "phone-without-hd": (
        Scenario(at(_changed(_pcm_only)), WARNING, "G722"),
        Scenario(at(_changed(_rule_pcm_only)), WARNING, "G722"),
    ),
    "phone-out-missing": (Scenario(at(_without_out, **RINGS), WARNING, "no trunks"),),
}

VALID = {
    "set up": at(_changed(_nothing)),
    "set up, and she rings": at(_changed(_nothing), **RINGS),
    "under a name of her own": at(_changed(_nothing), **_NAMED),
    "HD alone": at(_changed(_g722)),
    "a PBX that signs in": at(_changed(_signed_in), **_OPEN),
}
