"""The only module that touches what livekit-agents does not promise: each such name once, under one of our own.

A name is here because there is no public way, and beside it stands why. Which one an update of the library has taken
away, and what needed it, `tests/worker/test_framework_contract.py` says in one sentence; that no other module touches
another one, `tests/test_framework_names.py` sees to.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, overload

from livekit import rtc
from livekit.agents import AgentServer, AgentSession, JobContext, JobExecutorType, JobRequest, Plugin
from livekit.agents.cli import AgentsConsole
from livekit.agents.cli.tcp_console import TcpAudioInput, TcpAudioOutput
from livekit.agents.ipc.job_executor import JobExecutor
from livekit.agents.job import RunningJobInfo
from livekit.agents.voice.io import AudioOutput, TextOutput
from livekit.agents.voice.remote_session import TcpSessionTransport
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput
from livekit.protocol.agent import JobTermination

logger = logging.getLogger("granny.worker")

_WARM_UP = ("livekit.agents.ipc._preload", "livekit.agents.ipc._preload_freeze")
"""What the framework has its fork server import after all else; `AgentServer.run` alone names them."""

_connect = inspect.unwrap(AgentServer._connection_task)  # noqa: SLF001  this is the module that may
"""The framework's connection to LiveKit, without what logs each end of one with its traceback."""
_REGISTERING_SECONDS = 20.0
"""The longest from a try to the registration: a LiveKit server that hangs is no more there than one that is gone."""

_capture_frame = _ParticipantAudioOutput.capture_frame

Entry = Callable[[JobContext], Awaitable[None]]
Around = Callable[[Entry, JobContext], Awaitable[None]]
OnRequest = Callable[[JobRequest], Awaitable[None]]
HearJob = Callable[[RunningJobInfo], None]


class FrameworkServer(AgentServer):
    """An `AgentServer` that can be asked and told what a worker must know and say, under public names."""

    _entry: Entry | None = None
    _options: dict[str, Any]

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  the framework's, as they are
        """With a single try to reach LiveKit: `lost_livekit` decides when the next one is."""
        super().__init__(**{**options, "max_retry": 0})

    async def lost_livekit(self, error: BaseException) -> None:
        """A connection to LiveKit has ended, or did not come about; the next is tried when this returns."""
        raise NotImplementedError

    def looks_at_offers(self) -> bool:
        """Whether a call that LiveKit offers is looked at; whoever derives from this decides."""
        raise NotImplementedError

    def load(self) -> float:
        """What LiveKit is told, from 0 to 1; whoever derives from this decides."""
        raise NotImplementedError

    @overload
    def rtc_session(self, func: Entry, **options: Any) -> Entry: ...  # noqa: ANN401  the framework's, as they are

    @overload
    def rtc_session(self, **options: Any) -> Callable[[Entry], Entry]: ...  # noqa: ANN401  as above

    def rtc_session(
        self,
        func: Entry | None = None,
        **options: Any,
    ) -> Entry | Callable[[Entry], Entry]:
        """As the framework's, which is told in `register`: only then are the settings known."""
        inspect.signature(AgentServer.rtc_session).bind(self, func, **options)

        def remember(entry: Entry) -> Entry:
            if self._entry:
                msg = "the worker has what answers its calls already"
                raise RuntimeError(msg)
            self._entry, self._options = entry, options
            options["agent_name"] = options.get("agent_name") or os.environ.get("LIVEKIT_AGENT_NAME", "")
            return entry

        return remember(func) if func else remember

    def register(self, around: Around, *, agent_name: str, on_request: OnRequest) -> None:
        """Register what `rtc_session` was given, with what is around it, and these where it was given nothing else."""
        if self._entry:
            entry = functools.partial(around, self._entry)
            options = {name: value for name, value in self._options.items() if value}
            super().rtc_session(entry, **{"agent_name": agent_name, "on_request": on_request, **options})

    @property
    def has_processes(self) -> bool:
        """Whether each call has a process of its own; on Windows, and in the terminal's console, it is a thread."""
        return self._job_executor_type is JobExecutorType.PROCESS

    @property
    def dispatch_name(self) -> str:
        """Under which LiveKit dispatches her; empty: she joins every room. The environment may have the last word."""
        return self._agent_name

    def use_proxy(self, address: str | None) -> None:
        """Reach LiveKit through this proxy: the framework takes one only when it is made, before any file is read."""
        self._http_proxy = address

    @property
    def is_unregistered(self) -> bool:
        """Whether LiveKit does not know this worker at the moment: an event tells when it does, none when no more."""
        return self._connecting

    async def tell_load(self) -> None:
        """Report the load now: the next report may be 2.5 s away, and LiveKit offers a call only once."""
        await self._refresh_worker_load()
        await self._update_worker_status()

    def on_jobs(self, *, began: HearJob, ended: HearJob) -> None:
        """Be told of each job that gets a process, and of each whose process ends; to be called at `worker_started`.

        `active_jobs` says which are there, and nothing says when that changes. Who has just ended is still among them.
        """

        def hearing(hear: HearJob) -> Callable[[JobExecutor], None]:
            return lambda process: hear(process.running_job) if process.running_job else None

        self._proc_pool.on("process_job_launched", hearing(began))
        self._proc_pool.on("process_closed", hearing(ended))

    async def launch(self, job: RunningJobInfo) -> None:
        """Start a job of our own; it runs when this returns.

        `simulate_job` would leave out metadata and attributes, and waits for the end of a drain.
        """
        await self._proc_pool.launch_job(job)

    async def _handle_termination(self, msg: JobTermination) -> None:
        """A job knows by its room when its call is over; at LiveKit's word the framework would end it in mid-call.

        LiveKit says so when an agent has left its room, and it has when its connection begins anew. It says so too when
        a dispatch is taken back, and then puts the agent out of the room: its job ends by that.
        """
        logger.info("a job is over, says LiveKit; it ends when its room does", extra={"job_id": msg.job_id})

    async def _connection_task(self) -> None:
        """The framework's own gives up after some two minutes, and its pauses are those of every other worker."""
        while error := await self._end_of_a_connection():
            self._connecting = True
            await self.lost_livekit(error.__context__ or error)  # its own RuntimeError says only that it gives up

    async def _end_of_a_connection(self) -> Exception | None:
        """What ended it, or kept it from coming about; None: the worker is closed."""
        try:
            await self._connection()
        except Exception as error:  # noqa: BLE001  whatever it is, calls come by LiveKit alone
            return error
        return None

    async def _connection(self) -> None:
        """From a try to the end of the connection.

        Raises:
            asyncio.TimeoutError: LiveKit has not registered the worker in time.
        """
        connection = asyncio.ensure_future(_connect(self))
        try:
            await asyncio.wait([connection], timeout=_REGISTERING_SECONDS)
            if self._connecting and not connection.done():
                raise asyncio.TimeoutError
            await connection
        finally:
            connection.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await connection

    def _is_available(self) -> bool:
        """The framework's own guess refuses a second call in the same instant on a busy machine.

        It adds a surcharge to the load for each job that is not yet launched. Without a threshold it would not, but
        then LiveKit would never be told that the worker is full.
        """
        return self.looks_at_offers()

    def _get_effective_load(self) -> float:
        """The load from which it follows whether LiveKit is told that this worker is full: as above, no surcharge."""
        return self.load()


