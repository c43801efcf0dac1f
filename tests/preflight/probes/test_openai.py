"""The OpenAI probes, against the stand-in and against what is mistaken for OpenAI."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.agents.llm._realtime.openai import process_base_url
from openai.types import Model

from granny.faults import Finding, Severity
from granny.net.answer import Answer, Unasked
from granny.net.openai_endpoint import Door, realtime_url
from granny.preflight.probes import livekit, model, openai
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import Cut, HttpAnswer, Opening, ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from scenarios import _fakes as fakes
from scenarios._scene import OPENAI_KEY, SECRETS, Scenario, settings
from scenarios.openai import RETIRING, SCENARIOS

CASES = [
    pytest.param(slug, scenario, id=f"{slug}-{number}")
    for slug, scenarios in SCENARIOS.items()
    for number, scenario in enumerate(scenarios)
]
SCOPE = HttpAnswer(401, WireError(None, "Missing scopes: api.model.request").body())
SPELLINGS = [
    pytest.param(lambda secret: secret[:40], id="as it is"),
    pytest.param(lambda secret: secret[:40].lower(), id="in small letters"),
    pytest.param(lambda secret: secret[-20:], id="its end"),
    pytest.param(lambda secret: "x".join((secret[4:12], "")), id="eight characters"),
    pytest.param(lambda secret: ".".join(secret.replace("-", "")[:24]), id="a letter a label"),
    pytest.param(lambda secret: "-".join(secret.replace("-", "")[:24]), id="hyphens between"),
    pytest.param(lambda secret: secret[:30].replace("-", "")[::-1], id="backwards"),
    pytest.param(lambda secret: secret.encode().hex()[:40], id="in hexadecimal"),
]


def findings(answer: Answer | Unasked) -> tuple[Finding, ...]:
    assert isinstance(answer, Answer)
    return answer.findings


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "SCOPE_PAUSE_SECONDS", 0.01)


@pytest.mark.parametrize(("slug", "scenario"), CASES)
async def test_every_fault_is_named(slug: str, scenario: Scenario, tmp_path: Path) -> None:
    """Each scenario is diagnosed as its own fault."""
    async with scenario.scene(tmp_path) as found:
        (finding,) = findings(await openai.ask(found))
    assert finding.fault.slug == slug
    assert finding.severity is scenario.severity
    assert scenario.evidence in finding.evidence


async def test_a_good_key_passes_and_is_shown_to_nobody_else() -> None:
    """The stand-in answers; the handshake carries the plugin's headers and none of the openai package's."""
    async with StandIn(api_key=OPENAI_KEY) as standin:
        answer = await openai.ask(settings(OPENAI_BASE_URL=standin.base_url))
        (connection,) = standin.connections
    assert answer == Answer("OpenAI answers")
    names = {name.lower() for name in connection.header_names}
    assert {"authorization", "user-agent"} <= names
    assert not [name for name in names if name.startswith(("openai-", "x-stainless"))]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_sent_on_with_the_key(status: int) -> None:
    """A redirect of the handshake is the answer: where it leads is not asked, the same server's own paths included."""
    asked: list[str] = []

    def elsewhere(head: str) -> bytes:
        asked.append(head)
        return fakes.response(401)

    async with fakes.listening(fakes.http(elsewhere)) as other:

        def redirect(head: str) -> bytes:
            asked.extend([head] if "GET /v1/realtime" not in head else [])
            where = f"http://127.0.0.1:{other}/v1/realtime" if status % 2 else "/elsewhere"
            return fakes.response(status, headers={"Location": where})

        async with fakes.listening(fakes.http(redirect)) as port:
            (finding,) = findings(await openai.ask(settings(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")))
    assert (finding.fault.slug, finding.severity) == ("openai-not-openai", Severity.FATAL)
    assert f"HTTP {status}" in finding.evidence
    assert asked == []


@pytest.mark.parametrize("spell", SPELLINGS)
async def test_a_host_that_spells_a_key_is_not_shown(spell: Callable[[str], str]) -> None:
    """Where a server sends on to is its own word, and it may have read the key."""
    for secret in SECRETS:
        host = f"{spell(secret)}.example"
        answer = fakes.http(lambda _, host=host: fakes.response(302, headers={"Location": f"https://{host}/x"}))  # type: ignore[misc]  # a default holds the loop's value
        async with fakes.listening(answer) as port:
            found = settings(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1", LIVEKIT_URL=f"ws://127.0.0.1:{port}")
            told = findings(await openai.ask(found)) + findings(await livekit.ask(found))
        assert [finding.fault.slug for finding in told] == ["openai-not-openai", "livekit-redirects"]
        assert not [finding for finding in told if host[:8] in finding.evidence]


async def test_a_model_that_spells_a_key_is_not_shown() -> None:
    """The names of models are the server's own words, too."""
    named = (Model(id=f"gpt-realtime-{OPENAI_KEY[8:36].lower()}", created=1, object="model", owned_by="x"),)
    refused = Script(handshakes=(HttpAnswer(404, WireError("model_not_found").body()),))
    async with StandIn(api_key=OPENAI_KEY, script=refused, models=named) as standin:
        (finding,) = findings(await openai.ask(settings(OPENAI_BASE_URL=standin.base_url)))
    assert finding.fault.slug == "openai-model-unavailable"
    assert OPENAI_KEY[8:16].lower() not in finding.evidence


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize("field", ["code", "type"])
async def test_an_error_code_that_spells_a_key_is_not_shown(status: int, field: str) -> None:
    """What an error is called is the server's own word; one that nobody knows may be letters of the key."""
    word = "_".join(OPENAI_KEY[start : start + 9].lower() for start in (8, 28, 48))
    word = "".join(letter for letter in word if not letter.isdigit())
    body = json.dumps({"error": {field: word}})
    async with fakes.listening(fakes.http(lambda _: fakes.response(status, body=body))) as port:
        (finding,) = findings(await openai.ask(settings(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")))
    assert word[:8] not in finding.evidence
    assert f"HTTP {status}" in finding.evidence


@pytest.mark.parametrize("opened", [False, True])
async def test_an_error_event_that_spells_a_key_shows_nothing_of_it(opened: bool) -> None:  # noqa: FBT001  of pytest
    """In place of a session, and in the answer, too."""
    error = WireError("_".join(OPENAI_KEY[start : start + 4].lower() for start in (8, 18, 28, 38)), type="fake")
    cut = Script(openings=(Opening(cut=Cut(error=error)),))
    async with StandIn(
        api_key=OPENAI_KEY, script=Script(responses=(ResponseFault(failed=error),)) if opened else cut
    ) as standin:
        told = findings(await openai.ask(settings(OPENAI_BASE_URL=standin.base_url)))
    assert told
    assert not [finding for finding in told if error.code and error.code in finding.evidence]


async def test_an_unknown_error_code_is_shown_all_the_same() -> None:
    """It is what helps a person to search, and it spells nothing; short secrets are words."""
    body = json.dumps({"error": {"code": "fake_new_refusal"}})
    async with fakes.listening(fakes.http(lambda _: fakes.response(401, body=body))) as port:
        found = settings(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1", LIVEKIT_API_SECRET="new")
        (finding,) = findings(await openai.ask(found))
    assert finding.evidence == "HTTP 401, code fake_new_refusal"


async def test_no_response_is_asked_for_when_switched_off() -> None:
    """GRANNY_PREFLIGHT_RESPONSE=off costs nothing, and is reported as not checked."""
    async with StandIn(api_key=OPENAI_KEY) as standin:
        answer = await openai.ask(settings(OPENAI_BASE_URL=standin.base_url, GRANNY_PREFLIGHT_RESPONSE="off"))
        (connection,) = standin.connections
    assert isinstance(answer, Answer)
    assert "not checked" in answer.detail
    assert answer.findings == ()
    assert connection.responses == []


async def test_the_answer_asked_for_has_no_sound() -> None:
    """The tiny response is written, so it costs a handful of tokens."""
    async with StandIn(api_key=OPENAI_KEY) as standin:
        await openai.ask(settings(OPENAI_BASE_URL=standin.base_url))
        (connection,) = standin.connections
    assert not [name for name in connection.server_events if "audio" in str(name)]


async def test_a_scope_refusal_that_goes_away_is_no_fault() -> None:
    """The first refusals about scopes have been seen on good keys."""
    first = HttpAnswer(SCOPE.status, SCOPE.body, on=(1, 2, 3))
    async with StandIn(api_key=OPENAI_KEY, script=Script(handshakes=(first,))) as standin:
        answer = await openai.ask(settings(OPENAI_BASE_URL=standin.base_url))
    assert answer == Answer("OpenAI answers")


async def test_a_voice_that_openai_does_not_take_is_named() -> None:
    """What only OpenAI can judge is sent along, and a refusal of it names the variable."""
    error = WireError("invalid_value", param="session.audio.output.voice")
    script = Script(openings=(Opening(cut=Cut(error=error)),))
    async with StandIn(api_key=OPENAI_KEY, script=script) as standin:
        answer = await openai.ask(settings(OPENAI_BASE_URL=standin.base_url, GRANNY_VOICE="nobody"))
    (finding,) = findings(answer)
    assert (finding.fault.slug, finding.variable) == ("setting-invalid", "GRANNY_VOICE")


@pytest.mark.parametrize("ask", [openai.ask, model.ask])
@pytest.mark.parametrize("key", ["", "sk-broken\nkey"])
async def test_a_key_that_cannot_be_sent_is_not_asked_about(key: str, ask: object) -> None:
    """The probe of the variables has named it."""
    answer = await ask(settings(OPENAI_API_KEY=key, OPENAI_BASE_URL="http://127.0.0.1:1/v1"))  # type: ignore[operator]  # both are probes
    assert isinstance(answer, Unasked)
    assert "OPENAI_API_KEY" in answer.reason


@pytest.mark.parametrize("url", ["", "api.openai.com/v1", "https://", "http://127.0.0.1:port/v1"])
async def test_an_unusable_address_is_not_asked(url: str) -> None:
    """What no plugin could connect to is skipped."""
    assert await openai.ask(settings(OPENAI_BASE_URL=url)) == Unasked("OPENAI_BASE_URL is no usable address")


@pytest.mark.parametrize("scenario", RETIRING["openai-model-retiring"])
async def test_a_retiring_model_is_named_with_its_last_day(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the day a warning with the days left, after it fatal."""
    async with scenario.scene(tmp_path) as found:
        monkeypatch.setattr(model, "today", lambda: date(2026, 11, 22))
        (coming,) = findings(await model.ask(found))
        monkeypatch.setattr(model, "today", lambda: date(2027, 1, 21))
        (gone,) = findings(await model.ask(found))
    assert coming.fault.slug == gone.fault.slug == "openai-model-retiring"
    assert coming.evidence == "gpt-realtime ends on 2027-01-20, in 59 days"
    assert (coming.severity, gone.severity) == (Severity.WARNING, Severity.FATAL)


async def test_an_end_more_than_a_year_away_is_said_without_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report's line has the date; nobody is warned of what is far away."""
    (scenario,) = RETIRING["openai-model-retiring"]
    async with scenario.scene(tmp_path) as found:
        monkeypatch.setattr(model, "today", lambda: date(2026, 1, 19))
        assert await model.ask(found) == Answer("gpt-realtime ends on 2027-01-20, in 366 days")
        monkeypatch.setattr(model, "today", lambda: date(2026, 1, 20))
        assert len(findings(await model.ask(found))) == 1


async def test_a_key_that_may_not_list_models_is_a_good_key() -> None:
    """A restricted key: the model's end is not checked, and the conversation passes."""
    refused = HttpAnswer(403, WireError(None, "Missing scopes: api.model.read").body())
    async with StandIn(api_key=OPENAI_KEY, script=Script(models=(refused,))) as standin:
        found = settings(OPENAI_BASE_URL=standin.base_url)
        assert await model.ask(found) == Unasked("not checked: HTTP 403")
        assert findings(await openai.ask(found)) == ()


async def test_a_model_without_an_announced_end_passes() -> None:
    """No date, no word."""
    models = (Model(id="gpt-realtime-2.1", created=1, object="model", owned_by="system"),)
    async with StandIn(api_key=OPENAI_KEY, models=models) as standin:
        answer = await model.ask(settings(OPENAI_BASE_URL=standin.base_url))
    assert answer == Answer("no end of the model is announced")


BASES = [
    "https://api.openai.com/v1",
    "https://api.openai.com/v1/",
    "https://api.openai.com",
    "https://eu.api.openai.com/v1",
    "http://127.0.0.1:8000/openai",
    "http://127.0.0.1:8000/openai/v1/?model=other&x=1&x=2",
    "wss://example.org/custom/realtime",
    "ws://[::1]:9/v1",
    "httpsomething",
    "",
]


@pytest.mark.parametrize("base", BASES)
def test_the_url_is_the_plugins(base: str) -> None:
    """The probe asks exactly where the plugin would."""
    assert realtime_url(base, "gpt-realtime-2.1") == process_base_url(base, "gpt-realtime-2.1")


@given(
    scheme=st.sampled_from(["http", "https", "ws", "wss", "HTTP"]),
    host=st.sampled_from(["h", "127.0.0.1:80", "[::1]"]),
    path=st.text("/v1openairealtime", max_size=12),
    query=st.text("model=&x1", max_size=12),
    name=st.text("gpt-é 1", max_size=8),
)
def test_the_url_is_the_plugins_for_any_address(scheme: str, host: str, path: str, query: str, name: str) -> None:
    """The same, over addresses that nobody thought of."""
    base = f"{scheme}://{host}/{path}?{query}"
    assert realtime_url(base, name) == process_base_url(base, name)


def test_models_are_looked_up_beside_the_realtime_endpoint() -> None:
    """Where the Realtime URL ends in /realtime, models are its neighbours; elsewhere nobody knows."""
    door = Door(url="wss://api.openai.com/v1/realtime?model=a", model="a", key="k")
    assert door.models_url("a") == "https://api.openai.com/v1/models/a"
    assert Door(url="wss://h/elsewhere?model=a", model="a", key="k").models_url() is None
