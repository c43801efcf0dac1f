"""What the family reads: fixed sentences in its language and zone, with the fault's name and what to do."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from alerts.post import NIGHT, account, danger, died
from granny import faults
from granny.alerts._news import Course, News, Topic
from granny.alerts._rules import Mark
from granny.alerts.words import LANGUAGES, letter, together, trial
from granny.alerts.words._words import Words
from granny.config.settings import Settings
from granny.faults import CATALOGUE
from granny.store.rows import Urgency


def home(language: str = "en", zone: str = "Europe/Berlin", **more: str) -> Settings:
    given = {"OPENAI_API_KEY": "none", "GRANNY_LANGUAGE": language, "GRANNY_TIMEZONE": zone}
    return Settings.model_validate({**given, **more})


def test_an_account_without_credit_in_english() -> None:
    assert letter(account(), Mark(since=NIGHT, times=1), home()) == (
        "The credit at OpenAI is used up, or a payment did not go through.\n"
        "Granny takes no calls until this is put right.\n"
        "What to do: Look at platform.openai.com/settings/organization/billing, and add credit.\n"
        "Since: Friday, November 27, 2026, 3:00\N{NARROW NO-BREAK SPACE}AM (Europe/Berlin)\n"
        "Fault: openai-out-of-credit"
    )


def test_danger_in_german_where_the_family_lives() -> None:
    assert letter(danger(), Mark(), home("de", "America/New_York")) == (
        "In einem Gespräch fielen Worte, die einen Notfall bedeuten können.\n"
        "Um wen es geht: anna\n"
        "Was zu tun ist: Rufen Sie jetzt dort an. Granny hat die Notrufnummer genannt; sie kann sich verhört haben.\n"
        "Wann: Donnerstag, 26. November 2026, 21:00 (America/New_York)\n"
        "Störung: emergency-named"
    )


def test_that_it_is_well_again_is_told_with_what_it_was_and_how_long() -> None:
    over = replace(account(Course.OVER), at=NIGHT + timedelta(hours=2))
    text = letter(over, Mark(slug="openai-out-of-credit", since=NIGHT, times=1), home("de"))
    assert text.splitlines() == [
        "Granny geht es wieder gut.",
        "Es war dies: Das Guthaben bei OpenAI ist aufgebraucht, oder eine Zahlung ging nicht durch.",
        "Von Freitag, 27. November 2026, 03:00 (Europe/Berlin) bis Freitag, 27. November 2026, 05:00 (Europe/Berlin).",
        "Störung: openai-out-of-credit",
    ]


def test_what_still_lasts_and_what_else_is_wrong() -> None:
    text = letter(account(), Mark(since=NIGHT, times=2), home(), besides=("alerts-undelivered",))
    assert text.startswith("Still so: The credit at OpenAI")
    assert "\nBesides: Alerts could not be delivered.\n" in text


def test_a_call_of_nobody_in_particular_is_that_of_who_is_named_in_the_settings() -> None:
    assert "Whom it concerns: nobody in particular" in letter(died(""), Mark(), home())
    assert "Whom it concerns: Oma Anna" in letter(died(""), Mark(), home(GRANNY_CALLER_NAME="Oma Anna"))


def test_several_that_could_wait_are_one_and_the_same_ones_stand_in_it_once() -> None:
    one, two = letter(died(), Mark(), home()), letter(died("bert"), Mark(), home())
    assert together([one, one], home()) == one
    assert together([one, two, one], home()) == f"Granny: 2 things that could wait until now\n\n{one}\n\n{two}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", Topic)
def test_every_fault_can_be_told_in_every_language(topic: Topic, language: str) -> None:
    """Nothing is left to be filled in, and what is wrong with a setting is told as that."""
    for slug in CATALOGUE:
        news = News(topic=topic, slug=slug, urgency=Urgency.DIGEST, at=NIGHT, about="2026-11-20", count=2)
        text = letter(news, Mark(), home(language), unsaid=3)
        assert slug in text
        assert not {"{", "}"} & {*text}
        if slug in ("env-file-missing", "setting-invalid"):
            assert "python -m granny check" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_and_every_topic_has_the_same_in_every_language(language: str) -> None:
    words, english = LANGUAGES[language], LANGUAGES["en"]
    assert all(getattr(words, field.name) for field in fields(Words))
    assert (set(words.leads), set(words.abouts)) == (set(english.leads), set(english.abouts))
    assert set(words.leads) <= {topic.value for topic in Topic}
    assert set(words.abouts) <= set(faults.CATALOGUE)
    assert trial(home(language)).count("\n") == 1
