"""The check-up never dies, never waits for ever, and never takes silence for a pass."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from granny import faults
from granny.config.paths import HOME, Mode, env_files
from granny.config.settings import VARIABLES, Settings
from granny.net.answer import Answer, Unasked
from granny.preflight import checkup, one_probe
from granny.preflight.checkup import LIVEKIT, MODEL, OPENAI, Notice, Occasion, Port, check_up, look
from granny.preflight.patience import NetworkProbe
from granny.preflight.probes import offline
from granny.preflight.report import Crashed, Outcome, Report, Skipped
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.script import HttpAnswer, Script
from granny.rehearsal.openai.standin import StandIn
from scenarios import _fakes as fakes
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, OPENAI_KEY, settings
from scenarios.livekit import refusing

UNHEARD = "the words of the exception"
GOOD = Answer("all is well")
BUSY = Answer("busy", (faults.OPENAI_UNAVAILABLE.found("HTTP 503"),))
REFUSED = Answer("refused", (faults.OPENAI_KEY_REJECTED.found("HTTP 401", variable="OPENAI_API_KEY"),))


async def good(_: Settings) -> Answer | Unasked:
    return GOOD


async def crash(_: Settings) -> Answer | Unasked:
    raise KeyError(UNHEARD)


async def for_ever(_: Settings) -> Answer | Unasked:
    await asyncio.Event().wait()
    return GOOD


def answering(*answers: Answer) -> NetworkProbe:
    """A probe that gives these answers in turn, the last one ever after."""
    left = itertools.chain(answers, itertools.repeat(answers[-1]))

    async def ask(_: Settings) -> Answer | Unasked:
        return next(left)

    return ask


def silence(names: tuple[str, ...], again: int) -> None:
    """A notice that nobody reads."""


@pytest.fixture(name="env_file")
def _env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good env file, in a place of its own, and an environment that sets nothing else."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "granny.env"
    write(file)
    return file


def write(file: Path, **values: str) -> None:
    given = {
        "LIVEKIT_URL": "ws://127.0.0.1:7880",
        "LIVEKIT_API_KEY": LIVEKIT_KEY,
        "OPENAI_API_KEY": OPENAI_KEY,
        "LIVEKIT_API_SECRET": LIVEKIT_SECRET,
        "GRANNY_PREFLIGHT_WAIT": "0",
    }
    file.write_text("".join(f"{name}={value}\n" for name, value in (given | values).items()))
    file.chmod(0o600)


@pytest.fixture(name="pauses")
def _pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The pauses that were asked for; the clock runs by them alone."""
    asked: list[float] = []

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return sum(asked)

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    with monkeypatch.context() as patch:
        patch.setattr(one_probe, "time", Clock)
        patch.setattr(asyncio, "sleep", sleep)
        yield asked


def probing(monkeypatch: pytest.MonkeyPatch, **probes: NetworkProbe) -> None:
    """These in place of the network probes."""
    known = {LIVEKIT: probes.get("livekit", good), OPENAI: probes.get("openai", good), MODEL: good}
    monkeypatch.setattr(checkup, "probes_named", lambda names: {name: known[name] for name in names})


async def checked(file: Path, *, mode: Mode = Mode.DEVELOPMENT, notice: Notice = silence) -> Report:
    report, _ = await check_up(Occasion(mode=mode, env_file=file), notice=notice)
    return report


def of(report: Report, probe: str) -> Outcome:
    return next(outcome for outcome in report.outcomes if outcome.probe == probe)


def slugs(report: Report) -> list[str]:
    return [finding.fault.slug for finding in report.findings]


