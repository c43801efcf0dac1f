"""After the warm-up nothing is left that a call's process would do on its event loop while the caller waits.

These counts fail when an update of the framework or of openai brings a stall back.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openai.types.realtime
import pytest
from livekit.agents import AgentServer, JobContext
from livekit.agents.llm._realtime import openai as plugin
from livekit.agents.tokenize import _basic_hyphenator as hyphenator
from livekit.agents.utils import http_context

from granny.server import GrannyServer
from granny.warm_up import models


def test_no_model_of_the_realtime_protocol_is_still_to_be_built() -> None:
    unbuilt = {model.__name__ for model in models(plugin) | models(openai.types.realtime) if not is_built(model)}
    assert len(models(plugin)) > 30, "the plugin's models are where they were"
    assert unbuilt == set()


def is_built(model: object) -> bool:
    return bool(getattr(model, "__pydantic_complete__", False))


def test_the_tls_context_is_made() -> None:
    assert http_context._ssl_context_for.cache_info().currsize >= 1


def test_the_hyphenation_patterns_are_read() -> None:
    assert hyphenator._get_hyphenator.cache_info().currsize == 1


def test_what_agent_py_imports_is_there_before_the_call(home: Path) -> None:
    """Each job process imports agent.py anew, beside a call that has just begun."""
    code = f"""import importlib, sys
for name in {GrannyServer()._preload_modules}: importlib.import_module(name)
before = set(sys.modules)
import agent
print(sorted(set(sys.modules) - before))"""
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['agent']"


async def test_the_fork_server_started_early_imports_what_the_frameworks_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the calls' processes would lack what the framework has come to warm up."""

    class AskedError(Exception):
        """With the packages."""

    def ask(packages: list[str]) -> None:
        raise AskedError(packages)

    async def answer(_: JobContext) -> None:
        """Never called."""

    server = GrannyServer()
    server.update_options(ws_url="ws://127.0.0.1:1", api_key="devkey", api_secret="secret" * 6)
    server.rtc_session(answer)
    monkeypatch.setattr(server, "_mp_ctx_str", "forkserver")
    monkeypatch.setattr(server._mp_ctx, "set_forkserver_preload", ask)
    with pytest.raises(AskedError) as asked:
        await AgentServer.run(server)
    assert asked.value.args == (server._preloaded(),)
