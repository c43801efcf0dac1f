"""The worker round its calls: it keeps their books, tells its health, and takes none in vain."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

from livekit import api
from livekit.agents import NOT_GIVEN, AgentServer, JobContext, NotGivenOr
from livekit.agents.job import RunningJobInfo
from livekit.agents.utils import is_given
from livekit.agents.worker import ServerOptions
from livekit.protocol.agent import Job

from granny.call.ending import CallEnded
from granny.config.settings import Settings
from granny.logs.redaction import redact_logs
from granny.people import People
from granny.preflight.checkup import LIVEKIT, ask_alone
from granny.rooms.asking import LiveKitRooms
from granny.worker import metrics, roomless, whose_call
from granny.worker.account_breaker import AccountBreaker, Ask
from granny.worker.admission import FULL
from granny.worker.busy_line import BusyLine
from granny.worker.door import Door
from granny.worker.failover import livekit_rooms, own, take_over
from granny.worker.framework import Entry, FrameworkServer
from granny.worker.health import Health, Status, health_page
from granny.worker.hooks import Feature, Hooks
from granny.worker.job_reports import JobReports
from granny.worker.registration import Registration
from granny.worker.room_watch import Host, RoomWatch

logger = logging.getLogger("granny.worker")

GOODBYE_SECONDS = 45.0
"""The longest that a call may take to say goodbye when the worker stops: 10 s until a caller on a slow line hears
anything, a family's line of up to 30 s, and its way there."""
_THIS_MACHINE = "127.0.0.1"
_usual_load = cast("Callable[[AgentServer], float]", ServerOptions.load_fnc)


