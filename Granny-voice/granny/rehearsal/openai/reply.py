"""One response, from `response.created` to `response.done`, in the order that OpenAI documents.

response.created, rate_limits.updated
response.output_item.added, conversation.item.added, response.content_part.added
response.output_audio_transcript.delta and response.output_audio.delta, again and again
response.output_audio.done, response.output_audio_transcript.done, response.content_part.done
conversation.item.done, response.output_item.done
response.done
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

from openai import BaseModel
from openai.types.realtime import (
    ConversationItemAdded,
    ConversationItemDone,
    RateLimitsUpdatedEvent,
    RealtimeConversationItemAssistantMessage,
    RealtimeConversationItemFunctionCall,
    RealtimeResponse,
    RealtimeResponseStatus,
    ResponseAudioDoneEvent,
    ResponseAudioTranscriptDeltaEvent,
    ResponseAudioTranscriptDoneEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseDoneEvent,
    ResponseFunctionCallArgumentsDeltaEvent,
    ResponseFunctionCallArgumentsDoneEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
)
from openai.types.realtime.rate_limits_updated_event import RateLimit
from openai.types.realtime.realtime_conversation_item_assistant_message import Content
from openai.types.realtime.realtime_response_status import Error
from openai.types.realtime.response_content_part_added_event import Part
from openai.types.realtime.response_content_part_done_event import Part as DonePart

from granny.rehearsal.openai.conversation import Conversation, Item, new_id
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.record import ResponseRecord
from granny.rehearsal.openai.script import ResponseFault, ToolCall
from granny.rehearsal.openai.usage import (
    ASSISTANT_MS_PER_TOKEN,
    CHARACTERS_PER_TOKEN,
    Context,
    Tokens,
    count_audio,
    count_text,
    usage,
)
from granny.rehearsal.openai.voice import CHUNK_BYTES, CHUNK_MS, Recording
from granny.rehearsal.openai.wire import Wire

Status = Literal["completed", "cancelled", "failed", "incomplete"]
Reason = Literal["turn_detected", "client_cancelled", "max_output_tokens"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a response shall be.

    Attributes:
        template: The response as `response.created` shows it: modalities, limits, metadata.
        recording: What to say.
        context: What the model reads.
        earlier: What it read for the response before this one, and so has in its cache.
        latency: Seconds before the first output.
        pace: Seconds of audio a second.
        tool_call: A function to call in place of speaking.
        fault: What goes wrong.
    """

    template: RealtimeResponse
    recording: Recording
    context: Context
    earlier: Context
    latency: float
    pace: float
    tool_call: ToolCall | None
    fault: ResponseFault | None


