"""Tokens, the cache and truncation."""

import pytest
from openai.types.realtime import RealtimeConversationItemAssistantMessage, RealtimeTruncationRetentionRatio
from openai.types.realtime.realtime_conversation_item_assistant_message import Content
from openai.types.realtime.realtime_truncation_retention_ratio import TokenLimits

from granny.rehearsal.openai.conversation import Item, heard_item
from granny.rehearsal.openai.errors import Refused
from granny.rehearsal.openai.usage import Context, Tokens, count_item, forget, read_context, usage

SECOND = 48_000


def said(item_id: str, seconds: int) -> Item:
    content = [Content(type="output_audio", transcript="a" * 40)]
    wire = RealtimeConversationItemAssistantMessage(id=item_id, type="message", role="assistant", content=content)
    return Item(wire, bytearray(seconds * SECOND))


def heard(item_id: str, seconds: int) -> Item:
    item = heard_item(item_id, bytes(seconds * SECOND))
    item.write_down("what the transcription model wrote")
    return item


def test_a_second_costs_the_caller_ten_tokens_and_the_assistant_twenty() -> None:
    assert count_item(heard("u", 1)) == Tokens(text=0, audio=10)
    assert count_item(said("a", 1)) == Tokens(text=10, audio=20)


def test_input_grows_with_the_conversation_and_its_beginning_is_cached() -> None:
    """The second turn reads the first again, at the cache's price."""
    items = [heard("u1", 2)]
    first = read_context("Be kind.", [], items)
    items += [said("a1", 3), heard("u2", 1)]
    second = read_context("Be kind.", [], items)
    told = usage(second, earlier=first, output=Tokens(text=5, audio=40)).to_dict()
    assert told["input_tokens"] == 2 + 20 + (10 + 60) + 10
    assert told["output_tokens"] == 45
    assert told["total_tokens"] == 102 + 45
    assert told["input_token_details"] == {
        "text_tokens": 12,
        "audio_tokens": 90,
        "image_tokens": 0,
        "cached_tokens": 22,
        "cached_tokens_details": {"text_tokens": 2, "audio_tokens": 20, "image_tokens": 0},
    }


def test_other_instructions_or_tools_empty_the_cache() -> None:
    items = [heard("u1", 2)]
    before = read_context("Be kind.", [], items)
    assert read_context("Be brief.", [], items).shared_with(before) == Tokens()
    assert read_context("Be kind.", [{"name": "end_call"}], items).shared_with(before) == Tokens()
    assert before.shared_with(Context()) == Tokens()


def test_the_oldest_items_are_dropped_when_there_is_no_room() -> None:
    items = [heard(str(number), 1) for number in range(10)]
    forget(items, truncation="auto", room=75)
    assert [item.in_context for item in items] == [False] * 3 + [True] * 7


def test_a_retention_ratio_drops_more_at_once() -> None:
    """Half of the room is kept, so that the next turns need no truncation and stay cached."""
    items = [heard(str(number), 1) for number in range(10)]
    truncation = RealtimeTruncationRetentionRatio(type="retention_ratio", retention_ratio=0.5)
    forget(items, truncation=truncation, room=80)
    assert sum(item.in_context for item in items) == 4
    forget(items, truncation=truncation, room=80)
    assert sum(item.in_context for item in items) == 4


def test_own_token_limits_are_lower_than_the_models() -> None:
    items = [heard(str(number), 1) for number in range(10)]
    truncation = RealtimeTruncationRetentionRatio(
        type="retention_ratio", retention_ratio=1.0, token_limits=TokenLimits(post_instructions=30)
    )
    forget(items, truncation=truncation, room=1000)
    assert sum(item.in_context for item in items) == 3


def test_without_truncation_a_full_context_is_refused() -> None:
    items = [heard(str(number), 1) for number in range(10)]
    with pytest.raises(Refused, match="context_length_exceeded"):
        forget(items, truncation="disabled", room=50)
    forget(items, truncation="disabled", room=100)
    assert all(item.in_context for item in items)


def test_the_newest_item_is_never_dropped() -> None:
    items = [heard("long", 60)]
    forget(items, truncation="auto", room=10)
    assert items[0].in_context
