"""One telephone call, from the side of whoever rings and of whoever is rung."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from granny.rehearsal.callers.telephone import FRAME_SECONDS
from granny.rehearsal.callers.telephone_line import _g711, _message, _sdp
from granny.rehearsal.callers.telephone_line._dialog import Account, Dialog, credentials
from granny.rehearsal.callers.telephone_line._ear import Ear
from granny.rehearsal.callers.telephone_line._message import Message
from granny.rehearsal.callers.telephone_line._sound import Sound

_RINGING, _OK, _MULTIPLE, _WHO_ARE_YOU, _TERMINATED = 180, 200, 300, 407, 487
Send = Callable[[Message], None]


@dataclass(slots=True)
class Times:
    """When what happened, of `time.monotonic`; None: not yet."""

    began: float
    rang: float | None = None
    answered: float | None = None
    ended: float | None = None


class Call:
    """What both sides have of it.

    Attributes:
        status: SIP's word for how the ringing ended: 200 answered, 486 busy and so on; 0 while it rings.
        times: of ringing, answer and end.
        was_hung_up_on: the other end has ended it.
        settled: it rings no more.
        gone: it is over.
    """

    def __init__(self, dialog: Dialog, sound: Sound, send: Send) -> None:
        self.status = 0
        self.times = Times(time.monotonic())
        self.was_hung_up_on = False
        self.settled = asyncio.Event()
        self.gone = asyncio.Event()
        self._dialog = dialog
        self._sound = sound
        self._send = send

    @property
    def heard(self) -> Ear:
        """What an ear hears of it, from the answer on."""
        return self._sound.ear

    @property
    def answered_after(self) -> float:
        """Seconds from the INVITE to the answer."""
        assert self.times.answered  # noqa: S101  whoever asks has seen it answered
        return self.times.answered - self.times.began

    @property
    def lasted(self) -> float:
        """Seconds from the answer to the end: on the ear's clock, when that was."""
        assert self.times.answered and self.times.ended  # noqa: S101, PT018  whoever asks has seen it end
        return self.times.ended - self.times.answered

    async def answered(self) -> bool:
        """Wait until it rings no more; whether somebody has answered."""
        await self.settled.wait()
        return self.status == _OK

    def say(self, pcm: bytes) -> None:
        """Speak: PCM16 mono at `telephone.SAMPLE_RATE`, after what is still to be said."""
        self._sound.say(pcm)

    def press(self, keys: str) -> None:
        """Press keys, one after the other: digits, * and #."""
        for key in keys:
            self._sound.press(key)

    async def said(self) -> None:
        """Wait until all has been spoken and pressed."""
        while self._sound.is_saying and not self.gone.is_set():  # noqa: ASYNC110  a buffer has no event
            await asyncio.sleep(FRAME_SECONDS)

    def lose(self, share: float) -> None:
        """From now on this share of what is spoken is lost on its way, packet by packet."""
        self._sound.loses = share

    def go_dead(self) -> None:
        """No more sound goes out, not even silence; nobody is told."""
        self._sound.is_dead = True

    def hang_up(self) -> None:
        """Put the receiver down."""
        if self.status == _OK and not self.gone.is_set():
            self._send(self._dialog.request("BYE"))
            self._end()

    def take(self, message: Message) -> None:
        """The other end has sent this."""
        if message.method == "BYE" and not message.status:
            self._answer(message, _OK)
            self.was_hung_up_on = not self.gone.is_set()
            self._end()

    def close(self) -> None:
        """Whatever is left of it goes."""
        self._sound.close()

    def _settle(self, status: int) -> None:
        self.status = status
        if status == _OK:
            self.times.answered = time.monotonic()
        else:
            self._end()
        self.settled.set()

    def _end(self) -> None:
        if not self.gone.is_set():
            self.times.ended = time.monotonic()
            self._sound.close()
            self.gone.set()

    def _answer(self, to: Message, status: int, body: str = "") -> None:
        self._send(_message.answer(to, status, tag=self._dialog.tag, contact=self._dialog.contact, body=body))


class DialledCall(Call):
    """A call to somebody; it rings until the other end settles it, or until `cancel`."""

    def __init__(self, dialog: Dialog, sound: Sound, send: Send, account: Account | None) -> None:
        super().__init__(dialog, sound, send)
        self._account = account
        self._invite = self._ask()

    def cancel(self) -> None:
        """Give up while it rings."""
        self._send(self._dialog.follow("CANCEL", self._invite.branch))

    def take(self, message: Message) -> None:
        """The other end has sent this."""
        if message.method == "INVITE" and message.status:
            self._on_answer(message)
        super().take(message)

    def _on_answer(self, message: Message) -> None:
        if message.status < _OK:
            self._on_progress(message)
            return
        if message.status >= _MULTIPLE:
            self._send(self._dialog.follow("ACK", message.branch))
        if message.status == _WHO_ARE_YOU and self._account:
            account, self._account = self._account, None
            self._invite = self._ask(credentials(account, message, self._dialog.target))
        elif message.status == _OK:
            self._on_ok(message)
        elif not self.settled.is_set():
            self._settle(message.status)

    def _on_progress(self, message: Message) -> None:
        if message.status == _RINGING and self.times.rang is None:
            self.times.rang = time.monotonic()

    def _on_ok(self, message: Message) -> None:
        self._dialog.learn(message)
        self._send(self._dialog.acknowledge())
        if not self.settled.is_set():
            self._sound.connect(_sdp.read(message.body))
            self._settle(_OK)

    def _ask(self, *more: tuple[str, str]) -> Message:
        body = _sdp.write(self._sound.port, codec=_g711.PAYLOAD_TYPE, name=_g711.NAME)
        invite = self._dialog.request("INVITE", *more, body=body)
        self._send(invite)
        return invite


class IncomingCall(Call):
    """A call from somebody, who waits for this end to ring, answer or refuse."""

    def __init__(self, dialog: Dialog, sound: Sound, send: Send, invite: Message) -> None:
        super().__init__(dialog, sound, send)
        self._invite = invite

    @property
    def number(self) -> str:
        """Which number rings."""
        return _message.uri(self._invite.get("from")).removeprefix("sip:").partition("@")[0]

    def ring(self) -> None:
        """It is to be heard in the house."""
        self.times.rang = time.monotonic()
        self._answer(self._invite, _RINGING)

    def answer(self) -> None:
        """Somebody takes the receiver."""
        media = _sdp.read(self._invite.body)
        body = _sdp.write(self._sound.port, codec=_g711.PAYLOAD_TYPE, name=_g711.NAME, keys=media.keys)
        self._answer(self._invite, _OK, body)
        self._sound.connect(media)
        self._settle(_OK)

    def refuse(self, status: int) -> None:
        """Nobody will: 486 busy, 603 declined, 404 no such number, and so on."""
        self._answer(self._invite, status)
        self._settle(status)

    def take(self, message: Message) -> None:
        """The other end has sent this."""
        if message.method == "CANCEL" and not message.status:
            self._answer(message, _OK)
            if not self.settled.is_set():
                self.was_hung_up_on = True
                self.refuse(_TERMINATED)
        super().take(message)
