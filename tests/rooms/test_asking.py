"""What is asked of LiveKit's rooms, on the wire: a server that answers as LiveKit does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from google.protobuf.message import Message
from livekit import api
from livekit.protocol.agent_dispatch import AgentDispatch, ListAgentDispatchResponse
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.room import PerformRpcRequest, RoomConfiguration

from granny.rooms import asking
from granny.rooms.access import Access
from granny.rooms.asking import TROUBLES, LiveKitRooms
from granny.rooms.knocking import Answer
from granny.rooms.tokens import Invitation

KEY, SECRET = "devkey", "secret" * 6


@dataclass
class Server:
    """Answers each method as it is told to; what came in stands in `asked`, as method and body."""

    answers: dict[str, Message | tuple[int, str] | str] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    grants: list[api.VideoGrants] = field(default_factory=list)
    url: str = ""
    silent: int = 0
    """So many of the next requests are not answered."""

    async def answer(self, request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        self.asked.append((method, await request.read()))
        claims = api.TokenVerifier(KEY, SECRET).verify(request.headers["Authorization"].removeprefix("Bearer "))
        assert claims.video
        self.grants.append(claims.video)
        self.silent -= 1
        if self.silent >= 0:
            await asyncio.Event().wait()
        said = self.answers[method]
        if isinstance(said, str):
            return web.Response(status=503, text=said)
        if isinstance(said, tuple):
            return web.json_response({"code": said[1], "msg": "no"}, status=said[0])
        return web.Response(body=said.SerializeToString(), content_type="application/protobuf")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    runner = web.ServerRunner(
        web.Server(made.answer),  # type: ignore[arg-type]  # of a request at its lowest
        shutdown_timeout=0.1,
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"ws://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def rooms(server: Server) -> AsyncIterator[LiveKitRooms]:
    async with aiohttp.ClientSession() as session:
        yield LiveKitRooms(session, Access(server.url, KEY, SECRET))


async def test_rooms_and_who_is_in_them_and_whom_livekit_has_sent(server: Server, rooms: LiveKitRooms) -> None:
    server.answers = {
        "ListRooms": api.ListRoomsResponse(rooms=[Room(name="kitchen", sid="RM_1")]),
        "ListParticipants": api.ListParticipantsResponse(participants=[ParticipantInfo(sid="PA_1")]),
        "ListDispatch": ListAgentDispatchResponse(agent_dispatches=[AgentDispatch(id="AD_1")]),
    }
    assert [room.sid for room in await rooms.all()] == ["RM_1"]
    assert [one.sid for one in (await rooms.occupants("kitchen")).everybody] == ["PA_1"]
    assert [one.id for one in await rooms.dispatches("kitchen")] == ["AD_1"]


def invitations() -> Iterator[Invitation]:
    for number in itertools.count(1):
        yield Invitation(f"room-{number}", f"token-{number}", RoomConfiguration(max_participants=1))


@pytest.mark.parametrize("silent", [0, 2, 4])
async def test_where_a_node_that_died_was_given_the_room_another_one_is_asked_for(
    server: Server, rooms: LiveKitRooms, monkeypatch: pytest.MonkeyPatch, silent: int
) -> None:
    monkeypatch.setattr(asking, "_A_NODE_SECONDS", (0.05,) * 4)
    server.answers["CreateRoom"] = Room(name="made")
    server.silent = silent
    invited = invitations()
    invitation = await rooms.open(lambda: next(invited))
    assert invitation.room == f"room-{silent + 1}"
    asked = [api.CreateRoomRequest.FromString(body) for _, body in server.asked]
    assert [(room.name, room.max_participants) for room in asked] == [(f"room-{n + 1}", 1) for n in range(silent + 1)]


async def test_livekit_that_makes_no_room_at_all_is_a_trouble(
    server: Server, rooms: LiveKitRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once where it says so, and at last where it does not."""
    monkeypatch.setattr(asking, "_A_NODE_SECONDS", (0.05,) * 4)
    monkeypatch.setattr(asking, "_PATIENCE_SECONDS", 0.05)
    server.answers["CreateRoom"] = (401, "unauthenticated")
    invited = invitations()
    with pytest.raises(api.TwirpError):
        await rooms.open(lambda: next(invited))
    assert len(server.asked) == 1
    server.silent = 99
    with pytest.raises(asyncio.TimeoutError):
        await rooms.open(lambda: next(invited))
    assert len(server.asked) == 6


