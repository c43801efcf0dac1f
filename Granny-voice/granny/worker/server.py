"""The worker: it checks itself before it registers, at every door, and hands its settings to each call."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import importlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from multiprocessing import forkserver
from typing import Any, NoReturn

from livekit.agents import NOT_GIVEN, JobProcess, NotGivenOr
from livekit.agents.ipc.mock_room import create_mock_room

from granny.call import clock
from granny.call.greeting import recorded_greeting
from granny.config.paths import Mode
from granny.config.settings import Settings, export
from granny.faults import ExitCode, Finding
from granny.logs.redaction import redact_logs
from granny.net.http import export_trust
from granny.people import People
from granny.preflight import terminal
from granny.preflight.checkup import OPENAI_PROBES, Occasion, Port, ask_alone
from granny.preflight.report import Outcome, Report
from granny.worker.cold_start import apology_for
from granny.worker.framework import default, ignore_simulators, keep_her_voice, preloads
from granny.worker.hooks import Feature, Refusal
from granny.worker.line_recorder import outlook, record_missing
from granny.worker.store_form import brought_up
from granny.worker.telling import telling
from granny.worker.voices import voices
from granny.worker.whose_call import hand_over
from granny.worker.whose_call import settings_of as settings_of  # noqa: PLC0414  agent.py needs nothing else of it
from granny.worker.worker import Worker

logger = logging.getLogger("granny.server")

_PREWARM = "granny.worker.prewarm"
_PRELOADED = [_PREWARM, __name__]
_AT_HAND = 8
"""So many greetings are read before the call; another one costs it some 8 ms."""
_LOCAL_MODELS = "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE"
"""The framework's own models for turn detection, some 250 MB of memory; OpenAI does that work in her calls."""

_INITIALIZE_SECONDS = 60.0
"""Where there is no fork server each process begins anew, which takes some 4 s, and beside a busy CPU more than the
framework's 10: it would then be killed, and the next, and the caller would hear nothing."""


