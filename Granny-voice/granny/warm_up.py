"""What every call's fresh process would otherwise do first, on its event loop, while the caller waits.

On Linux the worker has its fork server import this module once (`preload_modules`), and every job process inherits
the result, memory included; elsewhere each job process imports it before it takes a call. The framework warms up its
own libraries in the same way (`livekit.agents.ipc._preload`). Each step here was found with the framework's loop
monitor (`LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS=50`) and `tests/test_warm_up.py` counts what is left undone.
"""

from __future__ import annotations

from types import ModuleType

import openai.types.realtime
from livekit.agents.llm._realtime import openai as plugin
from livekit.agents.tokenize import _basic_hyphenator as hyphenator
from livekit.agents.utils import http_context
from pydantic import BaseModel

from granny import call, persona, voice_model

IMPORTED = (call, persona, voice_model)
"""Imported for what they import: all that a call uses."""


def models(module: ModuleType) -> set[type[BaseModel]]:
    """The pydantic models that a module names."""
    return {
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, BaseModel) and one is not BaseModel
    }


def warm_up() -> None:
    """Do it now. All of it is fork-safe: no thread, no event loop, no connection."""
    for model in models(plugin) | models(openai.types.realtime):
        model.model_rebuild()  # openai defers building its models to their first use: 100 to 300 ms in a call
    http_context._create_ssl_context()  # noqa: SLF001  cached for the process; reading the CA bundle: 140 to 320 ms
    hyphenator.hyphenate_word("grandmother")  # the transcript's hyphenation patterns: 30 to 100 ms


warm_up()
