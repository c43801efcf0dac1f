"""What livekit-agents does not promise and a worker needs is there as it was: no LiveKit server is asked."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import inspect
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest
from aiohttp import WSMsgType, web
from livekit import rtc
from livekit.agents import AgentServer, AgentSession, JobContext, JobExecutorType, JobProcess, JobRequest
from livekit.agents.cli import AgentsConsole
from livekit.agents.ipc.mock_room import create_mock_room
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.agents.version import __version__
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput
from livekit.protocol import agent

from granny.worker import framework
from granny.worker.framework import Entry, FrameworkServer, ignore_simulators, keep_her_voice, preloads
from granny.worker.server import GrannyServer
from test_framework_names import private_names, touched

HANG = 20.0
"""Seconds after which a test gives up."""


def is_method(owner: type, name: str, *parameters: str, is_async: bool = False) -> bool:
    method = getattr(owner, name, None)
    given = list(inspect.signature(method).parameters) if method else None
    return given == ["self", *parameters] and inspect.iscoroutinefunction(method) is is_async


def is_kept(name: str) -> bool:
    """Whether the framework's server gives it to itself."""
    return name in private_names((AgentServer,)) and name not in vars(AgentServer)


def is_the_consoles(name: str) -> bool:
    """Whether the console gives it to itself, and an agent session takes it from there."""
    return name in private_names((AgentsConsole,)) and f"c.{name}" in inspect.getsource(AgentSession.start)


def is_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


Contract = dict[str, tuple[str, Callable[[], bool]]]
CONTRACT: Contract = {
    "FrameworkServer._http_proxy": ("a proxy named in an env file", lambda: is_kept("_http_proxy")),
    "FrameworkServer._connecting": (
        "the health page, to say that LiveKit does not know the worker",
        lambda: is_kept("_connecting"),
    ),
    "FrameworkServer._connection_task": (
        "the way back to a LiveKit server that was gone, for as long as the worker runs",
        lambda: is_method(AgentServer, "_connection_task", is_async=True),
    ),
    "FrameworkServer._handle_termination": (
        "the caller, whose call is not to end in mid-word because a connection begins anew",
        lambda: is_method(AgentServer, "_handle_termination", "msg", is_async=True),
    ),
    "AgentServer._connection_task": (
        "the way back to a LiveKit server that was gone, without a traceback for each try",
        lambda: inspect.unwrap(vars(AgentServer)["_connection_task"]) is not vars(AgentServer)["_connection_task"],
    ),
    "FrameworkServer._agent_name": (
        "the room watch, to know which rooms are hers",
        lambda: is_kept("_agent_name"),
    ),
    "FrameworkServer._refresh_worker_load": (
        "LiveKit, to hear at once that a place is free",
        lambda: is_method(AgentServer, "_refresh_worker_load", is_async=True),
    ),
    "FrameworkServer._update_worker_status": (
        "LiveKit, to hear at once that a place is free",
        lambda: is_method(AgentServer, "_update_worker_status", is_async=True),
    ),
    "FrameworkServer._proc_pool": (
        "the job reports, to know which calls are on the line, and failover, to go on for a dead job",
        lambda: is_kept("_proc_pool"),
    ),
    "FrameworkServer._is_available": (
        "admission, which alone decides whether a call is taken",
        lambda: is_method(AgentServer, "_is_available"),
    ),
    "FrameworkServer._get_effective_load": (
        "admission, which alone decides when the worker is full",
        lambda: is_method(AgentServer, "_get_effective_load"),
    ),
    "FrameworkServer._job_executor_type": (
        "the fork server, which is started early where calls have processes of their own",
        lambda: is_kept("_job_executor_type"),
    ),
    "AgentsConsole._instance": (
        "a call without a room, which is put on a console of our own",
        lambda: "cls._instance" in inspect.getsource(AgentsConsole.get_instance),
    ),
    **{
        f"Console.{name}": ("a call without a room, to reach her caller", functools.partial(is_the_consoles, name))
        for name in ("_tcp_transport", "_tcp_audio_input", "_tcp_audio_output")
    },
    "JobContext._on_simulator_disconnected": (
        "the caller, whose call nobody may end by leaving the room as a simulator",
        lambda: is_method(JobContext, "_on_simulator_disconnected", "p"),
    ),
    "livekit.agents.voice.room_io._output._ParticipantAudioOutput": (
        "her voice, which an interruption before anybody listens would take for the whole call",
        lambda: is_method(_ParticipantAudioOutput, "capture_frame", "frame", is_async=True),
    ),
    "livekit.agents.ipc._preload": (
        "the fork server, which is started early",
        lambda: is_module("livekit.agents.ipc._preload"),
    ),
    "livekit.agents.ipc._preload_freeze": (
        "the fork server, which is started early",
        lambda: is_module("livekit.agents.ipc._preload_freeze"),
    ),
}
"""What is touched, who needs it, and whether it has the shape that is relied on."""


