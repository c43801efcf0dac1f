"""One connection: the client's events come in, the conversation goes on, the server's events go out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web
from openai import BaseModel
from openai.types.realtime import (
    ConversationItemAdded,
    ConversationItemCreateEvent,
    ConversationItemDeletedEvent,
    ConversationItemDeleteEvent,
    ConversationItemDone,
    ConversationItemInputAudioTranscriptionCompletedEvent,
    ConversationItemRetrieveEvent,
    ConversationItemTruncatedEvent,
    ConversationItemTruncateEvent,
    InputAudioBufferAppendEvent,
    InputAudioBufferClearedEvent,
    InputAudioBufferClearEvent,
    InputAudioBufferCommitEvent,
    InputAudioBufferCommittedEvent,
    InputAudioBufferSpeechStartedEvent,
    InputAudioBufferSpeechStoppedEvent,
    RealtimeResponseCreateParams,
    RealtimeSessionCreateRequest,
    ResponseCancelEvent,
    ResponseCreateEvent,
    SessionCreatedEvent,
    SessionUpdatedEvent,
    SessionUpdateEvent,
)
from openai.types.realtime.conversation_item_input_audio_transcription_completed_event import (
    UsageTranscriptTextUsageDuration,
)
from openai.types.realtime.realtime_server_event import ConversationItemRetrieved

from granny.rehearsal.openai.answering import Answering
from granny.rehearsal.openai.conversation import Item, decode, heard_item, new_id
from granny.rehearsal.openai.errors import Refused, WireError
from granny.rehearsal.openai.hearing import BYTES_PER_MS, Hearing, SpeechStarted, SpeechStopped
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.record import ConnectionRecord
from granny.rehearsal.openai.script import Cut, Opening, Script
from granny.rehearsal.openai.session import Settings
from granny.rehearsal.openai.wire import Wire, parse, read

SHORTEST_COMMIT_MS = 100


class Connection:
    """One client's connection, from the open WebSocket to its end."""

    def __init__(self, wire: Wire, *, record: ConnectionRecord, manner: Manner, script: Callable[[], Script]) -> None:
        self._wire = wire
        self._record = record
        self._manner = manner
        self._settings = Settings(record.model)
        self._answering = Answering(wire, self._settings, record=record, manner=manner, script=script)
        self._conversation = record.conversation
        self._hearing = Hearing(
            semantic_silence_ms=manner.semantic_silence_ms, eager_silence_ms=manner.eager_silence_ms
        )
        self._speech_id = ""
        self._answers: dict[type[BaseModel], Callable[[Any], Awaitable[None]]] = {
            SessionUpdateEvent: self._update_session,
            ConversationItemCreateEvent: self._create_item,
            ConversationItemDeleteEvent: self._delete_item,
            ConversationItemRetrieveEvent: self._retrieve_item,
            ConversationItemTruncateEvent: self._truncate_item,
            InputAudioBufferAppendEvent: self._append_audio,
            InputAudioBufferClearEvent: self._clear_audio,
            InputAudioBufferCommitEvent: self._commit_audio,
            ResponseCreateEvent: self._create_response,
            ResponseCancelEvent: self._cancel_response,
        }

    async def serve(self, socket: web.WebSocketResponse, opening: Opening) -> None:
        """Talk until the client leaves, or until the opening's cut."""
        self._hearing.listen(self._settings.turn_detection)
        self._record.session = self._settings.wire
        await self._send_first_frame(opening)
        cut = asyncio.create_task(self._cut_later(opening))
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT and opening.first_frame is None:
                    await self._receive(message.data)
        finally:
            cut.cancel()
            self._answering.leave()
            await self._wire.farewell()

    async def _send_first_frame(self, opening: Opening) -> None:
        if opening.first_frame is None:
            await self._wire.send(SessionCreatedEvent, session=self._settings.wire)
        elif opening.first_frame:
            await self._wire.send_text(opening.first_frame, "")

    async def _cut_later(self, opening: Opening) -> None:
        await asyncio.sleep(opening.after)
        await self._wire.cut(opening.cut or Cut())

    async def _receive(self, text: str) -> None:
        fields = read(text)
        self._record.client_events.append(str(fields.get("type")))
        try:
            event = parse(fields)
            if answer := self._answers.get(type(event)):
                await answer(event)
        except Refused as refusal:
            event_id = fields.get("event_id")
            await self._wire.send_error(refusal.error, event_id=str(event_id) if event_id else None)

    # --- the session ---

    async def _update_session(self, event: SessionUpdateEvent) -> None:
        if not isinstance(event.session, RealtimeSessionCreateRequest):
            raise Refused(WireError("invalid_value", "Passing a transcription session here is not allowed."))
        before = self._settings.turn_detection
        self._settings.update(event.session)
        self._record.session = self._settings.wire
        if self._settings.turn_detection != before:
            self._hearing.listen(self._settings.turn_detection)
        await self._wire.send(SessionUpdatedEvent, session=self._settings.wire)

    # --- the conversation ---

    async def _create_item(self, event: ConversationItemCreateEvent) -> None:
        await self._announce(self._conversation.create(event.item, after=event.previous_item_id))

    async def _delete_item(self, event: ConversationItemDeleteEvent) -> None:
        self._conversation.delete(event.item_id)
        await self._wire.send(ConversationItemDeletedEvent, item_id=event.item_id)

    async def _retrieve_item(self, event: ConversationItemRetrieveEvent) -> None:
        await self._wire.send(ConversationItemRetrieved, item=self._conversation.retrieve(event.item_id))

    async def _truncate_item(self, event: ConversationItemTruncateEvent) -> None:
        self._conversation.truncate(event.item_id, audio_end_ms=event.audio_end_ms)
        place = {"item_id": event.item_id, "content_index": event.content_index}
        await self._wire.send(ConversationItemTruncatedEvent, audio_end_ms=event.audio_end_ms, **place)

    async def _announce(self, item: Item) -> None:
        previous = self._conversation.id_before(item)
        await self._wire.send(ConversationItemAdded, item=item.wire, previous_item_id=previous)
        await self._wire.send(ConversationItemDone, item=item.wire, previous_item_id=previous)

    # --- the caller's voice ---

    async def _append_audio(self, event: InputAudioBufferAppendEvent) -> None:
        for sound in self._hearing.append(decode(event.audio)):
            if isinstance(sound, SpeechStarted):
                await self._speech_started(sound)
            else:
                await self._speech_stopped(sound)

    async def _speech_started(self, sound: SpeechStarted) -> None:
        self._speech_id = new_id("item")
        await self._wire.send(
            InputAudioBufferSpeechStartedEvent, audio_start_ms=sound.start_ms, item_id=self._speech_id
        )
        detection = self._settings.turn_detection
        if detection and detection.interrupt_response is not False:
            await self._answering.interrupt()

    async def _speech_stopped(self, sound: SpeechStopped) -> None:
        await self._wire.send(InputAudioBufferSpeechStoppedEvent, audio_end_ms=sound.end_ms, item_id=self._speech_id)
        await self._commit(heard_item(self._speech_id, sound.audio))
        detection = self._settings.turn_detection
        if detection and detection.create_response is not False and not self._answering.is_active:
            await self._answering.respond(RealtimeResponseCreateParams())

    async def _clear_audio(self, _: InputAudioBufferClearEvent) -> None:
        self._hearing.clear()
        await self._wire.send(InputAudioBufferClearedEvent)

    async def _commit_audio(self, _: InputAudioBufferCommitEvent) -> None:
        audio = self._hearing.take()
        if len(audio) < SHORTEST_COMMIT_MS * BYTES_PER_MS:
            message = (
                "Error committing input audio buffer: buffer too small. "
                f"Expected at least {SHORTEST_COMMIT_MS}ms of audio, "
                f"but buffer only has {len(audio) / BYTES_PER_MS:.2f}ms of audio."
            )
            raise Refused(WireError("input_audio_buffer_commit_empty", message))
        await self._commit(heard_item(new_id("item"), audio))

    async def _commit(self, item: Item) -> None:
        previous = self._conversation.append(item)
        await self._wire.send(InputAudioBufferCommittedEvent, item_id=item.id, previous_item_id=previous)
        await self._announce(item)
        if not self._settings.transcribes:
            return
        seconds = len(item.audio) / BYTES_PER_MS / 1000
        transcript = self._manner.heard.format(seconds=seconds)
        item.write_down(transcript)
        await self._wire.send(
            ConversationItemInputAudioTranscriptionCompletedEvent,
            item_id=item.id,
            content_index=0,
            transcript=transcript,
            usage=UsageTranscriptTextUsageDuration(type="duration", seconds=seconds),
        )

    # --- responses ---

    async def _create_response(self, event: ResponseCreateEvent) -> None:
        await self._answering.respond(event.response or RealtimeResponseCreateParams())

    async def _cancel_response(self, event: ResponseCancelEvent) -> None:
        await self._answering.cancel(event.response_id)
