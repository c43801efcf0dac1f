"""A link lets one caller into one room of its own, for ten minutes, to speak and to hear."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from granny.config.settings import Settings
from granny.rooms.tokens import join_link

SECRET = "livekitFAKEsecret" * 2
VARIABLES = {
    "OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10,
    "LIVEKIT_URL": "wss://livekit.invalid",
    "LIVEKIT_API_KEY": "APIFAKEfakeFAKE",
    "LIVEKIT_API_SECRET": SECRET,
}


def claims(person: str = "", **more: str) -> dict[str, Any]:
    query = parse_qs(urlsplit(join_link(Settings.model_validate(VARIABLES | more), person)).query)
    assert query["liveKitUrl"] == ["wss://livekit.invalid"]
    decoded: dict[str, Any] = jwt.decode(query["token"][0], SECRET, algorithms=["HS256"])
    return decoded


def test_it_is_for_a_microphone_and_nothing_else() -> None:
    grants = claims()["video"]
    assert grants["roomJoin"]
    assert grants["canPublishSources"] == ["microphone"]
    assert grants["canPublishData"] is False
    assert grants["canSubscribe"]
    assert not {"roomAdmin", "roomCreate", "roomList", "canUpdateOwnMetadata", "hidden", "agent"} & set(grants)


def test_it_is_good_for_ten_minutes() -> None:
    told = claims()
    assert told["exp"] - told["nbf"] == 600


def test_each_has_a_room_and_a_caller_of_its_own_that_nobody_can_guess() -> None:
    told = [claims() for _ in range(20)]
    for values in ({one["video"]["room"] for one in told}, {one["sub"] for one in told}):
        assert len(values) == 20
        assert min(len(value.rpartition("-")[2]) for value in values) >= 32


def test_the_room_lets_one_caller_in() -> None:
    assert claims()["roomConfig"]["maxParticipants"] == 1
    assert "agents" not in claims()["roomConfig"]


def test_she_is_sent_for_by_her_name_if_she_has_one() -> None:
    config = claims(GRANNY_AGENT_NAME="nana")["roomConfig"]
    assert config["agents"] == [{"agentName": "nana"}]
    assert config["maxParticipants"] == 1


def test_whom_the_call_is_for_is_signed_in_her_dispatch_and_stands_nowhere_else() -> None:
    """Not in the caller's own attributes, metadata or name, which a client may be allowed to change."""
    told = claims("anna")
    (agent,) = told["roomConfig"]["agents"]
    assert agent == {"metadata": '{"person": "anna"}'}
    assert not {"attributes", "metadata", "name"} & set(told)
    assert "anna" not in told["sub"] + told["video"]["room"]
    (named,) = claims("anna", GRANNY_AGENT_NAME="nana")["roomConfig"]["agents"]
    assert named == {"agentName": "nana", "metadata": '{"person": "anna"}'}
