"""Reaches a person by telephone: LiveKit's trunk for it, her calls, and the person's own clock."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from granny.config.settings import Settings
from granny.faults import (
    LIVEKIT_UNAVAILABLE,
    PERSON_WITHOUT_NUMBER,
    PHONE_OUT_MISSING,
    Finding,
)
from granny.net.http import open_session
from granny.net.route import way_of
from granny.people import Person, settings_for
from granny.phone.ringing import CannotRingError, Ringer
from granny.phone.trying import Manner, Tried, Try, until_reached
from granny.rooms.access import Access
from granny.rooms.asking import TROUBLES, LiveKitRooms, in_short
from granny.rooms.telephony import NoTelephonesError, TelephoneService

Told = Callable[[Try, "datetime | None"], None]


async def reach(slug: str, person: Person, settings: Settings, told: Told) -> Tried | Finding:
    """Ring a person as their file wants it; what came of it, or why it cannot be done.

    Args:
        slug: the person's.
        person: what the file says.
        settings: the installation's.
        told: as in `trying.until_reached`.
    """
    if not person.numbers:
        return PERSON_WITHOUT_NUMBER.found("It has no numbers.", variable="numbers", where=f"people/{slug}.toml")
    access = Access.of(settings)
    try:
        async with open_session(access.url, way_of(settings)) as session:
            rooms = LiveKitRooms(session, access)
            there = await TelephoneService(rooms).telephony()
            trunk = there.outbound_of(settings)
            if trunk is None:
                return PHONE_OUT_MISSING.found(f"Outbound trunks in the project: {len(there.outbound)}.")
            ringer = Ringer(settings, rooms, trunk.sip_trunk_id)
            ring = functools.partial(ringer.ring, slug, person.numbers[0])
            return await until_reached(ring, Manner.of(person), clock_of(person, settings), told)
    except (CannotRingError, NoTelephonesError) as error:
        return error.finding
    except TROUBLES as error:
        return LIVEKIT_UNAVAILABLE.found(in_short(error), variable="LIVEKIT_URL")


def clock_of(person: Person, settings: Settings) -> Callable[[], datetime]:
    """The clock of the place where a person lives; where nobody has said which, this machine's."""
    zone = settings_for(person, settings).timezone
    return functools.partial(datetime.now, ZoneInfo(zone)) if zone else lambda: datetime.now().astimezone()
