"""Her own voice: each line is recorded once, from what was really said, and heard from then on."""

import asyncio
import logging
import os
import stat
import subprocess
import sys
from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from granny import lines
from granny.call import greeting
from granny.config.settings import Settings
from granny.faults import CATALOGUE
from granny.lines import Line, LineError, OwnVoice, wav
from granny.lines.takes import Take, keep, plain, prepare
from granny.preflight.report import Failed, Outcome, Passed, Report, Skipped
from granny.rehearsal.openai.errors import WireError
from granny.rehearsal.openai.manner import Manner
from granny.rehearsal.openai.script import Cut, HttpAnswer, ResponseFault, Script
from granny.rehearsal.openai.standin import StandIn
from granny.worker import dictation, line_recorder

KEY = "sk-proj-" + "FAKE" * 39
FAST = 1000.0  # seconds of sound a second
HEARD = "granny.line_recorder"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, on whatever system."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    folder = lines.cache_folder()
    assert folder
    assert folder.is_relative_to(tmp_path)
    return folder


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn(api_key=KEY, script=Script(pace=FAST)) as server:
        yield server


def settings_for(standin: StandIn, **values: str) -> Settings:
    known = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": standin.base_url, "GRANNY_OWN_VOICE": "on"}
    return Settings(**{**known, **values})  # type: ignore[arg-type]  # pydantic turns text into what is meant


async def recorded(settings: Settings) -> list[Outcome]:
    return [outcome async for outcome in line_recorder.record(settings)]


def heard(line: Line, settings: Settings) -> lines.Recording:
    return lines.load(line, folder=settings.lines_folder, language=settings.language, own=OwnVoice.of(settings))


def asked(standin: StandIn) -> list[str]:
    """The instructions of all responses asked for."""
    return [str(one.asked.instructions) for connection in standin.connections for one in connection.responses]


def modes(folder: Path) -> list[int]:
    """Who may read each file; Windows has other means to say so."""
    files = folder.glob("*.wav")
    return [stat.S_IMODE(file.stat().st_mode) if os.name == "posix" else 0o600 for file in files]


