"""The telephone's settings: her number and the addresses beside it, as LiveKit and providers write them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from granny.config.settings import Settings


def settings(**values: str) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE"} | values)


@pytest.mark.parametrize("told", ["+493023125000", "+49 30 23125000", "+49 (30) 2312-5000", "+49.30.23125000"])
def test_her_number_is_known_as_providers_write_it(told: str) -> None:
    assert settings(GRANNY_PHONE_NUMBER=told).phone_number == "+493023125000"


@pytest.mark.parametrize(
    "wrong", ["030 23125000", "493023125000", "+0 30 23125000", "+49", "Anna", "sip:granny@example"]
)
def test_a_number_without_its_country_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        settings(GRANNY_PHONE_NUMBER=wrong)


def test_her_number_is_in_no_list_of_the_settings() -> None:
    assert "23125000" not in repr(settings(GRANNY_PHONE_NUMBER="+49 30 23125000"))


@pytest.mark.parametrize(
    ("told", "networks"),
    [
        ("192.168.178.2", ("192.168.178.2/32",)),
        ("192.168.178.2,54.172.60.0/30 , fd00::1", ("192.168.178.2/32", "54.172.60.0/30", "fd00::1/128")),
        ("", ()),
    ],
)
def test_several_addresses_stand_with_commas_between_them(told: str, networks: tuple[str, ...]) -> None:
    assert settings(GRANNY_PHONE_IN_ADDRESSES=told).phone_networks == networks


@pytest.mark.parametrize("wrong", ["sip.example.com", "192.168.178.1/24", "192.168.178.2 192.168.178.3", "*"])
def test_what_is_no_network_is_refused(wrong: str) -> None:
    """LiveKit would pass over such an entry, and with it over the door that it should have been."""
    with pytest.raises(ValidationError):
        settings(GRANNY_PHONE_IN_ADDRESSES=wrong)


@pytest.mark.parametrize("address", ["granny.pstn.twilio.com", "192.168.178.2:5060", "[fd00::1]:5060", "fritz.box"])
def test_a_provider_is_a_host(address: str) -> None:
    assert settings(GRANNY_PHONE_OUT_ADDRESS=address).phone_out_address == address


@pytest.mark.parametrize("wrong", ["sip:granny.pstn.twilio.com", "sip.example.com;transport=tcp", "granny@example.com"])
def test_a_whole_sip_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        settings(GRANNY_PHONE_OUT_ADDRESS=wrong)
