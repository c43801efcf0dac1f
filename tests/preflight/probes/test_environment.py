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
from granny.config.settings import VARIABLES
from granny.faults import Fault, Severity, _environment, _lines, _people, _values
from granny.net.answer import Answer
from granny.preflight.probes import _exposure as exposure
from granny.preflight.probes._reading import take_reading
from granny.preflight.probes._secrets import exposed_secrets
from granny.preflight.probes.environment import _exposed, ask_environment
from granny.preflight.probes.offline import Offline
from scenarios import people, secrets
from scenarios.environment import LOCAL, SCENARIOS, SECRETS, Scenario, lines
from scenarios.look import Seen, look
from scenarios.valid import VALID
from scenarios.variants import VALID as MORE_VALID
from scenarios.variants import VARIANTS

CASES = [
    pytest.param(slug, scenario, id=f"{slug}: {scenario.title or 'once'}")
    for table in (SCENARIOS, VARIANTS, secrets.SCENARIOS, people.SCENARIOS)
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


@pytest.mark.parametrize(
    "scenario", VALID + MORE_VALID + secrets.VALID + people.VALID, ids=lambda scenario: scenario.title
)
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
        fault.slug
        for module in (_environment, _values, _people, _lines)
        for fault in vars(module).values()
        if isinstance(fault, Fault)
    }
    assert slugs == {*SCENARIOS, *secrets.SCENARIOS, *people.SCENARIOS}


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


FATAL, WARNING = Severity.FATAL, Severity.WARNING
KEY, URL = "OPENAI_API_KEY", "LIVEKIT_URL"
VALUE = "sk-proj-" + "FAKE" * 10


def answered(folder: Path, text: str | None, *, mode: int = 0o600, **environ: str) -> Answer:
    file = folder / ".env.local"
    if text is not None:
        file.write_text(text)
        file.chmod(mode)
    files = (folder / ".env.production.local", file)
    return ask_environment(take_reading(files, environ=environ, needed=(KEY, URL), known=VARIABLES))


def told(answer: Answer) -> list[tuple[str, str, str | None, str | None, Severity]]:
    return [(one.fault.slug, one.evidence, one.variable, one.where, one.severity) for one in answer.findings]


def test_the_answer_says_which_files_were_read(tmp_path: Path) -> None:
    nothing = answered(tmp_path, None, OPENAI_API_KEY=VALUE, LIVEKIT_URL="ws://a")
    assert nothing == Answer("no env file was read; values come from the environment alone", ())
    (tmp_path / ".env.production.local").write_text("A=b\n")
    both = answered(tmp_path, "B=c\nB=d\n", OPENAI_API_KEY=VALUE, LIVEKIT_URL="ws://a")
    assert both == Answer(".env.production.local (1 variables), .env.local (2 variables)", ())


def test_a_folder_in_the_files_place_is_stepped_over_only_if_nothing_is_missing(tmp_path: Path) -> None:
    """As the libraries do it; a file that cannot be read they do not step over."""
    (tmp_path / ".env.local").mkdir()
    folder = ("env-file-is-directory", None, ".env.local")
    assert told(answered(tmp_path, None, OPENAI_API_KEY=VALUE)) == [
        (folder[0], "A folder has this name.", *folder[1:], FATAL)
    ]
    assert told(answered(tmp_path, None, OPENAI_API_KEY=VALUE, LIVEKIT_URL="ws://a")) == [
        (folder[0], "A folder has this name. Everything needed is set elsewhere.", *folder[1:], WARNING)
    ]
    (tmp_path / ".env.production.local").write_bytes(b"\xe4")
    both = told(answered(tmp_path, None, OPENAI_API_KEY=VALUE, LIVEKIT_URL="ws://a"))
    assert [(slug, severity) for slug, *_, severity in both] == [
        ("env-file-encoding", FATAL),
        ("env-file-is-directory", WARNING),
    ]


@pytest.mark.parametrize(
    ("text", "evidence", "variable", "line", "severity"),
    [
        ("A=b\nmy keys\n", "Line 2: not NAME=value.", None, 2, WARNING),
        ("my keys\nA=b\nyour keys\n", "Lines 1, 3: not NAME=value.", None, 1, WARNING),
        ("my keys\n" * 5, "Lines 1, 2, 3, 4, 5: not NAME=value.", None, 1, WARNING),
        ("my keys\n" * 6, "Lines 1, 2, 3, 4, 5, …: not NAME=value.", None, 1, WARNING),
        (
            f"my keys\n{KEY},x\n{KEY} {URL}\nGRANNY_VOICE x\n",
            f"Lines 1, 2, 3, 4: not NAME=value. Set there: {KEY}, {URL}, GRANNY_VOICE.",
            KEY,
            2,
            FATAL,
        ),
        (
            f"GRANNY_VOICE x\n{KEY} x\n{URL} x\n{KEY}={VALUE}\n",
            f"Lines 1, 2, 3: not NAME=value. Set there: GRANNY_VOICE, {KEY}, {URL}.",
            URL,
            3,
            FATAL,
        ),
        (
            f"GRANNY_VOICE x\n{KEY} x\n{KEY}={VALUE}\n",
            f"Lines 1, 2: not NAME=value. Set there: GRANNY_VOICE, {KEY}.",
            "GRANNY_VOICE",
            1,
            WARNING,
        ),
    ],
    ids=range(7),
)
def test_lines_that_are_lost_are_one_finding_for_each_form(  # noqa: PLR0913, PLR0917  one column each
    tmp_path: Path, text: str, evidence: str, variable: str | None, line: int, severity: Severity
) -> None:
    """Fatal if something needed is set nowhere else, and then at the line that sets it."""
    found = told(answered(tmp_path, f"{text}GRANNY_NAME=x\nset A=b\n"))
    lost = [one for one in found if one[0] == "env-file-line-unreadable"]
    assert len(lost) == 2
    assert lost[0][1:] == (evidence, variable, f".env.local:{line}", severity)