def put_file_in_place_of(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()


def damage_goodbye(folder: Path, data: bytes) -> None:
    (file,) = folder.glob("*-goodbye-*.wav")
    file.write_bytes(data)


HOLD = """
import asyncio, pathlib, sys
from granny.lines.lock import alone
async def hold():
    async with alone(pathlib.Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.Event().wait()
asyncio.run(hold())
"""


def openai_settings(**values: str) -> Settings:
    return Settings(OPENAI_API_KEY=KEY, **values)  # type: ignore[arg-type]  # as above


def outlook(settings: Settings) -> str:
    """On one line."""
    return " ".join((line_recorder.outlook(settings) or "").split())


def slug(outcome: Outcome) -> str:
    (finding,) = outcome.findings
    return finding.fault.slug


async def test_every_line_is_recorded_once_over_one_connection(standin: StandIn, cache: Path) -> None:
    """In the voice and speed of the settings, beside the conversation, and for this user only."""
    settings = settings_for(standin, GRANNY_VOICE="cedar", GRANNY_SPEED="0.9")
    outcomes = await recorded(settings)
    assert [(type(one), one.probe) for one in outcomes] == [(Passed, line.value) for line in Line]
    (connection,) = standin.connections
    assert len(connection.responses) == len(Line)
    assert {one.asked.conversation for one in connection.responses} == {"none"}
    assert connection.conversation.items == []
    assert connection.session
    assert connection.session.audio
    assert connection.session.audio.output
    assert (connection.session.audio.output.voice, connection.session.audio.output.speed) == ("cedar", 0.9)
    assert modes(cache) == [0o600] * len(Line)


async def test_a_recorded_line_is_heard_in_place_of_the_shipped_one(standin: StandIn) -> None:
    settings = settings_for(standin)
    shipped = heard(Line.GOODBYE, settings)
    await recorded(settings)
    own = heard(Line.GOODBYE, settings)
    assert own.text == shipped.text
    assert own.sample_rate == 24_000
    assert own.pcm != shipped.pcm
    assert lines.load(Line.GOODBYE) == shipped


async def test_she_greets_with_her_own_name(standin: StandIn) -> None:
    """Which no shipped line can; without a recording she greets without a name."""
    settings = settings_for(standin, GRANNY_NAME="Rosa")
    own = OwnVoice.of(settings)
    assert lines.greeting("Rosa", own=own) is Line.HELLO
    await recorded(settings)
    assert lines.greeting("Rosa", own=own) is Line.GREETING
    assert heard(Line.GREETING, settings).text == "Hello, this is Rosa, your computer companion. How are you today?"
    assert any("this is Rosa," in instructions for instructions in asked(standin))


async def test_the_second_run_asks_nothing(standin: StandIn) -> None:
    settings = settings_for(standin)
    await recorded(settings)
    assert await recorded(settings) == []
    assert len(standin.connections) == 1


async def test_with_another_voice_she_is_recorded_anew(standin: StandIn) -> None:
    """And with the old one back, the old recordings are still there."""
    await recorded(settings_for(standin))
    every = {line.value for line in Line}
    for change, sayable in (
        ({"GRANNY_VOICE": "cedar"}, every),
        ({"GRANNY_SPEED": "0.8"}, every),
        ({"GRANNY_LANGUAGE": "de"}, every),
        ({"GRANNY_LANGUAGE": "nl"}, every - {line.value for line in lines.GREETINGS}),
        ({"GRANNY_MODEL": "gpt-realtime"}, every),
        ({"GRANNY_NAME": "Rosa"}, every),
    ):
        assert {one.probe for one in await recorded(settings_for(standin, **change))} == sayable, change
        assert line_recorder.missing(settings_for(standin)) == (), change


async def test_a_greeting_in_another_language_than_the_calls_is_left_to_the_model(
    standin: StandIn, tmp_path: Path
) -> None:
    """Which greets in it, until the family has written down how; an apology in English is better than none."""
    settings = settings_for(standin, GRANNY_LANGUAGE="nl")
    await recorded(settings)
    assert greeting.recorded_greeting(settings) is None
    assert heard(Line.GOODBYE, settings) != lines.load(Line.GOODBYE)
    (tmp_path / "greeting.txt").write_text("Dag, dit is Granny, een computer. Hoe gaat het?", encoding="utf-8")
    settings = settings_for(standin, GRANNY_LANGUAGE="nl", GRANNY_LINES_FOLDER=str(tmp_path))
    assert [one.probe for one in await recorded(settings)] == ["greeting"]
    said = greeting.recorded_greeting(settings)
    assert said
    assert said.text == "Dag, dit is Granny, een computer. Hoe gaat het?"


async def test_a_greeting_that_was_recorded_while_the_worker_ran_is_the_next_calls(standin: StandIn) -> None:
    """A job process that was made ready before looks for it again as the call begins."""
    settings = settings_for(standin)
    assert greeting.recorded_greeting(settings) is None
    await recorded(settings)
    assert greeting.recorded_greeting(settings) is not None


async def test_a_stand_ins_voice_is_never_taken_for_hers(standin: StandIn) -> None:
    """What was recorded at one address is not heard at another."""
    await recorded(settings_for(standin))
    elsewhere = settings_for(standin, OPENAI_BASE_URL="https://elsewhere.invalid/v1")
    assert line_recorder.missing(elsewhere) == tuple(Line)


async def test_the_familys_recording_is_stronger_and_is_not_made_twice(standin: StandIn, tmp_path: Path) -> None:
    family = tmp_path / "family"
    family.mkdir()
    (family / "goodbye.wav").write_bytes((lines.SHIPPED / "en" / "hello.wav").read_bytes())
    (family / "hello.txt").write_text("Hello, dear. It is me.", encoding="utf-8")
    settings = settings_for(standin, GRANNY_LINES_FOLDER=str(family))
    await recorded(settings)
    assert len(asked(standin)) == len(Line) - 1
    assert heard(Line.GOODBYE, settings).pcm == lines.load(Line.HELLO).pcm
    assert heard(Line.HELLO, settings).text == "Hello, dear. It is me."


async def test_other_words_are_refused_three_times_then_reported_and_three_such_lines_are_enough() -> None:
    """The stand-in that greets whatever it is told to say stands for a model that does not obey."""
    manner = Manner(reads_out=False)
    async with StandIn(api_key=KEY, script=Script(pace=FAST), manner=manner) as standin:
        settings = settings_for(standin)
        *outcomes, left = await recorded(settings)
        assert len(asked(standin)) == line_recorder.TRIES * line_recorder.GIVE_UP
    assert [slug(one) for one in outcomes] == ["line-not-recorded"] * line_recorder.GIVE_UP
    assert (
        left.detail
        == f"{len(Line) - line_recorder.GIVE_UP} lines not asked for: the model does not say what is written"
    )
    assert outcomes[0].findings[0].evidence == "greeting, 3 tries: the last says other words"
    assert Report(tuple(outcomes)).exit_code == 75
    assert heard(Line.GOODBYE, settings) == lines.load(Line.GOODBYE)


async def test_a_take_that_fails_is_tried_again(standin: StandIn) -> None:
    standin.script = Script(pace=FAST, responses=(ResponseFault(empty=True, on=(1, 3)),))
    outcomes = await recorded(settings_for(standin))
    assert {type(one) for one in outcomes} == {Passed}
    assert len(asked(standin)) == len(Line) + 2


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (
            Script(handshakes=(HttpAnswer(401, WireError("invalid_api_key").body()),)),
            "openai-key-rejected",
        ),
        (
            Script(pace=FAST, responses=(ResponseFault(failed=WireError("insufficient_quota"), on=(3,)),)),
            "openai-out-of-credit",
        ),
        (
            Script(pace=FAST, responses=(ResponseFault(cut=Cut(abort=True), on=(3,)),)),
            "openai-unreachable",
        ),
    ],
    ids=["key refused", "no credit at the third line", "torn at the third line"],
)
async def test_a_fault_of_openais_is_named_and_ends_it(standin: StandIn, script: Script, fault: str) -> None:
    """What was good by then is kept; the lines after it are not asked for."""
    standin.script = script
    outcomes = await recorded(settings_for(standin))
    good = 0 if script.handshakes else 2
    assert [type(one) for one in outcomes[:good]] == [Passed] * good
    failed = outcomes[good]
    assert isinstance(failed, Failed)
    assert slug(failed) == fault
    assert {type(one) for one in outcomes[good + 1 :]} <= {Skipped}
    assert len(line_recorder.missing(settings_for(standin))) == len(Line) - good


