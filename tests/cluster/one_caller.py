"""One caller in a process of its own: joins by a token when told to, talks as people do, and prints what it meets.

On stdin comes one line, `{"url": …, "token": …, "asked": …}`, when the caller is to join; its end, or SIGTERM, is to
hang up.
On stdout goes a `Report` in a line of JSON whenever it has changed; an empty line first, when the caller can begin.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time

from livekit import rtc

from calls.hearing_lines import Ear
from cluster.report import Company, Report, Stretch
from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.room_caller import RoomCaller, joined
from granny.rehearsal.callers.telephone import SAMPLE_RATE

SAID = recorded(SENTENCE)[: int(1.5 * SAMPLE_RATE) * 2]
QUIET_SECONDS = 2.0
"""After so long a silence the caller says something, once she has been heard."""
DIAL_AGAIN_SECONDS = 0.5
SETTLED_BYTES = SAMPLE_RATE * 2 // 5
"""The last 0.2 s of the sound may change: another track is mixed in."""
TICK = 0.1
LINE = rtc.RoomOptions(single_peer_connection=False)
"""With one connection for both ways LiveKit's SDK for Python (1.1.21) hears nothing in a room that it got into only at
a second try, the first having gone to a dead node: four callers of four. The caller's SDK is not what is tried here."""
MARK, BUSY, FAULT = "granny.agent", "busy", "granny.fault"


class Call:
    """From asking to hanging up."""

    def __init__(self) -> None:
        self.report = Report()
        self.hung_up = asyncio.Event()
        self._ear = Ear()
        self._spoke_at = 0.0
        self._printed = ""

    async def hold(self, url: str, token: str, asked: float) -> None:
        """Ask until let in, then talk until hung up; who had to ask for a room first asked before."""
        self.report.asked = asked
        while not (self.hung_up.is_set() or await self._is_let_in(url, token)):
            self.report.refused.append(time.monotonic())
            self.show()
            await asyncio.sleep(DIAL_AGAIN_SECONDS)

    async def _is_let_in(self, url: str, token: str) -> bool:
        """Whether there was a call, which is over now."""
        try:
            async with joined(url, token, options=LINE) as caller:
                await self._talk(caller)
        except rtc.ConnectError:
            return self.report.joined is not None
        return True

    async def _talk(self, caller: RoomCaller) -> None:
        self.report.joined = caller.heard.joined_at
        self._note_what_befalls(caller)
        while not self.hung_up.is_set():
            self._look(caller)
            self.show()
            await asyncio.sleep(TICK)

    def _note_what_befalls(self, caller: RoomCaller) -> None:
        report = self.report
        caller.room.on("reconnecting", lambda: report.reconnecting.append(time.monotonic()))
        caller.room.on("reconnected", lambda: report.reconnected.append(time.monotonic()))

        caller.room.on("track_subscribed", lambda *_: report.tracks.append(time.monotonic()))

        def put_off(reason: rtc.DisconnectReason.ValueType) -> None:
            report.left, report.reason = time.monotonic(), rtc.DisconnectReason.Name(reason)

        caller.room.on("disconnected", put_off)

    def _look(self, caller: RoomCaller) -> None:
        heard, report = caller.heard, self.report
        self._ear.hear(heard.sound[self._ear.bytes_heard : max(0, len(heard.sound) - SETTLED_BYTES)])
        at = heard.joined_at
        report.heard = [
            Stretch(one.line.value if one.line else None, at + one.start, at + one.end) for one in self._ear.sounds
        ]
        report.told = [json.loads(payload)["fault"] for _, topic, payload in heard.data if topic == FAULT]
        company = _company(caller.room)
        if not report.company or company != (report.company[-1].calls, report.company[-1].busy):
            report.company.append(Company(time.monotonic(), *company))
        if report.left is None and self._is_my_turn():
            self._spoke_at = time.monotonic()
            caller.say(SAID)

    def _is_my_turn(self) -> bool:
        """Whether she has been heard in her own voice, and nobody has said anything for a while."""
        heard = self.report.heard
        if not any(one.line is None for one in heard):
            return False
        spoken_until = self._spoke_at + len(SAID) / 2 / SAMPLE_RATE
        return time.monotonic() - max(heard[-1].end, spoken_until) > QUIET_SECONDS

    def show(self) -> None:
        """Print it, if it is new."""
        text = self.report.text()
        if text != self._printed:
            self._printed = text
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


def _company(room: rtc.Room) -> tuple[int, int]:
    agents = [
        one.attributes.get(MARK)
        for one in room.remote_participants.values()
        if one.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    ]
    busy = agents.count(BUSY)
    return len(agents) - busy, busy


async def main() -> None:
    """As the module says."""
    loop = asyncio.get_running_loop()
    call = Call()
    loop.add_signal_handler(signal.SIGTERM, call.hung_up.set)
    words = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    sys.stdout.write("\n")
    sys.stdout.flush()
    if not (told := await words.readline()):
        return
    where = json.loads(told)
    holding = asyncio.create_task(call.hold(where["url"], where["token"], where["asked"]))
    ended = [asyncio.create_task(words.read()), asyncio.create_task(call.hung_up.wait()), holding]
    await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
    call.hung_up.set()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(holding, 5.0)
    call.show()


if __name__ == "__main__":
    asyncio.run(main())
