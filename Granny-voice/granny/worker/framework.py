"""The worker round its calls: it keeps their books, tells its health, and takes none in vain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import cast

from livekit import api
from livekit.agents import NOT_GIVEN, AgentServer, JobRequest, NotGivenOr, utils
from livekit.agents.job import JobAcceptArguments, RunningJobInfo
from livekit.agents.worker import ServerOptions
from livekit.protocol.agent import Job

from granny.call.room_doors import is_simulation
from granny.config.settings import Settings
from granny.logs.redaction import redact_logs
from granny.worker import metrics
from granny.worker.account_breaker import AccountBreaker, Ask
from granny.worker.admission import Admission
from granny.worker.failover import step_in, take_over
from granny.worker.health import Health, Status, health_page
from granny.worker.hooks import Feature, Hooks
from granny.worker.job_reports import JobReports

logger = logging.getLogger("granny.worker")

GOODBYE_SECONDS = 45.0
"""The longest that a call may take to say goodbye when the worker stops: 10 s until a caller on a slow line hears
anything, a family's line of up to 30 s, and its way there."""
_BEHIND_ALL_OTHERS = 0.69
"""Told while a fault keeps the door shut: LiveKit asks this worker too, but prefers any other with a free place."""
_THIS_MACHINE = "127.0.0.1"
_usual_load = cast("Callable[[AgentServer], float]", ServerOptions.load_fnc)


class LiveKitGoneError(Exception):
    """LiveKit could not be reached again for so long that the framework has given up."""


