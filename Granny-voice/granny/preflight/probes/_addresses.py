"""The two addresses: what the worker and the OpenAI plugin would make of them."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from granny.faults import (
    LIVEKIT_UNENCRYPTED,
    LIVEKIT_URL_INVALID,
    OPENAI_BASE_URL_FOREIGN,
    OPENAI_BASE_URL_INVALID,
    Fault,
    Finding,
)
from granny.net.spelling import NOT_SHOWN, spells_secret
from granny.preflight.probes._networks import is_near
from granny.preflight.probes._reading import KEYS, OPENAI_URL, Reading, Value
from granny.preflight.probes._shapes import judge_shape

_SCHEMES = ("http", "https", "ws", "wss")
_PLAIN_SCHEMES = ("http", "ws")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  recognised here, nothing is bound
_WEBSITES = (
    "agents-playground.livekit.io",
    "cloud-api.livekit.io",
    "cloud.livekit.io",
    "docs.livekit.io",
    "livekit.com",
    "livekit.io",
    "meet.livekit.io",
    "www.livekit.io",
)
_TELEPHONES = ".sip.livekit.cloud"
_OPENAI_PATHS = ("/v1", "/openai/v1")
"""Where livekit-plugins-openai adds /realtime (`process_base_url`); it takes other paths as they are."""

_WHOLE = "/realtime"
_HOST = re.compile(r"[^\s/?#@\\,;]{1,253}")
_LONGEST_LABEL = 63
_WHO = re.compile(r"(?<=://)[^/?#]*@")


def judge_livekit_url(value: Value) -> Finding | None:
    """The first thing that keeps the worker from using LIVEKIT_URL, or None."""
    shape = judge_shape(value)
    if shape:
        return shape
    parts = _split(value.text)
    reason = parts if isinstance(parts, str) else _why_not_livekit(parts)
    return _invalid(value, LIVEKIT_URL_INVALID, reason) if reason else None


def _why_not_livekit(parts: SplitResult) -> str | None:
    if parts.hostname in _WEBSITES:
        return "it is LiveKit's website, not the server of a project"
    if (parts.hostname or "").endswith(_TELEPHONES):
        return "it is the project's address for telephones (SIP); the server's has no .sip in it"
    if parts.path not in {"", "/"}:
        return "it has a path after the server's name"
    if parts.hostname in _LOCAL_HOSTS and not parts.port and parts.scheme in _PLAIN_SCHEMES:
        return "it leads to this machine without a port; LiveKit's own is 7880"
    return None


def judge_base_url(reading: Reading) -> Finding | None:
    """What is wrong with OPENAI_BASE_URL, or the warning that it leads elsewhere; None if all is well."""
    value = reading.value(OPENAI_URL)
    if not value:
        return None
    if not value.text.strip():
        return _invalid(value, OPENAI_BASE_URL_INVALID, "it is set, and empty")
    return judge_shape(value) or _judge_openai_parts(value, reading)


def _judge_openai_parts(value: Value, reading: Reading) -> Finding | None:
    parts = _split(value.text)
    if isinstance(parts, str):
        return _invalid(value, OPENAI_BASE_URL_INVALID, parts)
    path = parts.path.rstrip("/")
    if path not in _OPENAI_PATHS and not path.endswith(_WHOLE):
        only = "it has more than /v1 after the server's name, and so must end in /v1/realtime"
        return _invalid(value, OPENAI_BASE_URL_INVALID, only if path.endswith("/v1") else "it does not end in /v1")
    if _is_openai(parts.hostname or ""):
        plain = parts.scheme in _PLAIN_SCHEMES
        reason = "it must begin with https://, or the key would travel unencrypted"
        return _invalid(value, OPENAI_BASE_URL_INVALID, reason) if plain else None
    return value.found(OPENAI_BASE_URL_FOREIGN, f"The host is {_shown_host(parts, reading)}.")


def judge_encryption(value: Value) -> Finding | None:
    """The warning that an address, which is fine otherwise, leads over the internet in the clear."""
    parts = _split(value.text)
    if isinstance(parts, str) or parts.scheme not in _PLAIN_SCHEMES or is_near(parts.hostname or ""):
        return None
    return value.found(LIVEKIT_UNENCRYPTED, f"It begins with {parts.scheme}://, and its host is a public one.")


def leads_near(value: Value) -> bool:
    """Whether an address leads to this machine or into a private network."""
    parts = _split(value.text.strip())
    return isinstance(parts, SplitResult) and is_near(parts.hostname or "")


def leads_elsewhere(reading: Reading) -> bool:
    """Whether the key goes to another server than OpenAI's, so that OpenAI's rules for keys do not hold."""
    value = reading.value(OPENAI_URL)
    parts = _split(_WHO.sub("", value.text.strip())) if value else ""  # a password in it changes no host
    return isinstance(parts, SplitResult) and not _is_openai(parts.hostname or "")


def _is_openai(host: str) -> bool:
    return host == "openai.com" or host.endswith(".openai.com")


def _split(text: str) -> SplitResult | str:
    """The parts of an address, or in our own words why it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "its host or its port cannot be read"
    wrong = (
        ("\\" in text, "it has a backslash in it"),
        ("://" not in text, "it does not begin with a scheme such as wss:// or https://"),
        (parts.scheme not in _SCHEMES, "its scheme is none of wss, ws, https, http"),
        (not _HOST.fullmatch(parts.hostname or ""), "there is no server's name after ://"),
        ("@" in parts.netloc, "it has a user name or a password in it"),
        (port == 0 or parts.netloc.endswith(":"), "there is no port after the colon"),
    )
    return next((reason for is_wrong, reason in wrong if is_wrong), parts)


def _invalid(value: Value, fault: Fault, reason: str) -> Finding:
    return value.found(fault, f"{reason[0].upper()}{reason[1:]} ({value.size}).")


def _shown_host(parts: SplitResult, reading: Reading) -> str:
    """The host, unless a piece of a key is in it."""
    host = parts.hostname or ""
    hidden = spells_secret(host, (value.text for value in map(reading.value, KEYS) if value))
    too_long = any(len(label) > _LONGEST_LABEL for label in host.split("."))
    return NOT_SHOWN if hidden or too_long or host.startswith("sk-") else host
