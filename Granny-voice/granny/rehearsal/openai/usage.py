"""What a response costs, and what the model still reads: tokens, the cache, and truncation.

Audio counts as OpenAI documents it (https://developers.openai.com/api/docs/guides/realtime-costs): a user's
one token per 100 ms, the assistant's one token per 50 ms. Text is taken as 4 characters a token. Special
tokens and images are not counted.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from openai.types.realtime import (
    RealtimeConversationItemAssistantMessage,
    RealtimeConversationItemUserMessage,
    RealtimeResponseUsage,
    RealtimeResponseUsageInputTokenDetails,
    RealtimeResponseUsageOutputTokenDetails,
    RealtimeTruncation,
    RealtimeTruncationRetentionRatio,
)
from openai.types.realtime.realtime_response_usage_input_token_details import CachedTokensDetails

from granny.rehearsal.openai.conversation import Item
from granny.rehearsal.openai.errors import Refused, WireError
from granny.rehearsal.openai.hearing import BYTES_PER_MS

USER_MS_PER_TOKEN = 100
ASSISTANT_MS_PER_TOKEN = 50
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """A number of tokens by what they stand for."""

    text: int = 0
    audio: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text + other.text, self.audio + other.audio)

    @property
    def total(self) -> int:
        """All of them."""
        return self.text + self.audio


@dataclass(frozen=True, slots=True)
class Context:
    """What the model reads for one response: instructions and tools, then the items, each with its cost."""

    parts: tuple[tuple[str, Tokens], ...] = ()

    @property
    def tokens(self) -> Tokens:
        """The cost of all parts."""
        return _total(tokens for _, tokens in self.parts)

    def shared_with(self, earlier: "Context") -> Tokens:
        """The cost of the beginning that both have in common, which is what a cache holds."""
        pairs = zip(self.parts, earlier.parts, strict=False)
        return _total(mine[1] for mine, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def read_context(instructions: str, tools: Iterable[dict[str, object]], items: Iterable[Item]) -> Context:
    """What the model reads for a response with these instructions, tools and items."""
    prompt = instructions + "".join(json.dumps(tool) for tool in tools)
    head = (prompt, Tokens(text=count_text(prompt)))
    return Context((head, *((item.id, count_item(item)) for item in items if item.in_context)))


def forget(items: list[Item], *, truncation: RealtimeTruncation | None, room: int) -> None:
    """Drop the oldest items from the context if they exceed the room after the instructions, in tokens.

    Raises:
        Refused: Truncation is disabled and there is no room.
    """
    keep = room
    if isinstance(truncation, RealtimeTruncationRetentionRatio):
        limits = truncation.token_limits
        room = min(room, limits.post_instructions) if limits and limits.post_instructions else room
        keep = int(room * truncation.retention_ratio)
    read = [item for item in items if item.in_context]
    used = _total(count_item(item) for item in read).total
    if used <= room:
        return
    if truncation == "disabled":
        raise Refused(WireError("context_length_exceeded", "The conversation exceeds the model's input limit."))
    for item in read[:-1]:
        if used <= keep:
            return
        item.in_context = False
        used -= count_item(item).total


def usage(context: Context, *, earlier: Context, output: Tokens) -> RealtimeResponseUsage:
    """The usage of a response, in the shape of `response.done`."""
    read, cached = context.tokens, context.shared_with(earlier)
    return RealtimeResponseUsage(
        total_tokens=read.total + output.total,
        input_tokens=read.total,
        output_tokens=output.total,
        input_token_details=RealtimeResponseUsageInputTokenDetails(
            text_tokens=read.text,
            audio_tokens=read.audio,
            image_tokens=0,
            cached_tokens=cached.total,
            cached_tokens_details=CachedTokensDetails(
                text_tokens=cached.text, audio_tokens=cached.audio, image_tokens=0
            ),
        ),
        output_token_details=RealtimeResponseUsageOutputTokenDetails(
            text_tokens=output.text, audio_tokens=output.audio
        ),
    )


def count_item(item: Item) -> Tokens:
    """The tokens of an item; a transcript of the user's voice is for people and costs nothing here."""
    if isinstance(item.wire, RealtimeConversationItemAssistantMessage):
        return Tokens(count_text(item.text), count_audio(item.audio, ms_per_token=ASSISTANT_MS_PER_TOKEN))
    if isinstance(item.wire, RealtimeConversationItemUserMessage):
        written = sum(count_text(part.text or "") for part in item.wire.content)
        return Tokens(written, count_audio(item.audio, ms_per_token=USER_MS_PER_TOKEN))
    return Tokens(text=count_text(item.text))


def count_audio(pcm: bytes | bytearray, *, ms_per_token: int) -> int:
    """The tokens of PCM16 at 24 kHz, begun ones counted."""
    return -(-len(pcm) // (BYTES_PER_MS * ms_per_token))


def count_text(text: str) -> int:
    """The tokens of a text, begun ones counted."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _total(parts: Iterable[Tokens]) -> Tokens:
    return sum(parts, start=Tokens())
