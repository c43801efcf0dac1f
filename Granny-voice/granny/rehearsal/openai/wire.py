"""Events over one WebSocket, parsed and built by the openai package's own types so that none drifts."""

import asyncio
import contextlib
import json
from typing import get_args

from aiohttp import web
from openai import BaseModel
from openai.types.realtime import (
    RealtimeClientEvent,
    RealtimeError,
    RealtimeErrorEvent,
    RealtimeServerEvent,
    ResponseAudioDeltaEvent,
)
from pydantic import ValidationError

from granny.rehearsal.openai.conversation import new_id
from granny.rehearsal.openai.errors import Refused, WireError
from granny.rehearsal.openai.script import Cut


def _type_of(event: type[BaseModel]) -> str:
    name: str = get_args(event.model_fields["type"].annotation)[0]
    return name


CLIENT_EVENTS: dict[str, type[BaseModel]] = {
    _type_of(event): event for event in get_args(get_args(RealtimeClientEvent)[0])
}
SERVER_EVENTS: dict[str, type[BaseModel]] = {
    _type_of(event): event for event in get_args(get_args(RealtimeServerEvent)[0])
}
AUDIO_DELTA = _type_of(ResponseAudioDeltaEvent)
CODES = {"missing": "missing_required_parameter", "extra_forbidden": "unknown_parameter"}


def build_models() -> None:
    """Let pydantic build the events' validators now: the openai package puts it off until their first use."""
    for event in (*CLIENT_EVENTS.values(), *SERVER_EVENTS.values()):
        event.model_rebuild()


def read(text: str) -> dict[str, object]:
    """The fields of a client's event; those of no event at all if the text is no JSON object."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def parse(fields: dict[str, object]) -> BaseModel:
    """A client's event.

    Raises:
        Refused: It is of no known type, or not as that type demands.
    """
    event = CLIENT_EVENTS.get(str(fields.get("type")))
    if not event:
        message = f"Invalid value. Supported values are: {', '.join(sorted(CLIENT_EVENTS))}."
        raise Refused(WireError("invalid_value", message, param="type"))
    try:
        parsed = event.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        path = ".".join(str(step) for step in first["loc"])
        raise Refused(WireError(CODES.get(first["type"], "invalid_type"), first["msg"], param=path)) from None
    if unknown := unknown_parameter(parsed):
        message = f"Unknown parameter: '{unknown}'."
        raise Refused(WireError("unknown_parameter", message, param=unknown))
    return parsed


def unknown_parameter(value: object, path: str = "") -> str | None:
    """The first field, with dots between levels, that the openai package's types do not know."""
    if isinstance(value, list):
        found = (unknown_parameter(each, f"{path}[{index}]") for index, each in enumerate(value))
        return next(filter(None, found), None)
    if not isinstance(value, BaseModel):
        return None
    for name in value.model_extra or {}:
        return f"{path}.{name}".strip(".")
    below = (unknown_parameter(each, f"{path}.{name}".strip(".")) for name, each in value)
    return next(filter(None, below), None)


class Wire:
    """The server's side of one WebSocket.

    Attributes:
        sent: The types of all events sent, in order.
        close_code: The code of the close frame sent, None before.
    """

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._socket = socket
        self._request = request
        self._closing: asyncio.Task[bool] | None = None
        self.sent: list[str] = []
        self.close_code: int | None = None

    async def send(self, event: type[BaseModel], **fields: object) -> None:
        """Send an event of this class; its type and a new event id are filled in."""
        name = _type_of(event)
        filled = event(type=name, event_id=new_id("event"), **fields)
        await self.send_text(json.dumps(filled.to_dict(mode="json")), name)

    async def send_error(self, error: WireError, *, event_id: str | None = None) -> None:
        """Send an `error` event; `event_id` is the client's, if the error answers one of its events."""
        fields = RealtimeError(
            type=error.type, code=error.code, message=error.message, param=error.param, event_id=event_id
        )
        await self.send(RealtimeErrorEvent, error=fields)

    async def send_audio(self, delta: str, *, response_id: str, item_id: str) -> None:
        """Send a piece of sound. There are many: they skip the typed class (a test validates them)."""
        fields = {
            "type": AUDIO_DELTA,
            "event_id": new_id("event"),
            "response_id": response_id,
            "item_id": item_id,
            "output_index": 0,
            "content_index": 0,
            "delta": delta,
        }
        await self.send_text(json.dumps(fields), AUDIO_DELTA)

    async def send_text(self, text: str, name: str) -> None:
        """Send a frame as it is; a client that has gone is none of our business."""
        self.sent.append(name)
        with contextlib.suppress(ConnectionResetError):
            await self._socket.send_str(text)

    async def cut(self, cut: Cut) -> None:
        """Leave the connection as told."""
        if cut.error:
            await self.send_error(cut.error)
        if cut.close:
            self.close_code = cut.close
            closing = self._socket.close(code=cut.close, message=cut.reason.encode())
            self._closing = asyncio.create_task(closing)
        if cut.abort and self._request.transport:
            self._request.transport.abort()

    async def farewell(self) -> None:
        """Wait until a close frame that was sent has been answered, so that it is not lost."""
        if self._closing:
            await self._closing
