"""The LiveKit probe, against servers with one fault each and against a real LiveKit server."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from granny.config.paths import Mode
from granny.faults import Finding, Severity
from granny.net.answer import Answer, Unasked
from granny.preflight.checkup import LIVEKIT, Occasion, check_up
from granny.preflight.probes import livekit
from granny.rehearsal.rig.livekit_server import LiveKit, livekit_server, why_missing
from scenarios import _fakes as fakes
from scenarios._scene import Scenario, settings
from scenarios.environment import KEY, OPENAI, SECRET
from scenarios.livekit import SCENARIOS, answering, issuer

CASES = [
    pytest.param(slug, scenario, id=f"{slug}-{number}")
    for slug, scenarios in SCENARIOS.items()
    for number, scenario in enumerate(scenarios)
]
real_server = pytest.mark.skipif(why_missing() is not None, reason=why_missing() or "")


def findings(answer: Answer | Unasked) -> tuple[Finding, ...]:
    assert isinstance(answer, Answer)
    return answer.findings


def slugs(answer: Answer | Unasked) -> list[str]:
    return [finding.fault.slug for finding in findings(answer)]


@pytest.mark.parametrize(("slug", "scenario"), CASES)
async def test_every_fault_is_named(slug: str, scenario: Scenario, tmp_path: Path) -> None:
    """Each scenario is diagnosed as its own fault, first and gravest of what is found."""
    async with scenario.scene(tmp_path) as found:
        finding = findings(await livekit.ask(found))[0]
    assert finding.fault.slug == slug
    assert finding.severity is scenario.severity
    assert scenario.evidence in finding.evidence


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_a_redirect_that_spells_the_pass_is_not_shown(part: int) -> None:
    """The server has read the worker's pass, which is good for a while: no piece of it comes back on the screen."""
    shown: list[str] = []

    def redirect(head: str) -> bytes:
        token = head.partition("Bearer ")[2].split()[0]
        shown.append("".join(filter(str.isalnum, token.split(".")[part]))[:40])
        return fakes.response(302, headers={"Location": f"https://{shown[-1]}.example/x"})

    async with fakes.listening(fakes.http(redirect)) as port:
        (finding,) = findings(await livekit.ask(settings(LIVEKIT_URL=f"ws://127.0.0.1:{port}")))
    assert finding.fault.slug == "livekit-redirects"
    assert not [word for word in shown if word[:8] in finding.evidence]