async def test_a_probe_that_crashes_is_reported_and_the_others_still_are(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line says type and place, and nothing of the exception's words."""
    probing(monkeypatch, livekit=crash)
    report = await checked(env_file)
    crashed = of(report, LIVEKIT)
    assert isinstance(crashed, Crashed)
    assert crashed.detail.startswith("KeyError at test_checkup.py:")
    assert of(report, OPENAI).detail == GOOD.detail
    assert report.exit_code == 70
    assert UNHEARD not in report.as_text() + report.as_json() + repr(report)


async def test_a_crash_hides_no_fault(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user must put right outranks the bug."""
    probing(monkeypatch, livekit=crash, openai=answering(REFUSED))
    report = await checked(env_file)
    assert slugs(report) == ["openai-key-rejected"]
    assert report.exit_code == 78


@pytest.mark.parametrize("broken", ["ask_dependencies", "take_reading", "ask_environment", "ask_variables"])
async def test_an_offline_probe_that_crashes_is_reported_too(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """And the network is not asked with settings that nobody has looked at."""

    def crash(*_: object, **__: object) -> Answer:
        raise KeyError(UNHEARD)

    monkeypatch.setattr(offline, broken, crash)
    report = await checked(env_file)
    assert report.exit_code == 70
    assert [outcome for outcome in report.outcomes if isinstance(outcome, Crashed)]
    assert isinstance(of(report, LIVEKIT), Skipped)
    assert UNHEARD not in report.as_text()


async def test_a_package_that_is_there_and_broken_is_reported(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that fails half-way is a crash of the probes that need it."""

    def broken(_: tuple[str, ...]) -> dict[str, NetworkProbe]:
        raise ImportError(UNHEARD)

    monkeypatch.setattr(checkup, "probes_named", broken)
    report = await checked(env_file)
    assert [type(of(report, name)) for name in (LIVEKIT, OPENAI, MODEL)] == [Crashed] * 3
    assert report.exit_code == 70
    assert UNHEARD not in report.as_text()


async def test_a_probe_that_never_returns_is_ended_and_no_pass(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds are the limit, and the notice says after three who is still asked."""
    assert one_probe.LIMIT_SECONDS == 10
    assert checkup._NOTICE_SECONDS == 3
    monkeypatch.setattr(one_probe, "LIMIT_SECONDS", 0.05)
    monkeypatch.setattr(checkup, "_NOTICE_SECONDS", 0.01)
    probing(monkeypatch, openai=for_ever)
    told: list[tuple[tuple[str, ...], int]] = []
    report = await asyncio.wait_for(checked(env_file, notice=lambda *told_now: told.append(told_now)), 30)
    assert isinstance(of(report, OPENAI), Crashed)
    assert report.exit_code == 70
    assert told == [((LIVEKIT, OPENAI, MODEL), 0), ((OPENAI,), 1)]


async def test_a_passing_fault_is_asked_about_again_until_it_has_passed(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """With pauses that double up to eight seconds."""
    write(env_file, GRANNY_PREFLIGHT_WAIT="60")
    probing(monkeypatch, openai=answering(*[BUSY] * 6, GOOD))
    report = await checked(env_file)
    assert report.exit_code == 0
    assert report.findings == ()
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


async def test_a_fault_that_does_not_pass_ends_with_75_after_the_time_given(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    write(env_file, GRANNY_PREFLIGHT_WAIT="5")
    probing(monkeypatch, openai=answering(BUSY))
    report = await checked(env_file)
    assert report.exit_code == 75
    assert slugs(report) == ["openai-unavailable"]
    assert pauses == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(("mode", "seconds"), [(Mode.PRODUCTION, 60), (Mode.DEVELOPMENT, 10)])
async def test_the_time_given_is_a_minute_in_production(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float], mode: Mode, seconds: float
) -> None:
    """And ten seconds elsewhere; the environment or the file can say otherwise."""
    write(env_file, GRANNY_PREFLIGHT_WAIT="")
    probing(monkeypatch, openai=answering(BUSY))
    report = await checked(env_file, mode=mode)
    assert report.exit_code == 75
    assert seconds - 8 <= sum(pauses) <= seconds


async def test_a_fatal_fault_is_not_waited_for(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """Nor is a passing one, when another one is fatal already."""
    write(env_file, GRANNY_PREFLIGHT_WAIT="60", LIVEKIT_URL="localhost")
    probing(monkeypatch, openai=answering(BUSY))
    report = await checked(env_file)
    assert slugs(report) == ["livekit-url-invalid", "openai-unavailable"]
    assert pauses == []


async def test_the_probes_are_asked_side_by_side(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that wait for each other both come to an end."""
    here, there = asyncio.Event(), asyncio.Event()

    async def livekit(_: Settings) -> Answer | Unasked:
        here.set()
        await there.wait()
        return GOOD

    async def openai(_: Settings) -> Answer | Unasked:
        there.set()
        await here.wait()
        return GOOD

    probing(monkeypatch, livekit=livekit, openai=openai)
    assert (await asyncio.wait_for(checked(env_file), 5)).exit_code == 0


async def test_a_fault_in_one_place_keeps_nobody_from_asking_elsewhere(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiveKit's address is wrong and OpenAI refuses the key: one run names both, and says what it did not ask."""
    write(env_file, LIVEKIT_URL="localhost")
    probing(monkeypatch, openai=answering(REFUSED))
    report = await checked(env_file)
    assert slugs(report) == ["livekit-url-invalid", "openai-key-rejected"]
    assert isinstance(of(report, LIVEKIT), Skipped)


async def test_what_could_not_be_asked_is_skipped_and_never_passed(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(env_file, OPENAI_API_KEY="")
    probing(monkeypatch, openai=crash)
    report = await checked(env_file)
    assert {of(report, name).detail for name in (OPENAI, MODEL)} == {"not asked: put right first what is said below"}
    assert {type(of(report, name)) for name in (OPENAI, MODEL)} == {Skipped}


def test_offline_says_what_it_did_not_ask(env_file: Path) -> None:
    report, settings = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, network=False))
    assert settings is not None
    assert [type(of(report, name)) for name in (LIVEKIT, OPENAI, MODEL)] == [Skipped] * 3
    assert report.verdict() == "All is well as far as was asked."


async def test_switched_off_asks_nothing_of_the_network(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(env_file, GRANNY_PREFLIGHT="off")
    probing(monkeypatch, livekit=crash, openai=crash)
    report = await checked(env_file)
    assert report.exit_code == 0
    assert {of(report, name).detail for name in (LIVEKIT, OPENAI)} == {"not asked: GRANNY_PREFLIGHT=off"}


def test_incomplete_settings_are_skipped_and_not_passed(env_file: Path) -> None:
    """They were not read, because what is missing is named already."""
    env_file.write_text("LIVEKIT_URL=ws://127.0.0.1:7880\n")
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file))
    assert isinstance(of(report, offline.VALUES), Skipped)
    assert report.exit_code == 78


async def test_a_refused_key_is_shown_with_its_place(env_file: Path) -> None:
    """Over real sockets: the file's line beside what the servers say."""
    async with StandIn(api_key="another") as standin, fakes.listening(refusing("invalid API key: {token}")) as port:
        write(env_file, OPENAI_BASE_URL=standin.base_url, LIVEKIT_URL=f"ws://127.0.0.1:{port}")
        report = await checked(env_file)
    places = {finding.fault.slug: finding.where for finding in report.findings}
    assert places["openai-key-rejected"] == "granny.env:3"
    assert places["livekit-key-unknown"] == "granny.env:2"


async def test_beside_a_refused_key_it_is_said_again_that_the_shell_outranks_the_file(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commonest reason for "still 401 after I fixed the key"."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-" + "FAKE" * 30)
    async with StandIn(api_key=OPENAI_KEY) as standin:
        write(env_file, OPENAI_BASE_URL=standin.base_url)
        occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, needs_livekit=False)
        report, _ = await check_up(occasion, notice=silence)
    refused, shadowed = of(report, OPENAI).findings
    assert (refused.fault, refused.where) == (faults.OPENAI_KEY_REJECTED, "environment")
    assert (shadowed.fault, shadowed.variable) == (faults.VALUE_SHADOWED, "OPENAI_API_KEY")
    assert slugs(report).count("value-shadowed") == 1


@pytest.mark.parametrize(("key", "begun"), [(OPENAI_KEY, 1), ("", 0)])
async def test_other_work_begins_before_the_network_is_asked_if_nothing_here_is_wrong(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, key: str, begun: int
) -> None:
    done: list[str] = []

    async def network(_: Settings) -> Answer:
        done.append("network")
        return Answer("well")

    probing(monkeypatch, livekit=network)
    write(env_file, OPENAI_API_KEY=key)
    occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=env_file)
    await check_up(occasion, notice=silence, meanwhile=lambda _: done.append("other work"))
    assert done[:begun] == ["other work"] * begun
    assert done.count("other work") == begun


