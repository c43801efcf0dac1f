"""What is said of the two addresses, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from granny.faults import Finding, Severity
from granny.preflight.probes._addresses import (
    judge_base_url,
    judge_encryption,
    judge_livekit_url,
    leads_elsewhere,
    leads_near,
)
from granny.preflight.probes._reading import CONNECTING, Reading, Value

LIVEKIT, OPENAI = "LIVEKIT_URL", "OPENAI_BASE_URL"
SECRET = "q7Zk2mN4xY8wP1rT"
WEBSITE = "It is LiveKit's website, not the server of a project"
SCHEME = "It does not begin with a scheme such as wss:// or https://"
NO_NAME = "There is no server's name after ://"
LOCAL = "It leads to this machine without a port; LiveKit's own is 7880"
NO_PORT = "There is no port after the colon"
PASSWORD = "It has a user name or a password in it"
CLEAR = "It must begin with https://, or the key would travel unencrypted"


def reading(address: str | None, **environ: str) -> Reading:
    environ |= {} if address is None else {OPENAI: address}
    return Reading(files=(), environ=environ, needed=CONNECTING, known=CONNECTING, local=Path(".env.local"))


def livekit(address: str) -> Finding | None:
    return judge_livekit_url(Value(LIVEKIT, address, ".env.local:2"))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("wss://agents-playground.livekit.io", WEBSITE),
        ("https://cloud-api.livekit.io", WEBSITE),
        ("https://cloud.livekit.io/projects/p_abc", WEBSITE),
        ("https://docs.livekit.io", WEBSITE),
        ("https://LiveKit.com", WEBSITE),
        ("https://livekit.io", WEBSITE),
        ("https://meet.livekit.io", WEBSITE),
        ("https://www.livekit.io", WEBSITE),
        (
            "wss://a.sip.livekit.cloud",
            "It is the project's address for telephones (SIP); the server's has no .sip in it",
        ),
        ("wss://a.livekit.cloud/rtc", "It has a path after the server's name"),
        ("ws://localhost", LOCAL),
        ("http://127.0.0.1/", LOCAL),
        ("ws://[::1]", LOCAL),
        ("http://0.0.0.0", LOCAL),
        ("ws://[::1:7880", "Its host or its port cannot be read"),
        ("ws://a:port", "Its host or its port cannot be read"),
        ("ws:\\\\a", "It has a backslash in it"),
        ("a.livekit.cloud", SCHEME),
        ("tcp://a", "Its scheme is none of wss, ws, https, http"),
        ("wss://", NO_NAME),
        ("wss://a,b", NO_NAME),
        ("wss://u:p@a", PASSWORD),
        ("ws://a:", NO_PORT),
        ("ws://a:0", NO_PORT),
    ],
)
def test_an_address_that_leads_to_no_livekit_server_says_why(address: str, reason: str) -> None:
    """In our own words, with its length and nothing else of it."""
    finding = livekit(address)
    assert finding is not None
    assert (finding.fault.slug, finding.variable, finding.where) == ("livekit-url-invalid", LIVEKIT, ".env.local:2")
    assert finding.evidence == f"{reason} ({len(address)} characters)."


def test_of_an_address_its_shape_is_judged_first() -> None:
    finding = livekit("<wss://granny-test.livekit.cloud/x>")
    assert finding is not None
    assert finding.fault.slug == "value-pasted-wrong"


@pytest.mark.parametrize(
    "address",
    [
        "ws://localhost:7880",
        "wss://localhost",
        "https://[::1]/",
        "WSS://a.livekit.cloud/",
        "ws://a:80",
        "http://sip.livekit.cloud",
        "wss://" + "a" * 253,
        "https://127.0.0.1",
    ],
)
def test_an_address_of_a_livekit_server_is_not_mentioned(address: str) -> None:
    assert livekit(address) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "It is set, and empty"),
        ("  ", "It is set, and empty"),
        ("api.openai.com/v1", SCHEME),
        ("https://api.openai.com", "It does not end in /v1"),
        ("https://a.test/v1/chat", "It does not end in /v1"),
        ("https://a.test/v1X", "It does not end in /v1"),
        ("https://a.test/x/v1", "It has more than /v1 after the server's name, and so must end in /v1/realtime"),
        ("https://a.test/x/v1/", "It has more than /v1 after the server's name, and so must end in /v1/realtime"),
        ("http://api.openai.com/v1", CLEAR),
        ("ws://openai.com/openai/v1", CLEAR),
    ],
)
def test_a_base_url_that_cannot_be_used_says_why(address: str, reason: str) -> None:
    finding = judge_base_url(reading(address))
    assert finding is not None
    assert (finding.fault.slug, finding.variable, finding.where) == ("openai-base-url-invalid", OPENAI, "environment")
    assert finding.evidence == f"{reason} ({len(address)} characters)."


@pytest.mark.parametrize(
    "address", [None, "https://api.openai.com/v1", "wss://eu.api.openai.com/v1/", "https://openai.com/x/v1/realtime"]
)
def test_openais_own_address_is_not_mentioned(address: str | None) -> None:
    assert judge_base_url(reading(address)) is None


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("gate.test", "gate.test"),
        ("xopenai.com", "xopenai.com"),
        ("sk-gate.test", "not shown, for it seems to hold a key"),
        (f"{SECRET[:8]}.test", "not shown, for it seems to hold a key"),
        (f"{SECRET[:7]}.test", f"{SECRET[:7].lower()}.test"),
        (f"{'a' * 63}.test", f"{'a' * 63}.test"),
        (f"a.{'a' * 64}", "not shown, for it seems to hold a key"),
        ("ask-me.test", "ask-me.test"),
    ],
)
@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
def test_another_server_is_named_unless_a_key_is_in_its_name(host: str, shown: str, name: str) -> None:
    finding = judge_base_url(reading(f"https://{host}/v1", **{name: SECRET}))
    assert finding is not None
    assert (finding.fault.slug, finding.severity) == ("openai-base-url-foreign", Severity.WARNING)
    assert finding.evidence == f"The host is {shown}."


@pytest.mark.parametrize(
    ("address", "evidence"),
    [
        ("ws://a.example.com", "It begins with ws://, and its host is a public one."),
        ("HTTP://8.8.8.8/v1", "It begins with http://, and its host is a public one."),
        ("wss://a.example.com", None),
        ("https://a.example.com", None),
        ("ws://localhost", None),
        ("ws://192.168.1.5:7880", None),
        ("ws://a.example.com:port", None),
    ],
)
def test_what_travels_in_the_clear_is_warned_of(address: str, evidence: str | None) -> None:
    """Over the internet, that is; of an address that is none nothing more is said."""
    finding = judge_encryption(Value(LIVEKIT, address, ".env.local:2"))
    assert (finding and finding.evidence) == evidence


@pytest.mark.parametrize(
    ("address", "near"),
    [
        (" ws://localhost:7880 ", True),
        ("http://10.0.0.1/v1", True),
        ("wss://a.example.com", False),
        ("localhost", False),
    ],
)
def test_a_near_address_is_known(address: str, near: bool) -> None:  # noqa: FBT001  a column of the table
    assert leads_near(Value(LIVEKIT, address, "")) is near


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [
        (None, False),
        ("https://api.openai.com/v1", False),
        (" https://u:p@openai.com/v1 ", False),
        ("https://u:p@gate.test/v1", True),
        ("https://gate.test", True),
        ("gate.test", False),
        ("https://openai.com.test/v1", True),
    ],
)
def test_whose_key_is_asked_for_is_known(address: str | None, elsewhere: bool) -> None:  # noqa: FBT001  as above
    """Another server's; of what is no address OpenAI's rules hold, and a password in it changes no host."""
    assert leads_elsewhere(reading(address)) is elsewhere
