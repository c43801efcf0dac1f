"""Makes what her telephone needs of LiveKit, or brings it up to date: a trunk, a rule, and a trunk to ring by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from livekit import api

from granny.config.settings import Settings
from granny.faults import LIVEKIT_UNAVAILABLE, PHONE_SETUP_REFUSED, Finding
from granny.net.http import open_session
from granny.net.route import way_of
from granny.rooms import trunks
from granny.rooms.access import Access
from granny.rooms.asking import TROUBLES, LiveKitRooms, in_short
from granny.rooms.telephony import NoTelephonesError, TelephoneService
from granny.rooms.trunks import Change, Inbound, Telephony

_REFUSALS = ("invalid_argument", "already_exists", "failed_precondition", "malformed")
_SHARED = "The {piece} has her number among others: its ID is {id}."
_SAID = "LiveKit says of the {piece}: {code}."


class SetupRefusedError(Exception):
    """What the project has keeps her telephone from being set up."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.evidence)
        self.finding = finding


Doing = Callable[[TelephoneService, Settings], Awaitable[tuple[Change, ...]]]


async def with_livekit(settings: Settings, do: Doing) -> tuple[Change, ...] | Finding:
    """Do it with the LiveKit server of these settings; what has been done, or what is in the way."""
    access = Access.of(settings)
    try:
        async with open_session(access.url, way_of(settings)) as session:
            return await do(TelephoneService(LiveKitRooms(session, access)), settings)
    except (SetupRefusedError, NoTelephonesError) as error:
        return error.finding
    except TROUBLES as error:
        return LIVEKIT_UNAVAILABLE.found(in_short(error), variable="LIVEKIT_URL")


async def planned(service: TelephoneService, settings: Settings) -> tuple[Change, ...]:
    """What would be done; nothing is.

    Raises:
        SetupRefusedError: it cannot be.
        NoTelephonesError: this LiveKit server cannot have telephones.
        asking.TROUBLES: LiveKit does not answer.
    """
    there = await service.telephony()
    return tuple(_allowed(settings, _trunks(settings, there), trunks.rule(settings, there, there.inbound_of(settings))))


async def set_up(service: TelephoneService, settings: Settings) -> tuple[Change, ...]:
    """Do it; what has been done. Done again, it finds everything as it should be.

    Raises:
        As `planned`; what was done before it cannot go on stays, and is found the next time.
    """
    there = await service.telephony()
    of_trunks = tuple(_allowed(settings, _trunks(settings, there)))
    made = [await _made(service, change) for change in of_trunks]
    trunk = next(one for one in made if isinstance(one, Inbound))
    rule = trunks.rule(settings, there, trunk)
    await _made(service, rule)
    return (*of_trunks, rule)


def _trunks(settings: Settings, there: Telephony) -> Iterator[Change]:
    yield trunks.inbound(settings, there)
    if change := trunks.outbound(settings, there):
        yield change


def _allowed(settings: Settings, changes: Iterator[Change], *more: Change) -> Iterator[Change]:
    """The same; where one is of somebody else's trunk, it is refused."""
    for change in (*changes, *more):
        if change.is_needed and trunks.is_shared(change, settings):
            words = _SHARED.format(piece=change.piece.value, id=getattr(change.before, "sip_trunk_id", ""))
            raise SetupRefusedError(PHONE_SETUP_REFUSED.found(words, variable="GRANNY_PHONE_NUMBER"))
        yield change


async def _made(service: TelephoneService, change: Change) -> trunks.Info:
    if change.before is not None and not change.is_needed:
        return change.before
    try:
        return await service.make(change)
    except api.TwirpError as error:
        if error.code not in _REFUSALS:
            raise
        words = _SAID.format(piece=change.piece.value, code=error.code)  # its message has numbers in it
        raise SetupRefusedError(PHONE_SETUP_REFUSED.found(words)) from None
