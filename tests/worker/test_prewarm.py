"""After the warm-up nothing is left that a call's process would do on its event loop while the caller waits.

These counts fail when an update of the framework or of openai brings a stall back, or the memory that it costs.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from livekit.agents.tokenize import _basic_hyphenator as hyphenator
from livekit.agents.utils import http_context

from granny.rehearsal.openai.standin import StandIn
from granny.worker import prewarm

KEY = "sk-test-this-is-not-a-key"
TALK = """
import asyncio, inspect
from granny.worker import prewarm
from granny.call.persona import Granny
from granny.config.settings import Settings
from granny.call.realtime_model import TURNS, realtime_model
from livekit.agents import AgentSession
from openai import _models

walks = []  # through all modules, which costs a call 6 MB: pydantic asks once for each private attribute
walk = inspect._signature_fromstr
inspect._signature_fromstr = lambda *given, **named: walks.append(given) or walk(*given, **named)

def left():
    unbuilt = {model for model in prewarm.models() if not model.__pydantic_complete__}
    return unbuilt, _models._CachedTypeAdapter.cache_info().currsize

async def talk():
    settings = Settings()
    model = realtime_model(settings)
    async with AgentSession(llm=model, vad=None, turn_handling=TURNS) as session:
        await session.start(Granny(settings))
        await session.generate_reply(instructions="Say hello.")
    await model.aclose()
    return session.history.messages()[-1].text_content

unbuilt, validators = left()
said = asyncio.run(talk())
still_unbuilt, then_validators = left()
print(bool(said), sorted(one.__qualname__ for one in unbuilt - still_unbuilt), then_validators - validators, len(walks))
"""
FORK_SAFE = """
import os, sys, threading
reached = []
sys.addaudithook(lambda event, _: event in ("socket.connect", "socket.getaddrinfo") and reached.append(event))
from granny.worker import prewarm
from livekit.rtc._ffi_client import FfiClient
files = map("/proc/self/fd/{}".format, os.listdir("/proc/self/fd"))
opened = [os.readlink(one) for one in files if os.path.lexists(one)]
left_open = [one for one in opened if one.startswith(("socket", "anon"))]
print(threading.active_count(), FfiClient._instance, left_open, reached)
"""


async def test_a_talk_finds_nothing_left_to_build(home: Path, bare_environment: dict[str, str]) -> None:
    async with StandIn(api_key=KEY) as standin:
        environment = bare_environment | {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": standin.base_url}
        assert await printed(TALK, home, environment) == "True [] 0 0"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; only Linux has the fork server")
async def test_what_the_fork_server_did_leaves_nothing_that_a_fork_would_break(
    home: Path, bare_environment: dict[str, str]
) -> None:
    assert await printed(FORK_SAFE, home, bare_environment) == "1 None [] []"


async def printed(code: str, folder: Path, environment: dict[str, str]) -> str:
    """The last line that a fresh Python process prints; it has nothing to complain of."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=folder, env=environment, stdout=pipe, stderr=pipe
    )
    output, complaints = await process.communicate()
    assert (process.returncode, complaints.decode()) == (0, "")
    return output.decode().strip().splitlines()[-1]


def test_the_models_of_a_talk_are_where_they_were() -> None:
    talking = {model for model in prewarm.models() if model.__module__.startswith(prewarm.TALKING)}
    assert len(talking) > 150
    assert [model for model in talking if not model.__pydantic_complete__] == []


def test_the_tls_context_is_made() -> None:
    assert http_context._ssl_context_for.cache_info().currsize >= 1


def test_the_hyphenation_patterns_are_read() -> None:
    assert hyphenator._get_hyphenator.cache_info().currsize == 1


def test_what_agent_py_imports_is_there_before_the_call(home: Path) -> None:
    """Each job process imports agent.py anew, beside a call that has just begun."""
    told = subprocess.run(
        [sys.executable, "-c", "import agent; print(agent.server._preload_modules)"],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    code = f"""import importlib, sys
for name in {told.stdout.strip()}: importlib.import_module(name)
before = set(sys.modules)
import agent
print(sorted(set(sys.modules) - before))"""
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['agent']"
