"""A whole call with keys that stand in no environment: a folder of files, as Kubernetes and systemd mount it."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from calls.serving import KEY, until
from calls.stage import short_greeting
from granny.rehearsal.callers.caller import speech
from granny.rehearsal.callers.room_caller import RoomCaller, join
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import LiveKit, why_missing
from granny.rehearsal.rig.worker import worker

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=str(why_missing())),
]


@pytest.mark.full
async def test_a_call_is_held_with_keys_that_are_files(
    livekit: LiveKit, home: Path, tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    """The worker and the call's own process have them: she registers, comes, and speaks to OpenAI."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o750)
    keys = {"OPENAI_API_KEY": KEY, "LIVEKIT_API_KEY": livekit.key, "LIVEKIT_API_SECRET": livekit.secret}
    for name, value in keys.items():
        (folder / name).write_text(f"{value}\n", encoding="utf-8")
        (folder / name).chmod(0o440)
    log = tmp_path / "worker.log"
    async with StandIn(api_key=KEY, manner=Manner(greeting=short_greeting())) as standin:
        environment = bare_environment | {
            "LIVEKIT_URL": livekit.url,
            "OPENAI_BASE_URL": standin.base_url,
            "GRANNY_SECRETS_FOLDER": str(folder),
            "GRANNY_HEALTH_PORT": "0",
        }
        started = worker(home / "agent.py", log=log, environment=environment)
        async with started as running, join(livekit, "files-1") as caller:
            await until(functools.partial(_has_spoken, caller), lambda: running.words)
        assert standin.connections
    assert not [value for value in keys.values() if len(value) > 8 and value in log.read_text(encoding="utf-8")]


async def _has_spoken(caller: RoomCaller) -> bool:
    return bool(speech(caller.heard.sound))