async def test_a_service_that_recovers_is_a_pass(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real sockets: 503 at first, then a conversation."""
    monkeypatch.setattr(one_probe, "_FIRST_PAUSE_SECONDS", 0.01)
    busy = HttpAnswer(503, WireError(None, type="server_error").body(), on=(1, 2))
    async with StandIn(api_key=OPENAI_KEY, script=Script(handshakes=(busy,))) as standin:
        write(env_file, OPENAI_BASE_URL=standin.base_url, GRANNY_PREFLIGHT_WAIT="20")
        occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, needs_livekit=False)
        report, _ = await check_up(occasion, notice=silence)
    assert report.exit_code == 0
    assert len(standin.connections) == 3


def test_the_remedy_names_the_file_that_is_read(env_file: Path) -> None:
    """With --env-file nobody is sent to `.env.local`."""
    write(env_file, OPENAI_API_KEY="")
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file))
    assert slugs(report) == ["value-empty"]
    steps = json.loads(report.as_json())["findings"][0]["remedy"]
    assert str(env_file) in " ".join(steps)
    assert "Granny-voice/.env.local" not in report.as_json() + report.as_text()


def test_the_file_that_is_missing_is_the_one_that_was_named(env_file: Path) -> None:
    """With --env-file nobody is told that `.env.local` was looked for."""
    env_file.unlink()
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file))
    assert f"Looked for {env_file}. " in report.findings[0].evidence


def test_without_env_file_the_usual_files_are_read() -> None:
    occasion = Occasion(mode=Mode.DEVELOPMENT)
    assert (occasion.files, occasion.file_named) == (env_files(Mode.DEVELOPMENT), "Granny-voice/.env.local")


def test_a_check_up_leaves_the_environment_as_it_was(env_file: Path) -> None:
    before = dict(os.environ)
    look(Occasion(mode=Mode.PRODUCTION, env_file=env_file))
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("address", "probe"),
    [("LIVEKIT_URL", LIVEKIT), ("OPENAI_BASE_URL", OPENAI), ("OPENAI_BASE_URL", MODEL)],
)
async def test_beside_a_silence_it_is_said_that_nobody_reads_the_proxy(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, address: str, probe: str
) -> None:
    """For each probe by the address it asks: only one that is far away needs a proxy."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    nobody = answering(Answer("silent", (faults.OPENAI_SILENT.found("no answer"), faults.LIVEKIT_SILENT.found("x"))))
    monkeypatch.setattr(checkup, "probes_named", lambda names: dict.fromkeys(names, nobody))
    far = {"LIVEKIT_URL": "wss://livekit.example", "OPENAI_BASE_URL": "https://openai.example/v1"}
    near = {"LIVEKIT_URL": "ws://127.0.0.1:7880", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    write(env_file, **(near | {address: far[address]}))
    silent = {one.probe: [found.fault.slug for found in one.findings] for one in (await checked(env_file)).outcomes}
    assert [name for name in (LIVEKIT, OPENAI, MODEL) if "proxy-ignored" in silent[name]] == [
        name for name in (LIVEKIT, OPENAI, MODEL) if checkup._ADDRESSES[name] == address
    ]
    assert "proxy-ignored" in silent[probe]


async def test_a_proxy_that_nobody_reads_is_no_matter_where_somebody_answers(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused key came from a server that was reached."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    probing(monkeypatch, openai=answering(REFUSED))
    write(env_file, OPENAI_BASE_URL="https://openai.example/v1")
    assert "proxy-ignored" not in slugs(await checked(env_file))


@pytest.mark.parametrize(("mode", "given"), [(Mode.PRODUCTION, 60.0), (Mode.DEVELOPMENT, 10.0)])
def test_a_passing_fault_is_given_so_many_seconds(env_file: Path, mode: Mode, given: float) -> None:
    """Those of the mode, unless GRANNY_PREFLIGHT_WAIT says otherwise; nothing is waited for without settings."""
    occasion = Occasion(mode=mode, env_file=env_file)
    every = (LIVEKIT, OPENAI, MODEL)
    assert checkup._waits(occasion, None, every) == dict.fromkeys(every, given)
    assert checkup._waits(occasion, settings(GRANNY_PREFLIGHT_WAIT="0"), every) == dict.fromkeys(every, 0)
    assert checkup._waits(occasion, settings(GRANNY_PREFLIGHT_WAIT="7"), every) == dict.fromkeys(every, 7)


def test_who_may_start_without_openai_waits_for_livekit_alone(env_file: Path) -> None:
    """Callers hear an apology meanwhile, and she asks OpenAI on."""
    apologising = settings(GRANNY_PREFLIGHT="apologise", GRANNY_PREFLIGHT_WAIT="7")
    waits = checkup._waits(Occasion(mode=Mode.PRODUCTION, env_file=env_file), apologising, (LIVEKIT, OPENAI, MODEL))
    assert waits == {LIVEKIT: 7, OPENAI: 0, MODEL: 0}


NOT_YET = Answer("refused", (faults.LIVEKIT_NOT_LISTENING.found("ECONNREFUSED", variable="LIVEKIT_URL"),))


@pytest.mark.parametrize(
    ("opens", "waited"), [(Port.HEALTH, (75, [0.5, 1.0, 2.0])), (Port.PAGE, (75, [0.5, 1.0, 2.0])), (None, (78, []))]
)
async def test_a_worker_that_serves_waits_for_a_livekit_server_that_is_not_up_yet(
    env_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    pauses: list[float],
    opens: Port | None,
    waited: tuple[int, list[float]],
) -> None:
    """A machine starts both, and 78 would keep systemd from trying again; at a desk it is a mistake, told at once."""
    probing(monkeypatch, livekit=answering(NOT_YET))
    write(env_file, GRANNY_PREFLIGHT_WAIT="5")
    report, _ = await check_up(Occasion(mode=Mode.PRODUCTION, env_file=env_file, opens=opens), notice=silence)
    assert (report.exit_code, pauses) == waited
    assert "livekit-not-listening" in slugs(report)


async def test_a_livekit_server_that_is_up_and_refuses_will_refuse_again(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """Whoever serves: a key that it does not know is not waited for."""
    mine: list[Settings] = []

    async def refused(given: Settings) -> Answer:
        mine.append(given)
        return Answer("refused", (faults.LIVEKIT_KEY_UNKNOWN.found("HTTP 401", variable="LIVEKIT_API_KEY"),))

    probing(monkeypatch, livekit=refused)
    write(env_file, GRANNY_PREFLIGHT_WAIT="5")
    report, read = await check_up(Occasion(mode=Mode.PRODUCTION, env_file=env_file, opens=Port.HEALTH), notice=silence)
    assert (report.exit_code, pauses, mine) == (78, [], [read])


def test_the_people_are_looked_for_beside_agent_py(
    env_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the env file is."""
    occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=env_file)
    assert occasion.people == HOME / "people"
    monkeypatch.setattr(
        checkup, "env_files", lambda mode, local: env_files(mode, folder=tmp_path / "Granny-voice", local=local)
    )
    (tmp_path / "Granny-voice" / "people").mkdir(parents=True)
    (tmp_path / "Granny-voice" / "people" / "erna.toml").write_text("what is this", encoding="utf-8")
    report, _ = look(occasion)
    assert of(report, offline.PEOPLE).findings[0].where == "people/erna.toml:1"


async def test_the_last_pause_ends_before_the_time_given(pauses: list[float]) -> None:
    """What is asked after the deadline would let a start take longer than was promised."""
    result = await one_probe.ask_until(OPENAI, answering(BUSY), settings(), wait=0.5)
    assert pauses == []
    result = await one_probe.ask_until(OPENAI, answering(BUSY), settings(), wait=0.6)
    assert pauses == [0.5]
    assert [finding.fault.slug for finding in result.findings] == ["openai-unavailable"]


@pytest.mark.parametrize("name", ["GRANNY_MODEL", "OPENAI_BASE_URL"])
async def test_a_fault_keeps_only_those_from_asking_who_read_the_variable(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A model that is no name concerns OpenAI and its model, and not LiveKit."""
    write(env_file, **{name: "your-value-here" if name == "GRANNY_MODEL" else "ftp://x"})
    monkeypatch.setattr(
        offline.Offline,
        "_ask_variables",
        lambda self: self._noted(Answer("bad", (faults.SETTING_INVALID.found("x", variable=name),))),
    )
    probing(monkeypatch)
    report = await checked(env_file)
    assert [type(of(report, probe)).__name__ for probe in (LIVEKIT, OPENAI, MODEL)] == ["Passed", "Skipped", "Skipped"]


@pytest.mark.parametrize(
    ("name", "kind", "slugs_found"),
    [
        ("aiohttp", "Failed", ["dependency-missing"]),
        ("livekit.agents", "Failed", ["dependency-missing"]),
        ("_x", "Failed", ["dependency-missing"]),
        ("Z" + "a" * 60, "Failed", ["dependency-missing"]),
        ("Z" + "a" * 61, "Crashed", []),
        ("no module: sk-x", "Crashed", []),
        ("naïve", "Crashed", []),
        ("", "Crashed", []),
    ],
)
async def test_a_module_that_is_missing_is_named_if_it_is_a_name(name: str, kind: str, slugs_found: list[str]) -> None:
    """An import's error may say anything; only what is plainly a module's name is shown."""

    async def broken(_: Settings) -> Answer | Unasked:
        raise ModuleNotFoundError(UNHEARD, name=name)

    result = await one_probe.ask(OPENAI, broken, settings())
    assert (type(result).__name__, result.probe) == (kind, OPENAI)
    assert [finding.fault.slug for finding in result.findings] == slugs_found
    assert (result.detail == "not everything is installed") is bool(slugs_found)
    assert all(finding.evidence.startswith(f"Not found: {name}. ") for finding in result.findings)


def test_what_was_left_out_says_why(env_file: Path) -> None:
    """The network offline, and LiveKit where a whole check-up is for the console."""
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, network=False, needs_livekit=False))
    assert of(report, LIVEKIT).detail == "not asked: a call in the console needs no LiveKit server"
    assert {of(report, name).detail for name in (OPENAI, MODEL)} == {"not asked: offline"}
    both = [outcome.probe for outcome in look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file))[0].outcomes]
    assert LIVEKIT not in both
    assert OPENAI not in both
    alone = Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, needs_livekit=False, probes=(OPENAI,), network=False)
    assert LIVEKIT not in [outcome.probe for outcome in look(alone)[0].outcomes]


