"""Why OpenAI refused a connection: asked once more, by a probe that hears the reason."""

from __future__ import annotations

import asyncio

import pytest

from granny import faults
from granny.call import refusal
from granny.call.refusal import is_bare, reason
from granny.config.settings import Settings
from granny.faults import Finding
from granny.preflight.report import Crashed, Failed, Outcome, Passed, Skipped
from scenarios._scene import settings

BARE = faults.OPENAI_UNAUTHORIZED.found("HTTP 401")
REJECTED = faults.OPENAI_KEY_REJECTED.found("HTTP 401, code invalid_api_key")
FOREIGN = faults.OPENAI_BASE_URL_FOREIGN.found("a warning")


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (Failed(probe="OpenAI", seconds=0.1, detail="", findings=(FOREIGN, REJECTED)), REJECTED),
        (Passed(probe="OpenAI", seconds=0.1, detail="", findings=(FOREIGN,)), None),
        (Crashed(probe="OpenAI", seconds=0.1, detail="bug"), BARE),
        (Skipped(probe="OpenAI", detail="off"), BARE),
        (None, BARE),
    ],
    ids=["refused", "passed", "crashed", "not asked", "silent"],
)
async def test_a_refusal_is_what_a_probe_at_the_same_door_finds(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome | None, found: Finding | None
) -> None:
    """Nothing, if it passes; what was known before, if the probe learns nothing in time."""
    mine = settings()

    async def ask(name: str, given: Settings) -> Outcome:
        assert (name, given) == ("OpenAI", mine)
        if outcome is None:
            raise asyncio.TimeoutError
        return outcome

    monkeypatch.setattr(refusal, "ask_alone", ask)
    assert await reason(BARE, mine) == found


def test_a_refusal_whose_words_nobody_has_read_is_known_by_its_status() -> None:
    """A 5xx has only one reason, and is not asked about."""

    def wrapping(**fields: int) -> Exception:
        error = RuntimeError()
        error.__cause__ = type("Refused", (Exception,), fields)()
        return error

    assert [is_bare(wrapping(status=status)) for status in (399, 400, 499, 500)] == [False, True, True, False]
    assert not is_bare(wrapping())
    assert not is_bare(RuntimeError())
