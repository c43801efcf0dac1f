"""Where scenes are played: a stand-in, a worker and a caller, and what the caller met."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from livekit import api

from calls.hearing_lines import Sound, record_tones, sounds
from calls.scenes import SCENES, Scene
from granny.lines import Line
from granny.rehearsal.callers.caller import SENTENCE, recorded
from granny.rehearsal.callers.room_caller import Heard, RoomCaller, join
from granny.rehearsal.callers.telephone import SAMPLE_RATE
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.record import ConnectionRecord
from granny.rehearsal.openai.script import Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.openai.voice import Recording, recorded_greeting
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server
from granny.rehearsal.rig.worker import Worker, worker

KEY = "sk-rehearsal-" + "FAKE" * 6
SAID = recorded(SENTENCE)[: int(1.5 * SAMPLE_RATE) * 2]
FAULT = "granny.fault"
SPEECH_STOPPED = "input_audio_buffer.speech_stopped"
HANG = 40.0
_TICK = 0.05
_BROKEN_SECONDS = 0.7
_UNHURRIED = '''\
"""agent.py on a machine that is busy with other tests: what the CPU does is no reason to refuse
a call, and a fault that was provoked passes soon."""
from livekit.agents import cli

from granny.worker import account_breaker, worker

account_breaker.LONGEST_PAUSE_SECONDS = 1.0
worker._usual_load = lambda _server: 0.0

from agent import answer, server  # noqa: E402,F401

if __name__ == "__main__":
    cli.run_app(server)
'''


@dataclass
class Met:
    """What the caller of one scene met; seconds from the fault on the wire.

    Attributes:
        lines: the recorded lines heard, in order.
        first_line: when the first began.
        voice_after: whether the model's voice was heard after the fault and after the last line.
        attribute, told: the fault left as an attribute; those told by data messages, in order.
        off_the_line: when the caller was off the line; None if it never was.
        job_is_gone: whether the job's process has ended.
        reason: the job's reason to end, in the log.
        connections: the stand-in's records of the call.
        sound, captions: all that the caller heard, and the agent's words as they were written down.
    """

    lines: tuple[Line, ...] = ()
    first_line: float | None = None
    voice_after: bool = False
    attribute: str | None = None
    told: tuple[str, ...] = ()
    off_the_line: float | None = None
    job_is_gone: bool = False
    reason: str | None = None
    connections: list[ConnectionRecord] = field(default_factory=list)
    sound: bytes = b""
    captions: tuple[str, ...] = ()


@dataclass
class Stage:
    """A worker and its OpenAI, used by one scene after the other.

    Attributes:
        livekit, standin, worker: the parts.
        health: the URL of the worker's health page, if it has one that tells whether it takes calls.
        agent_name: the name to dispatch to, if the worker does not join every room.
        patience: how many seconds the caller waits for an end.
        played: how many scenes have been.
    """

    livekit: LiveKit
    standin: StandIn
    worker: Worker
    health: str = ""
    agent_name: str = ""
    patience: float = HANG
    played: int = 0

    async def play(self, scene: Scene) -> Met:
        """One scene, from the healthy worker to the healthy worker."""
        met = await self.play_last(scene)
        await self.until_well()
        return met

    async def play_last(self, scene: Scene) -> Met:
        """One scene, whatever becomes of the worker."""
        self.played += 1
        room = f"scene-{id(self)}-{self.played}"
        before = len(self.standin.connections)
        script = scene.script if isinstance(scene.script, Script) else scene.script(before + 1)
        if scene.at == "start":
            self.standin.script = script
        try:
            async with join(self.livekit, room, agent_name=self.agent_name) as caller:
                began = await self._provoke(scene, script, caller, before=before)
                await self._see_it_through(scene, caller, began=began)
                met = _met(caller.heard, began)
        finally:
            self.standin.script = Script()
        met.connections = self.standin.connections[before:]
        if self.health:
            await self._until_gone(room, met)
        else:
            await self._delete(room)
        return met

    async def until_well(self) -> None:
        """The worker takes calls (again)."""
        if not self.health:
            return
        async with aiohttp.ClientSession() as client:
            for _ in range(int(HANG * 10)):
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(self.health) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
        msg = f"the worker does not take calls again\n{self.worker.words[-4000:]}"
        raise TimeoutError(msg)

    async def _provoke(self, scene: Scene, script: Script, caller: RoomCaller, *, before: int) -> float:
        """Bring about the fault; returns when it was on the wire, in seconds since joining."""
        await _until(lambda: len(self.standin.connections) > before, caller.gone)
        if scene.at == "start":
            return caller.heard.now()
        await _until(lambda: _quiet_after(caller.heard, 0.0), caller.gone)
        self.standin.script = script
        connection = self.standin.connections[before]
        caller.say(SAID)
        await _until(lambda: SPEECH_STOPPED in connection.server_events, caller.gone)
        return caller.heard.now()

    async def _see_it_through(self, scene: Scene, caller: RoomCaller, *, began: float) -> None:
        heard, gone = caller.heard, caller.gone
        for number in range(scene.again):
            await _until(functools.partial(_has_spoken, heard, began, number), gone, self.patience)
            await asyncio.sleep(1.0)
            caller.say(SAID)
        if scene.slug:
            await _until(gone.is_set, gone, self.patience)
        else:
            await _until(functools.partial(_goes_on, scene, heard, began), gone, self.patience)

    async def _delete(self, room: str) -> None:
        """End a room that nobody else ends."""
        async with api.LiveKitAPI(self.livekit.url, self.livekit.key, self.livekit.secret) as livekit:
            with contextlib.suppress(api.TwirpError):  # it has gone
                await livekit.room.delete_room(api.DeleteRoomRequest(room=room))
        await asyncio.sleep(1.0)

    async def _until_gone(self, room: str, met: Met) -> None:
        deadline = time.monotonic() + HANG
        while time.monotonic() < deadline:
            for line in self._log():
                if line.get("room") == room and line["message"] == "process exiting":
                    met.reason = line["reason"]
                    met.job_is_gone = not _is_alive(int(line["pid"]))
            if met.job_is_gone:
                return
            await asyncio.sleep(0.1)

    def _log(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.worker.words.splitlines() if line.startswith('{"message"')]


@contextlib.asynccontextmanager
async def stage(home: Path, folder: Path, environment: dict[str, str], **settings: str) -> AsyncIterator[Stage]:
    """A LiveKit server, a stand-in and a worker of their own: a room's call goes to any worker of its server."""
    record_tones(folder / "lines")
    told_apart = {
        "GRANNY_LINES_FOLDER": str(folder / "lines"),
        "GRANNY_OWN_VOICE": "off",  # else a second call would be greeted by a recording
    }
    async with default_stage(home, folder, {**environment, **told_apart, **settings}) as here:
        yield here


