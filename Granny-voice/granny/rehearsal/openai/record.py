"""What the stand-in saw and did, for tests to look at."""

from dataclasses import dataclass, field

from openai.types.realtime import RealtimeResponse, RealtimeResponseCreateParams, RealtimeSessionCreateRequest

from granny.rehearsal.openai.conversation import Conversation


@dataclass(slots=True)
class ResponseRecord:
    """One response: what was asked for, and what came of it.

    Attributes:
        asked: The parameters of `response.create`; empty if turn detection created the response.
        result: As last sent: in `response.created`, then in `response.done`; None if never created.
    """

    asked: RealtimeResponseCreateParams
    result: RealtimeResponse | None = None


@dataclass(slots=True)
class ConnectionRecord:
    """One handshake, and the connection that came of it.

    Attributes:
        number: Its place among all handshakes, from 1.
        model: The query's model.
        header_names: The names of the request's headers; never their values.
        status: 101 if the WebSocket opened, else the refusal's HTTP status; None if never answered.
        is_open: Whether it is open now.
        close_code: The WebSocket's close code; 1006 if the connection was torn.
        client_events: The types of all events received, in order.
        server_events: The types of all events sent, in order.
        session: The session's settings, as last updated.
        conversation: Its items, as they are now.
        responses: All responses that were asked for, in order.
    """

    number: int
    model: str
    header_names: tuple[str, ...]
    status: int | None = None
    is_open: bool = False
    close_code: int | None = None
    client_events: list[str] = field(default_factory=list)
    server_events: list[str] = field(default_factory=list)
    session: RealtimeSessionCreateRequest | None = None
    conversation: Conversation = field(default_factory=Conversation)
    responses: list[ResponseRecord] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What is written in the conversation's items, in order."""
        return [item.text for item in self.conversation.items]