class Worker(AgentServer):
    """An `AgentServer` whose main process knows its calls.

    LiveKit offers a call that is refused here to the next worker, and one that nobody took is answered here after
    all, with an apology. For that this worker must be asked, so it never reports itself full for a fault.
    """

    _is_serving = False
    _admission: Admission

    async def drain(self, timeout: NotGivenOr[int | None] = NOT_GIVEN) -> None:
        """Let the calls end; a stop during the check-up finds none, and the framework not yet able to look."""
        if self._is_serving:
            await super().drain(timeout)

    async def aclose(self) -> None:
        """Stop; nothing is to be stopped during the check-up."""
        if self._is_serving:
            self._admission.close()  # whoever waits for a place is waited for
            await super().aclose()

    def _is_available(self) -> bool:
        """Whether an offered call is looked at; whether there is a place for it, `Admission` decides alone.

        The framework's own guess refuses a second call in the same instant on a busy machine: it adds a surcharge to
        the load for each job that is not yet launched.
        """
        return not self._draining

    def _get_effective_load(self) -> float:
        """From which load on LiveKit is told that this worker is full: as above, without surcharge."""
        return self._worker_load

    async def serve(
        self, settings: Settings, *, ask: Ask, devmode: bool, unregistered: bool, features: Iterable[Feature] = ()
    ) -> None:
        """Take calls until told to stop.

        Args:
            settings: whose secrets no log shows from now on.
            ask: asks OpenAI whether the account is well; asked while it was last seen unwell.
            devmode: as in `AgentServer.run`.
            unregistered: as in `AgentServer.run`: the console, which has no health page.
            features: what else wants to hear of calls.

        Raises:
            OSError: the port of the health page is taken.
            LiveKitGoneError: LiveKit has stayed away; its calls have been ended.
        """
        redact_logs(settings.secrets)
        self.update_options(
            drain_timeout=settings.drain_seconds,
            session_end_timeout=GOODBYE_SECONDS,
            job_memory_limit_mb=settings.call_memory_mb,
            job_memory_warn_mb=settings.call_memory_mb / 2,
        )
        breaker = AccountBreaker(ask, reopened=self._tell_livekit)
        hooks = Hooks()
        hooks.on_alarm(lambda alarm: breaker.failed(alarm.fault))
        for subscribe in (metrics.subscribe, *features):
            subscribe(hooks, settings)
        reports = JobReports(hooks, died=self._look_after)
        self._admission = Admission(settings.max_calls, running=lambda: [job.job.id for job in self.active_jobs])
        self.once("worker_started", lambda: self._follow_pool(reports))
        self._mind_the_door(breaker, self._admission)
        try:
            async with contextlib.AsyncExitStack() as stack:
                stack.enter_context(reports.listen(asyncio.get_running_loop()))
                if not unregistered:
                    port = 0 if devmode else settings.health_port
                    host = settings.health_host if port else _THIS_MACHINE  # nobody elsewhere can know a free port
                    await stack.enter_async_context(self._health_page(host, port, breaker))
                self._is_serving = True
                await super().run(devmode=devmode, unregistered=unregistered)
        except RuntimeError as error:
            if not self._connection_failed:
                raise
            await self.aclose()
            raise LiveKitGoneError from error
        finally:
            await breaker.aclose()
            await hooks.aclose()

    def _follow_pool(self, reports: JobReports) -> None:
        reports.follow(self._proc_pool)
        self._proc_pool.on("process_closed", lambda _process: self._loop.call_soon(self._on_place_free))

    def _on_place_free(self) -> None:
        """The pool has taken note that a process has ended."""
        self._admission.hand_on()
        if not self._draining:
            self._spawn(self._tell_livekit())

    def _mind_the_door(self, breaker: AccountBreaker, admission: Admission) -> None:
        def load(worker: AgentServer) -> float:
            return admission.load(cpu=_usual_load(worker)) if breaker.is_open else _BEHIND_ALL_OTHERS

        async def answer(request: JobRequest) -> None:
            if is_simulation(request.job):
                logger.warning("simulated call refused", extra={"job_id": request.id})
                await request.reject()
            elif breaker.is_open and admission.promise(request.id):
                await self._accept(request)
            else:
                reason = breaker.fault or Status.FULL.value
                logger.warning("call refused", extra={"job_id": request.id, "reason": reason})
                await request.reject(terminate=False)  # another worker may take it
                if self._api:
                    self._spawn(step_in(request.job, self._api, admission=admission, launch=self._launch))

        if not self.worker_info.cloud_agents:  # LiveKit Cloud measures by itself
            self.load_fnc = self.load_fnc or load
        self._request_fnc = self._request_fnc or answer

    async def _accept(self, request: JobRequest) -> None:
        """Take a call; it runs when this returns."""
        try:
            await request.accept()
        finally:
            self._admission.settle(request.id)

    async def _launch(self, job: Job, identity: str) -> None:
        """Start a job of our own in the place of another, with all that its dispatch told.

        `AgentServer.simulate_job` would leave out metadata and attributes, and waits for the end of a drain.
        """
        again = Job()
        again.CopyFrom(job)
        again.id = utils.shortuuid("job-")
        again.ClearField("state")
        grants = api.VideoGrants(room_join=True, room=job.room.name, agent=True)
        token = api.AccessToken(self._api_key, self._api_secret).with_identity(identity).with_kind("agent")
        info = RunningJobInfo(
            accept_arguments=JobAcceptArguments(identity=identity, name="", metadata=""),
            job=again,
            url=self._ws_url,
            token=token.with_grants(grants).to_jwt(),
            worker_id=self._id,
            fake_job=False,
        )
        await self._proc_pool.launch_job(info)

    def _look_after(self, dead: RunningJobInfo, seconds: float) -> None:
        if self._api and not dead.fake_job:
            self._admission.keep(dead.job.id)
            seconds = 0.0 if self._draining else seconds
            self._spawn(take_over(dead, seconds, self._api, admission=self._admission, launch=self._launch))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._job_lifecycle_tasks.add(task)  # those that the framework waits for when it drains
        task.add_done_callback(self._job_lifecycle_tasks.discard)

    async def _tell_livekit(self) -> None:
        """Report the load now: the next report may be 2.5 s away, and LiveKit offers a call only once."""
        await self._refresh_worker_load()
        await self._update_worker_status()

    @contextlib.asynccontextmanager
    async def _health_page(self, host: str, port: int, breaker: AccountBreaker) -> AsyncIterator[None]:
        """Our page where the framework's would be; the framework's moves to a free port of this machine."""
        self._host, self._port = _THIS_MACHINE, 0
        started = asyncio.Event()
        self.once("worker_started", started.set)

        def health() -> Health:
            return self._health(breaker) if started.is_set() else Health(Status.STARTING)

        page = health_page(host, port, health=health, framework_port=lambda: self.worker_info.http_port)
        async with page as port_taken:
            logger.info("health page", extra={"port": port_taken})
            yield

    def _health(self, breaker: AccountBreaker) -> Health:
        if self._draining or self._closed:
            return Health(Status.STOPPING)
        if self._connecting or self._connection_failed:
            return Health(Status.UNREGISTERED)
        if breaker.fault:
            return Health(Status.FAULT, breaker.fault)
        return Health(Status.FULL if self._admission.is_full else Status.OK)
