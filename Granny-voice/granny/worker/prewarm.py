"""What every call's fresh process would otherwise do first, on its event loop, while the caller waits.

On Linux the worker has its fork server import this module once (`preload_modules`), and every job process inherits
the result, memory included; elsewhere each job process imports it before it takes a call. The framework warms up its
own libraries in the same way (`livekit.agents.ipc._preload`). Each step here was found with the framework's loop
monitor (`LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS=50`), or by counting the page faults of a call's functions: each page that
a call writes to is memory of its own. `tests/worker/test_prewarm.py` counts what is left undone.
"""

from __future__ import annotations

import asyncio
import encodings.utf_8_sig
import logging
import multiprocessing.popen_forkserver
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import livekit.agents.llm.async_toolset
import openai
import phonenumbers
from livekit.agents import AgentSession, llm
from livekit.agents.tokenize import basic
from livekit.agents.utils import http_context
from pydantic import BaseModel, SecretStr

from granny.call import lifecycle
from granny.call.instructions import instructions
from granny.call.persona import Granny
from granny.call.realtime_model import TURNS, realtime_model
from granny.config.settings import Settings
from granny.logs.redaction import Redaction

logger = logging.getLogger("granny.prewarm")

IMPORTED = (
    lifecycle,  # and with it all that a call uses
    encodings.utf_8_sig,  # the rest is imported by the process itself
    livekit.agents.llm.async_toolset,
    multiprocessing.popen_forkserver,
    phonenumbers,
    pkgutil,
)
TALKING = ("openai.types.realtime.", "livekit.agents.llm.chat_context", "livekit.agents.metrics.")
"""Where the models are that a call uses."""
_REHEARSAL_SECONDS = 2.0
"""Far longer than it takes; an update that makes it wait for something must not hold up the worker."""


def models(base: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """All pydantic models that have been imported; some more than once."""
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def prewarm() -> None:
    """Do it now. All of it is fork-safe: it leaves no thread, no event loop and no connection.

    What fails is left to the call: it must not end the fork server, without which there is no call at all.
    """
    for step in (_build_models, _read_certificates, _read_hyphenation, _rehearse):
        _try(step)


def _try(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:  # whatever an update of a library brings
        logger.debug("not warmed up: %s", step.__name__, exc_info=True)


def _build_models() -> None:
    """Which openai defers to their first use: 100 to 300 ms in a call, and 10 ms for the validator of each field."""
    for model in {model for model in models() if model.__module__.startswith(TALKING)}:
        model.model_rebuild()
        if issubclass(model, openai.BaseModel):
            nothing: dict[str, Any] = {field: {} for field in model.model_fields}
            model.construct(**nothing)


def _read_certificates() -> None:
    """Into the process's cached TLS context: 140 to 320 ms."""
    asyncio.run(_open_session())


async def _open_session() -> None:
    """As each call's process does; nothing is asked."""
    async with http_context.open():
        pass


def _read_hyphenation() -> None:
    """The transcript's patterns: 30 to 100 ms."""
    basic.hyphenate_word("grandmother")


def _rehearse() -> None:
    """Begin a call, as `agent.py` and the framework do, up to the point where it would leave this process.

    What is done once in a process is then done: checks of what is a subclass of what, patterns, and, at the first
    private attribute of a part of the conversation, a look through all loaded modules: 6 MB of a call's own.
    """
    asyncio.run(asyncio.wait_for(_begin_call(), _REHEARSAL_SECONDS))


async def _begin_call() -> None:
    settings = Settings.model_construct(
        openai_api_key=SecretStr("rehearsal"),
        openai_base_url="http://host.invalid",
        timezone="Europe/Berlin",  # any country's holidays bring along what all of them need
    )
    model, granny = realtime_model(settings), Granny(settings)
    AgentSession[None](llm=model, vad=None, turn_handling=TURNS)
    before = asyncio.all_tasks()
    realtime = model.session()
    for task in asyncio.all_tasks() - before:
        task.cancel()  # the connection, before it has begun
    await realtime.update_instructions(instructions(settings))
    await realtime.update_tools(llm.ToolContext(granny.tools).flatten())
    llm.AgentConfigUpdate()
    llm.ChatMessage(role="assistant", content=[""])
    Redaction(()).filter(logging.makeLogRecord({"msg": "she says hello"}))


prewarm()
