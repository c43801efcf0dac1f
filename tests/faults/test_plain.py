"""A family is told of every fault in its own language, with what to do; no language lacks an entry of another."""

from __future__ import annotations

import re

import pytest

from granny import faults
from granny.faults import plain
from granny.faults.plain import ENGLISH, LANGUAGES, advice, language_of

LINE_LOST = "line-lost"
"""An ending, and no fault: the caller's own line broke."""
LONGEST = 30
"""Words of what is wrong, or of what to do."""

every_language = pytest.mark.parametrize("language", LANGUAGES)


@every_language
def test_no_language_lacks_an_entry(language: str) -> None:
    assert set(LANGUAGES[language]) == set(LANGUAGES[ENGLISH])


@every_language
def test_every_entry_is_a_fault_s_a_line_s_or_an_ending_s(language: str) -> None:
    """Else nobody would ever read it."""
    lines = {fault.spoken for fault in faults.CATALOGUE.values()}
    assert set(LANGUAGES[language]) <= {*faults.CATALOGUE, *lines, LINE_LOST, "budget-spent"}


@every_language
@pytest.mark.parametrize("slug", [fault.slug for fault in faults.CATALOGUE.values() if fault.spoken])
def test_what_a_caller_hears_a_family_is_told(slug: str, language: str) -> None:
    said = advice(slug, language)
    assert {slug, faults.CATALOGUE[slug].spoken} & set(LANGUAGES[language])
    assert said.wrong.endswith(".")
    assert said.remedy


@every_language
def test_each_is_told_in_few_words(language: str) -> None:
    for slug, texts in LANGUAGES[language].items():
        for text in texts:
            assert 3 <= len(text.split()) <= LONGEST, slug


@every_language
def test_a_fault_of_its_own_outranks_that_of_its_line(language: str) -> None:
    assert advice("openai-spend-limit", language) != advice("openai-out-of-credit", language)
    assert advice("openai-out-of-credit", language) == advice("no-credit", language)


def test_of_what_nobody_has_heard_of_it_is_said_that_something_went_wrong() -> None:
    assert advice("no-such-fault", "en") == advice(plain.ANYTHING_ELSE, "en")


@pytest.mark.parametrize(("asked", "spoken"), [("de", "de"), ("de-AT", "de"), ("en-GB", "en"), ("nl", "en")])
def test_a_language_that_is_not_written_is_answered_in_english(asked: str, spoken: str) -> None:
    assert language_of(asked) == spoken


def test_german_is_german() -> None:
    for slug, texts in LANGUAGES["de"].items():
        assert not re.search(r"\b(the|and|is|of)\b", re.sub(r"„.*?“", "", " ".join(texts))), slug
