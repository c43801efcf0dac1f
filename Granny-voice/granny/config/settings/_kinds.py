"""The kinds of values: what each may be, for the machine and in words for a person."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, HttpUrl, StringConstraints

from granny.config import hours


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a pattern means, for a person."""

    words: str


Word = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]*$", max_length=64),
    Allowed("one word that begins with a letter: letters, digits, dots, hyphens, underscores; at most 64"),
]
ModelName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$", max_length=200),
    Allowed("a model's name: letters, digits and . _ : / @ - without a space; at most 200"),
]
"""Other servers than OpenAI's have names such as `openai/gpt-realtime`."""

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\n\r]+$"),
    Allowed("one line of 1 to 40 characters"),
]
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"),
    Allowed("a language's short name: en, de, pt-BR"),
]
Speed = Annotated[float, Ge(0.25), Le(1.5)]

PhoneNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[0-9](?:[0-9 ]{0,18}[0-9])$"),
    Allowed("2 to 20 digits as one dials them there, with spaces or without: 112, 0800 111 0 111"),
]

_BETWEEN_DIGITS = re.compile(r"[\s()./-]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def _international(text: str) -> str:
    """As ITU-T's E.164 has it."""
    digits = _BETWEEN_DIGITS.sub("", text)
    if not _E164.fullmatch(digits):
        msg = "no number with its country's code"
        raise ValueError(msg)
    return digits


TelephoneNumber = Annotated[
    str,
    AfterValidator(_international),
    Allowed("a telephone number with its country's code, as in +49 30 23125000"),
]


def _is_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:  # OSError: a folder of theirs, as Europe is one
        msg = "no time zone"
        raise ValueError(msg) from error
    return name


TimeZone = Annotated[
    str, AfterValidator(_is_time_zone), Allowed("the name of a time zone: Europe/Berlin, America/New_York")
]


def _are_hours(text: str) -> str:
    if not hours.PATTERN.fullmatch(text.strip()):
        msg = "no hours"
        raise ValueError(msg)
    return text.strip()


Hours = Annotated[
    str, AfterValidator(_are_hours), Allowed("hours of the day with commas between them: 7:00-12:00, 14:00-21:30")
]
Region = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{2}$"),
    Allowed("a country's two letters, as in DE, GB, US"),
]
Strangers = Literal["turn-away", "greet"]
Patience = Literal["off", "short", "normal", "long"]
HearingManner = Literal["off", "soft", "strong"]
Eagerness = Literal["low", "medium", "high", "auto"]
Minutes = Annotated[float, Gt(0), Le(720)]
NoCallDays = Annotated[int, Ge(0), Le(365)]
Consent = Literal["on", "off"]
DispatchName = Annotated[
    str, StringConstraints(pattern=r"^\S*$", max_length=100), Allowed("at most 100 characters without a space")
]

NOTES_LIMIT = 8 * 1024
"""The most bytes of the family's notes: about two pages, which cost about 2,000 tokens a call."""


def _is_short(text: str) -> str:
    if len(text.encode()) > NOTES_LIMIT:
        msg = "too long"
        raise ValueError(msg)
    return text


Notes = Annotated[
    str, AfterValidator(_is_short), Allowed(f"text of at most {NOTES_LIMIT // 1024} kB, which is about two pages")
]


def _is_address(text: str) -> str:
    ip_address(text)
    return text


Address = Annotated[
    str,
    AfterValidator(_is_address),
    Allowed("an IP address: 127.0.0.1 for this machine alone, 0.0.0.0 for every IPv4 address, :: for every address"),
]


def _networks(text: str) -> str:
    """One space after each comma."""
    return ", ".join(str(ip_network(part.strip())) for part in text.split(","))


Networks = Annotated[
    str,
    AfterValidator(_networks),
    Allowed("IP addresses or networks with commas between them: 192.168.178.2, 54.172.60.0/30"),
]
Host = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$"
    ),
    Allowed("a host's name or IP address, with a port or without: granny.pstn.twilio.com, 192.168.178.2:5060"),
]


def named(host: str) -> str:
    """An address as it stands in a URL; where all of this machine's are meant, the nearest."""
    address = ip_address(host)
    if address.is_unspecified:
        return "127.0.0.1"
    return f"[{address}]" if isinstance(address, IPv6Address) else host


def _origin(text: str) -> str:
    """As a browser writes it: small letters, no port where it is the usual one, no slash at the end."""
    url = HttpUrl(text)
    more = (url.username, url.password, url.query, url.fragment)
    if url.path != "/" or any(part is not None for part in more):
        msg = "more than an origin"
        raise ValueError(msg)
    return str(url).removesuffix("/")


Origin = Annotated[
    str,
    AfterValidator(_origin),
    Allowed("an address without a path, as in https://granny.example or http://127.0.0.1:8080"),
]


def _at_home(path: Path) -> Path:
    """With ~ or ~name replaced by the home folder, if there is one."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  Path.expanduser raises where there is none


Place = Annotated[Path, AfterValidator(_at_home)]
"""A file or a folder; ~ is the home folder."""
