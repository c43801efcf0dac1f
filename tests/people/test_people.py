"""Whom a call is for: found as the file is now, by its name alone, and never in the way of a call."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from granny.config.settings import Settings
from granny.people import FIELDS, People, read, settings_for_stranger, what_is_allowed

INSTALLED = Settings(OPENAI_API_KEY="sk-FAKE")
HEARD = "granny.people"
BERLIN = "+493023125000"


def write(folder: Path, slug: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{slug}.toml").write_text(text, encoding="utf-8")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    write(folder, "anna", 'called = "Anna"\nlanguage = "de"\n')
    return folder


def language(people: People, slug: str | None) -> str:
    return people.settings_for(slug, INSTALLED).language


def test_without_the_folder_all_is_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    people = People.read(tmp_path / "people")
    assert people.settings_for(None, INSTALLED) is INSTALLED
    assert read(tmp_path / "people").findings == ()
    assert caplog.records == []


def test_a_call_for_nobody_in_particular_is_held_as_the_settings_say(folder: Path) -> None:
    assert People.read(folder).settings_for(None, INSTALLED) is INSTALLED


def test_a_change_counts_from_the_next_call_on(folder: Path) -> None:
    """And so does a person who is added or taken away while the worker runs."""
    people = People.read(folder)
    assert language(people, "anna") == "de"
    write(folder, "anna", 'language = "fr"\n')
    write(folder, "berta", 'language = "it"\n')
    assert (language(people, "anna"), language(people, "berta")) == ("fr", "it")
    (folder / "anna.toml").unlink()
    assert language(people, "anna") == "en"


@pytest.mark.parametrize("spoilt", ["language = fr\n", "language = 7\n", "\x00", "# long\n" * 9000])
def test_a_file_that_is_spoilt_while_she_works_counts_as_it_was(
    folder: Path, spoilt: str, caplog: pytest.LogCaptureFixture
) -> None:
    people = People.read(folder)
    write(folder, "anna", spoilt)
    assert language(people, "anna") == "de"
    (record,) = caplog.records
    assert record.getMessage() == "a person's file cannot be used as it is now"
    assert vars(record)["fault"].startswith("person-")


def test_a_folder_that_is_gone_while_she_works_or_cannot_be_read_ends_no_call(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> list[str]:
        raise PermissionError

    people = People.read(folder)
    monkeypatch.setattr(os, "listdir", forbidden)
    assert language(people, "anna") == "de"


@pytest.mark.parametrize(
    "slug",
    ["berta", "", ".", "..", "../anna", "../people/anna", "anna.toml", "ANNA", "a" * 9000, "\x00", "/etc/passwd"],
)
def test_an_unknown_person_is_met_as_anybody_and_it_is_logged_once(
    folder: Path, slug: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the name, which may be anything."""
    assert People.read(folder).settings_for(slug, INSTALLED) is INSTALLED
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (
        logging.WARNING,
        "this call is for a person of whom there is no file",
    )
    assert record.args in ((), None)


def test_a_person_is_found_whatever_form_the_letters_of_the_file_have(folder: Path) -> None:
    """MacOS gives a name back in pieces: a, and two dots for it."""
    write(folder, "Ka\u0308the", 'language = "de"\n')
    assert language(People.read(folder), "K\u00e4the") == "de"
    assert language(People.read(folder), "Ka\u0308the") == "de"


def test_who_called_is_told_by_the_slug_of_a_file_and_by_nothing_else(folder: Path) -> None:
    """A dispatch may name anything: a name, a number."""
    people = People.read(folder)
    assert people.known_as("anna") == "anna"
    assert [people.known_as(slug) for slug in ("", None, "+49 30 1234567", "../anna", "anna.toml")] == [""] * 5


def test_a_folder_that_cannot_be_read_does_not_take_away_who_called(folder: Path) -> None:
    people = People.read(folder)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.touch()
    assert (people.known_as("anna"), people.known_as("nobody")) == ("anna", "")


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes with a name")
    os.mkfifo(folder / "berta.toml")
    assert language(People.read(folder), "berta") == "en"


