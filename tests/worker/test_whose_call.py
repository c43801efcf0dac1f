"""Who calls by telephone is met as the file with that number says, or turned away before there is anything to hear."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timezone
from pathlib import Path

import pytest
from livekit import rtc
from livekit.agents import JobContext

from fakes import Job, Person, Room
from granny import faults
from granny.call import clock
from granny.call.ending import CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.reports import PERSON
from granny.config.settings import Settings
from granny.logs.redaction import Redaction
from granny.people import People
from granny.rooms.dispatch import Way, job_metadata
from granny.rooms.telephones import CallStatus, Telephone
from granny.rooms.tokens import Invitation
from granny.worker import whose_call
from granny.worker.whose_call import Met, Refusal, answer, hand_over, meet, settings_of
from scenarios._scene import settings as ready

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
CONNECTOR = rtc.ParticipantKind.PARTICIPANT_KIND_CONNECTOR
ANNA, BERTA, STRANGER = "+493023125017", "+442079460118", "+12025550119"
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc)
PHONE = job_metadata(way=Way.PHONE)


def installed(**values: str) -> Settings:
    told = {
        "OPENAI_API_KEY": "sk-FAKE",
        "GRANNY_TIMEZONE": "Europe/Berlin",
        "GRANNY_CALLER_NOTES": "Karl is her son.",
        **values,
    }
    return Settings.model_validate(told)


def calling(number: str, status: CallStatus = CallStatus.RINGING) -> Telephone:
    return Telephone(number, "+493023125099", status, is_rung=False)


@pytest.fixture(name="people")
def _people(tmp_path: Path) -> People:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "anna.toml").write_text(f'called = "Anna"\nlanguage = "de"\nnumbers = "{ANNA}"\n', encoding="utf-8")
    (folder / "berta.toml").write_text(
        f'called = "Berta"\nnumbers = ["{BERTA}"]\ntimezone = "Europe/London"\nphone_hours = "13:00-14:00"\n',
        encoding="utf-8",
    )
    return People.read(folder)


@pytest.fixture(name="nobody")
def _nobody(tmp_path: Path) -> People:
    return People.read(tmp_path / "nobody")


@pytest.mark.parametrize("number", [ANNA, "03023125017", "493023125017", "004930 23125017"])
def test_a_number_tells_whose_file_it_is_however_the_provider_writes_it(people: People, number: str) -> None:
    met = meet(calling(number), people, installed(), NOON)
    assert (met.person, met.settings.caller_name, met.settings.language, met.refusal) == ("anna", "Anna", "de", None)


def test_the_region_outranks_the_country_of_the_time_zone(people: People) -> None:
    abroad = installed(GRANNY_TIMEZONE="Europe/London", GRANNY_PHONE_REGION="DE")
    assert meet(calling("03023125017"), people, abroad, NOON).person == "anna"


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (STRANGER, Refusal.STRANGER),
        ("anonymous", Refusal.WITHHELD),
        ("", Refusal.WITHHELD),
        ("**620", Refusal.WITHHELD),
    ],
)
def test_once_a_file_has_a_number_nobody_else_is_answered(people: People, number: str, refusal: Refusal) -> None:
    met = meet(calling(number), people, installed(), NOON)
    assert (met.person, met.refusal) == ("", refusal)


@pytest.mark.parametrize("number", [STRANGER, "anonymous"])
def test_who_is_greeted_as_a_stranger_is_told_nothing_of_anybody(people: People, nobody: People, number: str) -> None:
    """While no file has a number everybody is greeted so; after that only where it is set."""
    for met in (
        meet(calling(number), nobody, installed(), NOON),
        meet(calling(number), people, installed(GRANNY_PHONE_STRANGERS="greet"), NOON),
    ):
        assert (met.person, met.refusal, met.settings.caller_notes, met.settings.caller_name) == ("", None, None, None)


def test_strangers_can_be_turned_away_from_the_first_call_on(nobody: People) -> None:
    shut = installed(GRANNY_PHONE_STRANGERS="turn-away")
    assert meet(calling(STRANGER), nobody, shut, NOON).refusal is Refusal.STRANGER


def test_hours_are_the_persons_own_by_the_persons_clock(people: People) -> None:
    """At noon in London, which is one o'clock in Berlin."""
    kept = installed(GRANNY_PHONE_HOURS="12:30-13:30")
    assert meet(calling(ANNA), people, kept, NOON).refusal is None
    assert meet(calling(BERTA), people, kept, NOON).refusal is Refusal.HOURS
    assert meet(calling(BERTA), people, kept, NOON.replace(hour=13)).refusal is None
    assert meet(calling(ANNA), people, kept, NOON.replace(hour=13)).refusal is Refusal.HOURS
    answered = calling(BERTA, CallStatus.ACTIVE)
    assert meet(answered, people, kept, NOON).refusal is None, "who is on the line goes on with another job"


