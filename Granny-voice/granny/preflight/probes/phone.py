"""Does a telephone call come to her: is there a trunk for her number, a rule that sends for her, and a bridge?

Whatever is wrong with it keeps no worker from starting: calls come by her page as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from granny import faults
from granny.faults import Finding, Severity
from granny.net.answer import Answer, Unasked
from granny.net.http import open_session
from granny.net.route import way_of
from granny.rooms import trunks
from granny.rooms.access import Access
from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.telephony import Bridge, NoTelephonesError, TelephoneService
from granny.rooms.trunks import Inbound, Rule, Telephony

if TYPE_CHECKING:
    from granny.config.settings import Settings

_NUMBER = "GRANNY_PHONE_NUMBER"
_AGENT = "GRANNY_AGENT_NAME"
_ADDRESSES = "GRANNY_PHONE_IN_ADDRESSES"
_OUT = "GRANNY_PHONE_OUT_ADDRESS"
_BY_BRIDGE = {Bridge.MISSING: faults.PHONE_SERVICE_MISSING, Bridge.BUSY: faults.PHONE_SERVICE_BUSY}
_IN_BRIDGE = {Bridge.MISSING: "Nobody answers for it.", Bridge.BUSY: "It says so itself."}
_UNTOLD = "LiveKit could not be asked"
_WELL = "her number leads to her"
_BOTH_WAYS = f"{_WELL}, and she can ring"


async def ask(settings: Settings) -> Answer | Unasked:
    """Look at all that LiveKit has of telephones; nobody is rung, and nothing changed."""
    try:
        access = Access.of(settings)
        async with open_session(access.url, way_of(settings)) as session:
            return await _looked(settings, TelephoneService(LiveKitRooms(session, access)))
    except NoTelephonesError as error:
        return _found(settings, error.finding)
    except (ValueError, *TROUBLES):  # the probe of LiveKit names what it is
        return Unasked(_UNTOLD)


async def _looked(settings: Settings, service: TelephoneService) -> Answer:
    there = await service.telephony()
    bridge = Bridge.UNTOLD if service.is_cloud else await service.bridge()
    fault = _BY_BRIDGE.get(bridge)
    serving = (fault.found(_IN_BRIDGE[bridge]),) if fault else ()
    return _found(settings, *serving, *judged(settings, there, is_cloud=service.is_cloud))


def _found(settings: Settings, *findings: Finding) -> Answer:
    milder = tuple(replace(finding, severity=Severity.WARNING) for finding in findings)
    well = _BOTH_WAYS if settings.phone_out_address else _WELL
    return Answer(well if not milder else "not all is well with her telephone", milder)


def judged(settings: Settings, there: Telephony, *, is_cloud: bool) -> Iterator[Finding]:
    """All that is wrong with trunks and rules; of their numbers nothing is shown.

    Args:
        settings: of her telephone.
        there: what LiveKit has.
        is_cloud: whether it is LiveKit Cloud's, whose own numbers need no trunk.
    """
    trunk = there.inbound_of(settings)
    if trunk and trunks.has_number(trunk, settings):
        yield from _of_calls_to_her(settings, there, trunk)
    elif not (is_cloud and any(trunks.sends_for(rule, settings.agent_name) for rule in there.rules)):
        yield faults.PHONE_TRUNK_MISSING.found(_count(there.inbound, "trunk", "number"), variable=_NUMBER)
    if settings.phone_out_address and not there.outbound_of(settings):
        yield faults.PHONE_OUT_MISSING.found(_count(there.outbound, "trunk", "number"), variable=_OUT)


def _of_calls_to_her(settings: Settings, there: Telephony, trunk: Inbound) -> Iterator[Finding]:
    rules = there.rules_for(trunk)
    if not rules:
        yield faults.PHONE_RULE_MISSING.found(_count(there.rules, "rule", "trunk"))
    elif not any(trunks.sends_for(rule, settings.agent_name) for rule in rules):
        yield faults.PHONE_RULE_OTHER_AGENT.found(_asked_for(rules), variable=_AGENT)
    elif changed := _outdated(settings, there, trunk):
        yield faults.PHONE_SETUP_OUTDATED.found(f"Other than set up: {', '.join(changed)}.")
    if odd := [number for number in _numbers(trunk, rules) if trunks.is_odd(number)]:
        yield faults.PHONE_NUMBER_FORM.found(f"{len(odd)} of them; such a number ends in {odd[0][-2:]}.")
    if trunks.is_open(trunk):
        yield faults.PHONE_TRUNK_OPEN.found("It has no addresses, no user and no numbers.", variable=_ADDRESSES)
    if not all(map(trunks.offers_hd, (trunk.media, *(rule.media for rule in rules)))):
        yield faults.PHONE_WITHOUT_HD.found("G722 is not among the codecs that are listed.")


def _outdated(settings: Settings, there: Telephony, trunk: Inbound) -> list[str]:
    """LiveKit's names of what `phone setup` would change; a password, which Cloud may not tell, is none of them."""
    changes = (trunks.inbound(settings, there), trunks.rule(settings, there, trunk), trunks.outbound(settings, there))
    names = {name for change in changes if change and change.before for name in change.differs}
    return sorted(names - {"auth_password", "media"})


def _numbers(trunk: Inbound, rules: list[Rule]) -> Iterator[str]:
    yield from trunk.numbers
    yield from trunk.allowed_numbers
    for rule in rules:
        yield from rule.numbers
        yield from rule.inbound_numbers


def _asked_for(rules: list[Rule]) -> str:
    asked = sorted({agent.agent_name for rule in rules for agent in rule.room_config.agents if agent.agent_name})
    shown = [name for name in asked if name.isprintable()]
    return f"It sends for {', '.join(shown)}." if shown else "It sends for nobody by name."


def _count(there: Sequence[object], what: str, whose: str) -> str:
    if not there:
        return f"The project has no {what}s."
    return f"The project has {len(there)} {what}{'' if len(there) == 1 else 's'} for another {whose}."
