"""Whom a call is for is read from a dispatch of ours; another program's says nothing of it and does no harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from granny.rooms.dispatch import Way, job_metadata, person_of, way_of
from texts import ANY_TEXT


@given(ANY_TEXT, st.sampled_from([None, *Way]))
def test_what_a_dispatch_is_given_is_read_from_it(person: str, way: Way | None) -> None:
    metadata = job_metadata(person, way)
    assert person_of(metadata) == (person or None)
    assert way_of(metadata) is way


def test_a_dispatch_that_has_nothing_to_tell_carries_nothing() -> None:
    assert job_metadata() == ""


def test_what_a_telephones_dispatch_carries_is_what_rules_are_set_up_with() -> None:
    assert job_metadata(way=Way.PHONE) == '{"way": "phone"}'
    assert job_metadata("anna", Way.RING) == '{"person": "anna", "way": "ring"}'


@given(ANY_TEXT)
def test_any_other_text_names_nobody(metadata: str) -> None:
    assert person_of(metadata) is None
    assert way_of(metadata) is None


@pytest.mark.parametrize(
    "metadata", ["", "{}", "[]", "null", "1", '"person"', '{"person": 7}', '{"person": null}', "[" * 90_000, "1" * 9000]
)
def test_another_programs_metadata_names_nobody(metadata: str) -> None:
    assert person_of(metadata) is None


@pytest.mark.parametrize("metadata", ["", '{"way": "pigeon"}', '{"way": 7}', '{"way": null}', '{"way": ["phone"]}'])
def test_another_programs_metadata_names_no_way(metadata: str) -> None:
    assert way_of(metadata) is None