class House:
    """A job process with its people, and what came of the calls in it."""

    def __init__(self, people: People, **values: str) -> None:
        self.people, self.settings = people, installed(**values)
        self.begun: list[Settings] = []
        self.told: list[CallEnded] = []

    async def call(self, *there: Person, metadata: str = PHONE, is_console: bool = False) -> Job:
        job = Job(Room(*there, is_joined=False), is_console=is_console)
        job.job.metadata = metadata
        hand_over(self.settings, self.people, job.proc)
        await answer(self.begin, job)
        return job

    async def begin(self, ctx: JobContext) -> None:
        self.begun.append(settings_of(ctx))


@pytest.fixture(name="house")
def _house(people: People, monkeypatch: pytest.MonkeyPatch) -> House:
    house = House(people)
    monkeypatch.setattr("granny.call.reports.report", house.told.append)
    monkeypatch.setattr(whose_call, "redact_logs", lambda _: None)
    monkeypatch.setattr(whose_call, "_COMING_SECONDS", 0.01)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return house


def phone(number: str) -> Person:
    told = {"sip.phoneNumber": number, "sip.callStatus": "ringing", "sip.ruleID": "SDR_1"}
    return Person(f"sip_{number}", kind=SIP, attributes=told)


async def test_a_call_from_a_known_number_is_that_persons(house: House) -> None:
    job = await house.call(phone(ANNA))
    assert [one.caller_name for one in house.begun] == ["Anna"]
    assert (job.proc.userdata[PERSON], job.rooms.journal, house.told) == ("anna", [], [])


@pytest.mark.parametrize("number", [STRANGER, "anonymous", BERTA])
async def test_who_is_turned_away_hears_the_busy_tone_and_there_is_no_call(house: House, number: str) -> None:
    """The room's end is what the bridge answers the telephone with; nothing has been published in it."""
    job = await house.call(phone(number))
    (ended,) = house.told
    assert (house.begun, job.rooms.journal, job.hung_up) == ([], ["the-room ended"], ["turned-away"])
    assert (ended.end, ended.caller) == (CallEnd(Ending.TURNED_AWAY), Caller(CameBy.PHONE))
    assert number not in repr(ended)


async def test_a_telephone_that_has_hung_up_before_she_came_is_not_waited_for(house: House) -> None:
    job = await house.call()
    assert (house.begun, job.rooms.journal, job.hung_up) == ([], ["the-room ended"], ["nobody-came"])
    assert [one.end.ending for one in house.told] == [Ending.NOBODY_CAME]


async def test_a_telephone_that_comes_a_moment_later_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whose_call, "_COMING_SECONDS", 60)
    room = Room()
    job = Job(room)
    job.job.metadata = PHONE
    hand_over(house.settings, house.people, job.proc)
    answering = asyncio.create_task(answer(house.begin, job))
    while not answering.done() and not house.begun:
        await asyncio.sleep(0)
        if job._connected and not room.people:
            room.come(phone(ANNA))
    await answering
    assert [one.caller_name for one in house.begun] == ["Anna"]


@pytest.mark.parametrize("there", [(), (Person("browser"),), (phone(STRANGER), Person("browser"))])
async def test_a_job_that_was_told_nothing_is_a_telephones_only_where_nobody_else_is_there(
    house: House, there: tuple[Person, ...]
) -> None:
    """It may be an app's: nobody is waited for, and nobody turned away from among others."""
    await house.call(*there, metadata="")
    assert [one.caller_notes for one in house.begun] == ["Karl is her son."]


@pytest.mark.parametrize("others", [(Person("daughter"),), (Person("whatsapp", kind=CONNECTOR),)])
async def test_a_job_that_was_told_of_a_telephone_goes_by_it_whoever_else_is_there(
    house: House, others: tuple[Person, ...]
) -> None:
    """Who is none, as by a connector to another service, has no number."""
    await house.call(*others, phone(ANNA))
    await house.call(*others)
    assert [one.caller_name for one in house.begun] == ["Anna"]
    assert [one.end.ending for one in house.told] == [Ending.TURNED_AWAY]