@contextlib.asynccontextmanager
async def default_stage(home: Path, folder: Path, environment: dict[str, str]) -> AsyncIterator[Stage]:
    """The same with the environment's settings; without any she is as a user first has her."""
    entry = unhurried(folder)
    ours = {
        **environment,
        "PYTHONPATH": str(home),
        "GRANNY_HEALTH_PORT": "0",
        "XDG_CACHE_HOME": str(folder / "cache"),  # no recordings of an earlier run
    }
    async with stage_of(entry, folder, ours) as here:
        port = re.search(r'"health page".*?"port": (\d+)', here.worker.words)
        here.health = f"http://127.0.0.1:{port[1] if port else 0}/"
        await here.until_well()
        yield here


def unhurried(folder: Path) -> Path:
    """An agent file in the folder, for an environment in whose PYTHONPATH Granny's folder is."""
    entry = folder / "unhurried.py"
    entry.write_text(_UNHURRIED, encoding="utf-8")
    return entry


@contextlib.asynccontextmanager
async def stage_of(
    entry: Path, folder: Path, environment: dict[str, str], *, agent_name: str = "", patience: float = HANG
) -> AsyncIterator[Stage]:
    """The same for any agent file, which may know nothing of Granny."""
    async with (
        livekit_server(log=folder / "livekit.log") as livekit,
        StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin,
    ):
        variables = {
            **environment,
            **livekit.environment,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": standin.base_url,
        }
        async with worker(entry, log=folder / "worker.log", environment=variables) as running:
            yield Stage(livekit, standin, running, agent_name=agent_name, patience=patience)


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def short_greeting() -> Recording:
    """The first second of the rehearsal's greeting."""
    return Recording.of(recorded_greeting().pcm[: 24_000 * 2], "This is a rehearsal.")