@pytest.mark.parametrize(
    ("word", "is_yes"),
    [("1", True), ("TRUE", True), ("t", True), ("Yes", True), ("y", True), ("0", False), ("", False)],
)
def test_a_word_that_turns_the_files_off_is_known(tmp_path: Path, word: str, is_yes: bool) -> None:  # noqa: FBT001  a column of the table
    """As python-dotenv takes it; without any file nothing is turned off."""
    environ = {"PYTHON_DOTENV_DISABLED": word, KEY: VALUE, URL: "ws://a"}

    def asked(text: str | None) -> Answer:
        return answered(tmp_path, text, mode=0o600, **environ)

    expected = ("env-file-disabled", "It is set to a word that means yes.", "PYTHON_DOTENV_DISABLED", "environment")
    assert told(asked(None)) == []
    assert told(asked("A=b\n")) == ([(*expected, WARNING)] if is_yes else [])


def test_quotes_are_named_with_what_they_stand_round(tmp_path: Path) -> None:
    text = f"A='b'\n{URL}=ws://a\n{KEY}='{VALUE}'\nGRANNY_VOICE=\"a\"\n{KEY}='{VALUE}'\n"
    assert told(answered(tmp_path, text)) == [
        ("env-file-quotes", f"Quoted: {KEY}, GRANNY_VOICE.", KEY, ".env.local:3", WARNING)
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows files have no mode")
def test_a_secret_that_others_may_read_or_replace_is_told_with_the_permissions(tmp_path: Path) -> None:
    """An example is no secret, and neither is an address."""
    folder = tmp_path / "home"
    folder.mkdir()
    text = f"{KEY}={VALUE}\n{URL}=ws://a\n"
    exposed = ("env-file-exposed", "Its permissions are 644.", None, ".env.local", WARNING)
    assert told(answered(folder, text, mode=0o644)) == [exposed]
    for harmless in (f"{KEY}=sk-your-openai-key\n{URL}=ws://a\n", f"{KEY}=\n{URL}=ws://a\n", f"{URL}=ws://a\n"):
        assert exposed not in told(answered(folder, harmless, mode=0o644))
    folder.chmod(0o757)
    evidence = "Its folder's permissions are 757: anybody can put another file in its place."
    assert told(answered(folder, text)) == [("env-file-exposed", evidence, None, ".env.local", WARNING)]
    folder.chmod(0o1777)
    assert told(answered(folder, text)) == []


def test_on_windows_no_permissions_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands for them there says nothing of who may read a file."""
    (tmp_path / ".env.local").write_text(f"{KEY}={VALUE}\n")
    (tmp_path / KEY).write_text(VALUE)
    tmp_path.chmod(0o777)
    environ = {"GRANNY_SECRETS_FOLDER": str(tmp_path)}
    reading = take_reading((tmp_path / ".env.local",), environ=environ, needed=(KEY,), known=VARIABLES)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        assert [*_exposed(reading), *exposed_secrets(reading)] == []


@pytest.mark.parametrize(
    ("mode", "is_open"),
    [
        *((mode, False) for mode in (0o600, 0o400, 0o440, 0o700, 0o711, 0o610, 0o040)),
        *((mode, True) for mode in (0o640, 0o660, 0o620, 0o420, 0o604, 0o602, 0o404, 0o402, 0o444)),
    ],
)
def test_whom_a_mode_lets_in_is_known(mode: int, is_open: bool) -> None:  # noqa: FBT001  a column of the table
    """The group may read what not even the owner may write: so Kubernetes gives a secret to one group."""
    assert exposure.is_open(0o100000 | mode) is is_open


def test_what_git_keeps_or_would_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever above the file the repository is; where git ignores it, or cannot be asked, nothing is said."""
    home = tmp_path / "Granny-voice"
    home.mkdir()
    text = f"{KEY}={VALUE}\n{URL}=ws://a\n"
    (tmp_path / ".git").touch()
    assert told(answered(home, text)) == []
    (tmp_path / ".git").unlink()
    git = ("git", "-C", str(tmp_path))
    subprocess.run([*git, "init", "-q"], check=True)
    assert told(answered(home, text)) == [("env-file-tracked", "Git does not ignore it.", None, ".env.local", WARNING)]
    (home / "-t.env").touch()
    assert exposure.ask_git(home, "-t.env") == "Git does not ignore it."
    (tmp_path / ".gitignore").write_text(".env*\n")
    assert told(answered(home, text)) == []
    subprocess.run([*git, "add", "-f", "Granny-voice/.env.local"], check=True)
    assert told(answered(home, text)) == [("env-file-tracked", "Git tracks it.", None, ".env.local", WARNING)]
    assert told(answered(home, f"{URL}=ws://a\n", OPENAI_API_KEY=VALUE)) == []
    monkeypatch.setenv("PATH", "")
    assert told(answered(home, text)) == []


def test_a_git_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float | None] = []

    def hang(*_: object, timeout: float | None = None, **__: object) -> None:
        waited.append(timeout)
        raise subprocess.TimeoutExpired([], 0)

    monkeypatch.setattr(subprocess, "run", hang)
    assert exposure.ask_git(tmp_path, ".env.local") is None
    assert waited == [3.0]
