"""What is said of a setting that is out of its range: what it may be, and where it stands; never what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from granny.config import family_notes
from granny.config.settings import CALLER_FILE_LIMIT, VARIABLES
from granny.faults import ENV_FILE_ENCODING, OPENAI_KEY_MISSING, VALUE_SHADOWED, Finding, Severity
from granny.net.answer import Answer, Unasked
from granny.preflight.probes._reading import take_reading
from granny.preflight.probes.values import _allowed, ask_values

ALL_IS_WELL = "all settings are in their range"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-" + "FAKE" * 10)


def asked(*files: Path, named: tuple[Finding, ...] = ()) -> tuple[Answer | Unasked, bool]:
    """The answer, and whether there are settings."""
    reading = take_reading(files or (Path("nowhere"),), environ=os.environ, needed=(), known=VARIABLES)
    answer, settings = ask_values(reading, files, named=named)
    return answer, settings is not None


def told(answer: Answer | Unasked) -> list[tuple[str | None, str, str | None, Severity]]:
    assert isinstance(answer, Answer)
    assert {one.fault.slug for one in answer.findings} <= {"setting-invalid"}
    return [(one.variable, one.evidence, one.where, one.severity) for one in answer.findings]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("GRANNY_SPEED", "9", "at least 0.25, at most 1.5"),
        ("GRANNY_SPEED", "fast", "a number, at least 0.25, at most 1.5"),
        ("GRANNY_HEALTH_PORT", "port", "a number, at least 0, at most 65535"),
        ("GRANNY_HEALTH_PORT", "65536", "at least 0, at most 65535"),
        ("GRANNY_IDLE_SECONDS", "0", "more than 0, at most 3600"),
        ("GRANNY_PRICE_INPUT", "-1", "at least 0"),
        ("GRANNY_EAGERNESS", "hasty", "low, medium, high, auto"),
        ("GRANNY_NAME", "x" * 41, "one line of 1 to 40 characters"),
        ("GRANNY_LANGUAGE", "English", "a language's short name: en, de, pt-BR"),
    ],
)
def test_a_value_out_of_its_range_says_what_it_may_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    answer, has_settings = asked()
    assert told(answer) == [(name, f"Allowed: {allowed}.", "environment", Severity.FATAL)]
    assert isinstance(answer, Answer)
    assert (answer.detail, has_settings) == ("not all settings are in their range", False)


def test_a_value_of_a_file_is_told_with_its_line_and_several_in_the_readmes_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env.local"
    file.write_text("GRANNY_PREFLIGHT_WAIT=-1\nGRANNY_SPEED=9\n")
    monkeypatch.setenv("GRANNY_EAGERNESS", "hasty")
    assert [(name, where) for name, _, where, _ in told(asked(file)[0])] == [
        ("GRANNY_SPEED", ".env.local:2"),
        ("GRANNY_EAGERNESS", "environment"),
        ("GRANNY_PREFLIGHT_WAIT", ".env.local:1"),
    ]


def test_a_value_that_is_not_set_says_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert told(asked()[0]) == [("OPENAI_API_KEY", "It must be: OpenAI's secret key: her voice.", None, Severity.FATAL)]


def test_where_no_setting_is_named_its_value_is_not_allowed() -> None:
    """As where several are wrong only together."""
    assert _allowed({"type": "value_error", "loc": (), "msg": "", "input": None}) == "Its value is not allowed."


@pytest.mark.parametrize(
    ("named", "again"),
    [
        (OPENAI_KEY_MISSING.found("", variable="OPENAI_API_KEY"), []),
        (VALUE_SHADOWED.found("", variable="OPENAI_API_KEY"), []),
        (ENV_FILE_ENCODING.found("", where=".env.local"), []),
        (VALUE_SHADOWED.found("", variable="LIVEKIT_URL"), ["OPENAI_API_KEY"]),
    ],
)
def test_what_is_explained_is_not_named_again(
    monkeypatch: pytest.MonkeyPatch, named: Finding, again: list[str]
) -> None:
    """A fatal finding about a file explains whatever connects her; a speed out of its range it does not."""
    monkeypatch.delenv("OPENAI_API_KEY")
    answer, has_settings = asked(named=(named,))
    assert not has_settings
    if again:
        assert [name for name, *_ in told(answer)] == again
    else:
        assert answer == Unasked("not read: put right first what is said of the variables")
    monkeypatch.setenv("GRANNY_SPEED", "9")
    assert sorted(name or "" for name, *_ in told(asked(named=(named,))[0])) == ["GRANNY_SPEED", *again]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x" * CALLER_FILE_LIMIT, None),
        (b"x" * (CALLER_FILE_LIMIT + 1), "The file notes.txt is larger than 8 kB."),
        (b"\xe4", "The file notes.txt is not UTF-8 text."),
        (None, "There is no file notes.txt where it points."),
    ],
    ids=["the most", "more", "Windows", "none"],
)
def test_a_file_of_the_familys_that_cannot_be_used_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None, reason: str | None
) -> None:
    notes = tmp_path / "notes.txt"
    if data is not None:
        notes.write_bytes(data)
    monkeypatch.setenv("GRANNY_CALLER_FILE", str(notes))
    answer, has_settings = asked()
    assert told(answer) == ([("GRANNY_CALLER_FILE", reason, "environment", Severity.FATAL)] if reason else [])
    assert isinstance(answer, Answer)
    assert (answer.detail, has_settings) == (ALL_IS_WELL, True)


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_a_file_of_the_familys_that_fails_in_between_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> bytes:
        raise error

    notes = tmp_path / "notes.txt"
    notes.touch()
    monkeypatch.setenv("GRANNY_CALLER_FILE", str(notes))
    monkeypatch.setattr(family_notes, "read_at_most", fail)
    (finding,) = told(asked()[0])
    assert finding[1] == "The file notes.txt cannot be read."


def test_a_recording_that_cannot_be_used_is_only_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one is heard; her folder without any fault is not mentioned."""
    monkeypatch.setenv("GRANNY_LINES_FOLDER", str(tmp_path))
    assert told(asked()[0]) == []
    (tmp_path / "goodbye.wav").write_bytes(b"ID3")
    answer, has_settings = asked()
    (finding,) = told(answer)
    assert (finding[0], finding[2:], has_settings) == ("GRANNY_LINES_FOLDER", ("environment", Severity.WARNING), True)
    assert finding[1].startswith("goodbye.wav ")
    assert finding[1].endswith(".")
