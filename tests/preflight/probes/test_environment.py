"""Every fault of section 1 is named, no working set-up is refused, and nothing is shown."""

from __future__ import annotations

import difflib  # loaded before a scenario becomes another user, who may not read the interpreter's files
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from granny.config.paths import HOME, Mode, env_files
from granny.faults import Fault, _environment, _values
from granny.preflight.probes.offline import Offline
from scenarios.environment import LOCAL, SCENARIOS, SECRETS, Scenario, lines
from scenarios.look import Seen, look
from scenarios.valid import VALID
from scenarios.variants import VALID as MORE_VALID
from scenarios.variants import VARIANTS

CASES = [
    pytest.param(slug, scenario, id=f"{slug}: {scenario.title or 'once'}")
    for table in (SCENARIOS, VARIANTS)
    for slug, scenarios in table.items()
    for scenario in scenarios
]


def _leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if any(secret[i : i + 8] in text for i in range(len(secret) - 7))]


class Silence:
    """Everything that a scenario wrote anywhere, to be searched for keys."""

    def __init__(self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
        caplog.set_level(logging.DEBUG)
        self._caplog = caplog
        self._capfd = capfd

    def leaks(self, seen: Seen) -> list[str]:
        """The keys of which eight characters in a row can be read somewhere."""
        captured = self._capfd.readouterr()
        return _leaks("\n".join((*seen.texts(), self._caplog.text, captured.out, captured.err)))


@pytest.fixture(name="silence")
def _silence(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Silence:
    return Silence(caplog, capfd)


@pytest.mark.parametrize(("slug", "scenario"), CASES)
def test_every_fault_is_named_and_nothing_is_shown(
    slug: str,
    scenario: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    silence: Silence,
) -> None:
    """The fault is among the findings, with its variable, place and severity, and no other fatal one."""
    seen = look(scenario, tmp_path, monkeypatch)
    found = [finding for finding in seen.findings if finding.fault.slug == slug]
    assert found, [finding.fault.slug for finding in seen.findings]
    if scenario.variable:
        assert scenario.variable in {finding.variable for finding in found}
    if scenario.where:
        assert scenario.where in {finding.where for finding in found}
    assert scenario.severity in {finding.severity.value for finding in found}
    if scenario.alone:
        assert set(seen.fatal) <= {slug}
    assert silence.leaks(seen) == []


@pytest.mark.parametrize("scenario", VALID + MORE_VALID, ids=lambda scenario: scenario.title)
def test_no_working_set_up_is_refused(
    scenario: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    silence: Silence,
) -> None:
    """A set-up that works has no fatal finding, and gives settings."""
    seen = look(scenario, tmp_path, monkeypatch)
    assert seen.fatal == []
    assert seen.settings is not None
    assert silence.leaks(seen) == []


def test_there_are_at_least_thirty_working_set_ups() -> None:
    assert len({scenario.title for scenario in VALID}) >= 30


def test_every_fault_of_the_section_has_a_scenario() -> None:
    slugs = {
        fault.slug for module in (_environment, _values) for fault in vars(module).values() if isinstance(fault, Fault)
    }
    assert slugs == set(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS["openai-key-missing"], ids=lambda scenario: scenario.title)
def test_the_missing_key_is_said_in_the_words_people_search_for(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries = [finding.summary for finding in look(scenario, tmp_path, monkeypatch).findings]
    assert any("OPENAI_API_KEY environment variable is required" in summary for summary in summaries)


def test_several_faults_are_named_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run names a lost line, a slip in a name, a bad address and a setting out of range."""
    text = b"set OPENAI_API_KEY=sk-a\nLIVEKIT_URL=localhost\nLIVEKIT_KEY=a\nLIVEKIT_API_SECRET=b\nGRANNY_SPEED=7\n"
    seen = look(Scenario(title="", files={"Granny-voice/.env.local": text}), tmp_path, monkeypatch)
    assert seen.fatal == [
        "env-file-line-unreadable",
        "env-name-misspelt",
        "livekit-url-invalid",
        "setting-invalid",
    ]


@pytest.mark.parametrize("piece", ["a\n\n\n", "a \n ", "\n", "a b\n", "placeholder-", "${A:-", "<<"])
def test_no_secret_takes_long_to_judge(piece: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long value made to confuse a search is judged at once."""
    environ = dict.fromkeys(("OPENAI_API_KEY", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"), f"x{piece * 20000}x y")
    seen = look(Scenario(title="", environ={**environ, "LIVEKIT_URL": "ws://localhost:7880"}), tmp_path, monkeypatch)
    assert seen.fatal


def test_the_file_for_people_may_be_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --env-file, the path that is looked for is that one, and look-alikes are searched beside it."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = tmp_path / "elsewhere" / "granny.env"
    asked.parent.mkdir()
    (asked.parent / "granny.env.txt").write_text("OPENAI_API_KEY=sk-abc")
    offline = Offline(
        files=env_files(Mode.PRODUCTION, folder=tmp_path, local=asked),
        environ={},
        needed=("OPENAI_API_KEY",),
        local=asked,
    )
    findings = [finding for _, probe in offline.probes() for finding in getattr(probe(), "findings", ())]
    assert [finding.fault.slug for finding in findings] == ["env-file-misnamed"]
    assert "granny.env.txt" in findings[0].evidence


def test_without_any_package_the_packages_are_the_finding() -> None:
    """In a Python with nothing installed, the probes can be imported and name what is missing."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from granny.preflight.probes.offline import Offline\n"
        "offline = Offline(files=[Path('.env.local')], environ={}, needed=['OPENAI_API_KEY'])\n"
        "answers = [probe() for _, probe in offline.probes()]\n"
        "print([finding.fault.slug for finding in answers[0].findings], offline.settings)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(HOME)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.stdout.split("\n")[0] == "['dependency-missing'] None"


@pytest.mark.parametrize("name", ["SERVICE_{}", "OPENAI_API_KE{}", "GRANNY_VOICE{}"])
def test_each_of_many_unknown_names_is_compared_at_most_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever is unset: to look for slips again for every needed variable took minutes for 15,000 names."""
    compared: list[str] = []
    original = difflib.SequenceMatcher.set_seq2

    def counted(matcher: difflib.SequenceMatcher[str], word: str) -> None:
        compared.append(word)
        original(matcher, word)

    monkeypatch.setattr(difflib.SequenceMatcher, "set_seq2", counted)
    text = "".join(f"{name.format(number)}=1\n" for number in range(10_000, 10_300))
    seen = look(Scenario(title="", files={"Granny-voice/.env.local": text.encode()}), tmp_path, monkeypatch)
    assert {"openai-key-missing", "livekit-url-missing"} <= set(seen.fatal)
    assert len({word for word in compared if word}) == len([word for word in compared if word])
    assert len(seen.findings) < 10


@pytest.mark.parametrize(
    ("mode", "folder"), [(0o600, 0o755), (0o400, 0o700), (0o440, 0o755), (0o600, 0o1777), (0o600, 0o775)]
)
def test_a_file_that_keeps_its_secrets_is_not_called_exposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, folder: int
) -> None:
    """A Kubernetes secret for one group (0440), a sticky folder such as /tmp, and a folder of one's own group."""

    def arrange(top: Path, _: object) -> None:
        (top / LOCAL).chmod(mode)
        (top / LOCAL).parent.chmod(folder)

    scenario = Scenario(title="", files={LOCAL: lines().encode()}, arrange=arrange)
    seen = look(scenario, tmp_path, monkeypatch)
    assert "env-file-exposed" not in {finding.fault.slug for finding in seen.findings}
