"""A worker's check-up in the log has what `check_env.py --json` has, and is told in one way only."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from livekit.agents.cli.log import ColoredFormatter, JsonFormatter

from granny import faults
from granny.config.paths import Mode
from granny.config.settings import Settings
from granny.preflight.checkup import Occasion, Port
from granny.preflight.report import Failed, Outcome, Passed, Report
from granny.worker.telling import InLog, InWords, telling

SETTINGS = Settings.model_validate({"OPENAI_API_KEY": "sk-" + "FAKE" * 12})
OCCASION = Occasion(mode=Mode.PRODUCTION, opens=Port.HEALTH)
WELL: Outcome = Passed(probe="LiveKit", seconds=0.1, detail="the server lets Granny in")
ILL: Outcome = Failed(
    probe="OpenAI", seconds=0.1, detail="no answer", findings=(faults.OPENAI_SILENT.found("9 s", variable="X"),)
)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as `start` has it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.INFO)
    yield stream
    handler.close()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("formatter", "stderr", "kind"),
    [
        (JsonFormatter(), io.StringIO(), InLog),
        (JsonFormatter(), Terminal(), InWords),
        (ColoredFormatter("%(message)s"), io.StringIO(), InWords),
    ],
    ids=["start", "start at a terminal", "dev, or a log in colours"],
)
def test_it_is_told_as_the_framework_logs_and_to_a_person_in_words(
    monkeypatch: pytest.MonkeyPatch, formatter: logging.Formatter, stderr: io.StringIO, kind: type
) -> None:
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr("sys.stderr", stderr)
    assert type(telling()) is kind


@pytest.mark.parametrize(
    ("outcomes", "levels"),
    [((WELL,), ["INFO", "INFO"]), ((WELL, ILL), ["WARNING", "WARNING"])],
    ids=["all is well", "in spite of a fault"],
)
def test_a_start_is_two_lines_the_report_and_what_she_is(
    log: io.StringIO, outcomes: tuple[Outcome, ...], levels: list[str]
) -> None:
    report = Report(outcomes)
    InLog().starts(report, SETTINGS, OCCASION, lines="7 of 7")
    told, ready = (json.loads(line) for line in log.getvalue().splitlines())
    assert {name: told[name] for name in json.loads(report.as_json())} == json.loads(report.as_json())
    assert (ready["model"], ready["openai_host"], ready["lines"]) == (SETTINGS.model, "api.openai.com", "7 of 7")
    assert [told["level"], ready["level"]] == levels


def test_a_refusal_is_told_whatever_level_somebody_has_chosen(log: io.StringIO) -> None:
    logging.getLogger().setLevel(logging.CRITICAL)
    InLog().refuses(Report((ILL,)))
    (line,) = (json.loads(line) for line in log.getvalue().splitlines())
    assert (line["level"], line["exit_code"], line["findings"][0]["fault"]) == ("CRITICAL", 75, "openai-silent")


def test_what_is_being_asked_and_what_she_apologises_for_are_lines_of_their_own(log: io.StringIO) -> None:
    tell = InLog()
    tell.asking(("LiveKit", "OpenAI"), 0)
    tell.asking(("OpenAI",), 1)
    tell.apologises("openai-silent")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["asking", "still asking", "starting with the door shut"]
    assert (lines[1]["probes"], lines[2]["fault"]) == (["OpenAI"], "openai-silent")
