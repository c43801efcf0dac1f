"""Whose call it is: by its dispatch, or by the number of the telephone, which is looked at before she picks up.

LiveKit's SIP bridge takes the first track that is published in its room for her picking up. Until then the caller hears
it ringing, and where the bridge is put out of the room the busy tone (486): so who is not to be answered is turned away
before there is a track, a connection to OpenAI or any cost. A number proves nothing, for it can be forged: it tells
whose file it is, and of nobody's notes anything is told to one whom no file knows.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import cast

from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext, JobProcess
from livekit.protocol.agent import Job

from granny import faults
from granny.call import clock, reports
from granny.call.ending import CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.line_player import is_person
from granny.call.reports import PERSON
from granny.call.room_doors import send_no_log
from granny.config.hours import is_within
from granny.config.settings import Settings
from granny.config.whereabouts import country_of
from granny.logs.numbers import last_digits
from granny.logs.redaction import redact_logs
from granny.people import People, numbers_of_call, settings_for_stranger
from granny.rooms.dispatch import Way, person_of, way_of
from granny.rooms.telephones import Telephone, is_telephone, telephone_of
from granny.rooms.tokens import is_of_invitation
from granny.worker.framework import Entry

logger = logging.getLogger("granny.call")

_SETTINGS, _PEOPLE, _MET = "granny.settings", "granny.people", "granny.met"
_COMING_SECONDS = 1.5
"""A telephone is in its room before a job is told of it: one that is not there by now has hung up."""


class Refusal(str, Enum):
    """Why a telephone is not answered; the value is its slug."""

    STRANGER = "stranger"
    """The number is in no person's file."""
    WITHHELD = "withheld"
    """It is none."""
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Met:
    """Who calls by telephone, as far as the number tells.

    Attributes:
        person: the slug of the one whose number it is; empty: nobody's.
        settings: of the call.
        refusal: why it is not answered; None: it is.
    """

    person: str
    settings: Settings = field(repr=False)
    refusal: Refusal | None = None


def meet(telephone: Telephone, people: People, settings: Settings, moment: datetime) -> Met:
    """Who it is, and whether to be answered.

    Args:
        telephone: that calls; one that has been answered, as by a job that has died, is not refused for the hour.
        people: whom the family has told of.
        settings: the installation's.
        moment: at which it calls.
    """
    readings = numbers_of_call(telephone.number, settings.phone_region or country_of(settings.timezone))
    person = people.of_number(readings)
    if person is None:
        known = settings_for_stranger(settings)
        if not _greets_strangers(people, settings):
            return Met("", known, Refusal.STRANGER if readings else Refusal.WITHHELD)
    else:
        known = people.settings_for(person, settings)
    is_early = not telephone.is_answered and not _is_in_hours(known, moment)
    return Met(person or "", known, Refusal.HOURS if is_early else None)


def _greets_strangers(people: People, settings: Settings) -> bool:
    """Until a number stands in a file everybody is one: with nobody let in, her first call would look like a fault."""
    return settings.phone_strangers == "greet" if settings.phone_strangers else not people.have_numbers


def _is_in_hours(settings: Settings, moment: datetime) -> bool:
    return settings.phone_hours is None or is_within(settings.phone_hours, clock.there(settings, moment))


def hand_over(settings: Settings, people: People, process: JobProcess) -> None:
    """In a fresh job process, before its call."""
    process.userdata[_SETTINGS], process.userdata[_PEOPLE] = settings, people


def settings_of(ctx: JobContext) -> Settings:
    """The settings that the worker read and checked, outranked by those of the person whom the call is for.

    Of all that is set the call reads the people's files alone, as they are now.
    """
    met = ctx.proc.userdata.get(_MET)
    if isinstance(met, Met):
        return met.settings
    settings, people = _handed_over(ctx)
    person = person_of(ctx.job.metadata)
    ctx.proc.userdata[PERSON] = people.known_as(person)
    return people.settings_for(person, settings)


async def answer(entry: Entry, ctx: JobContext) -> None:
    """Answer a call with what the worker was given for it, unless it is a telephone's that is turned away."""
    if ctx.is_fake_job() or not _may_be_a_telephones(ctx.job) or await _may_come_in(ctx):
        await entry(ctx)


