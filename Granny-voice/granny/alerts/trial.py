"""A trial of each address: what its service says of a letter that says no more than that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from granny.alerts import words
from granny.alerts._heartbeat import said
from granny.config.settings import Settings
from granny.faults import ExitCode
from granny.net.letters import Letter, Outcome, send

_ADDRESS = "address {number}"
_SERVICE = "address {number}, {service}, {scheme}://…"
_BEAT = "heartbeat, GRANNY_HEARTBEAT_URL"
_SAID = {
    "sent": "it was taken",
    "refused": "the service refuses it, code {code}",
    "unreached": "no service was reached there, or it gave no answer that tells why",
    "unusable": "",
}
_CODES = {"sent": ExitCode.OK, "unreached": ExitCode.TEMPFAIL}


@dataclass(frozen=True, slots=True)
class Tried:
    """One address, tried.

    Attributes:
        name: how it is called where nothing of it may be shown.
        said: what became of it.
        exit_code: what that means for a script.
        is_usable: whether anything can be sent to it.
    """

    name: str
    said: str
    exit_code: ExitCode
    is_usable: bool = True


async def tries(settings: Settings) -> Sequence[Tried]:
    """Try them all, in their order; the heartbeat last."""
    addresses = settings.alert_addresses
    outcomes = await send([Letter.of(address, words.trial(settings)) for address in addresses])
    tried = [_tried(number, *one) for number, one in enumerate(zip(addresses, outcomes, strict=True), start=1)]
    if settings.heartbeat_url:
        is_heard = await said(settings, "")
        tried.append(
            Tried(_BEAT, _SAID["sent" if is_heard else "unreached"], ExitCode.OK if is_heard else ExitCode.TEMPFAIL)
        )
    return tried


def _tried(number: int, address: str, outcome: Outcome) -> Tried:
    """Of one that no service knows even the scheme may be a secret, put there by mistake."""
    scheme = address.partition(":")[0].lower()
    name = (_SERVICE if outcome.service else _ADDRESS).format(number=number, service=outcome.service, scheme=scheme)
    told = _SAID[outcome.outcome].format(code=outcome.code)
    return Tried(name, told, _CODES.get(outcome.outcome, ExitCode.CONFIG), is_usable=outcome.is_usable)
