"""An agent session, its output and its link to a room: what is done with them stands in a journal."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from livekit import rtc
from livekit.agents import NOT_GIVEN, AgentSession, NotGivenOr
from livekit.agents.llm import ChatContext, ChatMessage, RealtimeModel, ToolChoice
from livekit.agents.llm.chat_context import Instructions
from livekit.agents.voice.io import AudioInput, AudioOutput, AudioOutputCapabilities
from livekit.agents.voice.room_io import RoomIO
from livekit.agents.voice.speech_handle import SpeechHandle
from typing_extensions import override

from fakes._room import Person, Room


class Output(AudioOutput):
    """An agent session's own output."""

    def __init__(self, journal: list[str]) -> None:
        super().__init__(label="fake", capabilities=AudioOutputCapabilities(pause=True))
        self.journal = journal
        self.pcm = b""

    @override
    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.pcm += bytes(frame.data)

    @override
    def flush(self) -> None:
        super().flush()
        self.journal.append("flushed")

    @override
    def clear_buffer(self) -> None:
        self.journal.append("cleared")

    @override
    def pause(self) -> None:
        super().pause()
        self.journal.append("model held back")

    @override
    def resume(self) -> None:
        super().resume()
        self.journal.append("model let go")


class Link(RoomIO):
    """An agent session's way into a room: whom it hears."""

    def __init__(self, room: Room, whom: str | None = "caller") -> None:
        self._fake_room = room
        self.heard = [whom] if whom else []

    @property
    @override
    def linked_participant(self) -> rtc.RemoteParticipant | None:
        if not self.heard:
            return None
        return self._fake_room.people.get(self.heard[-1]) or Person(self.heard[-1])

    @override
    def set_participant(self, participant_identity: str | None) -> None:
        assert participant_identity is not None
        self.heard.append(participant_identity)


class Ears(AudioInput):
    """An agent session's own input."""

    def __init__(self, journal: list[str]) -> None:
        super().__init__(label="fake")
        self.journal = journal

    @override
    def on_attached(self) -> None:
        self.journal.append("ear opened")

    @override
    def on_detached(self) -> None:
        self.journal.append("ear closed")


class Session(AgentSession[Any]):
    """An agent session that has been started, unless it has no `link`."""

    def __init__(
        self, journal: list[str] | None = None, *, link: Link | None = None, model: RealtimeModel | None = None
    ) -> None:
        super().__init__(llm=model or NOT_GIVEN, vad=None)
        self.journal: list[str] = []
        self.input.audio = Ears([])
        self.output.audio = Output([])
        self.note_in([] if journal is None else journal)
        self.link = link
        self.is_over = False
        self.interrupts_slowly = False
        self.asked: list[SpeechHandle] = []

    def note_in(self, journal: list[str]) -> None:
        for one in (self, self.input.audio, self.output.audio):
            one.journal = journal  # type: ignore[union-attr]  # both are those above

    @property
    @override
    def room_io(self) -> RoomIO:
        if self.link is None:
            raise RuntimeError
        return self.link

    @override
    def generate_reply(
        self,
        *,
        user_input: NotGivenOr[str | ChatMessage] = NOT_GIVEN,
        instructions: NotGivenOr[str | Instructions] = NOT_GIVEN,
        tool_choice: NotGivenOr[ToolChoice] = NOT_GIVEN,
        tools: NotGivenOr[list[str]] = NOT_GIVEN,
        allow_interruptions: NotGivenOr[bool] = NOT_GIVEN,
        chat_ctx: NotGivenOr[ChatContext] = NOT_GIVEN,
        input_modality: Literal["text", "audio"] = "text",
    ) -> SpeechHandle:
        self._is_running()
        self.journal.append(f"asked: {instructions}")
        self.asked.append(SpeechHandle.create())
        return self.asked[-1]

    @override
    def interrupt(self, *, force: bool = False) -> asyncio.Future[None]:
        self._is_running()
        self.journal.append("model interrupted" if force else "model asked to be quiet")
        done = asyncio.get_running_loop().create_future()
        if not self.interrupts_slowly:
            done.set_result(None)
        return done

    @override
    def shutdown(self, *, drain: bool = True) -> None:
        self.journal.append("session drained" if drain else "session shut down")

    def _is_running(self) -> None:
        if self.is_over:
            raise RuntimeError