def default(option: str) -> Any:  # noqa: ANN401  of whatever type it is
    """What `AgentServer` takes for an option that it is not given."""
    return inspect.signature(AgentServer).parameters[option].default


def preloads(modules: Iterable[str]) -> list[str]:
    """What `AgentServer.run` has the fork server import, with these modules of our own; a test compares the two."""
    packages = [plugin.package for plugin in Plugin.registered_plugins]
    return [*dict.fromkeys([*packages, *modules]), *_WARM_UP]


def ignore_simulators() -> None:
    """In the jobs of this process, whoever leaves a room as a simulator leaves it like anybody else.

    The framework would end the call, and there is no option: every job that connects to its room listens for it.
    """
    JobContext._on_simulator_disconnected = _pay_no_heed  # type: ignore[method-assign, assignment]  # noqa: SLF001


def _pay_no_heed(_job: JobContext, _participant: rtc.RemoteParticipant) -> None:
    """Whoever says that they are a simulator."""


def keep_her_voice() -> None:
    """In the jobs of this process, whoever interrupts her before anybody listens to her track does not silence her.

    What the framework interrupts waits there for a first listener, and takes the waiting of all that comes after with
    it: its future is cancelled, and nothing she says in this call is ever heard.
    """
    _ParticipantAudioOutput.capture_frame = _capture_frame_for_a_listener  # type: ignore[method-assign, assignment]


async def _capture_frame_for_a_listener(output: _ParticipantAudioOutput, frame: rtc.AudioFrame) -> None:
    """As the framework's, once somebody listens."""
    await asyncio.shield(output.subscribed)
    await _capture_frame(output, frame)


class Console(AgentsConsole):
    """The framework's console in one job's process: the job's agent session goes over a transport of ours.

    It has no public way to a transport that is not the terminal's, and says what she says only when she has said it.
    """

    def __init__(
        self,
        transport: TcpSessionTransport,
        hears: TcpAudioInput,
        plays: TcpAudioOutput,
        *,
        audio: AudioOutput,
        text: TextOutput,
    ) -> None:
        """A console that is yet to take over.

        Args:
            transport: of sound and events.
            hears: what comes over it.
            plays: what goes over it.
            audio: the agent session's output, which leads to `plays`.
            text: where its captions go.
        """
        super().__init__()
        self.enabled = True
        self._tcp_transport, self._tcp_audio_input, self._tcp_audio_output = transport, hears, plays
        self._outputs = audio, text
        self._has_session = False

    def take_over(self) -> None:
        """From now on it is the process's console."""
        AgentsConsole._instance = self  # noqa: SLF001  this is the module that may

    @property
    def io_acquired(self) -> bool:
        """Whether it has its agent session; a later one of the same job is none of the caller's."""
        return self._has_session

    def acquire_io(self, *, loop: asyncio.AbstractEventLoop, session: AgentSession[Any]) -> None:  # noqa: ARG002  the framework's
        """Put the agent session on the transport."""
        self._has_session = True
        session.input.audio = self._tcp_audio_input
        session.output.audio, session.output.transcription = self._outputs
