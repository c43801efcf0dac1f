"""Calls without a room: this worker's main process rings for them, and knows how each one ended."""

from __future__ import annotations

import asyncio

from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.protocol.agent import Job, JobType
from livekit.protocol.models import Room

from granny.call.ending import CallEnded
from granny.config.settings import Settings
from granny.rooms.dispatch import job_metadata
from granny.rooms.roomless import ADDRESS, Address
from granny.worker.failover import own_id
from granny.worker.framework import FrameworkServer
from granny.worker.hooks import Hooks

_ROOM = "no-room"
_IDENTITY = "granny"


class Exchange:
    """Of one worker, which need not be known to any LiveKit server."""

    def __init__(self, server: FrameworkServer) -> None:
        self._server = server
        self._ends: dict[str, asyncio.Future[str | None]] = {}

    def subscribe(self, hooks: Hooks, _: Settings) -> None:
        """As `granny.worker.hooks` has it."""
        hooks.on_call_ended(self._on_call_ended)

    async def ring(self, address: Address, person: str) -> asyncio.Future[str | None]:
        """Send a job that dials this address; it is on its way when this returns.

        Args:
            address: of the caller's end.
            person: whom the call is for; empty: anybody.

        Returns:
            What becomes the slug of the fault by which the call has ended, or None.

        Raises:
            RuntimeError: no process can be had for it.
        """
        job = Job(
            id=own_id(),
            type=JobType.JT_ROOM,
            room=Room(name=_ROOM),
            metadata=job_metadata(person),
            attributes={ADDRESS: str(address)},
        )
        end = self._ends[job.id] = asyncio.get_running_loop().create_future()
        try:
            await self._server.launch(self._running(job))
        except BaseException:
            del self._ends[job.id]
            raise
        return end

    def _running(self, job: Job) -> RunningJobInfo:
        return RunningJobInfo(
            accept_arguments=JobAcceptArguments(identity=_IDENTITY, name="", metadata=""),
            job=job,
            url="",
            token="",
            worker_id=self._server.id,
            fake_job=True,
        )

    def _on_call_ended(self, ended: CallEnded) -> None:
        end = self._ends.pop(ended.job_id, None)
        if end and not end.done():
            end.set_result(ended.end.fault)
