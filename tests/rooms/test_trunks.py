"""What her telephone needs of LiveKit: made from the settings, changed where it differs, and found among others'."""

from __future__ import annotations

import pytest
from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from granny.rooms import trunks
from granny.rooms.dispatch import Way, person_of, way_of
from granny.rooms.trunks import Telephony
from scenarios._scene import settings
from scenarios.phone import HERS, NUMBER, OTHER, RINGS, made


def test_the_rule_sends_for_her_and_says_that_it_is_a_telephone() -> None:
    """In a room of its own, whose name holds no caller's number, and which nobody guesses."""
    _, rule, _ = made(settings(GRANNY_AGENT_NAME="granny-at-home", **HERS))
    (agent,) = rule.room_config.agents
    assert (agent.agent_name, way_of(agent.metadata), person_of(agent.metadata)) == ("granny-at-home", Way.PHONE, None)
    assert rule.rule.dispatch_rule_callee.randomize
    assert not rule.hide_phone_number
    assert rule.trunk_ids == ["ST_in"]


def test_nobody_hears_it_ring_for_minutes() -> None:
    trunk, _, _ = made(settings(**HERS))
    assert 30 <= trunk.ringing_timeout.seconds <= 45


def test_what_is_as_it_should_be_is_not_changed() -> None:
    hers = settings(GRANNY_PHONE_OUT_USER="anna", GRANNY_PHONE_OUT_PASSWORD="secret", **RINGS)
    trunk, rule, outbound = made(hers)
    assert outbound
    there = Telephony([trunk], [outbound], [rule])
    again = trunks.outbound(hers, there)
    assert again
    assert not again.is_needed
    assert not trunks.inbound(hers, there).is_needed
    assert not trunks.rule(hers, there, trunk).is_needed


def test_what_the_settings_leave_open_stays_as_it_is() -> None:
    """A password that is set by hand is not taken away by whoever does not know it."""
    trunk, _, _ = made(settings(**HERS))
    trunk.auth_username, trunk.auth_password, trunk.krisp_enabled = "pbx", "secret", True
    change = trunks.inbound(settings(GRANNY_PHONE_NUMBER=NUMBER), Telephony([trunk]))
    assert not change.is_needed
    assert not change.differs


def test_a_change_is_named_and_leaves_alone_what_it_was_made_from() -> None:
    trunk, _, _ = made(settings(**HERS))
    before = SIPInboundTrunkInfo()
    before.CopyFrom(trunk)
    change = trunks.inbound(
        settings(GRANNY_PHONE_IN_USER="pbx", GRANNY_PHONE_IN_PASSWORD="x", **HERS), Telephony([trunk])
    )
    assert change.differs == ("auth_username", "auth_password")
    assert trunk == before
    assert "pbx" not in repr(change)


def test_who_does_not_ring_needs_no_trunk_for_it() -> None:
    assert trunks.outbound(settings(**HERS), Telephony()) is None


@pytest.mark.parametrize("spelt", [NUMBER, NUMBER[1:], "+49 30 2312-5017"])
def test_a_trunk_is_found_by_her_number(spelt: str) -> None:
    """Whoever made it, and however it is written there; it is written as calls have it from then on."""
    trunk = SIPInboundTrunkInfo(sip_trunk_id="ST_1", name="by hand", numbers=[spelt])
    change = trunks.inbound(settings(**HERS), Telephony([SIPInboundTrunkInfo(numbers=[OTHER]), trunk]))
    assert change.before == trunk
    assert isinstance(change.after, SIPInboundTrunkInfo)
    assert (change.after.name, list(change.after.numbers)) == ("by hand", [NUMBER])


def test_a_trunk_is_found_by_her_name_when_the_number_is_new() -> None:
    hers = settings(**HERS)
    old = SIPOutboundTrunkInfo(name=trunks.name_of(hers), numbers=[OTHER])
    assert Telephony(outbound=[old]).outbound_of(hers) == old


def test_a_trunk_of_others_that_has_her_number_too_is_shared() -> None:
    hers = settings(**HERS)
    trunk = SIPInboundTrunkInfo(name="the office", numbers=[OTHER, NUMBER])
    assert trunks.is_shared(trunks.inbound(hers, Telephony([trunk])), hers)
    trunk.name = trunks.name_of(hers)
    assert not trunks.is_shared(trunks.inbound(hers, Telephony([trunk])), hers)


def test_a_rule_of_another_trunk_is_not_hers() -> None:
    hers = settings(**HERS)
    trunk, rule, _ = made(hers)
    others = SIPDispatchRuleInfo(name="office", trunk_ids=["ST_office"])
    shared = SIPDispatchRuleInfo(name="both", trunk_ids=["ST_in", "ST_office"])
    assert Telephony(rules=[others, shared]).rule_of(hers, trunk) is None
    rule.name = "by hand"
    assert Telephony(rules=[others, rule]).rule_of(hers, trunk) == rule


def test_a_trunks_own_rule_outranks_that_of_every_trunk() -> None:
    trunk, rule, _ = made(settings(**HERS))
    everybodys = SIPDispatchRuleInfo(name="all")
    assert Telephony(rules=[everybodys, rule]).rules_for(trunk) == [rule]
    assert Telephony(rules=[everybodys]).rules_for(trunk) == [everybodys]


@pytest.mark.parametrize(
    ("number", "odd"),
    [(NUMBER, False), ("granny", False), ("030 23125017", True), (NUMBER[1:], True), ("0049302312501", True)],
)
def test_a_number_that_no_call_has_is_odd(number: str, odd: bool) -> None:  # noqa: FBT001  the table's
    assert trunks.is_odd(number) is odd
