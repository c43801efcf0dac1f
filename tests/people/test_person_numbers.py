"""A telephone number is one, however it is written, and by whomever; without its country it is none."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from granny.people import numbers_of_call
from granny.people._numbers import e164

BERLIN = "+493023125000"
LONDON = "+442079460123"
EXAMPLES = {
    region: number
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number(region))
}
"""Of each country a number of the kind that it gives: the library's own."""


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
        "+1 555 0123",
        "+999 30 23125000",
        "+49 30 23125000 1234",
        "+49 30 CALL-ANNA",
        "+49 30 23125000 ext. 5",
        "+",
        "1e9",
    ],
)
def test_what_cannot_be_rung_from_everywhere_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="country"):
        e164(text)


def written(number: phonenumbers.PhoneNumber, form: int) -> str:
    return phonenumbers.format_number(number, form)


@given(st.sampled_from(list(EXAMPLES.values())), st.lists(st.sampled_from(" -/.()\u00a0"), min_size=20, max_size=20))
def test_what_stands_between_the_digits_does_not_count(number: phonenumbers.PhoneNumber, between: list[str]) -> None:
    plain = written(number, phonenumbers.PhoneNumberFormat.E164)
    spread = plain[0] + "".join(f"{digit}{mark}" for digit, mark in zip(plain[1:], between, strict=False))
    assert e164(spread.replace("(0)", "0")) == plain


@pytest.mark.parametrize("region", EXAMPLES)
def test_every_country_writes_its_numbers_in_its_own_way(region: str) -> None:
    """As it is dialled there, with the country's code, and with it but without its plus: what providers write."""
    number = EXAMPLES[region]
    plain = written(number, phonenumbers.PhoneNumberFormat.E164)
    for form in (
        written(number, phonenumbers.PhoneNumberFormat.NATIONAL),
        written(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
        written(number, phonenumbers.PhoneNumberFormat.RFC3966),
    ):
        assert plain in numbers_of_call(form, region), form
    assert numbers_of_call(plain, region) == (plain,)
    assert numbers_of_call(plain.removeprefix("+"), None) == (plain,)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("03023125000", "DE", BERLIN),
        ("3023125000", "DE", BERLIN),
        ("493023125000", "DE", BERLIN),
        ("493023125000", "GB", BERLIN),
        ("493023125000", None, BERLIN),
        ("00493023125000", "US", BERLIN),
        ("02079460123", "GB", LONDON),
        ("442079460123", "DE", LONDON),
        ("12025550123", "US", "+12025550123"),
        ("2025550123", "US", "+12025550123"),
        ("12025550123", "DE", "+12025550123"),
    ],
)
def test_a_number_that_calls_may_lack_its_country_or_its_plus(text: str, region: str | None, number: str) -> None:
    assert number in numbers_of_call(text, region)


@pytest.mark.parametrize("text", ["", "anonymous", "Anonymous", "unknown", "Restricted", "+anonymous", "**620", "620"])
@pytest.mark.parametrize("region", ["DE", "US", None])
def test_a_withheld_number_is_none(text: str, region: str | None) -> None:
    """Nor is the short one of a telephone in the same house: it can be anybody's."""
    assert numbers_of_call(text, region) == ()


def test_a_national_number_is_none_where_no_country_is_known() -> None:
    assert numbers_of_call("03023125000", None) == ()
