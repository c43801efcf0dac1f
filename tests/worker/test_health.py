"""The health page over a real socket."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from livekit.agents.utils.http_server import HttpServer

from granny.worker.health import Health, Status, health_page

HOST = "127.0.0.1"


class Told:
    """What the page is told to say; may be changed while it is served."""

    def __init__(self) -> None:
        self.health = Health(Status.STARTING)
        self.framework_port = 0
        self.port = 0

    async def get(self, path: str = "/") -> tuple[int, str, str]:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://{HOST}:{self.port}{path}") as answer,
        ):
            return answer.status, answer.content_type, await answer.text()

    async def json(self) -> tuple[int, Any]:
        async with aiohttp.ClientSession() as client, client.get(f"http://{HOST}:{self.port}/") as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def page() -> AsyncIterator[Told]:
    told = Told()
    served = health_page(HOST, 0, health=lambda: told.health, framework_port=lambda: told.framework_port)
    async with served as told.port:
        yield told


@pytest.mark.parametrize(
    ("health", "status", "body"),
    [
        (Health(Status.OK), 200, {"status": "ok", "fault": None, "warnings": []}),
        (Health(Status.STARTING), 503, {"status": "starting", "fault": None, "warnings": []}),
        (Health(Status.STOPPING), 503, {"status": "stopping", "fault": None, "warnings": []}),
        (Health(Status.UNREGISTERED), 503, {"status": "unregistered", "fault": None, "warnings": []}),
        (Health(Status.FULL), 503, {"status": "full", "fault": None, "warnings": []}),
        (
            Health(Status.APOLOGISING, "openai-key-rejected"),
            503,
            {"status": "apologising", "fault": "openai-key-rejected", "warnings": []},
        ),
        (
            Health(Status.FAULT, "openai-out-of-credit"),
            503,
            {"status": "fault", "fault": "openai-out-of-credit", "warnings": []},
        ),
        (
            Health(Status.OK, warnings=("data-folder-unusable",)),
            200,
            {"status": "ok", "fault": None, "warnings": ["data-folder-unusable"]},
        ),
    ],
)
async def test_only_a_worker_that_would_answer_a_call_is_ok(
    page: Told, health: Health, status: int, body: dict[str, Any]
) -> None:
    page.health = health
    assert await page.json() == (status, body)


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        (Status.OK, 200),
        (Status.FULL, 200),
        (Status.FAULT, 200),
        (Status.STARTING, 503),
        (Status.STOPPING, 503),
        (Status.UNREGISTERED, 503),
        (Status.APOLOGISING, 503),
    ],
)
async def test_a_worker_that_turns_is_live_and_one_that_livekit_knows_is_ready(
    page: Told, status: Status, ready: int
) -> None:
    """A full worker is not replaced and one with a fault not restarted: both have callers to look after."""
    page.health = Health(status)
    assert (await page.get("/ready"))[0] == ready
    assert await page.get("/live") == (200, "text/plain", "live")


async def test_the_page_is_asked_anew_each_time(page: Told) -> None:
    page.health = Health(Status.OK)
    assert (await page.get())[0] == 200
    page.health = Health(Status.FULL)
    assert (await page.get())[0] == 503


async def test_the_metrics_are_on_the_same_port(page: Told) -> None:
    status, kind, text = await page.get("/metrics")
    assert (status, kind) == (200, "text/plain")
    assert "lk_agents_active_job_count" in text


async def test_how_the_worker_is_can_be_read_off_its_figures(page: Told) -> None:
    """Of its statuses one is 1, whenever they are asked for."""
    for now in (Status.FULL, Status.OK):
        page.health = Health(now)
        _, _, text = await page.get("/metrics")
        for status in Status:
            assert f'granny_health{{status="{status.value}"}} {float(status is now)}\n' in text


async def test_the_frameworks_page_is_passed_on(page: Told) -> None:
    async def worker(_request: web.Request) -> web.Response:
        return web.json_response({"worker_load": 0.1}, status=202)

    framework = HttpServer(HOST, 0)
    framework.app.add_routes([web.get("/worker", worker)])
    await framework.start()
    try:
        page.framework_port = framework.port
        assert await page.get("/worker") == (202, "application/json", '{"worker_load": 0.1}')
    finally:
        await framework.aclose()


async def test_where_the_framework_has_no_page_there_is_nothing_to_pass_on(page: Told) -> None:
    assert (await page.get("/worker"))[0] == 503


async def test_nobody_is_told_anything_at_another_address(page: Told) -> None:
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientError):
            await client.get(f"http://127.0.0.2:{page.port}/live")


async def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            async with health_page(HOST, port, health=lambda: Health(Status.OK), framework_port=lambda: 0):
                pass


async def test_there_is_nothing_else_and_nobody_may_write(page: Told) -> None:
    assert (await page.get("/nowhere"))[0] == 404
    async with aiohttp.ClientSession() as client, client.post(f"http://{HOST}:{page.port}/") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (405, "no-store")
