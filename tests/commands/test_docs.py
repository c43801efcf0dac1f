"""Generated texts stand in the tree as they are generated, and each promise of theirs is kept."""

import io
import re
from pathlib import Path

import pytest

from granny import faults
from granny.commands import docs
from granny.commands._person_pages import example_person, person_table
from granny.commands.docs import TOP, example_env_file, faults_page, generated, settings_tables
from granny.config.paths import Mode
from granny.config.settings import GROUPS, VARIABLES
from granny.people import Person
from granny.preflight import terminal
from granny.preflight.checkup import Occasion
from granny.preflight.report import Failed, Passed, Report, Skipped

PAGES = (
    ".env.local.example",
    "docs/faults.md",
    "docs/page.md",
    "docs/scale.md",
    "README.md",
    "Granny-voice/people/anna.toml.example",
    "Granny-voice/granny/page/site/faults.js",
)


@pytest.mark.parametrize("file", PAGES)
def test_what_stands_in_the_tree_is_what_is_generated(file: str) -> None:
    """`make docs` writes them anew."""
    path = TOP / file
    assert path.read_text(encoding="utf-8") == generated()[path]


def test_the_command_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are missing or stale; what is written by hand in the README stays."""
    stale = (TOP / "README.md").read_text(encoding="utf-8").replace(settings_tables(), "| stale |")
    stale = stale.replace(person_table(), "| stale |")
    (tmp_path / "README.md").write_text(stale, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    planned = (TOP / "docs" / "scale.md").read_text(encoding="utf-8").replace("| workers,", "| stale,")
    (tmp_path / "docs" / "scale.md").write_text(planned, encoding="utf-8")
    told = (TOP / "docs" / "page.md").read_text(encoding="utf-8").replace("| The line broke.", "| Stale.")
    (tmp_path / "docs" / "page.md").write_text(told, encoding="utf-8")
    monkeypatch.setattr(docs, "TOP", tmp_path)
    assert docs.main([]) == 0
    for file in PAGES:
        assert (tmp_path / file).read_text(encoding="utf-8") == (TOP / file).read_text(encoding="utf-8")


def test_the_report_in_the_readme_is_as_she_gives_it() -> None:
    """To the letter: layout, words of the fault and verdict."""
    keys = ("OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    places = ", ".join(f"{name} from .env.local:{line}" for line, name in enumerate(keys, start=3))
    well = {
        "packages": "10 packages are installed",
        "env files": ".env.local (4 variables)",
        "variables": places,
        "settings": "all settings are in their range",
        "LiveKit": "the server lets Granny in",
    }
    refused = faults.OPENAI_KEY_REJECTED.found(
        "HTTP 401, code invalid_api_key", variable="OPENAI_API_KEY", where=".env.local:3"
    )
    report = Report(
        (
            *(Passed(probe=probe, detail=detail, seconds=0.0) for probe, detail in well.items()),
            Failed(probe="OpenAI", detail="no conversation with OpenAI came about", seconds=0.0, findings=(refused,)),
            Skipped(probe="OpenAI model", detail="not checked: HTTP 401", seconds=0.0),
        )
    )
    shown = terminal.text(report, stream=io.StringIO())
    assert f"```\n{shown}\n```" in (TOP / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_example_and_in_the_table() -> None:
    for variable in VARIABLES:
        assert f"{variable}=" in example_env_file()
        assert f"| `{variable}` |" in settings_tables()


def test_every_name_of_a_persons_file_is_in_the_example_and_in_the_table() -> None:
    for name in Person.model_fields:
        assert re.search(rf"^(# )?{name} = ", example_person(), re.MULTILINE)
        assert f"| `{name}` |" in person_table()


def test_each_group_says_first_what_it_is_for() -> None:
    """In both texts: a sentence of its own, then its variables, then the next group."""
    groups = {(group.__doc__ or "").splitlines()[0]: group for group in GROUPS}
    assert all(re.fullmatch(r"[A-Z].{20,}\.", sentence) for sentence in groups)
    expected = [
        text
        for sentence, group in groups.items()
        for text in (sentence, *(f.alias for f in group.model_fields.values()))
    ]
    shown = [line.removeprefix("# ").partition("=")[0] for line in example_env_file().splitlines()]
    assert [text for text in shown if text in expected] == expected
    assert re.findall(r"^(?:\*\*|\| `)(.+?)(?:\*\*|` \|)", settings_tables(), re.MULTILINE) == expected


def test_every_fault_has_its_place_on_the_page() -> None:
    for slug in faults.CATALOGUE:
        assert f"\n## {slug}\n" in faults_page()


def test_the_example_sets_what_a_call_needs_and_nothing_else() -> None:
    lines = [line for line in example_env_file().splitlines() if line and not line.startswith("#")]
    assert {line.partition("=")[0] for line in lines} == set(Occasion(mode=Mode.DEVELOPMENT).needed)


def test_a_constant_is_named_after_its_slug() -> None:
    for slug, fault in faults.CATALOGUE.items():
        assert getattr(faults, slug.upper().replace("-", "_")) is fault


def test_a_spoken_line_exists_for_every_fault_that_names_one() -> None:
    shipped = {file.stem for file in (Path(TOP) / "Granny-voice/granny/lines/en").glob("*.wav")}
    assert {fault.spoken for fault in faults.CATALOGUE.values() if fault.spoken} <= shipped