async def test_a_model_that_never_ends_is_not_waited_for(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictation, "TAKE_SECONDS", 0.3)
    standin.script = Script(responses=(ResponseFault(),))
    failed, left = await recorded(settings_for(standin))
    assert slug(failed) == "openai-silent"
    assert left.detail == f"{len(Line) - 1} lines not asked for: put right first what is said below"


async def test_without_a_place_to_keep_them_nothing_is_asked(standin: StandIn, cache: Path) -> None:
    """And the shipped lines are heard."""
    put_file_in_place_of(cache)
    settings = settings_for(standin)
    (failed,) = await recorded(settings)
    assert slug(failed) == "recordings-not-kept"
    assert standin.connections == []
    assert heard(Line.GOODBYE, settings) == lines.load(Line.GOODBYE)


@pytest.mark.parametrize("damage", [b"", b"RIFF", bytes(4000)])
async def test_a_damaged_recording_is_passed_over_and_made_anew(standin: StandIn, cache: Path, damage: bytes) -> None:
    settings = settings_for(standin)
    await recorded(settings)
    damage_goodbye(cache, damage)
    assert heard(Line.GOODBYE, settings) == lines.load(Line.GOODBYE)
    assert [one.probe for one in await recorded(settings)] == ["goodbye"]
    assert heard(Line.GOODBYE, settings) != lines.load(Line.GOODBYE)


async def test_at_a_start_she_is_recorded_unless_a_setting_forbids_it(standin: StandIn) -> None:
    await line_recorder.record_missing(settings_for(standin, GRANNY_OWN_VOICE="off"))
    assert standin.connections == []
    await line_recorder.record_missing(settings_for(standin, GRANNY_OWN_VOICE=""))
    assert line_recorder.missing(settings_for(standin)) == ()


