"""She is recorded once for all who have her alike, and once more for each other voice."""

from __future__ import annotations

import re
import shutil
import wave
from pathlib import Path
from typing import Any

import pytest

from fakes import Job, Room
from granny.call.greeting import recorded_greeting
from granny.call.reports import PERSON
from granny.config.settings import Settings
from granny.lines import SHIPPED, Line, OwnVoice, own_words
from granny.people import People, Person
from granny.rooms.dispatch import job_metadata
from granny.worker import server
from granny.worker.line_recorder import outlook
from granny.worker.voices import voices

INSTALLED = Settings(OPENAI_API_KEY="sk-FAKE")


def people(*told: dict[str, Any]) -> People:
    return People(Path("people"), {str(number): Person.model_validate(one) for number, one in enumerate(told)})


def test_nobody_in_particular_makes_one_voice() -> None:
    assert voices(INSTALLED, people()) == (INSTALLED,)


def test_whoever_has_her_as_everybody_does_needs_no_recording() -> None:
    """Notes, names and bounds are not heard."""
    told = people({"called": "Anna", "notes": "Roses."}, {"longest_call": 5, "eagerness": "high"}, {"speed": 1})
    assert len(voices(INSTALLED, told)) == 1


def test_each_other_voice_is_recorded_once() -> None:
    told = people({"speed": 0.8}, {"speed": 0.8, "called": "Berta"}, {"language": "de"}, {"granny": "Oma"})
    assert [(one.speed, one.language, one.name) for one in voices(INSTALLED, told)] == [
        (1.0, "en", "Granny"),
        (0.8, "en", "Granny"),
        (1.0, "de", "Granny"),
        (1.0, "en", "Oma"),
    ]


def test_as_she_starts_it_is_said_what_all_of_them_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    both = outlook(*voices(INSTALLED, people({"speed": 0.5}))) or ""
    assert f"{2 * len(Line)} are recorded" in both
    assert cents(both) > 2 * cents(outlook(INSTALLED) or "")


def test_who_is_only_to_ring_another_number_needs_two_lines_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number is a part of the words of two lines; the others are the same, and are recorded once."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    both = outlook(*voices(INSTALLED, people({"timezone": "Europe/Vienna"}))) or ""
    assert f"{len(Line) + 2} are recorded" in both


def cents(told: str) -> int:
    found = re.search(r"some (\d+) cents", told)
    assert found, told
    return int(found[1])


async def test_in_a_call_the_greeting_of_its_person_is_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was read before the call, as everybody's is: no file of hers is opened any more."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for name in ("redact_logs", "ignore_simulators", "keep_her_voice"):
        monkeypatch.setattr(server, name, lambda *_: None)
    monkeypatch.setattr(server, "_PREWARM", wave.__name__)  # not from within a loop
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "anna.toml").write_text("speed = 0.8\n")
    known = People.read(folder)
    for one in voices(INSTALLED, known):
        put_greeting(one)
    job = Job(Room())
    server._hand_over(INSTALLED, known, job.proc)

    def unread(*_: object) -> None:
        pytest.fail("a recording is read in the call")

    monkeypatch.setattr(wave, "open", unread)
    for metadata, speed, person in (("", 1.0, ""), (job_metadata("anna"), 0.8, "anna")):
        job.job.metadata = metadata
        settings = server.settings_of(job)
        assert (settings.speed, job.proc.userdata[PERSON]) == (speed, person)
        assert recorded_greeting(settings)


def put_greeting(settings: Settings) -> None:
    own = OwnVoice.of(settings)
    file = own.file(Line.GREETING.value, own_words(Line.GREETING, own))
    assert file
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SHIPPED / "en" / "greeting.wav", file)
