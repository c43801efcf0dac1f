"""The catalogue holds every fault of the contract with its severity, and each of them is provoked somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from granny import faults
from granny.faults import Fault, Severity, _alerts, _call, _store
from granny.lines import Line
from granny.preflight.report import Failed, Passed, Report
from scenarios import environment, livekit, openai, page, people, phone, secrets, variants

TESTS = Path(__file__).resolve().parents[1]
FATAL, TRANSIENT, WARNING = Severity.FATAL, Severity.TRANSIENT, Severity.WARNING

SLUGS: dict[Severity, str] = {
    FATAL: """
        dependency-missing env-file-missing env-file-misnamed env-file-is-directory env-file-unreadable
        env-file-encoding env-file-line-unreadable env-name-misspelt openai-key-missing livekit-url-missing
        livekit-key-missing livekit-secret-missing value-empty value-placeholder value-quoted value-whitespace
        value-invisible-character value-expanded value-pasted-wrong openai-key-other-provider openai-key-wrong-kind
        openai-azure-leftover openai-base-url-invalid livekit-url-invalid livekit-key-secret-swapped setting-invalid
        port-in-use
        livekit-key-unknown livekit-secret-wrong clock-ahead clock-behind livekit-unauthorized livekit-not-listening
        livekit-host-unknown livekit-tls-mismatch livekit-certificate livekit-not-livekit livekit-redirects
        proxy-unreachable
        openai-key-rejected openai-key-scope openai-ip-refused openai-region-refused openai-model-unavailable
        openai-out-of-credit openai-spend-limit openai-billing-inactive openai-unauthorized openai-not-openai
        openai-certificate
        openai-wrong-region openai-organisation-mismatch openai-account-closed openai-organisation-unverified
        openai-blocked livekit-quota tunnel-page value-wrapped recordings-not-kept
        secrets-folder-unreadable secret-file-unreadable
        people-folder-unreadable person-file-unreadable person-file-encoding person-file-line-unreadable
        person-value-invalid person-number-twice data-folder-unusable
        store-newer store-half-made store-migration-failed
        phone-number-missing phone-service-missing phone-trunk-missing phone-out-missing phone-rule-missing
        phone-rule-other-agent phone-setup-refused phone-out-refused person-without-number
    """,
    TRANSIENT: """
        livekit-silent livekit-unavailable
        openai-rate-limited openai-unavailable openai-challenge openai-host-unknown openai-unreachable openai-silent
        openai-connection-lost call-no-first-word call-no-answer call-crashed livekit-connection-lost
        phone-service-busy phone-no-worker
        worker-died job-died livekit-unreachable line-not-recorded call-unheard call-deaf
    """,
    WARNING: """
        env-file-quotes value-duplicated value-shadowed env-file-disabled env-file-tracked env-file-exposed
        secret-file-exposed person-file-misnamed person-file-exposed person-file-tracked person-key-unknown
        greeting-without-disclosure lines-not-in-language budget-without-prices
        page-url-insecure page-without-links data-folder-exposed link-unreadable link-person-unknown
        store-unavailable store-migration-broken-off store-exposed
        phone-number-form phone-trunk-open phone-without-hd phone-setup-outdated
        emergency-named crisis-named person-not-reached no-call calls-died certificate-ending
        budget-nearly-spent budget-reached alerts-held-back alert-address-unusable alerts-undelivered heartbeat-unheard
        livekit-unencrypted proxy-ignored
        openai-key-format openai-base-url-foreign openai-model-retiring
        openai-session-expired call-idle call-too-long worker-stopping openai-unknown-error budget-spent
    """,
}
"""The contract that reports, pages and scripts of users rely on: a slug here may never change or go."""

CONTRACT = [(slug, severity) for severity, text in SLUGS.items() for slug in text.split()]
TABLES = (
    environment.SCENARIOS,
    variants.VARIANTS,
    secrets.SCENARIOS,
    people.SCENARIOS,
    page.SCENARIOS,
    phone.SCENARIOS,
    livekit.SCENARIOS,
    openai.SCENARIOS,
    openai.RETIRING,
)
PROVOKED = {slug for table in TABLES for slug, scenarios in table.items() if scenarios}
MET_MOST = (
    "env-file-misnamed",
    "env-file-line-unreadable",
    "env-name-misspelt",
    "value-placeholder",
    "value-pasted-wrong",
    "value-quoted",
    "value-whitespace",
    "openai-key-other-provider",
    "value-wrapped",
    "livekit-url-invalid",
    "setting-invalid",
    "person-file-line-unreadable",
    "person-value-invalid",
)
IN_CALLS = {fault.slug for fault in vars(_call).values() if isinstance(fault, Fault)}
OF_THE_STORE = {fault.slug for fault in vars(_store).values() if isinstance(fault, Fault)}
BESIDE = {faults.PROXY_IGNORED.slug}
"""Said only where nothing answers."""
TOLD = {fault.slug for fault in vars(_alerts).values() if isinstance(fault, Fault)}
"""What the family is told, or what keeps them from being told."""
RECORDING = {faults.LINE_NOT_RECORDED.slug, faults.RECORDINGS_NOT_KEPT.slug}
"""Met while her lines are recorded, after a healthy start."""
BY_COMMAND = {
    faults.PHONE_NUMBER_MISSING.slug,
    faults.PHONE_SETUP_REFUSED.slug,
    faults.PHONE_OUT_REFUSED.slug,
    faults.PHONE_NO_WORKER.slug,
    faults.PERSON_WITHOUT_NUMBER.slug,
}
"""Met by whoever sets her telephone up, or has her ring."""


def words_in(*files: Path) -> set[str]:
    """The string literals and the names of constants, as slugs, of test files."""
    words: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.Attribute | ast.Name):
                name = node.attr if isinstance(node, ast.Attribute) else node.id
                words.add(name.lower().replace("_", "-"))
    return words


@pytest.mark.parametrize(("slug", "severity"), CONTRACT)
def test_a_fault_of_the_contract_is_in_the_catalogue(slug: str, severity: Severity) -> None:
    assert faults.CATALOGUE[slug].severity is severity


def test_every_fault_that_can_be_met_at_start_up_is_provoked() -> None:
    assert set(faults.CATALOGUE) - IN_CALLS - BESIDE - OF_THE_STORE - BY_COMMAND - TOLD == PROVOKED


def test_every_fault_of_the_store_is_provoked_in_both_databases() -> None:
    probe = TESTS / "preflight" / "probes" / "test_store_probe.py"
    assert words_in(probe, *(TESTS / "store").glob("test_*.py")) >= OF_THE_STORE


def test_every_fault_that_is_met_beside_another_is_provoked() -> None:
    assert words_in(TESTS / "net" / "test_route.py") >= BESIDE


def test_every_fault_of_a_command_is_provoked() -> None:
    told = words_in(*(TESTS / "ringing").glob("test_*.py"), TESTS / "commands" / "test_phone_commands.py")
    assert told >= BY_COMMAND


def test_every_fault_that_can_be_met_in_a_call_is_provoked() -> None:
    told = words_in(*(TESTS / "calls").glob("*.py"), TESTS / "diagnosis" / "test_diagnosis.py")
    assert not [slug for slug in IN_CALLS - RECORDING if not {slug, slug.removeprefix("openai-")} & told]


def test_every_fault_that_the_family_is_told_is_provoked() -> None:
    assert words_in(*(TESTS / "alerts").glob("*.py")) >= TOLD


def test_every_fault_of_recording_is_provoked() -> None:
    assert words_in(TESTS / "worker" / "test_line_recorder.py") >= RECORDING


@pytest.mark.parametrize("slug", MET_MOST)
def test_a_fault_that_users_meet_often_is_provoked_in_ten_ways(slug: str) -> None:
    assert sum(len(table.get(slug, ())) for table in TABLES) >= 10


@pytest.mark.parametrize("fault", faults.CATALOGUE.values(), ids=lambda fault: fault.slug)
def test_every_fault_tells_a_person_what_to_do(fault: Fault) -> None:
    """A sentence, a cause and at least one step, and nothing left to fill in."""
    finding = fault.found("", variable="LIVEKIT_API_KEY")
    assert finding.summary.endswith(".")
    assert fault.cause.endswith(".")
    assert finding.remedy
    assert "{variable}" not in f"{finding.summary}{finding.remedy}{fault.cause}"


OF_OPENAI = [fault for slug, fault in faults.CATALOGUE.items() if slug.startswith("openai-")]
AT_HOME = (faults.OPENAI_KEY_FORMAT, faults.OPENAI_BASE_URL_FOREIGN, faults.OPENAI_SESSION_EXPIRED)
"""Said before any call, or of no concern to the caller."""


@pytest.mark.parametrize("fault", OF_OPENAI, ids=lambda fault: fault.slug)
def test_every_fault_of_openais_has_a_line_for_the_caller(fault: Fault) -> None:
    assert (fault.spoken in {line.value for line in Line}) is (fault not in AT_HOME)


def test_a_wrong_region_is_mended_with_a_line_to_copy() -> None:
    steps = " ".join(faults.OPENAI_WRONG_REGION.found("").remedy)
    assert "OPENAI_BASE_URL=https://eu.api.openai.com/v1" in steps
    assert "OPENAI_BASE_URL=https://us.api.openai.com/v1" in steps


def test_an_unverified_organization_is_sent_to_the_page_first() -> None:
    first, *_ = faults.OPENAI_ORGANISATION_UNVERIFIED.remedy
    assert "https://platform.openai.com/settings/organization/general" in first


@pytest.mark.parametrize("slug", ["openai-wrong-region", "openai-organisation-mismatch", "openai-account-closed"])
def test_nobody_is_sent_for_a_new_key_that_cannot_help(slug: str) -> None:
    steps = " ".join(faults.CATALOGUE[slug].remedy)
    assert re.search(r"A new key [^.]*cannot help", steps)
    assert "api-keys" not in steps


@pytest.mark.parametrize(("severity", "code"), [(FATAL, 78), (TRANSIENT, 75), (WARNING, 0)])
def test_a_severity_has_one_exit_code(severity: Severity, code: int) -> None:
    for slug in SLUGS[severity].split():
        finding = faults.CATALOGUE[slug].found("")
        kind = Passed if severity is WARNING else Failed
        assert Report((kind(probe="", seconds=0, detail="", findings=(finding,)),)).exit_code == code
