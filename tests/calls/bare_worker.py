"""A worker whose calls need no OpenAI: the room's name says what its job does. Run as agent.py is run."""

import asyncio
import functools
import logging
import os
from pathlib import Path

import psutil
from livekit.agents import JobContext, JobProcess, cli
from livekit.agents.ipc import supervised_proc

from granny.call.ending import CallEnd, CallEnded, Ending
from granny.call.record import CallRecord
from granny.call.reports import raise_alarm, report
from granny.config.settings import Settings, load
from granny.faults import CATALOGUE
from granny.logs.redaction import redact_logs
from granny.preflight.report import Failed, Outcome, Passed
from granny.worker import failover, metrics, worker
from granny.worker.hooks import Hooks
from granny.worker.worker import Worker

REJECTED = "openai-key-rejected"
WORDS = "my knee hurts and I miss Harold"
GOODBYE = {"goodbye": "said"}
CPU = "BARE_WORKER_CPU"
"""How busy the machine is said to be, from 0 to 1."""
ON_THE_LINE = "calls on the line"
WRITTEN = "written down"
WELL_FILE = "BARE_WORKER_WELL_FILE"
WELL = CallRecord(turns=2, first_word=0.5, answers=[0.4, 0.6], input_tokens=1000, output_tokens=300)
logger = logging.getLogger("careless")

SOON = 0.5


def write_down(number: int) -> None:
    """How many calls are on the line, whenever it changes."""
    logger.warning(ON_THE_LINE, extra={"calls": number})
    count(number)


count = metrics.IN_PROGRESS.set


class BareWorker(Worker):
    async def run(self, *, devmode: bool = False, unregistered: bool = False) -> None:
        settings = load(())
        self.setup_fnc = functools.partial(hand_over, settings)
        await self.serve(settings, ask=ask, devmode=devmode, unregistered=unregistered, features=[subscribe])


def subscribe(hooks: Hooks, _settings: Settings) -> None:
    """A feature that takes its time."""
    hooks.on_call_ended(write_slowly)


async def write_slowly(ended: CallEnded) -> None:
    await asyncio.sleep(4 * SOON)
    logger.warning(WRITTEN, extra={"job_id": ended.job_id})


async def ask() -> tuple[Outcome, ...]:
    """OpenAI is well once a file exists."""
    if await asyncio.to_thread(Path(os.environ[WELL_FILE]).exists):
        return (Passed(probe="OpenAI", seconds=0.0, detail="accepts the key"),)
    finding = CATALOGUE[REJECTED].found("HTTP 401")
    return (Failed(probe="OpenAI", seconds=0.0, detail="", findings=(finding,)),)


def hand_over(settings: Settings, _process: JobProcess) -> None:
    redact_logs(settings.secrets)


async def goodbye(ctx: JobContext) -> None:
    """As the framework calls it when a call ends, also when the worker stops."""
    if ctx.room.name.startswith("talking"):
        # LiveKit has an attribute when this returns, unlike a data message.
        await ctx.room.local_participant.set_attributes(GOODBYE)
        tell_end(ctx, CallEnd(Ending.FAULT, "worker-stopping"))


def tell_end(ctx: JobContext, end: CallEnd, record: CallRecord | None = None) -> None:
    report(CallEnded(ctx.job.id, ctx.job.room.name, end, seconds=0.0, record=record or CallRecord()))


def die() -> None:
    """At once, as by an out-of-memory killer."""
    psutil.Process().kill()


server = BareWorker()


@server.rtc_session(on_session_end=goodbye)
async def answer(ctx: JobContext) -> None:
    await ctx.connect()
    match ctx.room.name.partition("-")[0]:
        case "well":
            tell_end(ctx, CallEnd(Ending.HUNG_UP), WELL)
            ctx.shutdown()
        case "rejected":
            raise_alarm(REJECTED, job_id=ctx.job.id)
            await asyncio.sleep(1)
            tell_end(ctx, CallEnd(Ending.FAULT, REJECTED), CallRecord(spoken_faults=[REJECTED]))
            ctx.shutdown()
        case "killed":
            die()
        case "relieved":
            logger.warning("job", extra={"metadata": ctx.job.metadata, "attributes": dict(ctx.job.attributes)})
            marker = Path(os.environ[WELL_FILE]).with_name(ctx.room.name)
            if not marker.exists():
                marker.touch()
                await asyncio.sleep(2 * SOON)
                die()
        case "hungry":
            marker = Path(os.environ[WELL_FILE]).with_name(ctx.room.name)
            if not marker.exists():
                marker.touch()
                eaten = [bytearray(os.urandom(1 << 20)) for _ in range(300)]
                await asyncio.sleep(60 * len(eaten))
        case "careless":
            for level in (logging.DEBUG, logging.INFO, logging.ERROR):
                logger.log(level, "refused %s", os.environ["OPENAI_API_KEY"], extra={"lk.pii.event": WORDS})
            ctx.shutdown()


def hurry() -> None:
    """What takes its time with users is quick here; in this program alone, not in the tests that import it."""
    failover.TOO_SOON_SECONDS = SOON
    supervised_proc._MEMORY_MONITOR_INTERVAL = 2 * SOON
    worker._usual_load = lambda _worker: float(os.environ.get(CPU, "0"))  # whatever else the machine is busy with
    metrics.IN_PROGRESS.set = write_down  # type: ignore[method-assign, assignment]  # as `count`, and told


if __name__ == "__main__":
    hurry()
    cli.run_app(server)
