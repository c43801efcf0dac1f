"""What the tests share: a copy of Granny's folder without anybody's env file, and a bare environment."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings

from clock import Clock

HOME = Path(__file__).resolve().parent.parent / "Granny-voice"
_OURS = ("OPENAI_", "AZURE_OPENAI_", "LIVEKIT_", "GRANNY_", "HTTP_PROXY", "HTTPS_PROXY", "PYTHON_DOTENV")

# Some build machines forbid compiled modules: each process that the tests start would compile them all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell has Ctrl+C ignored by what it starts in the background, and so would be whatever the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("any machine", deadline=None)  # a busy one proves nothing of the code
settings.load_profile("any machine")


_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def nobody_s_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The developer's own diary and links are of no concern to any test, nor to what several of them share."""
    with mock.patch.dict(os.environ, {"XDG_DATA_HOME": str(tmp_path_factory.getbasetemp() / "data" / "shared")}):
        yield


@pytest.fixture(autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test, or the framework called by it, sets in the environment is gone for the next one.

    Nor does one find what another has written down.
    """
    data = tmp_path_factory.getbasetemp() / "data" / str(next(_numbers))
    with mock.patch.dict(os.environ, {"XDG_DATA_HOME": str(data)}):
        yield


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    """Time goes at once to whatever is due next; nothing is waited for."""
    with Clock(asyncio.get_running_loop()).running() as clock:
        yield clock


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like `Granny-voice/`, in which no developer's own `.env.local` lies, and nobody's file."""
    folder = tmp_path_factory.mktemp("granny") / "Granny-voice"
    shutil.copytree(HOME, folder, ignore=shutil.ignore_patterns(".env*", "*.toml"))
    return folder


@pytest.fixture
def bare_environment() -> dict[str, str]:
    """The environment without any variable that Granny or the libraries below her read; nothing is recorded in it.

    For tests of other things: a worker's own voice would be recorded, and heard in the next call.
    """
    bare = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OURS)}
    return bare | {"GRANNY_OWN_VOICE": "off"}
