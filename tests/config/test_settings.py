"""The groups of the settings: each variable is in one, each says what it is for, and a new one is easily added."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from granny.config.settings import FIELDS, GROUPS, SECRETS, VARIABLES, Settings, export
from granny.config.settings._addresses import secret_parts
from granny.net.answer import Answer
from granny.preflight.probes._reading import take_reading
from granny.preflight.probes.values import ask_values

GARDEN = '''\
"""The garden."""

from pydantic import Field, SecretStr

from granny.config.settings._group import Group


class GardenSettings(Group):
    """The garden, a room that is not built yet."""

    garden_gates: int = Field(default=2, ge=1, alias="GRANNY_GARDEN_GATES", description="How many are open.")
    garden_pin: SecretStr | None = Field(default=None, alias="GRANNY_GARDEN_PIN", description="Who may come in.")
'''
ASKED = """
import json
from granny.commands.docs import example_env_file, settings_tables
from granny.config.settings import load
from granny.config.settings.garden import GardenSettings
from granny.config.paths import Mode, env_files

def gates(room: GardenSettings) -> int:
    return room.garden_gates

settings = load(env_files(Mode.PRODUCTION))
print(json.dumps([gates(settings), settings.secrets, settings_tables(), example_env_file()]))
"""


def test_every_setting_is_in_exactly_one_group() -> None:
    """Of two that share a name one would silently be the other."""
    in_groups = [name for group in GROUPS for name in group.model_fields]
    assert sorted(in_groups) == sorted(Settings.model_fields) == sorted(FIELDS)
    assert len(set(VARIABLES)) == len(VARIABLES) == len(in_groups)


def test_every_group_is_in_a_file_of_its_own() -> None:
    assert len({group.__module__ for group in GROUPS}) == len(GROUPS)


def test_what_must_be_set_is_first() -> None:
    assert [name for name in FIELDS if Settings.model_fields[name].is_required()] == [next(iter(FIELDS))]


def test_every_secret_is_known_as_one() -> None:
    assert SECRETS == (
        "OPENAI_API_KEY",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "GRANNY_PHONE_IN_PASSWORD",
        "GRANNY_PHONE_OUT_PASSWORD",
        "GRANNY_DATABASE_URL",
    )


def test_what_is_wrong_is_told_in_the_order_of_the_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [name for name in VARIABLES if name.startswith("GRANNY_") and name not in _WITH_ANY_TEXT]
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in wrong:
        monkeypatch.setenv(name, "%")
    reading = take_reading((), environ=dict.fromkeys(wrong, "%"), needed=(), local=Path(".env.local"))
    answer, settings = ask_values(reading, ())
    assert settings is None
    assert isinstance(answer, Answer)
    assert [finding.variable for finding in answer.findings] == ["OPENAI_API_KEY", *wrong]


_WITH_ANY_TEXT = (
    "GRANNY_NAME",
    "GRANNY_AGENT_NAME",
    "GRANNY_CALLER_FILE",
    "GRANNY_CALLER_NOTES",
    "GRANNY_CALLER_NAME",
    "GRANNY_LINES_FOLDER",
    "GRANNY_SECRETS_FOLDER",
    "GRANNY_DATA_FOLDER",
    "GRANNY_PHONE_IN_USER",
    "GRANNY_PHONE_IN_PASSWORD",
    "GRANNY_PHONE_OUT_USER",
    "GRANNY_PHONE_OUT_PASSWORD",
)


@pytest.fixture(name="with_garden")
def _with_garden(home: Path, tmp_path: Path) -> Path:
    """A house with one group more, added as the docstring of the settings says."""
    house = tmp_path / "Granny-voice"
    shutil.copytree(home, house)
    settings = house / "granny" / "config" / "settings"
    (settings / "garden.py").write_text(GARDEN, encoding="utf-8")
    text = (settings / "__init__.py").read_text(encoding="utf-8")
    text = text.replace("    NetworkSettings,\n", "    GardenSettings,\n    NetworkSettings,\n")
    text = text.replace(
        "\n\nclass Settings(", "\nfrom granny.config.settings.garden import GardenSettings\n\nclass Settings("
    )
    (settings / "__init__.py").write_text(text, encoding="utf-8")
    return house


def test_a_new_room_adds_its_group(with_garden: Path, bare_environment: dict[str, str]) -> None:
    """A file and its name in the list: then it is read, redacted, documented, and its value checked."""
    (with_garden / ".env.local").write_text(
        "OPENAI_API_KEY=sk-proj-FAKE\nGRANNY_GARDEN_GATES=3\nGRANNY_GARDEN_PIN=1234\n"
    )
    read = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=with_garden, env=bare_environment, capture_output=True, text=True, check=True
    )
    gates, secrets, tables, example = json.loads(read.stdout)
    assert (gates, secrets) == (3, ["sk-proj-FAKE", "1234"])
    told = "The garden, a room that is not built yet."
    assert (
        f"**{told}**\n\n| variable | what it sets | default |\n| --- | --- | --- |\n| `GRANNY_GARDEN_GATES` |" in tables
    )
    assert example.index("GRANNY_MAX_CALLS") < example.index(f"# {told}") < example.index("# GRANNY_GARDEN_GATES=2\n")
    assert example.index("# GRANNY_GARDEN_PIN=\n") < example.index("# HTTPS_PROXY=")


def test_a_new_room_s_value_is_checked(with_garden: Path, bare_environment: dict[str, str]) -> None:
    checked = subprocess.run(
        [sys.executable, "check_env.py", "--offline", "--json"],
        cwd=with_garden,
        env=bare_environment | {"OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10, "GRANNY_GARDEN_GATES": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 78
    assert "GRANNY_GARDEN_GATES" in checked.stdout
    assert "at least 1" in checked.stdout


def test_a_name_for_dispatch_that_only_a_file_knows_does_not_reach_the_framework(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She would register under it, and her links would lead into rooms to which she is not sent."""
    file = tmp_path / ".env.local"
    file.write_text("LIVEKIT_AGENT_NAME=other\nLIVEKIT_AGENT_NAME_OVERRIDE=other\nA_LIBRARYS=own\n", encoding="utf-8")
    monkeypatch.delenv("A_LIBRARYS", raising=False)
    export((file,))
    assert "LIVEKIT_AGENT_NAME" not in os.environ
    assert "LIVEKIT_AGENT_NAME_OVERRIDE" not in os.environ
    assert os.environ.pop("A_LIBRARYS") == "own"


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("postgresql://granny:FAKE@db.example/granny", True),
        ("postgres://granny@127.0.0.1:5433/granny?sslmode=require", True),
        ("postgresql:///granny?host=/run/postgresql", True),
        ("postgresql://db.example", False),
        ("mysql://db.example/granny", False),
        ("postgresql://db.example:port/granny", False),
        ("postgresql+psycopg://db.example/granny", False),
        ("db.example", False),
    ],
)
def test_a_database_is_given_by_its_address(url: str, is_good: bool) -> None:  # noqa: FBT001  a parameter of the table above
    said = {"OPENAI_API_KEY": "none", "GRANNY_DATABASE_URL": url}
    if is_good:
        settings = Settings.model_validate(said)
        assert url not in repr(settings)
        assert set(secret_parts(url)) <= {*settings.secrets}
    else:
        with pytest.raises(ValidationError) as error:
            Settings.model_validate(said)
        assert "FAKE" not in str(error.value)