class GrannyServer(Worker):
    """A worker that takes no call before everything a call needs has been seen to work.

    Attributes:
        features: what else wants to hear of her calls, as `granny.worker.hooks` has it.
        refused: told that she does not start; of `start` alone, for elsewhere somebody reads along.
        join: how she is called, where whoever starts her knows it.
        leave: ends the process where no call can be held; whoever runs more in it than her has it raise.

    `run` is the one place that every door passes (`agent.py dev|start|console`, `python -m livekit.agents`,
    `lk agent`), so the check-up is there; `--help`, `download-files` and an image build never call it.
    """

    _recording: asyncio.Task[None] | None = None

    def __init__(self, *features: Feature, refused: Callable[[Refusal], Awaitable[None]] | None = None) -> None:
        """A worker whose job processes are warm before their call: in `dev` too, where the framework keeps none.

        Args:
            features: as above.
            refused: as above.
        """
        rooms = dict.fromkeys(str(getattr(feature, "__module__", __name__)) for feature in features)
        self._preloaded = [*_PRELOADED, *rooms]  # each call's process imports agent.py anew, and with it the features
        super().__init__(
            preload_modules=self._preloaded,
            num_idle_processes=dataclasses.replace(default("num_idle_processes"), dev_default=1),
            initialize_process_timeout=_INITIALIZE_SECONDS,
        )
        self.features, self.refused = features, refused
        self.join = ""
        self.leave: Callable[[ExitCode], NoReturn] = _leave
        os.environ.setdefault(_LOCAL_MODELS, "0")

    async def run(self, *, devmode: bool = False, unregistered: bool = False) -> None:
        """Check up, then serve. Leaves the process with the report's exit code when a call could not be held."""
        occasion = Occasion(
            mode=Mode.DEVELOPMENT if devmode else Mode.PRODUCTION,
            needs_livekit=not unregistered,
            opens=None if devmode else Port.HEALTH,
            join=self.join,
        )
        logging.captureWarnings(capture=True)  # what Python warns of is a line of the log as well
        tell, head_start = telling(), functools.partial(self._head_start, occasion)
        report, settings = await terminal.asked(occasion, notice=tell.asking, meanwhile=head_start)
        if settings:
            report = await brought_up(report, settings)
        apology = apology_for(report) if settings and settings.preflight == "apologise" else None
        if settings is None or not (apology or settings.may_start(report.exit_code)):
            if not (devmode or unregistered):
                await self._pass_on(report, occasion)
            tell.refuses(report)
            self.leave(report.exit_code)
        records = report.exit_code is ExitCode.OK and settings.preflight != "off"  # OpenAI has been seen to answer
        everybody = voices(settings, People.read(occasion.people)) if records else ()
        tell.starts(report, settings, occasion, lines=outlook(*everybody) if everybody else None)
        if apology:
            tell.apologises(apology)
            self.begin_shut(apology)
        self._follow(settings, occasion)
        self.once("worker_started", lambda: self._tell(report.findings))
        if records:
            self.once("worker_started" if unregistered else "worker_registered", self._record_lines(everybody))
        try:
            again = functools.partial(_ask_openai, settings)
            await self.serve(settings, ask=again, devmode=devmode, unregistered=unregistered, features=self.features)
        except Exception:
            logger.exception("worker failed")  # upstream would log the same and exit with 0
            self.leave(ExitCode.SOFTWARE)
        finally:
            if self._recording:
                self._recording.cancel()

    async def _pass_on(self, report: Report, occasion: Occasion) -> None:
        """Tell whoever wants to hear of it that she does not start; whatever becomes of that, she ends as she would."""
        if self.refused is None:
            return
        try:
            await self.refused(Refusal(report.exit_code, report.findings, occasion.files))
        except Exception as error:  # noqa: BLE001  the report stands, and its exit code
            logger.error("the refusal could not be told", extra={"error": type(error).__name__})

    def _tell(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._hooks.tell_finding(finding)

    def _record_lines(self, everybody: Iterable[Settings]) -> Callable[..., None]:
        """Begin to record what is missing of her lines, when she has come to where calls are taken and not before."""

        async def record() -> None:
            for settings in everybody:
                await record_missing(settings, is_busy=lambda: bool(self.active_jobs), told=self._tell)

        def begin(*_: object) -> None:
            self._recording = asyncio.create_task(record())

        return begin

    def update_options(
        self,
        *,
        ws_url: NotGivenOr[str] = NOT_GIVEN,
        api_key: NotGivenOr[str] = NOT_GIVEN,
        api_secret: NotGivenOr[str] = NOT_GIVEN,
        **others: Any,  # noqa: ANN401  the framework's, as they are
    ) -> None:
        """As the framework's. What `--url`, `--api-key` and `--api-secret` give so outranks the env files."""
        super().update_options(ws_url=ws_url, api_key=api_key, api_secret=api_secret, **others)
        given = {"LIVEKIT_URL": ws_url, "LIVEKIT_API_KEY": api_key, "LIVEKIT_API_SECRET": api_secret}
        os.environ.update({name: value for name, value in given.items() if isinstance(value, str) and value})

    def _head_start(self, occasion: Occasion, settings: Settings) -> None:
        """Start the fork server while the network is asked; `AgentServer.run` would do it afterwards, in the same way.

        It imports all that a call needs, which takes as long as this process has taken so far, and its environment,
        which the calls' processes inherit, is that of this moment.
        """
        self._follow(settings, occasion)
        export_trust()
        if self.has_processes and default("multiprocessing_context") == "forkserver":
            forkserver.set_forkserver_preload(preloads(self._preloaded))
            with _deaf_to_ctrl_c():
                forkserver.ensure_running()

    def _follow(self, settings: Settings, occasion: Occasion) -> None:
        """Serve as the settings say; what only a file supplied becomes part of the environment."""
        export(occasion.files)
        self.use_proxy(settings.https_proxy or settings.http_proxy)
        if occasion.needs_livekit:
            key, secret = settings.livekit_pair
            self.update_options(ws_url=settings.livekit_url or "", api_key=key, api_secret=secret)
        hand_over = _hand_over if occasion.needs_livekit else _hand_over_roomless
        self._people = People.read(occasion.people)
        self.setup_fnc = functools.partial(hand_over, settings, self._people)


def _hand_over(settings: Settings, people: People, process: JobProcess) -> None:
    """In a fresh job process, before its call."""
    importlib.import_module(_PREWARM)  # done already where the fork server has preloaded it
    logging.captureWarnings(capture=True)
    ignore_simulators()
    keep_her_voice()
    redact_logs(settings.secrets)
    if settings.traces:
        from granny.worker import tracing  # noqa: PLC0415  nobody else need have it

        tracing.begin(settings.otel_service_name)
    hand_over(settings, people, process)
    for one in voices(settings, people)[:_AT_HAND]:
        recorded_greeting(one)  # read now, at hand in the call
        clock.told(one, clock.now())  # with it a language's words for the day


def _hand_over_roomless(settings: Settings, people: People, process: JobProcess) -> None:
    """The same where calls have no room: what the framework has in its place takes it a third of a second to make."""
    create_mock_room()
    _hand_over(settings, people, process)


async def _ask_openai(settings: Settings) -> tuple[Outcome, ...]:
    """What OpenAI says after a call that failed of it; not asked where whatever it says she starts."""
    if settings.preflight in ("warn", "off"):
        return ()
    return tuple([await ask_alone(name, settings) for name in OPENAI_PROBES])


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started here ignores Ctrl+C, else the fork server would end in a traceback; the worker ends it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(code: ExitCode) -> NoReturn:
    """End the process, the report the last word.

    A `SystemExit` would do at most doors, but in dev mode asyncio prints a traceback after it, and the console runs the
    worker in a thread, where it would end the thread alone. Nothing has been started yet that needs an orderly end.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
