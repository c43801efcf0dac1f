"""How the stand-in can be told to fail: rules made of wire facts, which may be exchanged while it runs.

Example: the second response of every call fails for want of money, and nobody is let in after that:

    standin.script = Script(responses=(ResponseFault(on=(2,), failed=WireError("insufficient_quota")),))
    standin.script = Script(handshakes=(HttpAnswer(401, WireError("invalid_api_key").body()),))

Or nobody is ever refused at the door and everybody is thrown out behind it:

    Script(openings=(Opening(cut=Cut(error=WireError("billing_not_active"), close=3000)),))
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from granny.rehearsal.openai.errors import WireError

Moment = Literal["asked", "created", "speaking"]


@dataclass(frozen=True, slots=True)
class Cut:
    """How a connection is left, in this order: an `error` event, a close frame, the socket torn.

    An error alone leaves the connection open, as OpenAI does for most errors.
    """

    error: WireError | None = None
    close: int | None = None
    reason: str = ""
    abort: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer in place of the usual one.

    Attributes:
        status: HTTP status; None reads the request and never answers it.
        body: Sent as it is; `WireError.body()` makes one in OpenAI's shape.
        content_type: Of the body.
        headers: More headers, as pairs; for example `("Location", "https://…")`.
        on: Which handshakes (in `Script.models`: which questions about models) over the stand-in's life,
            counted from 1; None means every one.
    """

    status: int | None
    body: str = ""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    on: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a connection meets once its WebSocket is open.

    Attributes:
        first_frame: Text sent in place of `session.created`; an empty one sends nothing, ever.
        cut: How the connection is left.
        after: Seconds between the first frame and the cut.
        on: Which handshakes over the stand-in's life, refused ones counted too; None means every one.
    """

    first_frame: str | None = None
    cut: Cut | None = None
    after: float = 0.0
    on: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ResponseFault:
    """What goes wrong with a response; with nothing but `when`, it stalls there until it is cancelled.

    Attributes:
        when: `asked`: in place of `response.created`; `created`: after it and before any output;
            `speaking`: after `after_ms` of audio.
        after_ms: Milliseconds of audio sent before a fault in `speaking`; shorter answers and those in text
            escape it.
        failed: `response.done` with status `failed` and this error.
        empty: `response.done` with status `completed`, and no (more) output.
        cut: How the connection is left.
        on: Which responses of a connection, counted from 1; None means every one.
        connections: On which connections, by number; None means every one.
    """

    when: Moment = "created"
    after_ms: int = 0
    failed: WireError | None = None
    empty: bool = False
    cut: Cut | None = None
    on: tuple[int, ...] | None = None
    connections: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model calls in place of speaking.

    Attributes:
        name: The function's name.
        arguments: A JSON object, as text.
        on: Which responses of a connection, counted from 1; None means every one.
        connections: On which connections, by number; None means every one.
    """

    name: str
    arguments: str = "{}"
    on: tuple[int, ...] | None = None
    connections: tuple[int, ...] | None = None


ConnectionRule = TypeVar("ConnectionRule", HttpAnswer, Opening)
ResponseRule = TypeVar("ResponseRule", ResponseFault, ToolCall)


@dataclass(frozen=True, slots=True)
class Script:
    """Everything the stand-in was told to do differently. The first rule that holds wins.

    Attributes:
        handshakes: Answers to `GET /v1/realtime` in place of the WebSocket.
        models: Answers to `GET /v1/models` and `GET /v1/models/{model}`.
        openings: What connections meet once they are open.
        responses: What goes wrong with responses.
        tool_calls: Functions called in place of speaking.
        latency: Seconds between `response.created` and the first output.
        pace: Seconds of audio sent per second; OpenAI's runs ahead of real time too.
        answer_seconds: The most of an answer that is said; None: all of it.
    """

    handshakes: tuple[HttpAnswer, ...] = ()
    models: tuple[HttpAnswer, ...] = ()
    openings: tuple[Opening, ...] = ()
    responses: tuple[ResponseFault, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    latency: float = 0.0
    pace: float = 5.0
    answer_seconds: float | None = None


def rule_for_connection(rules: Iterable[ConnectionRule], number: int) -> ConnectionRule | None:
    """The first rule that holds for the handshake (or question) of this number."""
    return next((rule for rule in rules if _holds(rule.on, number)), None)


def rule_for_response(rules: Iterable[ResponseRule], *, connection: int, response: int) -> ResponseRule | None:
    """The first rule that holds for this response of this connection."""
    return next((rule for rule in rules if _holds(rule.on, response) and _holds(rule.connections, connection)), None)


def _holds(numbers: tuple[int, ...] | None, number: int) -> bool:
    return numbers is None or number in numbers