class Reply:
    """One response on its way; `conversation` is None for one that is not to be remembered."""

    def __init__(self, order: Order, *, wire: Wire, conversation: Conversation | None, record: ResponseRecord) -> None:
        self.id = new_id("resp")
        self.over = False
        self._order = order
        self._wire = wire
        self._conversation = conversation
        self._record = record
        self._item: Item | None = None
        self._is_speaking = False
        self._transcript = ""

    async def begin(self) -> None:
        """Announce the response."""
        await self._wire.send(ResponseCreatedEvent, response=self._response("in_progress"))
        limits = [RateLimit(name="tokens", limit=200_000, remaining=199_000, reset_seconds=0.3)]
        await self._wire.send(RateLimitsUpdatedEvent, rate_limits=limits)

    async def run(self) -> None:
        """Produce the output; meant to be cancelled, after which `finish` says why."""
        await asyncio.sleep(self._order.latency)
        fault = self._order.fault
        if fault and fault.when == "created":
            await self._meet(fault)
        elif self._order.tool_call:
            await self._call(self._order.tool_call)
            await self.finish("completed")
        elif self._order.template.output_modalities == ["text"]:
            await self._write()
        else:
            await self._speak()

    async def finish(self, status: Status, *, reason: Reason | None = None, error: WireError | None = None) -> None:
        """Close what is open and send `response.done`."""
        if self.over:
            return
        self.over = True
        if self._is_speaking:
            await self._close_message("completed" if status == "completed" else "incomplete")
        response = self._response(status)
        fields = Error(code=error.code, type=error.type, message=error.message) if error else None
        if status != "completed":
            response.status_details = RealtimeResponseStatus(type=status, reason=reason, error=fields)
        context = Context() if status == "failed" else self._order.context  # OpenAI does not bill a failure
        response.usage = usage(context, earlier=self._order.earlier, output=self._output_tokens())
        await self._wire.send(ResponseDoneEvent, response=response)

    async def _meet(self, fault: ResponseFault) -> None:
        if fault.cut:
            await self._wire.cut(fault.cut)
        if fault.failed:
            await self.finish("failed", error=fault.failed)
        elif fault.empty:
            await self.finish("completed")
        else:
            await asyncio.Event().wait()

    async def _speak(self) -> None:
        recording, fault, limit = self._order.recording, self._order.fault, self._limit()
        await self._open_message()
        for sent, words in enumerate(recording.words_by_chunk()):
            if fault and fault.when == "speaking" and sent * CHUNK_MS >= fault.after_ms:
                return await self._meet(fault)
            if limit is not None and sent * CHUNK_MS >= limit * ASSISTANT_MS_PER_TOKEN:
                return await self.finish("incomplete", reason="max_output_tokens")
            await self._send_chunk(sent, words)
            await asyncio.sleep(CHUNK_MS / 1000 / self._order.pace)
        return await self.finish("completed")

    async def _send_chunk(self, number: int, words: str) -> None:
        item, recording = self._message(), self._order.recording
        if words:
            await self._send_part(ResponseAudioTranscriptDeltaEvent, delta=words)
        await self._wire.send_audio(recording.deltas[number], response_id=self.id, item_id=item.id)
        item.audio += recording.pcm[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        self._transcript += words

    async def _write(self) -> None:
        text, limit = self._order.recording.transcript, self._limit()
        self._transcript = text if limit is None else text[: limit * CHARACTERS_PER_TOKEN]
        await self._open_message()
        await self._send_part(ResponseTextDeltaEvent, delta=self._transcript)
        if self._transcript == text:
            await self.finish("completed")
        else:
            await self.finish("incomplete", reason="max_output_tokens")

    async def _call(self, call: ToolCall) -> None:
        wire = RealtimeConversationItemFunctionCall(
            id=new_id("item"),
            type="function_call",
            object="realtime.item",
            status="in_progress",
            name=call.name,
            call_id=new_id("call"),
            arguments="",
        )
        await self._add(Item(wire))
        wire.arguments, wire.status = call.arguments, "completed"
        place = {"response_id": self.id, "item_id": wire.id, "output_index": 0, "call_id": wire.call_id}
        await self._wire.send(ResponseFunctionCallArgumentsDeltaEvent, delta=call.arguments, **place)
        await self._wire.send(ResponseFunctionCallArgumentsDoneEvent, name=call.name, arguments=call.arguments, **place)
        await self._complete()

    async def _open_message(self) -> None:
        message = RealtimeConversationItemAssistantMessage(
            id=new_id("item"),
            type="message",
            object="realtime.item",
            role="assistant",
            status="in_progress",
            content=[],
        )
        await self._add(Item(message))
        self._is_speaking = True
        part = Part(type="audio", transcript="") if self._has_sound() else Part(type="text", text="")
        await self._send_part(ResponseContentPartAddedEvent, part=part)

    async def _close_message(self, status: Literal["completed", "incomplete"]) -> None:
        message = self._message().wire
        assert isinstance(message, RealtimeConversationItemAssistantMessage)  # noqa: S101  _open_message made it
        message.status, text = status, self._transcript
        if self._has_sound():
            message.content = [Content(type="output_audio", transcript=text)]
            await self._send_part(ResponseAudioDoneEvent)
            await self._send_part(ResponseAudioTranscriptDoneEvent, transcript=text)
            part = DonePart(type="audio", transcript=text)
        else:
            message.content = [Content(type="output_text", text=text)]
            await self._send_part(ResponseTextDoneEvent, text=text)
            part = DonePart(type="text", text=text)
        await self._send_part(ResponseContentPartDoneEvent, part=part)
        await self._complete()

    async def _add(self, item: Item) -> None:
        self._item = item
        previous = self._conversation.append(item) if self._conversation else None
        await self._send_item(ResponseOutputItemAddedEvent)
        if self._conversation:
            await self._wire.send(ConversationItemAdded, item=item.wire, previous_item_id=previous)

    async def _complete(self) -> None:
        if self._conversation:
            previous = self._conversation.id_before(self._message())
            await self._wire.send(ConversationItemDone, item=self._message().wire, previous_item_id=previous)
        await self._send_item(ResponseOutputItemDoneEvent)

    async def _send_item(self, event: type[BaseModel]) -> None:
        await self._wire.send(event, response_id=self.id, output_index=0, item=self._message().wire)

    async def _send_part(self, event: type[BaseModel], **fields: object) -> None:
        place = {"response_id": self.id, "item_id": self._message().id, "output_index": 0, "content_index": 0}
        await self._wire.send(event, **place, **fields)

    def _message(self) -> Item:
        assert self._item is not None  # noqa: S101  nothing is said before _add
        return self._item

    def _limit(self) -> int | None:
        limit = self._order.template.max_output_tokens
        return limit if isinstance(limit, int) else None

    def _has_sound(self) -> bool:
        return self._order.template.output_modalities != ["text"]

    def _output_tokens(self) -> Tokens:
        if self._item is None:
            return Tokens()
        text = self._transcript if self._is_speaking else self._item.text
        return Tokens(count_text(text), count_audio(self._item.audio, ms_per_token=ASSISTANT_MS_PER_TOKEN))

    def _response(self, status: Status | Literal["in_progress"]) -> RealtimeResponse:
        output = [self._item.wire] if self._item else []
        response = self._order.template.model_copy(update={"id": self.id, "status": status, "output": output})
        self._record.result = response
        return response