def test_who_has_something_wrong_is_left_out_and_the_others_are_not(folder: Path) -> None:
    write(folder, "berta", "speed = 9\n")
    found = read(folder)
    assert list(found.people) == ["anna"]
    assert [finding.where for finding in found.findings] == ["people/berta.toml:1"]


def test_several_things_wrong_in_one_file_are_told_together(folder: Path) -> None:
    write(folder, "berta", 'nots = "x"\nspeed = 9\nnumbers = ["1", "2"]\nlanguage = "German"\n')
    told = [(one.fault.slug, one.variable, one.where, one.evidence) for one in read(folder).findings]
    assert told == [
        ("person-value-invalid", "language", "people/berta.toml:4", "Allowed: a language's short name: en, de, pt-BR."),
        (
            "person-value-invalid",
            "numbers",
            "people/berta.toml:3",
            what_is_allowed("numbers", ""),
        ),
        ("person-value-invalid", "speed", "people/berta.toml:2", "Allowed: at least 0.25, at most 1.5."),
        ("person-key-unknown", "notes", "people/berta.toml:1", "Did you mean notes?"),
    ]


def test_a_name_that_is_like_none_is_not_shown(folder: Path) -> None:
    write(folder, "berta", '"She owes money" = 1\n')
    (finding,) = read(folder).findings
    assert finding.evidence == f"Known are {', '.join(FIELDS)}."


def test_of_two_with_one_number_both_places_are_told(folder: Path) -> None:
    write(folder, "anna", 'called = "Anna"\nnumbers = ["+49 30 23125000"]\n')
    write(folder, "berta", '\n\nnumbers = ["0049 (0)30 23125000", "+49 30 23125000"]\n')
    (finding,) = read(folder).findings
    assert (finding.fault.slug, finding.where) == ("person-number-twice", "people/berta.toml:3")
    assert finding.evidence == "One of these numbers stands at people/anna.toml:2, too."


def test_a_number_is_that_of_the_person_in_whose_file_it_stands_now(folder: Path) -> None:
    """Whatever of several readings it is; a number in two files is nobody's."""
    people = People.read(folder)
    assert (people.of_number((BERLIN,)), people.have_numbers) == (None, False)
    write(folder, "anna", 'numbers = ["+49 30 23125000", "+49 30 23125001"]\n')
    write(folder, "berta", 'numbers = "+44 20 7946 0123"\n')
    assert people.have_numbers
    assert people.of_number((BERLIN,)) == "anna"
    assert people.of_number(("+49442079460123", "+442079460123")) == "berta"
    assert people.of_number(()) is None
    write(folder, "berta", 'numbers = ["+49 30 23125000"]\n')
    assert people.of_number((BERLIN,)) is None
    (folder / "anna.toml").unlink()
    assert people.of_number((BERLIN,)) == "berta"


def test_a_number_is_known_by_the_file_as_it_was_where_that_has_been_spoilt(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> list[str]:
        raise PermissionError

    write(folder, "anna", 'numbers = ["+49 30 23125000"]\n')
    people = People.read(folder)
    write(folder, "anna", "numbers = 030 23125000\n")
    assert people.of_number((BERLIN,)) == "anna"
    monkeypatch.setattr(os, "listdir", forbidden)
    assert people.of_number((BERLIN,)) == "anna"


def test_a_stranger_hears_nothing_of_what_is_told_of_the_caller() -> None:
    told = Settings(
        OPENAI_API_KEY="sk-FAKE",
        GRANNY_CALLER_NOTES="Her husband is Karl.",
        GRANNY_CALLER_NAME="Anna",
        GRANNY_SPEED=0.9,
    )
    stranger = settings_for_stranger(told)
    assert (stranger.caller_notes, stranger.caller_name, stranger.caller_file) == (None, None, None)
    assert stranger.speed == 0.9
