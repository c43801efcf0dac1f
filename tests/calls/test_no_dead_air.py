"""Whatever goes wrong in a call, the caller hears why, the room is told, and the worker is ready for the next one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from _pytest.mark import ParameterSet

from calls.scenes import SCENES, Scene
from calls.stage import HANG, KEY, Met, stage, table
from granny.lines import Line
from granny.rehearsal.rig.livekit_server import why_missing
from granny.rehearsal.rig.worker import bare

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="session"),
]

WORKERS = 2
ALWAYS = {
    "401 at the handshake",
    "503 at the handshake",
    "let in, then invalid_api_key",
    "second response: no credit",
    "second response: empty",
    "second response: stalls in mid-word",
    "key revoked in mid-call",
    "torn in mid-answer, let in again",
}
"""One scene of each kind; the others are played by `make scenes`, which takes some three minutes."""


PATIENT = {"GRANNY_PATIENCE": "normal"}
"""An answer is held before it is heard: every scene once more, all of them left to `make scenes`."""


def marked(scene: Scene) -> ParameterSet:
    return pytest.param(scene, marks=() if scene.name in ALWAYS else pytest.mark.full)


def introduced(scene: Scene) -> tuple[Line, ...]:
    """The lines of a scene, after what she is where nothing of her has been heard before."""
    is_first = scene.at == "start" and scene.lines and scene.lines[0] not in (Line.GREETING, Line.HELLO)
    return (Line.COMPUTER_COMPANION, *scene.lines) if is_first else scene.lines


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def met(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Met | BaseException]:
    """All scenes that are asked for, played on a few stages side by side."""
    return await played(request, home, tmp_path_factory, test_the_caller_is_never_left_in_silence.__name__)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def met_patiently(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Met | BaseException]:
    """The same with patience."""
    name = test_nor_with_patience.__name__
    return await played(request, home, tmp_path_factory, name, **PATIENT)


async def played(
    request: pytest.FixtureRequest, home: Path, folders: pytest.TempPathFactory, test: str, **settings: str
) -> dict[str, Met | BaseException]:
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    asked_for = [item.callspec.params["scene"] for item in items if item.originalname == test]
    waiting = [scene for scene in SCENES if scene in asked_for]
    results: dict[str, Met | BaseException] = {}

    async def play_some() -> None:
        folder = folders.mktemp("stage")
        async with stage(home, folder, bare(), **settings) as here:
            while waiting:
                scene = waiting.pop()
                try:
                    results[scene.name] = await here.play(scene)
                except Exception as error:  # noqa: BLE001  a scene that breaks is that scene's result
                    results[scene.name] = error
            assert KEY not in here.worker.words

    await asyncio.gather(*(play_some() for _ in range(min(WORKERS, len(waiting)))))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stdout.write(table(results))
    return results


@pytest.mark.parametrize("scene", [marked(scene) for scene in SCENES], ids=lambda scene: scene.name)
async def test_the_caller_is_never_left_in_silence(scene: Scene, met: dict[str, Met | BaseException]) -> None:
    check(scene, met[scene.name])


@pytest.mark.full
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_nor_with_patience(scene: Scene, met_patiently: dict[str, Met | BaseException]) -> None:
    check(scene, met_patiently[scene.name])


def check(scene: Scene, outcome: Met | BaseException) -> None:
    if isinstance(outcome, BaseException):
        raise outcome
    assert outcome.lines == introduced(scene)
    assert set(scene.told) <= set(outcome.told)
    assert len(outcome.told) == len(scene.lines or scene.told)
    assert outcome.attribute in (scene.slug, scene.or_slug or scene.slug)
    assert outcome.told[-1:] == ((outcome.attribute,) if scene.slug else scene.told[-1:])
    assert outcome.job_is_gone
    if scene.lines:
        assert outcome.first_line is not None
        assert outcome.first_line < scene.aim + 5, "a guard against hanging; the table has the times"
    if scene.slug:
        assert outcome.off_the_line is not None
        assert outcome.off_the_line < HANG
        assert outcome.reason == outcome.attribute
    else:
        assert outcome.off_the_line is None
        assert outcome.voice_after