async def test_somebodys_own_rule_opens_no_other_door(house: House) -> None:
    await house.call(phone(STRANGER), metadata="")
    await house.call(phone(ANNA), metadata="")
    assert [one.caller_name for one in house.begun] == ["Anna"]
    assert [one.end.ending for one in house.told] == [Ending.TURNED_AWAY]


@pytest.mark.parametrize("metadata", [job_metadata("anna"), job_metadata("anna", Way.RING)])
async def test_whom_a_dispatch_names_is_not_looked_at(house: House, metadata: str) -> None:
    """Nor connected for: the call does it at its own time."""
    job = await house.call(phone(STRANGER), metadata=metadata)
    assert [one.caller_name for one in house.begun] == ["Anna"]
    assert (job._connected, job.proc.userdata[PERSON]) == (False, "anna")


async def test_who_comes_from_her_page_is_not_kept_waiting_for_a_look(house: House) -> None:
    """A page's link may be nobody's in particular; its room is known by its name."""
    job = Job(Room(is_joined=False))
    job.job.room.name = Invitation.write(ready(LIVEKIT_URL="ws://127.0.0.1:7880")).room
    hand_over(house.settings, house.people, job.proc)
    await answer(house.begin, job)
    assert (len(house.begun), job._connected) == (1, False)


async def test_a_telephone_that_somebodys_own_program_rings_is_not_turned_away(house: House) -> None:
    """It has no rule: it has not called."""
    rung = phone(STRANGER)
    del rung._info.attributes["sip.ruleID"]
    await house.call(rung, metadata="")
    assert len(house.begun) == 1


def shut_out(house: House, metadata: str) -> Job:
    """A job whose room cannot be reached."""
    job = Job(Room(phone(STRANGER), is_joined=False))
    job.job.metadata = metadata
    job.room.is_shut = rtc.ConnectError("gone")  # type: ignore[attr-defined]
    hand_over(house.settings, house.people, job.proc)
    return job


async def test_where_livekit_is_not_reached_the_call_says_so_itself(house: House) -> None:
    """It may be an app's."""
    await answer(house.begin, shut_out(house, metadata=""))
    assert [one.caller_notes for one in house.begun] == [None]


async def test_a_telephone_that_could_not_be_looked_at_is_not_answered(house: House) -> None:
    """Else whoever floods her until a connection fails would get in unseen; it rings on, and another job may look."""
    job = shut_out(house, metadata=PHONE)
    await answer(house.begin, job)
    (ended,) = house.told
    assert (house.begun, job.rooms.journal, job.hung_up) == ([], [], ["livekit-connection-lost"])
    assert ended.end == CallEnd.by(faults.LIVEKIT_CONNECTION_LOST.found(""))
    assert ended.end.is_cut_off, "the room watch is not to take the caller for one who has heard a goodbye"


async def test_no_log_of_a_call_that_is_turned_away_is_sent(house: House) -> None:
    """The framework would, for a project that records, of a job whose session never started."""
    job = Job(Room(phone(STRANGER), is_joined=False))
    job.job.metadata = PHONE
    hand_over(house.settings, house.people, job.proc)
    await answer(house.begin, job)
    assert [one.end.ending for one in house.told] == [Ending.TURNED_AWAY]
    assert job._recording_initialized


async def test_a_call_from_the_console_is_nobodys_telephone(house: House) -> None:
    job = await house.call(metadata="", is_console=True)
    assert (len(house.begun), job.hung_up) == (1, [])


async def test_no_log_shows_the_number(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """But a person's name, or the last two digits; whatever is logged in this process later hides it, too."""
    secrets: list[str] = []
    monkeypatch.setattr(whose_call, "redact_logs", secrets.extend)
    monkeypatch.setattr("granny.call.reports.report", lambda _: None)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    caplog.set_level(logging.INFO)
    house = House(people)
    for number in ("03023125017", STRANGER, "anonymous"):
        await house.call(phone(number))
    told = [(vars(record)["caller"], vars(record)["refused"]) for record in caplog.records if "caller" in vars(record)]
    assert told == [("anna", None), ("\u202619", "stranger"), ("", "withheld")]
    assert Redaction(secrets).cleaned("from 03023125017 and 12025550119") == "from [hidden] and [hidden]"


def test_what_is_met_is_kept_without_showing_it() -> None:
    assert "Karl" not in repr(Met("anna", installed()))
