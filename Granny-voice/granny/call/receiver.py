"""What a telephone asks of a call that a page does not: it begins with the answer, and a key is a sign of life."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession

from granny.call.opening import Opening, there
from granny.call.realtime_model import VoiceModel
from granny.call.supervisor import Supervisor
from granny.call.telephone_call import TelephoneCall
from granny.config.settings import Settings
from granny.rooms.telephones import RING, RingOutcome, is_telephone

logger = logging.getLogger("granny.call")

_TAIL_SECONDS = 1.3
"""A telephone network may swallow what comes in the last second of a call; and so much later it is at its other end."""
_TELLING_SECONDS = 1.0


class Receiver:
    """The telephone of one call, if it has one.

    Args:
        room: the call's room.
        settings: the call's.
        telephone: what is known of it.
        opening: the call's beginning.
    """

    def __init__(self, room: rtc.Room, settings: Settings, telephone: TelephoneCall, opening: Opening) -> None:
        self._room = room
        self._settings = settings
        self._telephone = telephone
        self._opening = opening
        self._going_on: set[asyncio.Task[None]] = set()

    def lend_ear(self, session: AgentSession[Any], supervisor: Supervisor) -> None:
        """Have nothing of a ringing telephone heard; to be called before the agent session starts."""
        if isinstance(session.llm, VoiceModel):
            self._opening.lend_ear(session.llm)
        if self._telephone.is_one:
            self._hear_by_telephone(session)
        self._hold(session, supervisor)
        self._room.on("participant_connected", lambda _: self._hold(session, supervisor))
        self._room.on("sip_dtmf_received", lambda _: supervisor.caller_is_there())

    def _hold(self, session: AgentSession[Any], supervisor: Supervisor) -> None:
        if self._telephone.rings and not there(self._room):
            supervisor.rings()
            session.input.set_audio_enabled(False)

    def met(self, session: AgentSession[Any], supervisor: Supervisor) -> None:
        """She and her caller can hear each other: by a telephone, the call begins now."""
        if not self._telephone.is_answered:
            supervisor.met()
            return
        self._hear_by_telephone(session)  # if nobody told that it is one
        if not session.input.audio_enabled:  # the SDK warns where a session is enabled that has not begun
            session.input.set_audio_enabled(True)
        supervisor.answered()
        if self._telephone.is_rung:
            self.tell(RingOutcome.ANSWERED)
            self._spawn(self._begin_after_hello(supervisor))
        else:
            supervisor.met()

    def tell(self, outcome: RingOutcome) -> None:
        """Whoever rings for her is told whom she has found."""
        self._spawn(self._tell(outcome))

    def answered_in_vain(self) -> None:
        """Whom she has rung hears an apology or a goodbye, and has not been talked with."""
        if self._telephone.is_rung and self._telephone.is_answered:
            self.tell(RingOutcome.NO_CONVERSATION)

    async def linger(self, room: rtc.Room) -> None:
        """Stay, in the room where she is now, until what she said last has been heard at the other end."""
        if any(is_telephone(one) for one in there(room)):
            await asyncio.sleep(_TAIL_SECONDS)

    def _hear_by_telephone(self, session: AgentSession[Any]) -> None:
        if isinstance(session.llm, VoiceModel):
            noise = self._settings.phone_noise
            session.llm.update_options(input_audio_noise_reduction=None if noise == "off" else noise)

    async def _begin_after_hello(self, supervisor: Supervisor) -> None:
        await self._opening.over()
        supervisor.met()

    async def _tell(self, outcome: RingOutcome) -> None:
        telling = self._room.local_participant.set_attributes({RING: outcome.value})
        try:
            await asyncio.wait_for(telling, _TELLING_SECONDS)
        except Exception as error:  # noqa: BLE001  the SDK does not say which; the call is what matters
            logger.warning("not told who answered", extra={"error": type(error).__name__})

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