def table(results: Mapping[str, Met | BaseException]) -> str:
    """What the callers met, a line a scene; seconds from the fault on the wire."""
    row = "{:<52} {:>5} {:>7} {:>6}  {}"
    lines = ["", row.format("scene", "aim", "heard", "gone", "fault")]
    for scene in SCENES:
        met = results.get(scene.name)
        if isinstance(met, Met):
            aim = f"{scene.aim:.1f}" if scene.lines else ""
            fault = met.attribute or ", ".join(met.told) or "none"
            lines.append(row.format(scene.name, aim, seconds(met.first_line), seconds(met.off_the_line), fault))
    return "\n".join(lines) + "\n"


def seconds(time: float | None) -> str:
    return "" if time is None else f"{time:.2f}"


def _met(heard: Heard, began: float) -> Met:
    lines = _lines(heard)
    told = [json.loads(payload)["fault"] for _, topic, payload in heard.data if topic == FAULT]
    return Met(
        lines=tuple(sound.line for sound in lines if sound.line),
        first_line=lines[0].start - began if lines else None,
        voice_after=_voice_after(heard, began),
        attribute=heard.attributes.get(FAULT),
        told=tuple(told),
        off_the_line=heard.left_at - began if heard.left_at is not None else None,
        sound=bytes(heard.sound),
        captions=tuple(turn.text for turn in heard.transcript if turn.speaker == "agent"),
    )


def _lines(heard: Heard) -> list[Sound]:
    return [sound for sound in sounds(heard.sound) if sound.line]


def _voice_after(heard: Heard, began: float) -> bool:
    """Whether the model was heard well after the fault, and after the last line if there was one.

    An answer that comes again follows the one that broke off so soon that the two may count as one sound. What was held
    and broke off is heard late, and is shorter than any answer.
    """
    after = max([began + 1.0, *(line.end for line in _lines(heard))])
    voices = [sound for sound in sounds(heard.sound) if sound.line is None and sound.end > after]
    return any(sound.end - max(sound.start, began) > _BROKEN_SECONDS for sound in voices)


def _has_spoken(heard: Heard, began: float, lines: int) -> bool:
    """Whether more recorded lines than these have been heard; the greeting's is a voice."""
    return len(_lines(heard)) > lines or (lines == 0 and _voice_after(heard, began))


def _goes_on(scene: Scene, heard: Heard, began: float) -> bool:
    return len(_lines(heard)) >= len(scene.lines) and _voice_after(heard, began)


def _quiet_after(heard: Heard, start: float) -> bool:
    """Whether something was heard from this moment on, and has ended."""
    ends = [sound.end for sound in sounds(heard.sound) if sound.start >= start]
    return bool(ends) and heard.now() - ends[-1] > 0.5


async def _until(is_so: Callable[[], bool], gone: asyncio.Event, seconds: float = HANG) -> None:
    """Until it is so, the caller is gone, or the time is over."""
    deadline = time.monotonic() + seconds
    while not is_so() and not gone.is_set() and time.monotonic() < deadline:  # noqa: ASYNC110  sound has no event
        await asyncio.sleep(_TICK)
