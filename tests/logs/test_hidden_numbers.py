"""Of a telephone number no log and no trace shows more than the last two digits, however and wherever it is written."""

from __future__ import annotations

import logging
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from granny.logs.numbers import last_digits, names_number, without_numbers
from granny.logs.redaction import Redaction

NUMBER = "+493023125017"
AS_WRITTEN = (NUMBER, "493023125017", "03023125017", "00493023125017")
"""E.164, the same without its plus, as within Germany, and as from abroad."""
PLACES = (
    "sip_{}",
    "the participant sip_{} has left",
    "room=phone_{}_x7YkPq2",
    "_{}_x7YkPq2",
    "room=phone_{}",
    "phone_{}_",
    "Phone {}",
    "sip:{}@192.0.2.1",
    "sips:{}@192.0.2.1;user=phone",
    "<tel:{}>",
)


def cleaned(message: str, **extra: object) -> str:
    record = logging.getLogger("livekit.agents").makeRecord(
        "livekit.agents", logging.INFO, __file__, 1, message, (), None, extra=extra
    )
    Redaction(()).filter(record)
    return repr(vars(record))


def digits_in(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("number", AS_WRITTEN)
def test_a_number_is_hidden_where_the_bridge_writes_it(number: str, place: str) -> None:
    shown = without_numbers(place.format(number))
    assert shown == place.format("\u202617")


@pytest.mark.parametrize("text", [NUMBER, f"a{NUMBER}b", f"['{NUMBER}']", f"{NUMBER}{NUMBER}", "+" + "1" * 30])
def test_a_number_with_its_plus_is_hidden_everywhere(text: str) -> None:
    assert len(digits_in(without_numbers(text))) <= 2 * text.count("+")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_number_is_hidden_in_an_address(times: int) -> None:
    """Its plus may have been percent-encoded again and again."""
    text = NUMBER
    for _ in range(times):
        text = quote(text)
    assert "3023125" not in without_numbers(f"GET /twirp/x?identity={text}")


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(PLACES))
def test_no_number_is_shown_to_its_third_digit_from_the_end(number: str, place: str) -> None:
    for written in (number, number.removeprefix("+")):
        assert number[-3:] not in without_numbers(place.format(written)).replace("192.0.2.1", "")


@pytest.mark.parametrize(
    "text",
    [
        "granny-7f3a91",
        "AJ_ABCD1234efgh",
        "RM_99999999abcd",
        "2026-11-27 20:31:03,123 INFO +0000",
        "sip_3f9a0c11d2e4b6a7",
        "took 1234567 ms",
        "http://127.0.0.1:8081/",
        "1e+100",
    ],
)
def test_what_is_no_number_stays_as_it_was(text: str) -> None:
    """A number that the bridge hides is a hash in the identity."""
    assert without_numbers(text) == text


@pytest.mark.parametrize("number", AS_WRITTEN)
def test_a_record_shows_no_number(number: str) -> None:
    """Neither in its text, nor in the values beside it, whatever they are and however deep."""
    shown = cleaned(
        f"participant sip_{number} joined",
        room=f"phone_{number}_x7Yk",
        participant={"identity": f"sip_{number}", "attributes": {"sip.phoneNumber": number}},
        attributes=[{"sip.trunkPhoneNumber": number, "sip.h.from": number, "sip.callID": "SCL_x7YkPq2"}],
        phone_number=number,
        sip_call_to=number,
        error=RuntimeError(f"sip:{number}@192.0.2.1: 486"),
    )
    assert "3125017" not in shown
    assert "SCL_x7YkPq2" in shown


def test_a_field_of_a_number_is_known_by_its_name() -> None:
    assert names_number("lk.sip.h.x-caller")
    assert names_number("sip.phoneNumber")
    assert not any(map(names_number, ("sip.callID", "lk.sip.callStatus", "number", "room", 7)))


def test_two_callers_can_be_told_apart() -> None:
    assert last_digits(NUMBER) == "\u202617" != last_digits("+493023125018")
