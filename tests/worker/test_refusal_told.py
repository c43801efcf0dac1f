"""That she does not start is told to whoever wants to hear of it, and changes nothing else."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

import pytest

from granny import faults
from granny.config.settings import Settings
from granny.faults import ExitCode
from granny.preflight import terminal
from granny.preflight.report import Failed, Report
from granny.worker.hooks import Refusal
from granny.worker.server import GrannyServer

REJECTED = faults.OPENAI_KEY_REJECTED.found("HTTP 401")
REPORT = Report((Failed(probe="OpenAI", seconds=0.1, detail="", findings=(REJECTED,)),))
SETTINGS = Settings.model_validate({"OPENAI_API_KEY": "invented"})


class LeftError(Exception):
    """In the place of the process's end."""


def _leave(code: ExitCode) -> NoReturn:
    raise LeftError(code)


@pytest.fixture(autouse=True)
def _rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(*_: object, **__: object) -> tuple[Report, Settings]:
        return REPORT, SETTINGS

    monkeypatch.setattr(terminal, "asked", asked)


def server(refused: Callable[[Refusal], Awaitable[None]] | None) -> GrannyServer:
    server = GrannyServer(refused=refused)
    server.leave = _leave
    return server


async def test_a_refused_start_is_told_before_the_process_ends() -> None:
    told: list[Refusal] = []

    async def refused(refusal: Refusal) -> None:
        told.append(refusal)

    with pytest.raises(LeftError, match="78"):
        await server(refused).run()
    (refusal,) = told
    assert (refusal.code, refusal.findings) == (ExitCode.CONFIG, (REJECTED,))
    assert ".env.local" in {file.name for file in refusal.files}


@pytest.mark.parametrize("way", [{"devmode": True}, {"unregistered": True}])
async def test_where_somebody_reads_along_nobody_else_is_told(way: dict[str, bool]) -> None:
    async def refused(_: Refusal) -> None:
        pytest.fail("told")

    with pytest.raises(LeftError):
        await server(refused).run(**way)


async def test_who_cannot_tell_it_changes_neither_report_nor_exit_code(caplog: pytest.LogCaptureFixture) -> None:
    async def refused(_: Refusal) -> None:
        msg = "mailto://FAKE"
        raise OSError(msg)

    with caplog.at_level(logging.ERROR), pytest.raises(LeftError, match="78"):
        await server(refused).run()
    assert "FAKE" not in caplog.text


async def test_without_anybody_to_tell_it_she_ends_as_ever() -> None:
    with pytest.raises(LeftError, match="78"):
        await server(None).run()
