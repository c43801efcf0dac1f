"""The items of a conversation, in order: creating, deleting, truncating and retrieving them."""

import base64
from dataclasses import dataclass, field
from uuid import uuid4

from openai.types.realtime import (
    ConversationItem,
    RealtimeConversationItemAssistantMessage,
    RealtimeConversationItemFunctionCall,
    RealtimeConversationItemFunctionCallOutput,
    RealtimeConversationItemUserMessage,
)
from openai.types.realtime.realtime_conversation_item_user_message import Content as UserContent

from granny.rehearsal.openai.errors import Refused, WireError
from granny.rehearsal.openai.hearing import BYTES_PER_MS

ROOT = "root"  # as `previous_item_id`: before all others


@dataclass(slots=True, eq=False)
class Item:
    """One item: what goes over the wire, and the sound, which does not go with it unless asked for.

    Attributes:
        wire: OpenAI's typed item, its audio left out.
        audio: Mono PCM16 at 24 kHz; of the assistant's items what was sent so far.
        in_context: False once truncation has dropped the item from what the model reads.
    """

    wire: ConversationItem
    audio: bytearray = field(default_factory=bytearray)
    in_context: bool = True

    @property
    def id(self) -> str:
        """The item's id; the stand-in gives one to every item that came without."""
        return self.wire.id or ""

    @property
    def text(self) -> str:
        """What is written in the item: text, transcripts, arguments or output."""
        if isinstance(self.wire, RealtimeConversationItemFunctionCall):
            return self.wire.arguments
        if isinstance(self.wire, RealtimeConversationItemFunctionCallOutput):
            return self.wire.output
        parts = getattr(self.wire, "content", None) or []
        return "".join(part.text or getattr(part, "transcript", None) or "" for part in parts)

    def write_down(self, transcript: str) -> None:
        """Add the transcript of what the caller said."""
        if isinstance(self.wire, RealtimeConversationItemUserMessage):
            self.wire.content[0].transcript = transcript


class Conversation:
    """The default conversation of one connection."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self.items: list[Item] = []

    def find(self, item_id: str) -> Item | None:
        """The item with this id, if there is one."""
        return next((item for item in self.items if item.id == item_id), None)

    def last_id(self) -> str | None:
        """The id of the newest item, None in an empty conversation."""
        return self.items[-1].id if self.items else None

    def id_before(self, item: Item) -> str | None:
        """The id of the item before this one; None before the first, and once this one is deleted."""
        position = self.items.index(item) if item in self.items else 0
        return self.items[position - 1].id if position else None

    def append(self, item: Item) -> str | None:
        """Put an item at the end; the id of the one before it."""
        previous = self.last_id()
        self.items.append(item)
        return previous

    def create(self, wire: ConversationItem, *, after: str | None) -> Item:
        """Take over an item from the client.

        Raises:
            Refused: The id is taken, `after` is unknown, or a tool's output belongs to no call.
        """
        if wire.id and self.find(wire.id):
            raise Refused(_error("item_create_duplicate_item_id", "creating", wire.id, "already exists"))
        if isinstance(wire, RealtimeConversationItemFunctionCallOutput):
            self._require_call(wire.call_id)
        item = as_item(wire)
        self.items.insert(self._position_after(after), item)
        return item

    def delete(self, item_id: str) -> None:
        """Remove an item.

        Raises:
            Refused: There is no such item.
        """
        item = self.find(item_id)
        if not item:
            raise Refused(_error("item_delete_invalid_item_id", "deleting", item_id))
        self.items.remove(item)

    def retrieve(self, item_id: str) -> ConversationItem:
        """An item with its audio.

        Raises:
            Refused: There is no such item.
        """
        item = self.find(item_id)
        if not item:
            raise Refused(_error("item_retrieve_invalid_item_id", "retrieving", item_id))
        wire = item.wire.model_copy(deep=True)
        if item.audio and isinstance(
            wire, RealtimeConversationItemUserMessage | RealtimeConversationItemAssistantMessage
        ):
            wire.content[0].audio = base64.b64encode(item.audio).decode()
        return wire

    def truncate(self, item_id: str, *, audio_end_ms: int) -> None:
        """Cut what the assistant said to what the caller heard; the transcript goes with it.

        Raises:
            Refused: There is no such item, it holds no speech of the assistant, or less than `audio_end_ms`.
        """
        item = self.find(item_id)
        if not item:
            raise Refused(_error("item_truncate_invalid_item_id", "truncating", item_id))
        if not isinstance(item.wire, RealtimeConversationItemAssistantMessage) or not item.audio:
            message = "Only model output audio messages can be truncated"
            raise Refused(WireError("unsupported_content_type", message, param="item_id"))
        length_ms = len(item.audio) // BYTES_PER_MS
        if audio_end_ms > length_ms:
            message = f"Audio content of {length_ms}ms is already shorter than {audio_end_ms}ms"
            raise Refused(WireError("invalid_value", message, param="audio_end_ms"))
        del item.audio[audio_end_ms * BYTES_PER_MS :]
        for part in item.wire.content:
            part.transcript = None

    def _position_after(self, item_id: str | None) -> int:
        if item_id is None:
            return len(self.items)
        if item_id == ROOT:
            return 0
        item = self.find(item_id)
        if not item:
            raise Refused(_error("item_create_invalid_previous_item_id", "creating", item_id))
        return self.items.index(item) + 1

    def _require_call(self, call_id: str) -> None:
        calls = (item.wire for item in self.items)
        if any(getattr(wire, "call_id", None) == call_id for wire in calls):
            return
        message = f"Tool call ID '{call_id}' not found in conversation."
        raise Refused(WireError("invalid_tool_call_id", message, param="item.call_id"))


def as_item(wire: ConversationItem) -> Item:
    """An item from the client: given an id if it has none, its audio put aside."""
    wire = wire.model_copy(deep=True)
    wire.id = wire.id or new_id("item")
    item = Item(wire)
    if isinstance(wire, RealtimeConversationItemUserMessage):
        for part in wire.content:
            item.audio += decode(part.audio or "")
            part.audio = None
    return item


def heard_item(item_id: str, audio: bytes) -> Item:
    """What the caller said, as an item without a transcript."""
    wire = RealtimeConversationItemUserMessage(
        id=item_id,
        type="message",
        object="realtime.item",
        role="user",
        status="completed",
        content=[UserContent(type="input_audio", transcript=None)],
    )
    return Item(wire, bytearray(audio))


def decode(audio: str) -> bytes:
    """Audio from the client.

    Raises:
        Refused: It is not base64.
    """
    try:
        return base64.b64decode(audio, validate=True)
    except ValueError:
        message = "Invalid 'audio'. Expected base64-encoded audio bytes."
        raise Refused(WireError("invalid_value", message, param="audio")) from None


def new_id(kind: str) -> str:
    """An id in OpenAI's style: its kind, then what makes it unique."""
    return f"{kind}_{uuid4().hex[:21]}"


def _error(code: str, doing: str, item_id: str, what: str = "does not exist") -> WireError:
    return WireError(code, f"Error {doing} item: the item with id '{item_id}' {what}.", param="item_id")