@pytest.mark.parametrize("missing", ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
async def test_an_empty_variable_is_not_asked_about(missing: str) -> None:
    """Without one of the three the probe is skipped, and says which one is missing."""
    given = {"LIVEKIT_URL": "ws://127.0.0.1:1", missing: ""}
    assert await livekit.ask(settings(**given)) == Unasked(f"{missing} is not set")


@pytest.mark.parametrize("url", ["127.0.0.1:7880", "tcp://127.0.0.1:7880", "ws://", "ws://127.0.0.1:port"])
async def test_an_unusable_address_is_not_asked(url: str) -> None:
    """What no worker could connect to is skipped; the probe of the variables has named it."""
    assert await livekit.ask(settings(LIVEKIT_URL=url)) == Unasked("LIVEKIT_URL is no usable address")


async def test_a_key_that_is_not_known_is_asked_about_once_and_in_no_other_name() -> None:
    """Whether key and secret are exchanged is never tried out: the server can read in whose name a pass is signed."""
    heads: list[str] = []

    def answer(head: str) -> bytes:
        heads.append(head)
        return fakes.response(401, "invalid API key: x")

    async with fakes.listening(fakes.http(answer)) as port:
        found = settings(LIVEKIT_URL=f"ws://127.0.0.1:{port}", LIVEKIT_API_KEY="secret", LIVEKIT_API_SECRET="devkey")
        (finding,) = findings(await livekit.ask(found))
    assert finding.fault.slug == "livekit-key-unknown"
    assert any("exchanged" in step for step in finding.remedy)
    assert [issuer(head) for head in heads] == ["secret"]


async def test_a_connection_broken_off_once_is_tried_again() -> None:
    """One reset may be chance, and is no finding."""
    served: list[int] = []

    async def handle(reader: object, writer: object) -> None:
        served.append(1)
        handler = fakes.closing if len(served) == 1 else answering(503)
        await handler(reader, writer)  # type: ignore[arg-type]  # passed on as they came

    async with fakes.listening(handle) as port:
        answered = await livekit.ask(settings(LIVEKIT_URL=f"ws://127.0.0.1:{port}"))
    assert slugs(answered) == ["livekit-unavailable"]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[LiveKit]:
    async with livekit_server(log=tmp_path / "livekit.log") as running:
        yield running


def of(server: LiveKit, **changes: str) -> dict[str, str]:
    return server.environment | changes


@real_server
@pytest.mark.livekit
async def test_a_real_server_is_told_apart(server: LiveKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real LiveKit server: good pairs in every spelling pass, and each wrong one gets its own name."""
    bare = server.url.removeprefix("ws://")
    for url in (server.url, f"http://{bare}", f"WS://{bare}", f"{server.url}/", f"ws://{bare}".upper()):
        answered = await livekit.ask(settings(**of(server, LIVEKIT_URL=url)))
        assert findings(answered) == (), url

    async def refused(**changes: str) -> list[str]:
        return slugs(await livekit.ask(settings(**of(server, **changes))))

    assert await refused(LIVEKIT_API_KEY="other") == ["livekit-key-unknown"]
    assert await refused(LIVEKIT_API_SECRET="other") == ["livekit-secret-wrong"]
    swapped = {"LIVEKIT_API_KEY": server.secret, "LIVEKIT_API_SECRET": server.key}
    assert await refused(**swapped) == ["livekit-key-unknown"]  # devkey and secret: their shapes tell nothing
    assert await refused(LIVEKIT_URL=f"wss://{bare}") == ["livekit-tls-mismatch"]
    monkeypatch.setattr(livekit, "now", lambda: time.time() + 3600)
    assert await refused() == ["clock-ahead"]
    monkeypatch.setattr(livekit, "now", lambda: time.time() - 24 * 3600)
    assert await refused() == ["clock-behind"]
    monkeypatch.setattr(livekit, "now", lambda: time.time() - 3600)
    (warning,) = findings(await livekit.ask(settings(**server.environment)))
    assert (warning.fault.slug, warning.severity) == ("clock-behind", Severity.WARNING)


_SHAPES = {
    "exchanged": (SECRET, KEY),
    "the secret twice": (SECRET, SECRET),
    "the key twice": (KEY, KEY),
    "the key's first letter missing": (KEY[1:], SECRET),
    "the secret's end missing": (KEY, SECRET[:-1]),
    "exchanged, of a server of one's own": (SECRET, "grandmas-house"),
    "right": (KEY, SECRET),
}


@real_server
@pytest.mark.skipif("LIVEKIT_URL" in os.environ, reason="needs a LiveKit server whose log can be read")
@pytest.mark.livekit
async def test_a_real_servers_log_never_holds_the_secret(tmp_path: Path) -> None:
    """It writes down the name in which a pass is signed, so no secret may ever stand there."""
    log = tmp_path / "livekit.log"
    silent: list[str] = []
    async with livekit_server(log=log, pair=(KEY, SECRET)) as server:
        for title, (key, secret) in _SHAPES.items():
            file = tmp_path / "granny.env"
            pair = f"LIVEKIT_API_KEY={key}\nLIVEKIT_API_SECRET={secret}\n"
            file.write_text(f"OPENAI_API_KEY={OPENAI}\nLIVEKIT_URL={server.url}\n{pair}")
            occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=file, probes=(LIVEKIT,))
            report, _ = await check_up(occasion, notice=lambda *_: None)
            if not {"LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"} & {finding.variable for finding in report.findings}:
                silent.append(title)
            await livekit.ask(settings(LIVEKIT_URL=server.url, LIVEKIT_API_KEY=key, LIVEKIT_API_SECRET=secret))
    written = log.read_text()
    assert KEY[1:] in written, "the server writes keys that it does not know into its log"
    assert not [start for start in range(len(SECRET) - 7) if SECRET[start : start + 8] in written]
    assert silent == ["right"]
