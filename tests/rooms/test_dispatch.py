"""Whom a call is for is read from a dispatch of ours; another program's says nothing of it and does no harm."""

from __future__ import annotations

import pytest
from hypothesis import given

from granny.rooms.dispatch import job_metadata, person_of
from texts import ANY_TEXT


@given(ANY_TEXT)
def test_what_a_dispatch_is_given_is_read_from_it(person: str) -> None:
    assert person_of(job_metadata(person)) == person


@given(ANY_TEXT)
def test_any_other_text_names_nobody(metadata: str) -> None:
    assert person_of(metadata) is None


@pytest.mark.parametrize(
    "metadata", ["", "{}", "[]", "null", "1", '"person"', '{"person": 7}', '{"person": null}', "[" * 90_000, "1" * 9000]
)
def test_another_programs_metadata_names_nobody(metadata: str) -> None:
    assert person_of(metadata) is None
