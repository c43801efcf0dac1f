"""`python -m granny alert test`, as whoever types it meets it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from commands.running import run
from granny.rehearsal.rig.services import Services

TEST = ("-m", "granny", "alert", "test")
SECRET = "FAKEtoken" * 3


async def tried(home: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Its exit status, and all that it has said."""
    done = await asyncio.to_thread(run, home, environment, *TEST)
    said = done.stdout + done.stderr
    assert not [piece for piece in (SECRET[start : start + 8] for start in range(len(SECRET) - 7)) if piece in said]
    return done.returncode, said


async def test_each_address_is_told_with_what_its_service_said(home: Path, bare_environment: dict[str, str]) -> None:
    """Whatever else is wrong, be it that not even a key is set; and the heartbeat gives a sign."""
    async with Services() as services:
        addresses = f"{services.hook(SECRET)} json://granny:{SECRET}@127.0.0.1:1/{SECRET} {SECRET}://nowhere"
        given = {"GRANNY_ALERTS": addresses, "GRANNY_HEARTBEAT_URL": services.beat(SECRET), "GRANNY_LANGUAGE": "de"}
        status, said = await tried(home, bare_environment | given)
    assert said.splitlines() == [
        "address 1, JSON, json://…: it was taken",
        "address 2, JSON, json://…: no service was reached there, or it gave no answer that tells why",
        "address 3: nothing can be sent there; see https://appriseit.com/services/ for the form of such an address",
        "heartbeat, GRANNY_HEARTBEAT_URL: it was taken",
    ]
    assert status == 78
    assert services.letters[0]["title"] == "Dies ist eine Probe: Grannys Meldungen kommen hier an."
    assert services.beats == [""]


@pytest.mark.parametrize(("answers", "status", "says"), [(200, 0, "it was taken"), (403, 78, "refuses it, code 403")])
async def test_the_exit_status_tells_whether_alerts_arrive(
    home: Path, bare_environment: dict[str, str], answers: int, status: int, says: str
) -> None:
    async with Services(status=answers) as services:
        told = await tried(home, bare_environment | {"GRANNY_ALERTS": services.hook(SECRET)})
    assert told[0] == status
    assert says in told[1]


async def test_a_service_that_is_away_may_come_back(home: Path, bare_environment: dict[str, str]) -> None:
    assert (await tried(home, bare_environment | {"GRANNY_ALERTS": f"json://127.0.0.1:1/{SECRET}"}))[0] == 75


@pytest.mark.parametrize("alerts", ["", f"{SECRET}@example.org"])
async def test_where_nobody_would_be_told_it_says_so(home: Path, bare_environment: dict[str, str], alerts: str) -> None:
    status, said = await tried(home, bare_environment | {"GRANNY_ALERTS": alerts})
    assert status == 78
    assert "Nobody would be told" in said