def test_each_name_that_is_touched_has_its_contract() -> None:
    source = Path(framework.__file__).read_text(encoding="utf-8")
    assert touched(source, framework) == set(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_what_is_not_promised_is_there_as_it_was(name: str) -> None:
    needed_by, is_there = CONTRACT[name]
    assert is_there(), f"{name} is gone from livekit-agents {__version__}, or another; it is needed by {needed_by}"


async def test_a_job_that_livekit_takes_for_over_goes_on_until_its_room_ends(caplog: pytest.LogCaptureFixture) -> None:
    """LiveKit does so when the agent's connection begins anew, and the framework would end the job without a word."""
    pool = mock.Mock()
    pool.get_by_job_id.return_value.aclose = mock.AsyncMock()
    server = Probe()
    server._proc_pool = pool
    with caplog.at_level(logging.INFO, logger="granny.worker"):
        await server._handle_termination(agent.JobTermination(job_id="AJ_1"))
    assert not pool.get_by_job_id.return_value.aclose.called
    assert [vars(record)["job_id"] for record in caplog.records] == ["AJ_1"]


class Probe(FrameworkServer):
    """A worker that does what it is told."""

    def __init__(self) -> None:
        super().__init__(
            host="127.0.0.1",
            port=0,
            ws_url="ws://livekit.invalid",
            api_key="devkey",
            api_secret="secret" * 6,
            num_idle_processes=1,
            job_executor_type=JobExecutorType.THREAD,
        )
        self.told = 0.0
        self.looks = True
        self.asked: list[str] = []
        self.lost: list[BaseException] = []
        self.load_fnc = self.load

    async def lost_livekit(self, error: BaseException) -> None:
        self.lost.append(error)
        await asyncio.sleep(0)

    def load(self) -> float:
        return self.told

    def looks_at_offers(self) -> bool:
        return self.looks

    async def answer(self, request: JobRequest) -> None:
        self.asked.append(request.id)
        await request.reject()


@dataclass
class LiveKit:
    """What speaks to the worker in LiveKit's place, and is its proxy as well: no other way leads to it."""

    lets_in: asyncio.Event = field(default_factory=asyncio.Event)
    knocked: asyncio.Event = field(default_factory=asyncio.Event)
    hosts: list[str] = field(default_factory=list)
    refusals: int = 0
    heard: asyncio.Queue[agent.WorkerMessage] = field(default_factory=asyncio.Queue)
    socket: web.WebSocketResponse = field(default_factory=web.WebSocketResponse)

    async def door(self, request: web.Request) -> web.WebSocketResponse:
        self.hosts.append(request.host)
        if self.refusals:
            self.refusals -= 1
            raise web.HTTPUnauthorized
        self.socket = web.WebSocketResponse()
        await self.socket.prepare(request)
        await self.socket.receive()
        self.knocked.set()
        await self.lets_in.wait()
        await self.say(agent.ServerMessage(register=agent.RegisterWorkerResponse(worker_id="AW_1")))
        async for message in self.socket:
            if message.type is WSMsgType.BINARY:
                await self.heard.put(agent.WorkerMessage.FromString(message.data))
        return self.socket

    async def say(self, message: agent.ServerMessage) -> None:
        await self.socket.send_bytes(message.SerializeToString())

    async def until(self, kind: str) -> agent.WorkerMessage:
        """The next message of a kind."""
        while True:
            message = await asyncio.wait_for(self.heard.get(), HANG)
            if message.WhichOneof("message") == kind:
                return message


async def entry(ctx: JobContext) -> None:
    """A job that ends at once."""
    ctx.shutdown()


async def plainly(entry: Entry, ctx: JobContext) -> None:
    """With nothing around it."""
    await entry(ctx)


@contextlib.asynccontextmanager
async def at_work(probe: Probe, livekit: LiveKit) -> AsyncIterator[None]:
    runner = web.ServerRunner(web.Server(livekit.door))  # type: ignore[arg-type]  # a proxy is asked by a whole URL
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    probe.use_proxy(f"http://127.0.0.1:{runner.addresses[0][1]}")
    probe.rtc_session(entry)
    probe.register(plainly, agent_name="", on_request=probe.answer)
    running = asyncio.create_task(probe.run())
    try:
        await asyncio.wait_for(livekit.knocked.wait(), HANG)
        yield
    finally:
        livekit.lets_in.set()
        await probe.aclose()
        await running
        await runner.cleanup()


async def registered(probe: Probe, livekit: LiveKit) -> None:
    known = asyncio.Event()
    probe.once("worker_registered", lambda *_: known.set())
    livekit.lets_in.set()
    await asyncio.wait_for(known.wait(), HANG)


async def test_livekit_is_reached_through_the_proxy_and_knows_the_worker_or_does_not() -> None:
    probe, livekit = Probe(), LiveKit()
    async with at_work(probe, livekit):
        assert livekit.hosts == ["livekit.invalid"]
        assert probe.is_unregistered
        await registered(probe, livekit)
        assert not probe.is_unregistered
        livekit.lets_in.clear()
        livekit.knocked.clear()
        await livekit.socket.close()
        await asyncio.wait_for(livekit.knocked.wait(), HANG)
        assert probe.is_unregistered


async def test_after_any_number_of_refusals_the_worker_is_registered(caplog: pytest.LogCaptureFixture) -> None:
    """The framework gives up after 16, and logs a warning for each and a traceback for the last."""
    probe, livekit = Probe(), LiveKit(refusals=40)
    async with at_work(probe, livekit):
        await registered(probe, livekit)
        assert [getattr(error, "status", None) for error in probe.lost] == [401] * 40
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_livekit_that_lets_in_and_registers_nobody_is_one_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework would wait for it for ever, and no caller would come."""
    monkeypatch.setattr(framework, "_REGISTERING_SECONDS", 0.1)
    probe, livekit = Probe(), LiveKit()
    async with at_work(probe, livekit):
        livekit.knocked.clear()
        await asyncio.wait_for(livekit.knocked.wait(), HANG)  # once more
        assert {type(error) for error in probe.lost} == {asyncio.TimeoutError}


async def test_between_two_tries_the_worker_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework learns it only with its next try."""
    probe, livekit = Probe(), LiveKit()
    lost = asyncio.Event()

    async def pause(_: BaseException) -> None:
        lost.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(probe, "lost_livekit", pause)
    async with at_work(probe, livekit):
        await registered(probe, livekit)
        await livekit.socket.close()
        await asyncio.wait_for(lost.wait(), HANG)
        assert probe.is_unregistered


@pytest.mark.parametrize(("load", "status"), [(0.69, agent.WS_AVAILABLE), (1.0, agent.WS_FULL)])
async def test_livekit_is_told_the_load_at_once_and_that_the_worker_is_full(load: float, status: int) -> None:
    """Of `load` alone it follows; the framework tells 0.0 until its own next look, and adds what it guesses."""
    probe, livekit = Probe(), LiveKit()
    async with at_work(probe, livekit):
        await registered(probe, livekit)
        probe.told = load
        await probe.tell_load()
        update = await livekit.until("update_worker")
        while update.update_worker.load == 0:
            update = await livekit.until("update_worker")
    assert update.update_worker.load == pytest.approx(load)
    assert update.update_worker.status == status


@pytest.mark.parametrize("looks", [True, False])
async def test_a_call_is_looked_at_or_not_as_the_worker_says_and_not_by_its_load(*, looks: bool) -> None:
    probe, livekit = Probe(), LiveKit()
    probe.told, probe.looks = 1.0, looks
    async with at_work(probe, livekit):
        await registered(probe, livekit)
        await livekit.say(agent.ServerMessage(availability=agent.AvailabilityRequest(job=agent.Job(id="AJ_1"))))
        answer = await livekit.until("availability")
    assert not answer.availability.available
    assert probe.asked == (["AJ_1"] if looks else [])


async def test_each_job_is_told_of_when_it_begins_and_when_it_has_ended() -> None:
    """And a process that waited for one in vain is not."""
    probe, livekit = Probe(), LiveKit()
    told: list[tuple[str, str]] = []
    over = asyncio.Event()

    def ended(job: RunningJobInfo) -> None:
        told.append(("ended", job.job.id))
        assert [one.job.id for one in probe.active_jobs] == ["AJ_1"]
        over.set()

    async with at_work(probe, livekit):
        probe.on_jobs(began=lambda job: told.append(("began", job.job.id)), ended=ended)
        await probe.launch(running("AJ_1"))
        await asyncio.wait_for(over.wait(), HANG)
    assert told == [("began", "AJ_1"), ("ended", "AJ_1")]


def running(job_id: str) -> RunningJobInfo:
    arguments = JobAcceptArguments(name="", identity="agent", metadata="")
    return RunningJobInfo(arguments, agent.Job(id=job_id), url="", token="", worker_id="", fake_job=True)


@pytest.mark.parametrize("ignored", [False, True])
async def test_who_leaves_as_a_simulator_ends_the_call_of_a_framework_that_is_let(
    monkeypatch: pytest.MonkeyPatch, *, ignored: bool
) -> None:
    monkeypatch.setattr(JobContext, "_on_simulator_disconnected", vars(JobContext)["_on_simulator_disconnected"])
    if ignored:
        ignore_simulators()
    ended: list[str] = []
    room = create_mock_room()
    ctx = JobContext(
        proc=JobProcess(executor_type=JobExecutorType.PROCESS, user_arguments=None, http_proxy=None),
        info=running("AJ_1"),
        room=room,
        on_connect=lambda: None,
        on_shutdown=ended.append,
        inference_executor=mock.Mock(),
    )
    await ctx.connect()
    leaves = [call.args[1] for call in room.on.call_args_list if call.args[0] == "participant_disconnected"]
    leaves[-1](mock.Mock(attributes={"lk.simulator": "true"}))
    assert bool(ended) is not ignored


async def test_the_fork_server_started_early_imports_what_the_frameworks_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the calls' processes would lack what the framework has come to warm up."""

    class AskedError(Exception):
        """With the packages."""

    def ask(packages: list[str]) -> None:
        raise AskedError(packages)

    server = GrannyServer()
    server.update_options(ws_url="ws://127.0.0.1:1", api_key="devkey", api_secret="secret" * 6)
    server.rtc_session(entry)
    server.register(plainly, agent_name="", on_request=mock.AsyncMock())
    monkeypatch.setattr(server, "_mp_ctx_str", "forkserver")
    monkeypatch.setattr(server._mp_ctx, "set_forkserver_preload", ask)
    with pytest.raises(AskedError) as asked:
        await AgentServer.run(server)
    assert asked.value.args == (preloads(server._preload_modules),)


@pytest.mark.parametrize(
    ("given", "environment", "name"),
    [
        ({}, {}, "of the settings"),
        ({"agent_name": "given"}, {}, "given"),
        ({}, {"LIVEKIT_AGENT_NAME": "of the environment"}, "of the environment"),
        ({}, {"LIVEKIT_AGENT_NAME_OVERRIDE": "forced"}, "forced"),
    ],
)
def test_what_is_given_with_the_session_outranks_the_settings(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], environment: dict[str, str], name: str
) -> None:
    for variable in ("LIVEKIT_AGENT_NAME", "LIVEKIT_AGENT_NAME_OVERRIDE"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    probe = Probe()
    assert probe.rtc_session(**given)(entry) is entry
    probe.register(plainly, agent_name="of the settings", on_request=probe.answer)
    assert probe.dispatch_name == name
    assert probe._request_fnc == probe.answer


def test_an_option_that_the_framework_does_not_know_is_an_error_at_once() -> None:
    with pytest.raises(TypeError, match="on_sesion_end"):
        Probe().rtc_session(on_sesion_end=entry)


def test_a_worker_has_one_answer_to_its_calls() -> None:
    probe = Probe()
    probe.rtc_session(entry)
    with pytest.raises(RuntimeError, match="already"):
        probe.rtc_session(entry)


@pytest.mark.parametrize("kept", [False, True])
async def test_an_interruption_before_anybody_listens_silences_a_framework_that_is_let(
    monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    """For the whole call: what she says afterwards waits for a listener that was given up with what was interrupted."""
    monkeypatch.setattr(_ParticipantAudioOutput, "capture_frame", vars(_ParticipantAudioOutput)["capture_frame"])
    if kept:
        keep_her_voice()
    output = _ParticipantAudioOutput(
        rtc.Room(), sample_rate=24_000, num_channels=1, track_publish_options=rtc.TrackPublishOptions()
    )
    speaking = asyncio.create_task(output.capture_frame(rtc.AudioFrame.create(24_000, 1, 480)))
    await asyncio.sleep(0)
    speaking.cancel()
    await asyncio.wait([speaking])
    assert output.subscribed.cancelled() is not kept
    await output.aclose()
