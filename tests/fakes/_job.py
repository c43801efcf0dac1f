"""A job, and LiveKit's rooms as they are seen from outside."""

from __future__ import annotations

from unittest import mock

from livekit import api
from livekit.agents import JobContext, JobExecutorType, JobProcess
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.api.room_service import RoomService as RoomServiceClient
from livekit.protocol.agent import Job as JobInfo
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.models import Room as RoomInfo
from typing_extensions import override

from fakes._room import HER, Room


class RoomService(RoomServiceClient):
    """LiveKit's rooms from outside; the room's people are `kinds`, which later answers may follow."""

    def __init__(self, *kinds: list[ParticipantInfo.Kind]) -> None:
        self.kinds = list(kinds)
        self.journal: list[str] = []
        self.sent: list[api.SendDataRequest] = []
        self.breaks: dict[str, Exception] = {}

    @override
    async def list_participants(self, list: api.ListParticipantsRequest) -> api.ListParticipantsResponse:
        self._does("list_participants", f"who is in {list.room}")
        kinds = self.kinds.pop(0) if len(self.kinds) > 1 else self.kinds[0]
        return api.ListParticipantsResponse(participants=[ParticipantInfo(kind=kind) for kind in kinds])

    @override
    async def delete_room(self, delete: api.DeleteRoomRequest) -> api.DeleteRoomResponse:
        self._does("delete_room", f"{delete.room} ended")
        return api.DeleteRoomResponse()

    @override
    async def remove_participant(self, remove: api.RoomParticipantIdentity) -> api.RemoveParticipantResponse:
        self._does("remove_participant", f"{remove.identity} put out of {remove.room}")
        return api.RemoveParticipantResponse()

    @override
    async def update_participant(self, update: api.UpdateParticipantRequest) -> ParticipantInfo:
        self._does("update_participant", f"{update.identity} in {update.room} marked {dict(update.attributes)}")
        return ParticipantInfo()

    @override
    async def send_data(self, send: api.SendDataRequest) -> api.SendDataResponse:
        self.sent.append(send)
        self._does("send_data", f"{send.room} told {send.data.decode()}")
        return api.SendDataResponse()

    def _does(self, what: str, note: str) -> None:
        self.journal.append(note)
        if what in self.breaks:
            raise self.breaks[what]


class LiveKit(api.LiveKitAPI):
    """LiveKit's API, of which only the rooms are there."""

    def __init__(self, rooms: RoomService) -> None:
        self.rooms = rooms
        self.is_closed = False

    @property
    @override
    def room(self) -> RoomServiceClient:
        return self.rooms

    @override
    async def aclose(self) -> None:
        self.is_closed = True


class Job(JobContext):
    """The framework's own job, in a room that is a fake; whoever hangs up says why in `hung_up`."""

    def __init__(
        self,
        room: Room,
        *,
        is_console: bool = False,
        metadata: str = "",
        attributes: dict[str, str] | None = None,
    ) -> None:
        self.hung_up: list[str] = []
        self.rooms = RoomService([])
        super().__init__(
            proc=JobProcess(executor_type=JobExecutorType.PROCESS, user_arguments=None, http_proxy=None),
            info=running_job("job-1", is_console=is_console, metadata=metadata, attributes=attributes),
            room=room,
            on_connect=_nothing,
            on_shutdown=self.hung_up.append,
            inference_executor=mock.Mock(),
        )
        self.api = LiveKit(self.rooms)


def running_job(
    job_id: str,
    *,
    identity: str = HER,
    is_console: bool = False,
    metadata: str = "",
    attributes: dict[str, str] | None = None,
) -> RunningJobInfo:
    token = api.AccessToken("devkey", "invented" * 5).with_identity(identity).with_attributes(attributes or {})
    return RunningJobInfo(
        accept_arguments=JobAcceptArguments(name="", identity=identity, metadata=""),
        job=JobInfo(id=job_id, room=RoomInfo(name="the-room"), metadata=metadata),
        url="ws://livekit.invalid",
        token="" if is_console else token.to_jwt(),
        worker_id="worker",
        fake_job=is_console,
    )


def _nothing(*_: object) -> None:
    """Whoever is told does nothing."""