class Worker(FrameworkServer):
    """An `AgentServer` whose main process knows its calls.

    While all its places are taken, or its account is at fault, it tells LiveKit that it is full, so that another has
    the call. Whom nobody has taken the `RoomWatch` finds, of whichever worker has a place.
    """

    _is_serving = _is_leaving = False
    _settings: Settings
    _door: Door
    _registration: Registration
    _livekit: api.LiveKitAPI | None = None
    _watch: RoomWatch | None = None
    _people: People | None = None

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  the framework's, as they are
        """The framework's own page is nobody's but this machine's, on any free port: ours is where it would be."""
        super().__init__(host=_THIS_MACHINE, port=0, **options)
        self._hooks = Hooks()
        self._going_on: set[asyncio.Task[None]] = set()

    async def drain(self, timeout: NotGivenOr[int | None] = NOT_GIVEN) -> None:
        """Let the calls end; a stop during the check-up finds none, and the framework not yet able to look."""
        if self._is_serving:
            seconds = timeout if is_given(timeout) else self._settings.drain_seconds
            await asyncio.wait_for(self._until_empty(), seconds or None)

    async def _until_empty(self) -> None:
        """Tell the framework at the very end.

        It waits for calls in a loop of its own, which never lets go if two of them end in the same moment.
        """
        self._is_leaving = True
        await asyncio.gather(self.tell_load(), self._stop_watching())
        await self._door.admission.until_empty()  # another job may go on for one that has just died
        await super().drain(None)

    async def aclose(self) -> None:
        """Stop; nothing is to be stopped during the check-up."""
        if self._is_serving:
            self._is_leaving = True
            await self._stop_watching()
            await asyncio.gather(*self._going_on, return_exceptions=True)
            await super().aclose()
            await self._hooks.aclose()

    async def serve(
        self, settings: Settings, *, ask: Ask, devmode: bool, unregistered: bool, features: Iterable[Feature] = ()
    ) -> None:
        """Take calls until told to stop, whatever becomes of LiveKit meanwhile.

        Args:
            settings: whose secrets no log shows from now on.
            ask: asks OpenAI whether the account is well; asked while it was last seen unwell.
            devmode: as in `AgentServer.run`.
            unregistered: as in `AgentServer.run`: the console, which has no health page.
            features: what else wants to hear of calls.

        Raises:
            OSError: the port of the health page is taken.
        """
        redact_logs(settings.secrets)
        self.update_options(
            session_end_timeout=GOODBYE_SECONDS,
            job_memory_limit_mb=settings.call_memory_mb,
            job_memory_warn_mb=settings.call_memory_mb / 2,
        )
        self.mind_the_door(settings, AccountBreaker(ask, turned=self._on_door))
        self._hooks.on_alarm(lambda alarm: self._door.breaker.failed(alarm.fault))
        self._hooks.on_call_ended(self._on_call_ended)
        self._hooks.let_in((metrics.subscribe, *features), settings)
        reports = JobReports(self._hooks, died=self._look_after)
        self.once("worker_started", lambda: self._follow_jobs(reports))
        self.once("worker_started", self._door.budget.begin)
        self.on("worker_registered", lambda *_: self._registration.found())
        try:
            async with contextlib.AsyncExitStack() as stack:
                stack.enter_context(reports.listen(asyncio.get_running_loop()))
                if settings.has_livekit:  # also where she is sent into one room, unregistered
                    rooms = await stack.enter_async_context(livekit_rooms(settings))
                    self._livekit = rooms.api
                    if not unregistered:
                        self._watch_from_registration(rooms)
                if not unregistered:
                    port = 0 if devmode else settings.health_port
                    host = settings.health_host if port else _THIS_MACHINE  # nobody elsewhere can know a free port
                    await stack.enter_async_context(self._health_page(host, port))
                self._is_serving = True
                await super().run(devmode=devmode, unregistered=unregistered)
        finally:
            await self._door.aclose()

    def begin_shut(self, fault: str) -> None:
        """Let the door be shut when calls could be taken, for this fault of OpenAI's; to be called before `serve`."""

        def shut() -> None:
            self._door.breaker.shut(fault)
            self._hooks.tell_account(fault)

        self.once("worker_started", shut)

    def mind_the_door(self, settings: Settings, breaker: AccountBreaker) -> None:
        """From now on calls are answered as the settings and the breaker say."""
        self._settings, self._door = settings, Door(settings, breaker, running=self._running, refused=self._look)
        self._registration = Registration(
            functools.partial(ask_alone, LIVEKIT, settings),
            turned=lambda known: self._hooks.tell_registered(is_registered=known),
        )
        if not self.worker_info.cloud_agents:  # LiveKit Cloud measures by itself
            self.load_fnc = self.load
        self.register(_answer, agent_name=settings.agent_name, on_request=self._door.answer)

    async def lost_livekit(self, error: BaseException) -> None:
        """As `Registration` has it."""
        await self._registration.lost(error)

    def looks_at_offers(self) -> bool:
        """Until it stops; whether there is a place for a call, `Admission` decides alone."""
        return not (self.draining or self._is_leaving)

    def load(self) -> float:
        """As the door has it."""
        if self.worker_info.cloud_agents:
            return _usual_load(self)
        if not self.looks_at_offers():
            return FULL
        return self._door.load(cpu=_usual_load(self))

    async def _meet(self, job: Job, identity: str) -> None:
        """Go to a caller who is alone, as to a new one."""
        await self._launch(job, identity, self._door.mark)

    async def _launch(self, job: Job, identity: str, mark: Mapping[str, str] = MappingProxyType({})) -> None:
        await self.launch(own(job, identity, mark, settings=self._settings, worker_id=self.id))
        self._tell_load_soon()

    def _watch_from_registration(self, rooms: LiveKitRooms) -> None:
        host = Host(
            seconds=self._settings.room_watch_seconds,
            admission=self._door.admission,
            name=lambda: self.id,
            agent_name=self.dispatch_name,
            is_well=lambda: self._door.breaker.is_open,
            rooms=lambda: self.rooms,
            launch=self._meet,
        )
        watch = self._watch = RoomWatch(rooms, host, BusyLine(self._settings, self._people))
        self.on("worker_registered", lambda *_: watch.look())

    def _running(self) -> list[str]:
        return [job.job.id for job in self.active_jobs]

    @property
    def rooms(self) -> set[str]:
        """The sids of the rooms in which jobs of this worker are, or to which they are on their way."""
        return {*self._door.rooms, *(job.job.room.sid for job in self.active_jobs)}

    async def _stop_watching(self) -> None:
        if self._watch:
            await self._watch.aclose()

    async def _on_door(self) -> None:
        """The account has been found at fault, or well again."""
        breaker = self._door.breaker
        self._hooks.tell_account(None if breaker.is_open else breaker.fault)
        await self.tell_load()
        self._look()

    def _look(self) -> None:
        if self._watch:
            self._watch.look()

    def _follow_jobs(self, reports: JobReports) -> None:
        loop = asyncio.get_running_loop()

        def ended(job: RunningJobInfo) -> None:
            reports.closed(job)
            loop.call_soon(self._on_place_free)

        self.on_jobs(began=reports.launched, ended=ended)

    def _on_place_free(self) -> None:
        """The pool has taken note that a process has ended; who waits has the place before LiveKit hears of it."""
        self._door.admission.freed()
        if self._watch:
            self._watch.act()
        self._tell_load_soon()

    def _tell_load_soon(self) -> None:
        if self.looks_at_offers():
            self._spawn(self.tell_load())

    def _on_call_ended(self, ended: CallEnded) -> None:
        """Whoever stays in a room after a call that ended as it should has heard her goodbye."""
        if self._watch and not ended.end.is_cut_off:
            for job in self.active_jobs:
                if job.job.id == ended.job_id:
                    self._watch.parted(job.job.room.sid)

    def _look_after(self, dead: RunningJobInfo, seconds: float) -> None:
        if self._livekit and not dead.fake_job:
            self._door.admission.keep(dead.job.id)
            seconds = seconds if self.looks_at_offers() else 0.0
            self._spawn(take_over(dead, seconds, self._livekit, admission=self._door.admission, launch=self._launch))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    @contextlib.asynccontextmanager
    async def _health_page(self, host: str, port: int) -> AsyncIterator[None]:
        """Ours; what the framework's own page says is a part of it."""
        started = asyncio.Event()
        self.once("worker_started", started.set)

        def health() -> Health:
            return self.health() if started.is_set() else Health(Status.STARTING)

        page = health_page(host, port, health=health, framework_port=lambda: self.worker_info.http_port)
        async with page as port_taken:
            logger.info("health page", extra={"port": port_taken})
            yield

    def health(self) -> Health:
        """Whether a call would be answered now, once the worker has started, and what features warn of."""
        return dataclasses.replace(self._health(), warnings=self._hooks.warnings)

    def _health(self) -> Health:
        if not self.looks_at_offers():
            return Health(Status.STOPPING)
        if self.is_unregistered:
            return Health(Status.UNREGISTERED, self._registration.fault)
        return self._door.health


async def _answer(entry: Entry, ctx: JobContext) -> None:
    """What is around a call: a telephone is looked at, and who has no room is on a wire."""
    await whose_call.answer(functools.partial(roomless.answer, entry), ctx)