async def test_a_worker_signs_up_with_a_caller(server: Server, rooms: LiveKitRooms) -> None:
    server.answers["UpdateParticipant"] = ParticipantInfo()
    await rooms.sign_up("kitchen", "caller", "AW_1")
    [(_, body)] = server.asked
    assert api.UpdateParticipantRequest.FromString(body) == api.UpdateParticipantRequest(
        room="kitchen", identity="caller", attributes={"granny.coming": "AW_1"}
    )


@pytest.mark.parametrize("said", [api.RemoveParticipantResponse(), (404, "not_found"), (503, "unavailable")])
async def test_who_is_in_no_room_any_more_need_not_be_put_out(
    server: Server, rooms: LiveKitRooms, said: Message | tuple[int, str]
) -> None:
    server.answers["RemoveParticipant"] = said
    await rooms.put_out("kitchen", "agent-1")
    [(_, body)] = server.asked
    assert api.RoomParticipantIdentity.FromString(body).identity == "agent-1"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ((400, "invalid_argument"), Answer.THERE),
        (ParticipantInfo(), Answer.THERE),
        ((408, "canceled"), Answer.SILENT),
        ((503, "unavailable"), Answer.UNKNOWN_TO_ALL),
        ((404, "not_found"), Answer.UNKNOWN_TO_ALL),
        ((404, "bad_route"), Answer.UNTOLD),
        ((500, "internal"), Answer.UNTOLD),
        ((501, "unimplemented"), Answer.UNTOLD),
        ("<html>no server is available</html>", Answer.UNTOLD),
        ("[]", Answer.UNTOLD),
    ],
)
async def test_what_comes_of_a_knock(
    server: Server, rooms: LiveKitRooms, said: Message | tuple[int, str] | str, answer: Answer
) -> None:
    """There is nobody who has such a method; an older LiveKit does not know the request itself."""
    server.answers["PerformRpc"] = said
    assert await rooms.knock("kitchen", "agent-1") is answer
    [(_, body)] = server.asked
    request = PerformRpcRequest.FromString(body)
    assert (request.room, request.destination_identity, request.method) == ("kitchen", "agent-1", "granny.knock")
    [grants] = server.grants
    assert (grants.room_admin, grants.room, bool(grants.room_join)) == (True, "kitchen", False)


async def test_where_nobody_listens_a_knock_tells_nothing() -> None:
    async with aiohttp.ClientSession() as session:
        rooms = LiveKitRooms(session, Access("ws://127.0.0.1:9", KEY, SECRET))
        assert await rooms.knock("kitchen", "agent-1") is Answer.UNTOLD
        with pytest.raises(TROUBLES):
            await rooms.all()


@pytest.mark.parametrize(
    ("status", "page"), [(200, "<html>sign in</html>"), (500, "[]"), (500, '"no"'), (502, "<html>")]
)
async def test_what_is_no_answer_of_livekits_is_a_trouble_as_any(status: int, page: str) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=status, text=page, content_type="application/json" if status == 500 else "text/html")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        rooms = LiveKitRooms(session, Access(f"ws://127.0.0.1:{runner.addresses[0][1]}", KEY, SECRET))
        with pytest.raises(TROUBLES):
            await rooms.all()
    await runner.cleanup()


async def test_a_question_has_its_patience(rooms: LiveKitRooms, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("granny.rooms.asking._PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(type(rooms.api.room), "list_rooms", hangs)
    with pytest.raises(asyncio.TimeoutError):
        await rooms.all()


@pytest.mark.parametrize(
    ("url", "is_cloud"),
    [
        ("wss://granny-1.livekit.cloud", True),
        ("wss://livekit.cloud.example.org", False),
        ("ws://127.0.0.1:7880", False),
        ("wss://livekit.example.org/livekit.cloud", False),
    ],
)
async def test_livekits_cloud_is_known_by_its_address(url: str, is_cloud: bool) -> None:  # noqa: FBT001  a column
    async with aiohttp.ClientSession() as session:
        assert LiveKitRooms(session, Access(url, KEY, SECRET)).is_cloud is is_cloud
