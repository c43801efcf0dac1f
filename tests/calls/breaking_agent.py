"""agent.py with a bug: the room's name says where it breaks; and with a feature. Run as agent.py is run."""

import logging
from typing import Any

from livekit.agents import JobContext, cli, get_job_context

import agent
from granny.call import greeting, lifecycle
from granny.call.ending import CallEnded
from granny.call.watchdog import Step, Watchdog
from granny.config.settings import Settings
from granny.worker import worker
from granny.worker.hooks import Hooks

worker._usual_load = lambda _worker: 0.0  # the machine of a test may be busy with other things
_agents = vars(agent)
_greet, _persona, _step = greeting.greet, _agents["Granny"], Watchdog.step


def break_in(place: str) -> None:
    if get_job_context().job.room.name.startswith(place):
        msg = "a bug"
        raise ZeroDivisionError(msg)


async def greet(ctx: JobContext, settings: Any, opening: Any) -> Any:
    break_in("greeting")
    return await _greet(ctx, settings, opening)


def persona(*args: Any, **options: Any) -> Any:
    break_in("persona")
    return _persona(*args, **options)


def step(watchdog: Watchdog, now: float) -> Step | None:
    if watchdog.record.turns:
        break_in("watch")
    return _step(watchdog, now)


def write_down(ended: CallEnded) -> None:
    who = (ended.caller.came_by.value, ended.caller.identity) if ended.caller else None
    logging.getLogger("diary").info("written down", extra={"called": ended.room, "who": who})


def subscribe(hooks: Hooks, _settings: Settings) -> None:
    hooks.on_call_ended(write_down)


_agents.update(Granny=persona)
vars(lifecycle).update(greet=greet)
setattr(Watchdog, "step", step)  # noqa: B010  to a type checker a method is no variable
server, answer = agent.server, agent.answer
server.features = (subscribe,)

if __name__ == "__main__":
    cli.run_app(server)