def _may_be_a_telephones(job: Job) -> bool:
    """Where nothing is told only a look tells; who comes from her page is spared it, for it takes its time."""
    if way := way_of(job.metadata):
        return way is Way.PHONE
    return person_of(job.metadata) is None and not is_of_invitation(job.room.name)


async def _may_come_in(ctx: JobContext) -> bool:
    since = time.monotonic()
    is_told = way_of(ctx.job.metadata) is Way.PHONE
    send_no_log(ctx)
    try:
        await ctx.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
    except rtc.ConnectError as error:
        if is_told:
            _leave(ctx, error, since)
            return False
        settings, _ = _handed_over(ctx)  # the call tries it once more, and tells of it; nobody has been seen
        ctx.proc.userdata[_MET] = Met("", settings_for_stranger(settings))
        return True
    people = await _people_in(ctx.room, _COMING_SECONDS if is_told else 0)
    telephones = [one for one in people if is_telephone(one)]
    if not is_told and (not people or telephones != people):  # an app's, whoever else is there
        return True
    if not people:
        await _end(ctx, Ending.NOBODY_CAME, since)
        return False
    return await _is_met(ctx, telephone_of((telephones or people)[0]), since)


async def _is_met(ctx: JobContext, telephone: Telephone, since: float) -> bool:
    if telephone.is_rung:  # by somebody's own program
        return True
    met = await _met(ctx, telephone)
    if met.refusal:
        await _end(ctx, Ending.TURNED_AWAY, since, Caller(CameBy.PHONE), met.person)
    return met.refusal is None


async def _met(ctx: JobContext, telephone: Telephone) -> Met:
    """From here on this call's log hides its number in whatever form it is written."""
    settings, people = _handed_over(ctx)
    redact_logs((*settings.secrets, *(number.lstrip("+") for number in (telephone.number, telephone.called))))
    met = await asyncio.to_thread(meet, telephone, people, settings, clock.now())
    ctx.proc.userdata[_MET], ctx.proc.userdata[PERSON] = met, met.person
    who, refused = met.person or last_digits(telephone.number), met.refusal.value if met.refusal else None
    logger.info("a telephone calls", extra={"job_id": ctx.job.id, "caller": who, "refused": refused})
    return met


async def _people_in(room: rtc.Room, seconds: float) -> list[rtc.RemoteParticipant]:
    """Who is in a room; somebody is waited for so long if nobody is."""
    came = asyncio.Event()

    def look(*_: object) -> None:
        if _people(room):
            came.set()

    room.on("participant_connected", look)
    try:
        if not _people(room):
            await asyncio.wait_for(came.wait(), seconds)
    except asyncio.TimeoutError:
        return []
    finally:
        room.off("participant_connected", look)
    return _people(room)


def _people(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    return [one for one in room.remote_participants.values() if is_person(one)]


async def _end(ctx: JobContext, ending: Ending, since: float, caller: Caller | None = None, person: str = "") -> None:
    """Of a call that has never begun; its room ends with it."""
    _report(ctx, CallEnd(ending), since, caller, person)  # told first, for the room's end may be the job's
    await ctx.delete_room()
    ctx.shutdown(reason=ending.value)


def _leave(ctx: JobContext, error: rtc.ConnectError, since: float) -> None:
    """A telephone that could not be looked at is answered by nobody unseen: it rings on, for the room watch to find."""
    end = CallEnd.by(faults.LIVEKIT_CONNECTION_LOST.found(type(error).__name__))
    logger.warning("a telephone could not be looked at", extra={"job_id": ctx.job.id, "fault": end.fault})
    _report(ctx, end, since)
    ctx.shutdown(reason=end.outcome)


def _report(ctx: JobContext, end: CallEnd, since: float, caller: Caller | None = None, person: str = "") -> None:
    seconds = time.monotonic() - since
    reports.report(CallEnded(ctx.job.id, ctx.job.room.name, end, seconds, caller, person=person))


def _handed_over(ctx: JobContext) -> tuple[Settings, People]:
    userdata = ctx.proc.userdata
    return cast("Settings", userdata[_SETTINGS]), cast("People", userdata[_PEOPLE])
