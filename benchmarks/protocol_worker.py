"""A worker that is nothing but the agent protocol: it registers, tells its load, takes and refuses calls as she does.

Source: livekit-agents 1.8.9, `worker.py`, and `livekit.protocol.agent`. Places and load are Granny's own `Admission`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp
from livekit import api
from livekit.protocol import agent
from livekit.protocol.models import ParticipantPermission

from granny.rehearsal.rig.livekit_server import LiveKit
from granny.rooms.occupants import AGENT, CALL
from granny.worker.admission import Admission

TELL_SECONDS = 2.5
"""From one report of the load to the next (`UPDATE_STATUS_INTERVAL`)."""
_PERMISSIONS = ParticipantPermission(can_publish=True, can_subscribe=False, can_publish_data=True, agent=True)


@dataclass(slots=True)
class Counts:
    """What came of the rooms, by their names; each number is how often.

    Attributes:
        last_at: when the last call was given, by this machine's clock.
    """

    offered: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    last_at: float = 0.0


class ProtocolWorker:
    """One worker with places.

    Attributes:
        id: LiveKit's name for it.
        admission: its places.
        rooms: the sids of the rooms in which a job of its runs, by the job's id.
        on_refused: called when it has refused one.

    Args:
        places: how many calls it takes.
        counts: where it notes what came; shared by all workers.
        begin: told of a job that runs from now on, with the token for its room.
    """

    def __init__(self, places: int, counts: Counts, *, begin: Callable[[ProtocolWorker, agent.Job, str], None]) -> None:
        self.id = ""
        self.rooms: dict[str, str] = {}
        self.admission = Admission(places, running=lambda: self.rooms)
        self._counts, self._begin = counts, begin
        self._ws: aiohttp.ClientWebSocketResponse[bool] | None = None
        self.on_refused: Callable[[], None] = lambda: None

    @contextlib.asynccontextmanager
    async def registered(self, livekit: LiveKit, session: aiohttp.ClientSession) -> AsyncIterator[None]:
        """LiveKit knows it for the length of a `with`."""
        token = api.AccessToken(livekit.key, livekit.secret).with_grants(api.VideoGrants(agent=True)).to_jwt()
        headers = {"Authorization": f"Bearer {token}"}
        async with session.ws_connect(f"{livekit.url}/agent", headers=headers) as ws:
            self._ws = ws
            register = agent.RegisterWorkerRequest(type=agent.JobType.JT_ROOM, allowed_permissions=_PERMISSIONS)
            await self._send(agent.WorkerMessage(register=register))
            first = agent.ServerMessage.FromString(await ws.receive_bytes())
            self.id = first.register.worker_id
            tasks = [asyncio.create_task(self._listen(ws)), asyncio.create_task(self._keep_telling())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def ended(self, job_id: str) -> None:
        """A call is over; LiveKit is told of the free place at once."""
        if self.rooms.pop(job_id, None) is not None:
            done = agent.UpdateJobStatus(job_id=job_id, status=agent.JobStatus.JS_SUCCESS)
            await self._send(agent.WorkerMessage(update_job=done))
            await self.tell()

    async def tell(self) -> None:
        """Report the load, as `AgentServer._update_worker_status` does; the CPU counts for nothing here."""
        full = self.admission.is_full
        status = agent.WorkerStatus.WS_FULL if full else agent.WorkerStatus.WS_AVAILABLE
        load = self.admission.load(cpu=0.0)
        told = agent.UpdateWorkerStatus(load=load, status=status, job_count=len(self.rooms))
        await self._send(agent.WorkerMessage(update_worker=told))

    async def _keep_telling(self) -> None:
        while True:
            await self.tell()
            await asyncio.sleep(TELL_SECONDS)

    async def _listen(self, ws: aiohttp.ClientWebSocketResponse[bool]) -> None:
        async for message in ws:
            said = agent.ServerMessage.FromString(message.data)
            match said.WhichOneof("message"):
                case "availability":
                    await self._answer(said.availability.job)
                case "assignment":
                    await self._run(said.assignment.job, said.assignment.token)

    async def _answer(self, job: agent.Job) -> None:
        room = job.room.name
        self._counts.offered[room] = self._counts.offered.get(room, 0) + 1
        takes = self.admission.promise(job.id)
        answer = agent.AvailabilityResponse(
            job_id=job.id,
            available=takes,
            participant_identity=f"agent-{job.id}",
            participant_attributes={AGENT: CALL},
        )
        await self._send(agent.WorkerMessage(availability=answer))
        if not takes:
            self._counts.refused[room] = self._counts.refused.get(room, 0) + 1
            self.on_refused()

    async def _run(self, job: agent.Job, token: str) -> None:
        room = job.room.name
        self._counts.assigned[room] = self._counts.assigned.get(room, 0) + 1
        self._counts.last_at = time.monotonic()
        self.rooms[job.id] = job.room.sid
        self.admission.settle(job.id)
        running = agent.UpdateJobStatus(job_id=job.id, status=agent.JobStatus.JS_RUNNING)
        await self._send(agent.WorkerMessage(update_job=running))
        self._begin(self, job, token)

    async def _send(self, message: agent.WorkerMessage) -> None:
        if self._ws and not self._ws.closed:
            await self._ws.send_bytes(message.SerializeToString())


class FrozenWorker(ProtocolWorker):
    """One whose main process stands still: LiveKit hears no more of it, and does not know."""

    async def _answer(self, job: agent.Job) -> None:
        room = job.room.name
        self._counts.offered[room] = self._counts.offered.get(room, 0) + 1
