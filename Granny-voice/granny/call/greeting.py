"""Her recorded greeting: on its way to the caller before there is an agent session, let alone a model."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import re
import time

from livekit import rtc
from livekit.agents import JobContext, llm

from granny import lines
from granny.call.hearing import clearer
from granny.call.hello import Due
from granny.call.line_player import AT_ONCE, Loudspeaker
from granny.call.opening import Opening
from granny.call.wire import WireSpeaker, wire_of
from granny.config.settings import Settings
from granny.lines import Line, OwnVoice, Recording, suitable

logger = logging.getLogger("granny.call")

_HEAD_START_SECONDS = 0.5
"""So long at most the rest of the call waits for her first sound; making it ready meanwhile would only delay both."""
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese, with their punctuation."""
_LETTER = re.compile(rf"[^\s{_UNSPACED}]")
_LAST_WORD = re.compile(rf"[^\s{_UNSPACED}]+$")


class Greeting:
    """A greeting that is being said, as soon as there is somebody to hear it.

    Attributes:
        is_left_to_model: whether it will never be said, because what was heard is for the model to answer.
    """

    def __init__(self, opening: Opening, speaker: Loudspeaker | WireSpeaker, recording: Recording) -> None:
        self.is_left_to_model = False
        self._opening = opening
        self._speaker = speaker
        self._text, self._seconds = recording.text, recording.duration
        self._since = time.time()
        self._stopped_at = math.inf
        self._playing = asyncio.create_task(self._play())
        self._saying = asyncio.create_task(self._say())

    def stop(self) -> None:
        """The caller speaks, or there is something else to be said; as often as there is."""
        self._stopped_at = min(self._stopped_at, time.monotonic())
        self._playing.cancel()

    def hides_her(self, language: str) -> bool:
        """Whether of its words, which are in this language, so few were heard that they did not say what she is."""
        began_at = self._speaker.began_at
        if began_at is None:
            return False
        share = (min(time.monotonic(), self._stopped_at) - began_at) / self._seconds
        return not suitable.discloses(heard_words(self._text, min(share, 1.0)), language)

    async def begins(self) -> float | None:
        """Wait for its first sound; when that left, or None if there is none to come."""
        began = asyncio.create_task(self._speaker.began.wait())
        await asyncio.wait((began, self._saying), return_when=asyncio.FIRST_COMPLETED)
        began.cancel()
        return self._speaker.began_at

    async def over(self) -> None:
        """Wait until it has been heard, was stopped or failed."""
        await asyncio.wait([self._saying])

    async def heard(self) -> llm.ChatMessage:
        """Wait until it is over; then what the conversation is to remember: the words that were heard."""
        await self.over()
        share = self._speaker.share_played
        words = heard_words(self._text, share)
        return llm.ChatMessage(role="assistant", content=[words], interrupted=share < 1, created_at=self._since)

    async def _say(self) -> None:
        try:
            await asyncio.wait([self._playing])
        finally:  # which no stop cuts short
            await self._speaker.close()

    async def _play(self) -> None:
        try:
            if await self._opening.over() is Due.LISTEN:
                self.is_left_to_model = True
                return
            await self._opening.sounds()
            await self._speaker.play()
        except Exception:  # the call goes on: whoever follows the greeting sees that it never began
            logger.exception("greeting failed")


async def greet(ctx: JobContext, settings: Settings, opening: Opening) -> Greeting | None:
    """Join the room and begin to greet, if there is a recording in her own voice or of the family's.

    Without one the model greets, for it must sound like one person; and so it does in a call from the terminal, which
    has neither room nor wire. None then, if LiveKit does not take the sound, and if she may not begin in this room,
    which is asked in it.
    """
    recording = recorded_greeting(settings)
    if recording is None:
        return None
    if ctx.is_fake_job():
        wire = wire_of(ctx)
        return Greeting(opening, WireSpeaker(wire, recording), recording) if wire else None
    await ctx.connect()
    if not await opening.may_begin():
        return None
    speaker = Loudspeaker(ctx.room, recording, AT_ONCE)
    try:
        await speaker.open()
    except rtc.participant.PublishTrackError:
        return None
    greeting = Greeting(opening, speaker, recording)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(greeting.begins(), _HEAD_START_SECONDS)
    return greeting


def heard_words(text: str, share: float) -> str:
    """The words of which all has been heard when this share of the text was said, 0 to 1.

    Where words are not parted by spaces, as in Japanese or Thai, it is every letter.
    """
    said, rest = text[: int(share * len(text))], text[int(share * len(text)) :]
    return (_LAST_WORD.sub("", said) if _LETTER.match(rest) else said).rstrip()


def recorded_greeting(settings: Settings) -> Recording | None:
    """Her greeting in her own voice or the family's, if there is one; her own, if it is in the call's language."""
    own, folder, line = OwnVoice.of(settings), settings.lines_folder, greeting_line(settings)
    hers = own if lines.is_in_language(line, own, folder=folder) else None
    recording = lines.personal(line, folder=folder, language=settings.language, own=hers)
    return clearer(recording, settings.hearing) if recording else None


def greeting_line(settings: Settings) -> Line:
    """The recorded line that is true for a Granny of this name."""
    return lines.greeting(settings.name, folder=settings.lines_folder, own=OwnVoice.of(settings))