async def test_the_report_of_a_check_up_names_the_file_that_is_read(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a look at this machine does: nobody is sent to `.env.local` with --env-file."""
    probing(monkeypatch, openai=answering(REFUSED))
    steps = json.loads((await checked(env_file)).as_json())["findings"][0]["remedy"]
    assert str(env_file) in " ".join(steps)


async def test_other_work_begins_with_the_settings(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The very ones that the calls will be held with."""
    begun: list[Settings] = []
    probing(monkeypatch)
    occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=env_file)
    _, read = await check_up(occasion, notice=silence, meanwhile=begun.append)
    assert begun == [read]


def test_a_fault_of_this_machine_stands_at_its_probe(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of the report has its probe's name, and the time that it took."""
    begun: list[float] = []

    class Clock:
        @staticmethod
        def monotonic() -> float:
            begun.append(1000.0 + len(begun))
            return begun[-1]

    def broken(*_: object) -> Answer:
        raise KeyError(UNHEARD)

    monkeypatch.setattr(one_probe, "time", Clock)
    monkeypatch.setattr(offline, "ask_variables", broken)
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file))
    assert [(outcome.probe, outcome.seconds) for outcome in report.outcomes] == [
        (name, 1.0) for name in (offline.PACKAGES, offline.FILES, offline.VARIABLES, offline.VALUES)
    ]


