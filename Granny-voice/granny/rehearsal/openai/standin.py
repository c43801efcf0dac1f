"""The stand-in for OpenAI on 127.0.0.1: the door (HTTP, keys, models), behind which a `Connection` talks."""

import asyncio
import hmac
from dataclasses import asdict
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from openai.types import Model
from pydantic import TypeAdapter
from typing_extensions import Self

from granny.rehearsal.openai.connection import Connection
from granny.rehearsal.openai.errors import NO_KEY, NO_MODEL, WireError, unknown_model, wrong_key
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.record import ConnectionRecord
from granny.rehearsal.openai.script import HttpAnswer, Opening, Script, rule_for_connection
from granny.rehearsal.openai.wire import Wire, build_models

HOST = "127.0.0.1"
_OWN_NAMES = {HOST, "localhost", "::1"}
BIGGEST_FRAME = 32 * 1024 * 1024  # OpenAI takes 15 MiB of audio in one event; base64 adds a third
ENDING = "2027-01-20"
MODELS = (
    Model(id="gpt-realtime-2.1", created=1_780_000_000, object="model", owned_by="system"),
    Model(id="gpt-realtime-2.1-mini", created=1_780_000_000, object="model", owned_by="system"),
    Model(id="gpt-realtime-2", created=1_770_000_000, object="model", owned_by="system"),
    Model(id="gpt-realtime", created=1_756_000_000, object="model", owned_by="system", shutdown_date=ENDING),
    Model(id="gpt-realtime-mini", created=1_759_000_000, object="model", owned_by="system", shutdown_date=ENDING),
)
SCRIPT = TypeAdapter(Script)


class StandIn:
    """A server that speaks OpenAI's Realtime protocol on the loopback interface, and says it is not OpenAI.

    Attributes:
        api_key: The one key it lets in. May be changed while it runs.
        script: What it does wrong. May be changed while it runs; what has begun goes on as it began.
        connections: All handshakes, in order.
        models: What `GET /v1/models` lists, and what a handshake may ask for.
    """

    def __init__(
        self,
        *,
        api_key: str,
        script: Script | None = None,
        manner: Manner | None = None,
        models: tuple[Model, ...] = MODELS,
        port: int = 0,
    ) -> None:
        self.api_key = api_key
        self.script = script or Script()
        self.models = models
        self.connections: list[ConnectionRecord] = []
        self._manner = manner or Manner()
        self._port = port
        self._questions = 0
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        if not self._runner:
            return self._port
        port: int = self._runner.addresses[0][1]
        return port

    @property
    def base_url(self) -> str:
        """What to put into OPENAI_BASE_URL."""
        return f"http://{HOST}:{self.port}/v1"

    @property
    def open_connections(self) -> int:
        """How many WebSockets are open now."""
        return sum(record.is_open for record in self.connections)

    async def hung_up(self) -> None:
        """Wait until no WebSocket is open."""
        await self._idle.wait()

    async def __aenter__(self) -> Self:
        build_models()
        app = web.Application(middlewares=[_only_by_its_own_name])
        app.add_routes(
            [
                web.get("/v1/realtime", self._realtime),
                web.get("/v1/models", self._list_models),
                web.get("/v1/models/{model}", self._show_model),
                web.get("/rehearsal/record", self._show_record),
                web.put("/rehearsal/script", self._change_script),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._runner:
            await self._runner.cleanup()

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        record = ConnectionRecord(
            number=len(self.connections) + 1,
            model=request.query.get("model", ""),
            header_names=tuple(request.headers),
        )
        self.connections.append(record)
        refusal = rule_for_connection(self.script.handshakes, record.number) or self._refusal(request)
        if refusal:
            record.status = refusal.status
            return await self._answer(refusal)
        return await self._converse(request, record)

    async def _converse(self, request: web.Request, record: ConnectionRecord) -> web.StreamResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=BIGGEST_FRAME, timeout=2.0)
        await socket.prepare(request)
        record.status, record.is_open = 101, True
        self._idle.clear()
        wire = Wire(socket, request)
        record.server_events = wire.sent
        closing = asyncio.create_task(self._close_when_stopping(socket))
        opening = rule_for_connection(self.script.openings, record.number) or Opening()
        try:
            await Connection(wire, record=record, manner=self._manner, script=lambda: self.script).serve(
                socket, opening
            )
        finally:
            closing.cancel()
            record.is_open, record.close_code = False, wire.close_code or socket.close_code
            if not self.open_connections:
                self._idle.set()
        return socket

    async def _close_when_stopping(self, socket: web.WebSocketResponse) -> None:
        await self._stopping.wait()
        await socket.close(code=1001)

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        page: dict[str, object] = {"object": "list", "data": [model.to_dict() for model in self.models]}
        return await self._answer_about_models(request, page)

    async def _show_model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["model"]
        model = next((model for model in self.models if model.id == name), None)
        return await self._answer_about_models(request, model.to_dict() if model else unknown_model(name))

    async def _answer_about_models(
        self, request: web.Request, found: dict[str, object] | WireError
    ) -> web.StreamResponse:
        self._questions += 1
        scripted = rule_for_connection(self.script.models, self._questions)
        if refusal := scripted or self._refused_key(request):
            return await self._answer(refusal)
        if isinstance(found, WireError):
            return await self._answer(HttpAnswer(404, found.body()))
        return web.json_response(found)

    async def _answer(self, answer: HttpAnswer) -> web.StreamResponse:
        if answer.status is None:
            await self._stopping.wait()
        return web.Response(
            status=answer.status or 503,
            text=answer.body,
            content_type=answer.content_type,
            headers=dict(answer.headers),
        )

    def _refusal(self, request: web.Request) -> HttpAnswer | None:
        if refused := self._refused_key(request):
            return refused
        model = request.query.get("model")
        if not model:
            return HttpAnswer(400, NO_MODEL.body())
        if model not in {known.id for known in self.models}:
            return HttpAnswer(404, unknown_model(model).body())
        return None

    def _refused_key(self, request: web.Request) -> HttpAnswer | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return HttpAnswer(401, NO_KEY.body())
        if not hmac.compare_digest(key.encode(), self.api_key.encode()):
            return HttpAnswer(401, wrong_key(key).body())
        return None

    async def _show_record(self, _: web.Request) -> web.Response:
        return web.json_response({"connections": [_shown(record) for record in self.connections]})

    async def _change_script(self, request: web.Request) -> web.Response:
        self.script = SCRIPT.validate_json(await request.text())
        return web.json_response(asdict(self.script))


@web.middleware
async def _only_by_its_own_name(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No web page reaches it under a name of its own that was made to lead here (DNS rebinding)."""
    try:
        name = urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        name = None
    if name not in _OWN_NAMES:
        return web.Response(status=403, text="The stand-in answers to 127.0.0.1, localhost and [::1] alone.")
    return await handler(request)


def _shown(record: ConnectionRecord) -> dict[str, Any]:
    results = [response.result for response in record.responses]
    return {
        "number": record.number,
        "model": record.model,
        "status": record.status,
        "is_open": record.is_open,
        "close_code": record.close_code,
        "header_names": record.header_names,
        "client_events": record.client_events,
        "server_events": record.server_events,
        "items": [item.wire.to_dict(mode="json") for item in record.conversation.items],
        "responses": [result.to_dict(mode="json") if result else None for result in results],
    }
