"""When she may say her first word: to a page at once, to a telephone when it is answered, and after their hello."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol

from livekit import rtc
from livekit.agents import JobContext

from granny.call.hello import HELLO_AGAIN_SECONDS, Due, Hello
from granny.call.line_player import is_person
from granny.call.telephone_call import TelephoneCall
from granny.rooms.telephones import is_on_the_line, is_telephone

HEAD_SECONDS = 0.4
"""A telephone network opens its sound some time after the answer. The way to a telephone takes a tenth of a second, so
that half a second there is silence."""
_TICK_SECONDS = 0.1
_NEWS: tuple[Literal["connection_state_changed", "participant_connected", "participant_attributes_changed"], ...] = (
    "connection_state_changed",
    "participant_connected",
    "participant_attributes_changed",
)


class Model(Protocol):
    """By which she hears the hello."""

    def hear_out(self) -> None:
        """Answer no turn of the caller's by itself until it may."""

    def take_turns(self) -> None:
        """Answer every turn again."""


class Opening:
    """The beginning of one call.

    Args:
        ctx: the call's job.
        telephone: what is known of its telephone, if there is one.
        may_begin: waits until no other Granny has the floor; False if it is for her to leave.

    Attributes:
        may_begin: as above.
        answered_at: when its telephone was answered, in `time.monotonic`'s seconds; None before, and of any other call.
    """

    def __init__(self, ctx: JobContext, telephone: TelephoneCall, may_begin: Callable[[], Awaitable[bool]]) -> None:
        self.may_begin = may_begin
        self._ctx = ctx
        self._telephone = telephone
        self._model: Model | None = None
        self.answered_at: float | None = None
        self._hello: Hello | None = None
        self._beginnings = 0
        self._ending: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None

    @property
    def is_by_telephone(self) -> bool:
        """Whether her words go to a telephone."""
        return self._telephone.is_one

    @property
    def is_rung(self) -> bool:
        """Whether it was she who rang."""
        return self._telephone.is_rung

    @property
    def is_hearing_out(self) -> bool:
        """Whether a voice is a hello, and no interruption: from the answer until a moment after her first sound."""
        return self._hello is not None

    @property
    def is_spoken_into(self) -> bool:
        """Whether they have said hello (once more) since she might begin."""
        return self._hello is not None and self._hello.beginnings > self._beginnings

    def lend_ear(self, model: Model) -> None:
        """By this model she hears the hello."""
        self._model = model
        if self.is_hearing_out:
            model.hear_out()

    def take(self, event: Mapping[str, object], now: float) -> None:
        """An event from OpenAI, as parsed JSON."""
        if self._hello:
            self._hello.take(event, now)
            self._news.set()

    async def over(self) -> Due:
        """Wait until she may begin, or begin anew: `GREET`, or `LISTEN` where the model is to answer what was heard."""
        if self._ctx.is_fake_job():  # a caller without a room is there from the first moment
            return Due.GREET
        self._opening = self._opening or asyncio.create_task(self._open())
        await asyncio.shield(self._opening)
        while self._hello:
            due = self._hello.due(time.monotonic())
            if due is not Due.WAIT:
                self._beginnings = self._hello.beginnings
                return due
            self._news.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), _TICK_SECONDS)
        return Due.GREET

    def begins(self) -> None:
        """Her first sound has left: from a moment later on they may interrupt her, and OpenAI answers by itself."""
        if self._hello and not self._ending:
            self._ending = asyncio.get_running_loop().call_later(HELLO_AGAIN_SECONDS, self._end_hello)

    async def sounds(self) -> None:
        """Wait until what she says is heard whole."""
        if self.answered_at is not None:
            await asyncio.sleep(self.answered_at + HEAD_SECONDS - time.monotonic())

    def close(self) -> None:
        """The call is over."""
        for waiting in (self._opening, self._ending):
            if waiting:
                waiting.cancel()

    async def _open(self) -> None:
        await until_somebody_is_there(self._ctx.room)
        if any(is_telephone(one) for one in there(self._ctx.room)):
            self.answered_at = time.monotonic()
            if self.is_rung:
                self._hear_out(self.answered_at)

    def _hear_out(self, answered_at: float) -> None:
        self._hello = Hello(answered_at=answered_at)
        if self._model:
            self._model.hear_out()

    def _end_hello(self) -> None:
        self._hello = None
        if self._model:
            self._model.take_turns()


def there(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """Who can be spoken to: every person in a room whose telephone, if it is one, has been answered."""
    return [one for one in room.remote_participants.values() if is_person(one) and is_on_the_line(one)]


async def until_somebody_is_there(room: rtc.Room) -> None:
    """Wait for the first who can be spoken to, however long; the room may not be connected yet."""
    is_there = asyncio.Event()

    def look(*_: object) -> None:
        if there(room):
            is_there.set()

    for event in _NEWS:
        room.on(event, look)
    try:
        look()
        await is_there.wait()
    finally:
        for event in _NEWS:
            room.off(event, look)
