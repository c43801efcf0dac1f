"""A telephone number is one, however it is written; without its country it is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from granny.people._numbers import e164

BERLIN = "+493023125000"


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 23125000",
        "+49 (0)30 23125000",
        "+49 (30) 231 25-000",
        "0049/30/23125000",
        "tel:+49-30-23125000",
        "+49.30.2312.5000",
        "\u00a0+49\u202f30\u201123125000 ",
        "\uff0b\uff14\uff19 30 23125000",
    ],
)
def test_one_number_has_one_form(text: str) -> None:
    assert e164(text) == BERLIN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "030 23125000",
        "23125000",
        "+0 30 23125000",
        "+49 30",
        "+49 30 23125000 1234",
        "+49 30 CALL-ANNA",
        "+",
        "1e9",
    ],
)
def test_what_cannot_be_rung_from_everywhere_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="country"):
        e164(text)


@given(st.integers(10**6, 10**14 - 1), st.lists(st.sampled_from(" -/.()\u00a0"), min_size=20, max_size=20))
def test_what_stands_between_the_digits_does_not_count(digits: int, between: list[str]) -> None:
    plain = f"+{digits}"
    written = plain[0] + "".join(f"{digit}{mark}" for digit, mark in zip(plain[1:], between, strict=False))
    assert e164(written.replace("(0)", "0")) == plain
