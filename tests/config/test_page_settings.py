"""Her page's settings: how it is reached, and where what must last is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from granny.config import user_folders
from granny.config.settings import Settings

KEY = "sk-FAKE"


def settings(**values: str) -> Settings:
    return Settings.model_validate({"OPENAI_API_KEY": KEY} | values)


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"GRANNY_PAGE_PORT": "9000"}, "http://127.0.0.1:9000"),
        ({"GRANNY_PAGE_HOST": "::1"}, "http://[::1]:8080"),
        ({"GRANNY_PAGE_HOST": "0.0.0.0"}, "http://127.0.0.1:8080"),  # noqa: S104  read, not bound
        ({"GRANNY_PAGE_HOST": "::"}, "http://127.0.0.1:8080"),
        ({"GRANNY_PAGE_HOST": "192.168.1.5"}, "http://192.168.1.5:8080"),
        ({"GRANNY_PAGE_URL": "https://granny.example", "GRANNY_PAGE_HOST": "::1"}, "https://granny.example"),
    ],
)
def test_without_an_address_of_its_own_it_is_reached_at_this_machine(values: dict[str, str], address: str) -> None:
    assert settings(**values).page_address == address


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("https://granny.example/", "https://granny.example"),
        ("HTTPS://Granny.Example:443", "https://granny.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://oma-küche.example", "https://xn--oma-kche-b6a.example"),
        ("https://tablet.tail1234.ts.net", "https://tablet.tail1234.ts.net"),
    ],
)
def test_it_is_written_as_a_browser_does(told: str, read: str) -> None:
    assert settings(GRANNY_PAGE_URL=told).page_address == read


@pytest.mark.parametrize(
    "wrong",
    [
        "granny.example",
        "wss://granny.example",
        "https://",
        "https://granny.example/talk",
        "https://granny.example/?a",
        "https://granny.example/#x",
        "https://anna:pw@granny.example",
        "https://granny.example:99999",
    ],
)
def test_an_address_with_more_or_less_than_an_origin_is_none(wrong: str) -> None:
    with pytest.raises(ValidationError) as error:
        settings(GRANNY_PAGE_URL=wrong)
    assert [detail["loc"] for detail in error.value.errors()] == [("GRANNY_PAGE_URL",)]


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("", []),
        ("10.0.0.7", ["10.0.0.7/32"]),
        ("172.16.0.0/12, fd00::/8", ["172.16.0.0/12", "fd00::/8"]),
    ],
)
def test_proxies_that_are_believed_are_addresses_and_networks(told: str, read: list[str]) -> None:
    assert list(map(str, settings(GRANNY_PAGE_PROXIES=told).page_believes)) == read


@pytest.mark.parametrize("wrong", ["caddy", "10.0.0.0/33", "172.18.0.1/16", "10.0.0.1;10.0.0.2", ","])
def test_a_proxys_name_is_no_address(wrong: str) -> None:
    with pytest.raises(ValidationError) as error:
        settings(GRANNY_PAGE_PROXIES=wrong)
    assert [detail["loc"] for detail in error.value.errors()] == [("GRANNY_PAGE_PROXIES",)]


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_out_of_range_is_none(port: str) -> None:
    with pytest.raises(ValidationError):
        settings(GRANNY_PAGE_PORT=port)


def test_what_must_last_is_where_it_is_told_else_in_the_user_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_folders, "data_folder", lambda: None)
    assert settings().data_place is None
    assert settings(GRANNY_DATA_FOLDER="/srv/granny").data_place == Path("/srv/granny").absolute()
    assert settings(GRANNY_DATA_FOLDER="data").data_place == Path.cwd() / "data"


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/x/data", "HOME": "/home/rosa"}, "/x/data/granny"),
        ("linux", {"XDG_DATA_HOME": "relative", "HOME": "/home/rosa"}, "/home/rosa/.local/share/granny"),
        ("linux", {"XDG_DATA_HOME": "", "HOME": "nowhere"}, None),
        ("darwin", {"XDG_DATA_HOME": "/x", "HOME": "/Users/rosa"}, "/Users/rosa/Library/Application Support/granny"),
        ("win32", {"LOCALAPPDATA": "/x/local", "HOME": "/home/rosa"}, "/x/local/granny"),
        ("win32", {"LOCALAPPDATA": "", "HOME": "/home/rosa"}, "/home/rosa/AppData/Local/granny"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the paths of the table are POSIX's")
def test_each_system_has_its_place_for_what_must_last(
    monkeypatch: pytest.MonkeyPatch, system: str, variables: dict[str, str], expected: str | None
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert user_folders.data_folder() == (Path(expected) if expected else None)
