"""The check-up names what keeps a telephone call from coming to her, and keeps no worker from starting for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit.protocol.sip import CreateSIPParticipantRequest

from fakes._livekit_api import livekit_api
from granny.config.paths import Mode
from granny.faults import Finding, Severity
from granny.net.answer import Answer, Unasked
from granny.preflight.checkup import LIVEKIT, PHONE, Occasion, check_up, look
from granny.preflight.probes import phone
from granny.preflight.report import Skipped
from granny.rooms import trunks
from granny.rooms.trunks import Telephony
from scenarios._scene import OPENAI_KEY, Scenario, settings
from scenarios.phone import HERS, NUMBER, OTHER, SCENARIOS, VALID, Scene, made

WRONG = [
    pytest.param(slug, scenario, id=f"{slug}-{number}")
    for slug, scenarios in SCENARIOS.items()
    for number, scenario in enumerate(scenarios)
]


async def found(scenario: Scenario, folder: Path) -> tuple[Finding, ...]:
    async with scenario.scene(folder) as hers:
        answer = await phone.ask(hers)
    assert isinstance(answer, Answer)
    return answer.findings


@pytest.mark.parametrize(("slug", "scenario"), WRONG)
async def test_one_thing_that_is_wrong_is_one_finding(slug: str, scenario: Scenario, tmp_path: Path) -> None:
    (finding,) = await found(scenario, tmp_path)
    assert (finding.fault.slug, finding.severity) == (slug, Severity.WARNING)
    assert scenario.evidence in finding.evidence


@pytest.mark.parametrize(("slug", "scenario"), WRONG)
async def test_no_number_is_shown(slug: str, scenario: Scenario, tmp_path: Path) -> None:
    """But for its last two digits, by which whoever reads it knows which is meant."""
    shown = "".join(map(repr, await found(scenario, tmp_path)))
    assert slug in shown
    for number in (NUMBER, OTHER):
        assert number[-4:] not in shown


@pytest.mark.parametrize("scene", VALID.values(), ids=VALID)
async def test_of_a_telephone_that_is_well_nothing_is_said(scene: Scene, tmp_path: Path) -> None:
    async with scene(tmp_path) as hers:
        answer = await phone.ask(hers)
    assert isinstance(answer, Answer)
    assert answer.findings == ()
    assert answer.detail.endswith("she can ring") is bool(hers.phone_out_address)


async def test_nobody_is_rung_for_it() -> None:
    """The bridge is asked for a call that no bridge makes: without a codec, to a host that cannot be."""
    async with livekit_api() as livekit:
        await phone.ask(settings(**livekit.environment, **HERS))
        (body,) = livekit.bodies("CreateSIPParticipant")
    knock = CreateSIPParticipantRequest.FromString(body)
    assert knock.media.only_listed_codecs
    assert not knock.media.codecs
    assert knock.trunk.hostname.endswith(".invalid")
    assert not knock.wait_until_answered


async def test_a_server_that_is_not_there_is_the_other_probes_business() -> None:
    assert isinstance(await phone.ask(settings(LIVEKIT_URL="ws://127.0.0.1:9", **HERS)), Unasked)
    assert isinstance(await phone.ask(settings(**HERS)), Unasked)


def test_livekits_own_numbers_need_no_trunk() -> None:
    """They are LiveKit Cloud's alone; a rule that sends for her is enough."""
    hers = settings(**HERS)
    _, rule, _ = made(hers)
    rule.trunk_ids[:] = []
    there = Telephony(rules=[rule])
    assert list(phone.judged(hers, there, is_cloud=True)) == []
    assert [one.fault.slug for one in phone.judged(hers, there, is_cloud=False)] == ["phone-trunk-missing"]
    assert trunks.sends_for(rule, hers.agent_name)


@pytest.mark.parametrize("number", ["", NUMBER])
async def test_it_is_asked_only_where_she_has_a_number(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRANNY_PHONE_NUMBER", raising=False)
    async with livekit_api() as livekit:
        file = tmp_path / "granny.env"
        lines = {"OPENAI_API_KEY": OPENAI_KEY, "GRANNY_PHONE_NUMBER": number, **livekit.environment}
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        file.chmod(0o600)
        report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=file, network=False))
        skipped = [one for one in report.outcomes if one.probe == PHONE]
        assert [type(one) for one in skipped] == ([Skipped] if number else [])
        occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=file, probes=(LIVEKIT, PHONE) if number else (LIVEKIT,))
        report, _ = await check_up(occasion, notice=lambda *_: None)
    assert [one.fault.slug for one in report.findings] == (["phone-trunk-missing"] if number else [])
    assert report.exit_code == 0