async def test_at_a_start_each_line_waits_for_the_calls_to_end_without_a_connection(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on with the next one in a connection of its own."""
    monkeypatch.setattr(line_recorder, "_LOOK_SECONDS", 0.01)
    calls = iter([True, True, False, True, True, False])
    settings = settings_for(standin)
    await line_recorder.record_missing(settings, is_busy=lambda: next(calls, False))
    assert line_recorder.missing(settings) == ()
    assert [len(one.responses) for one in standin.connections] == [1, len(Line) - 1]


async def test_at_a_start_a_worker_that_is_never_idle_is_recorded_all_the_same(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_recorder, "CALLS_SECONDS", 0)
    settings = settings_for(standin)
    await line_recorder.record_missing(settings, is_busy=lambda: True)
    assert line_recorder.missing(settings) == ()
    assert [len(one.responses) for one in standin.connections] == [1] * len(Line)


async def test_several_workers_of_a_machine_record_each_line_once(standin: StandIn) -> None:
    settings = settings_for(standin)
    outcomes = await asyncio.gather(*(recorded(settings) for _ in range(3)))
    assert sorted(one.probe for own in outcomes for one in own) == sorted(line.value for line in Line)
    assert len(asked(standin)) == len(Line)


async def test_a_worker_waits_for_one_that_records_in_another_process_and_not_for_one_that_was_killed(
    standin: StandIn, cache: Path, home: Path
) -> None:
    prepare(cache)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(cache)), cwd=home, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    await process.stdout.readline()
    recording = asyncio.create_task(recorded(settings_for(standin)))
    while not standin.connections:  # noqa: ASYNC110  a list has no event
        await asyncio.sleep(0.01)
    await asyncio.wait([recording], timeout=0.5)
    assert asked(standin) == []
    process.kill()
    assert len(await recording) == len(Line)
    await process.wait()


async def test_as_she_starts_it_is_said_what_will_be_recorded_and_what_it_costs(standin: StandIn) -> None:
    there = settings_for(standin)
    assert outlook(there) == (
        f"{len(Line)} are recorded in her own voice from now on, beside the calls, once: about 110 s, "
        "at that server's price; GRANNY_OWN_VOICE=off spares it"
    )
    assert "some 17 cents at OpenAI's price" in outlook(openai_settings())
    assert "some 5 cents at OpenAI's price" in outlook(openai_settings(GRANNY_MODEL="gpt-realtime-2.1-mini"))
    assert line_recorder.outlook(settings_for(standin, GRANNY_OWN_VOICE="off")) is None
    await recorded(there)
    assert outlook(there) == "all in her own voice"


async def test_without_a_place_it_is_said_once_as_she_starts(
    standin: StandIn, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And is no line of the log besides; nothing is asked of OpenAI."""
    put_file_in_place_of(cache)
    settings = settings_for(standin)
    assert outlook(settings) == (
        f"in the voice shipped with her, for hers cannot be kept ({cache}: File exists); calls go well all the same"
    )
    await line_recorder.record_missing(settings)
    assert standin.connections == []
    assert caplog.records == []


async def test_at_a_start_what_fails_is_logged_and_raises_nothing(
    standin: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    standin.api_key = "sk-another"
    with caplog.at_level(logging.DEBUG, logger=HEARD):
        await line_recorder.record_missing(settings_for(standin))
    (record,) = caplog.records
    assert record.getMessage() == "line not recorded"
    assert vars(record)["fault"] == "openai-key-rejected"
    assert "FAKE" not in str(vars(record))


async def test_at_a_start_even_a_bug_of_ours_raises_nothing(
    standin: StandIn, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Settings) -> tuple[Line, ...]:
        raise RuntimeError(KEY)

    monkeypatch.setattr(line_recorder, "missing", broken)
    await line_recorder.record_missing(settings_for(standin))
    (record,) = caplog.records
    assert (record.getMessage(), vars(record)["error"]) == ("recording broke off", "RuntimeError")
    assert "FAKE" not in caplog.text


def sound(seconds: float) -> bytes:
    return array("h", [6000, -6000] * round(12_000 * seconds)).tobytes()


@pytest.mark.parametrize(
    ("take", "problem"),
    [
        (Take(sound(2), "Goodbye now."), "says other words"),
        (Take(b"", "One moment, please."), "holds no sound"),
        (Take(bytes(96_000), "One moment, please."), "is silent"),
        (Take(sound(0.2), "One moment, please."), "is cut short or drawn out"),
        (Take(sound(20), "One moment, please."), "is cut short or drawn out"),
        (Take(sound(40), "One moment, please."), "is longer than 30 seconds"),
    ],
)
def test_a_take_that_is_no_good_is_not_kept(tmp_path: Path, take: Take, problem: str) -> None:
    path = tmp_path / "one-moment.wav"
    with pytest.raises(LineError) as refused:
        keep(take, path, text="One moment, please.", speed=1.0)
    assert refused.value.problem.startswith(problem)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", Line)
def test_the_shipped_lines_would_have_been_good_takes(tmp_path: Path, line: Line) -> None:
    """No measure is so strict that calm speech fails it."""
    recording = lines.load(line)
    keep(Take(recording.pcm, recording.text).trimmed(), tmp_path / "line.wav", text=recording.text, speed=1.0)
    assert wav.read(tmp_path / "line.wav")[1] == 24_000


def test_the_silence_round_a_take_is_cut_off() -> None:
    """10 ms are left before the first sound, so that she is heard at once, and 150 ms after the last."""
    take = Take(bytes(48_000) + sound(1) + bytes(96_000), "").trimmed()
    assert take.seconds == pytest.approx(1.16, abs=0.011)
    assert max(array("h", take.pcm)[:220]) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("One moment, please.", "one moment please", True),
        ("It's me!", "It\u2019s me.", True),
        ("Até logo.", "Ate\u0301 logo", True),
        ("少々お待ちください。", "少々お待ちください", True),
        ("One moment, please.", "One moment, please. How are you?", False),
        ("", "Hello", False),
    ],
)
def test_only_letters_and_digits_must_be_the_same(one: str, other: str, same: bool) -> None:  # noqa: FBT001  an expectation
    assert (plain(one) == plain(other)) is same


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x/cache", "HOME": "/home/rosa"}, "/x/cache/granny/lines"),
        ("linux", {"XDG_CACHE_HOME": "relative", "HOME": "/home/rosa"}, "/home/rosa/.cache/granny/lines"),
        ("linux", {"XDG_CACHE_HOME": "", "HOME": "nowhere"}, None),
        ("darwin", {"XDG_CACHE_HOME": "/x", "HOME": "/Users/rosa"}, "/Users/rosa/Library/Caches/granny/lines"),
        ("win32", {"LOCALAPPDATA": "/x/local", "HOME": "/home/rosa"}, "/x/local/granny/lines"),
        ("win32", {"LOCALAPPDATA": "", "HOME": "/home/rosa"}, "/home/rosa/AppData/Local/granny/lines"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the paths of the table are POSIX's")
def test_each_system_has_its_place_for_what_can_be_made_again(
    monkeypatch: pytest.MonkeyPatch, system: str, variables: dict[str, str], expected: str | None
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert lines.cache_folder() == (Path(expected) if expected else None)


def command(home: Path, environment: dict[str, str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """`python -m granny record` in a copy of Granny's folder."""
    places = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "granny", "record"],
        cwd=home,
        env=environment | places,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


async def run_command(home: Path, environment: dict[str, str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(command, home, environment, tmp_path)


async def test_the_command_records_tells_where_and_asks_nothing_the_second_time(
    standin: StandIn, home: Path, bare_environment: dict[str, str], tmp_path: Path, cache: Path
) -> None:
    environment = bare_environment | {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": standin.base_url}
    done = await run_command(home, environment, tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": recorded, ") == len(Line)
    assert str(cache) in done.stdout
    connections = len(standin.connections)
    again = await run_command(home, environment, tmp_path)
    assert again.returncode == 0, again.stdout
    assert f"{len(Line)} of {len(Line)} are there already" in " ".join(again.stdout.split())
    assert len(standin.connections) == connections


async def test_the_command_names_a_refused_key_and_shows_nothing_of_it(
    standin: StandIn, home: Path, bare_environment: dict[str, str], tmp_path: Path
) -> None:
    standin.api_key = "sk-another"
    environment = bare_environment | {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": standin.base_url}
    done = await run_command(home, environment, tmp_path)
    assert done.returncode == 78, done.stdout
    assert "openai-key-rejected (fatal)" in done.stdout
    assert "FAKE" not in done.stdout
    assert "Traceback" not in done.stdout


async def test_the_command_without_a_key_says_so(home: Path, bare_environment: dict[str, str], tmp_path: Path) -> None:
    done = await run_command(home, bare_environment, tmp_path)
    assert done.returncode == 78, done.stdout
    assert "OPENAI_API_KEY environment variable is required" in done.stdout


def test_the_faults_of_the_studio_tell_that_calls_go_on() -> None:
    """Neither is spoken to a caller: none of them spoils a call."""
    assert CATALOGUE["line-not-recorded"].spoken is None
    assert CATALOGUE["recordings-not-kept"].spoken is None
