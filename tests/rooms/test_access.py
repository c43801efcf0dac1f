"""What is asked of LiveKit is asked with the settings' address, key and secret, whatever the environment says."""

from __future__ import annotations

import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from livekit import api

from granny.config.settings import Settings
from granny.rooms.access import Access, delete_room

KEY, SECRET = "APIFAKEfakeFAKE", "livekitFAKEsecret" * 2
LIVEKIT = {"LIVEKIT_URL": "ws://127.0.0.1:1", "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET}


def access(**more: str) -> Access:
    return Access.of(Settings.model_validate({"OPENAI_API_KEY": "invented", **LIVEKIT, **more}))


@pytest.mark.parametrize("missing", LIVEKIT)
def test_it_takes_all_three(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        access(**{missing: ""})


def test_nothing_of_it_is_shown() -> None:
    assert repr(access()) == "Access()"


async def test_a_room_is_ended_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may name another server, or none: a worker is told its own on the command line, too."""
    for name in LIVEKIT:
        monkeypatch.setenv(name, "another")
    asked: list[tuple[str, str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        body = api.DeleteRoomRequest.FromString(await request.read())
        asked.append((request.path, body.room, request.headers["Authorization"]))
        return web.Response(body=b"")

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with TestServer(app) as server:
        await delete_room("kitchen", access(LIVEKIT_URL=str(server.make_url("/"))))
    [(path, room, bearer)] = asked
    assert (path.rpartition("/")[2], room) == ("DeleteRoom", "kitchen")
    claims = api.TokenVerifier(KEY, SECRET).verify(bearer.removeprefix("Bearer "))
    assert claims.video
    assert claims.video.room_create


async def test_that_it_cannot_be_done_is_logged_by_its_type(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="granny.rooms"):
        await delete_room("kitchen", access())
    [record] = caplog.records
    assert record.getMessage() == "room not ended"
    assert vars(record)["error"] == "ClientConnectorError"