async def test_a_probe_of_the_network_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its question to its answer, its crash or its refusal to ask."""
    seen: list[float] = []

    class Clock:
        @staticmethod
        def monotonic() -> float:
            seen.append(1000.0 + len(seen))
            return seen[-1]

    async def unasked(_: Settings) -> Answer | Unasked:
        return Unasked("not asked: for a reason")

    async def incomplete(_: Settings) -> Answer | Unasked:
        raise ModuleNotFoundError(UNHEARD, name="aiohttp")

    monkeypatch.setattr(one_probe, "time", Clock)
    for probe in (good, crash, unasked, incomplete):
        assert (await one_probe.ask(OPENAI, probe, settings())).seconds == 1.0


async def test_a_probe_that_did_not_ask_says_why() -> None:
    async def unasked(_: Settings) -> Answer | Unasked:
        return Unasked("not asked: for a reason")

    result = await one_probe.ask(OPENAI, unasked, settings())
    assert isinstance(result, Skipped)
    assert (result.probe, result.detail) == (OPENAI, "not asked: for a reason")


async def test_one_probe_can_be_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, with the settings that it is given, and whatever else could be asked."""
    asked: list[object] = []

    async def openai(given: Settings) -> Answer:
        asked.append(given)
        return GOOD

    def named(names: tuple[str, ...]) -> dict[str, NetworkProbe]:
        asked.append(names)
        return {OPENAI: openai}

    monkeypatch.setattr(checkup, "probes_named", named)
    mine = settings()
    result = await checkup.ask_alone(OPENAI, mine)
    assert (result.probe, result.detail, asked) == (OPENAI, GOOD.detail, [(OPENAI,), mine])


def test_who_meets_no_livekit_server_needs_no_access_to_one() -> None:
    assert Occasion(mode=Mode.DEVELOPMENT, needs_livekit=False).needed == ("OPENAI_API_KEY",)


async def test_probes_that_could_not_be_loaded_took_no_time(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: tuple[str, ...]) -> dict[str, NetworkProbe]:
        raise ImportError(UNHEARD)

    monkeypatch.setattr(checkup, "probes_named", broken)
    report = await checked(env_file)
    assert {of(report, name).seconds for name in (LIVEKIT, OPENAI, MODEL)} == {0.0}


@pytest.mark.parametrize("opens", [Port.HEALTH, Port.PAGE, None])
def test_only_who_opens_a_port_asks_for_it(env_file: Path, opens: Port | None) -> None:
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, env_file=env_file, opens=opens))
    assert (offline.PORT in [outcome.probe for outcome in report.outcomes]) is bool(opens)
