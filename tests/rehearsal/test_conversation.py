"""The items of a conversation."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from openai.types.realtime import ConversationItem
from pydantic import TypeAdapter

from granny.rehearsal.openai.conversation import Conversation, Item, heard_item
from granny.rehearsal.openai.errors import Refused

ITEM: TypeAdapter[ConversationItem] = TypeAdapter(ConversationItem)


def message(item_id: str, **fields: Any) -> ConversationItem:
    content = [{"type": "input_text", "text": item_id}]
    return ITEM.validate_python({"id": item_id, "type": "message", "role": "user", "content": content, **fields})


def spoken(item_id: str, ms: int) -> Item:
    content = [{"type": "output_audio", "transcript": "Good morning."}]
    return Item(message(item_id, role="assistant", content=content), bytearray(48 * ms))


@pytest.fixture
def talk() -> Conversation:
    conversation = Conversation()
    for item_id in ("one", "two"):
        conversation.create(message(item_id), after=None)
    return conversation


def order(conversation: Conversation) -> list[str]:
    return [item.id for item in conversation.items]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (None, ["one", "two", "new"]),
        ("root", ["new", "one", "two"]),
        ("one", ["one", "new", "two"]),
    ],
)
def test_an_item_goes_where_the_client_says(talk: Conversation, after: str | None, expected: list[str]) -> None:
    item = talk.create(message("new"), after=after)
    assert order(talk) == expected
    position = expected.index("new")
    assert talk.id_before(item) == (expected[position - 1] if position else None)


def test_an_item_without_an_id_is_given_one(talk: Conversation) -> None:
    item = talk.create(message(""), after=None)
    assert item.id.startswith("item_")
    assert talk.find(item.id) is item


def test_what_cannot_be_done_is_refused_with_its_code(talk: Conversation) -> None:
    """The codes are OpenAI's; a client matches on them."""
    output = ITEM.validate_python({"type": "function_call_output", "call_id": "nobody", "output": "x"})
    attempts: dict[str, Callable[[], object]] = {
        "item_create_duplicate_item_id": lambda: talk.create(message("one"), after=None),
        "item_create_invalid_previous_item_id": lambda: talk.create(message("new"), after="nobody"),
        "invalid_tool_call_id": lambda: talk.create(output, after=None),
        "item_delete_invalid_item_id": lambda: talk.delete("nobody"),
        "item_retrieve_invalid_item_id": lambda: talk.retrieve("nobody"),
        "item_truncate_invalid_item_id": lambda: talk.truncate("nobody", audio_end_ms=1),
        "unsupported_content_type": lambda: talk.truncate("one", audio_end_ms=1),
    }
    for code, attempt in attempts.items():
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.error.code == code
    assert order(talk) == ["one", "two"]


def test_truncating_keeps_what_was_heard_and_drops_the_transcript(talk: Conversation) -> None:
    item = spoken("said", 1000)
    talk.append(item)
    talk.truncate("said", audio_end_ms=400)
    assert len(item.audio) == 400 * 48
    assert item.text == ""


def test_more_than_was_said_cannot_be_truncated(talk: Conversation) -> None:
    talk.append(spoken("said", 1000))
    with pytest.raises(Refused, match="invalid_value") as refusal:
        talk.truncate("said", audio_end_ms=1200)
    assert refusal.value.error.message == "Audio content of 1000ms is already shorter than 1200ms"


def test_audio_is_only_in_what_was_retrieved(talk: Conversation) -> None:
    """Announcements carry no audio; `conversation.item.retrieve` does."""
    item = heard_item("heard", b"\1\2" * 100)
    talk.append(item)
    assert "audio" not in str(item.wire.to_dict()["content"]).replace("input_audio", "")
    retrieved = talk.retrieve("heard").to_dict()
    assert base64.b64decode(retrieved["content"][0]["audio"]) == b"\1\2" * 100  # type: ignore[index]  # JSON


def test_audio_from_the_client_is_put_aside(talk: Conversation) -> None:
    audio = base64.b64encode(b"\1\2" * 50).decode()
    item = talk.create(message("sent", content=[{"type": "input_audio", "audio": audio}]), after=None)
    assert bytes(item.audio) == b"\1\2" * 50
    with pytest.raises(Refused, match="invalid_value"):
        talk.create(message("bad", content=[{"type": "input_audio", "audio": "no base64!"}]), after=None)
