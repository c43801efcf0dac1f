"""The responses of one connection: what to say, one at a time, until done or stopped."""

import asyncio
import re
from collections.abc import Callable

from openai.types.realtime import RealtimeConversationItemAssistantMessage, RealtimeResponseCreateParams

from granny.rehearsal.openai.conversation import Item, as_item
from granny.rehearsal.openai.errors import Refused, WireError
from granny.rehearsal.openai.hearing import BYTES_PER_MS
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.record import ConnectionRecord, ResponseRecord
from granny.rehearsal.openai.reply import Order, Reason, Reply
from granny.rehearsal.openai.script import Cut, Script, rule_for_response
from granny.rehearsal.openai.session import Settings
from granny.rehearsal.openai.usage import Context, forget, read_context
from granny.rehearsal.openai.voice import Recording, read_out
from granny.rehearsal.openai.wire import Wire

SAY_EXACTLY = re.compile(r"Say exactly\b[^:]*:\s*(\S.*)", re.DOTALL)


class Answering:
    """Creates and stops responses. One at a time may be part of the conversation; others run beside it."""

    def __init__(
        self,
        wire: Wire,
        settings: Settings,
        *,
        record: ConnectionRecord,
        manner: Manner,
        script: Callable[[], Script],
    ) -> None:
        self._wire = wire
        self._settings = settings
        self._record = record
        self._manner = manner
        self._script = script
        self._active: Reply | None = None
        self._running: dict[str, tuple[Reply, asyncio.Task[None]]] = {}
        self._earlier = Context()

    @property
    def is_active(self) -> bool:
        """Whether a response of the conversation is on its way."""
        return self._active is not None and not self._active.over

    async def respond(self, asked: RealtimeResponseCreateParams) -> None:
        """Create a response.

        Raises:
            Refused: The conversation has one already, or no room is left in the context.
        """
        remembered = asked.conversation != "none"
        if remembered:
            self._require_silence()
        record = ResponseRecord(asked)
        self._record.responses.append(record)
        order = self._order(asked)
        if order.fault and order.fault.when == "asked":
            await self._wire.cut(order.fault.cut or Cut())
            return
        conversation = self._record.conversation if remembered else None
        reply = Reply(order, wire=self._wire, conversation=conversation, record=record)
        if remembered:
            self._active, self._earlier = reply, order.context
        await self._start(reply)

    async def interrupt(self) -> None:
        """Stop the conversation's response, because the caller speaks."""
        if self._active:
            await self._stop(self._active, "turn_detected")

    async def cancel(self, response_id: str | None) -> None:
        """Stop a response, by default the conversation's, because the client says so.

        Raises:
            Refused: It is not on its way.
        """
        known = self._running.get(response_id or "")
        reply = known[0] if known else self._active if response_id is None else None
        if reply is None or reply.over:
            raise Refused(WireError("response_cancel_not_active", "Cancellation failed: no active response found"))
        await self._stop(reply, "client_cancelled")

    def leave(self) -> None:
        """Stop everything without a word: the connection has ended."""
        for _, task in self._running.values():
            task.cancel()

    async def _start(self, reply: Reply) -> None:
        await reply.begin()
        task = asyncio.create_task(reply.run())
        self._running[reply.id] = (reply, task)
        task.add_done_callback(lambda _: self._running.pop(reply.id, None))

    async def _stop(self, reply: Reply, reason: Reason) -> None:
        if reply.over or reply.id not in self._running:
            return
        _, task = self._running[reply.id]
        task.cancel()
        await asyncio.wait([task])
        await reply.finish("cancelled", reason=reason)

    def _require_silence(self) -> None:
        if self._active is None or self._active.over:
            return
        message = (
            f"Conversation already has an active response in progress: {self._active.id}. "
            "Wait until the response is finished before creating a new one."
        )
        raise Refused(WireError("conversation_already_has_active_response", message))

    def _order(self, asked: RealtimeResponseCreateParams) -> Order:
        script, conversation = self._script(), self._record.conversation
        items = conversation.items if asked.input is None else [as_item(wire) for wire in asked.input]
        here = {"connection": self._record.number, "response": len(self._record.responses)}
        return Order(
            template=self._settings.response(
                asked, conversation_id=None if asked.conversation == "none" else conversation.id
            ),
            recording=self._dictated(asked) or self._answer_to(items).beginning(script.answer_seconds),
            context=self._read(asked, items),
            earlier=self._earlier,
            latency=script.latency,
            pace=script.pace,
            tool_call=rule_for_response(script.tool_calls, **here),
            fault=rule_for_response(script.responses, **here),
        )

    def _read(self, asked: RealtimeResponseCreateParams, items: list[Item]) -> Context:
        instructions, tools = self._settings.prompt(asked)
        room = self._manner.context_tokens - read_context(instructions, tools, []).tokens.total
        forget(items, truncation=self._settings.wire.truncation, room=room)
        return read_context(instructions, tools, items)

    def _dictated(self, asked: RealtimeResponseCreateParams) -> Recording | None:
        """What an out-of-band response was told to say word for word, if it was."""
        found = SAY_EXACTLY.match(asked.instructions or "")
        if not found or asked.conversation != "none" or not self._manner.reads_out:
            return None
        return read_out(found[1], self._manner.greeting)

    def _answer_to(self, items: list[Item]) -> Recording:
        """All that the caller has said since the assistant's last message; the greeting, if that is nothing."""
        said: list[bytes] = []
        for item in reversed(items):
            if isinstance(item.wire, RealtimeConversationItemAssistantMessage):
                break
            said.insert(0, bytes(item.audio))
        sound = b"".join(said)
        if not sound:
            return self._manner.greeting
        return Recording.of(sound, self._manner.heard.format(seconds=len(sound) / BYTES_PER_MS / 1000))
