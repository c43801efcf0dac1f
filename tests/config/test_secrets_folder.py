"""The secrets folder: what it sets, what outranks what, and what reaches the libraries below."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import AliasChoices
from pydantic_settings import BaseSettings, SecretsSettingsSource

from granny.config import secrets_folder
from granny.config.settings import VARIABLES, Settings, export, load

FOLDER = "GRANNY_SECRETS_FOLDER"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "OPENAI_API_KEY").write_text("sk-of-the-folder\n")
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


def _key(settings: Settings) -> str:
    return settings.openai_api_key.get_secret_value()


def test_a_secret_is_read_without_the_line_break_at_its_end(folder: Path) -> None:
    settings = load(())
    assert _key(settings) == "sk-of-the-folder"
    assert settings.secrets_folder == folder


def test_the_environment_outranks_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "GRANNY_NAME").write_text("Folder")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    settings = load(())
    assert (_key(settings), settings.name) == ("sk-of-the-environment", "Folder")


@pytest.mark.usefixtures("folder")
def test_the_folder_outranks_the_env_files(tmp_path: Path) -> None:
    file = tmp_path / ".env.local"
    file.write_text("OPENAI_API_KEY=sk-of-the-file\nGRANNY_NAME=File\n")
    settings = load((file,))
    assert (_key(settings), settings.name) == ("sk-of-the-folder", "File")


def test_an_env_file_may_name_the_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER)
    file = tmp_path / ".env.local"
    file.write_text(f"{FOLDER}={folder}\nOPENAI_API_KEY=sk-of-the-file\n")
    assert _key(load((file,))) == "sk-of-the-folder"


def test_an_empty_name_is_no_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It means the default, as an empty GRANNY_… does everywhere; the working folder is not searched."""
    monkeypatch.setenv(FOLDER, "")
    monkeypatch.chdir(folder)
    file = tmp_path / ".env.local"
    file.write_text("OPENAI_API_KEY=sk-of-the-file\n")
    settings = load((file,))
    assert (_key(settings), settings.secrets_folder) == ("sk-of-the-file", None)


def test_the_home_folder_may_be_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    monkeypatch.setenv(FOLDER, "~/secrets")
    settings = load(())
    assert (_key(settings), settings.secrets_folder) == ("sk-of-the-folder", folder)


def test_the_folder_does_not_name_another(folder: Path, tmp_path: Path) -> None:
    """It would be read from where it is read."""
    (folder / FOLDER).write_text(str(tmp_path))
    assert load(()).secrets_folder == folder


def test_libraries_are_given_livekits_secret_and_not_openais(folder: Path, tmp_path: Path) -> None:
    (folder / "LIVEKIT_API_SECRET").write_text("of-the-folder\n")
    file = tmp_path / ".env.local"
    file.write_text("LIVEKIT_API_SECRET=of-the-file\n")
    export((file,))
    assert os.environ["LIVEKIT_API_SECRET"] == "of-the-folder"
    assert "OPENAI_API_KEY" not in os.environ


def test_the_folder_says_what_pydantic_settings_would_read_in_it(folder: Path) -> None:
    """The same files by the same names: who knows `_secrets_dir` from elsewhere finds it so."""
    (folder / "GRANNY_NAME").write_text("  Oma \n")
    (folder / "LIVEKIT_API_KEY").write_text("")
    (folder / "openai_base_url").write_text("not this variable's name")

    class Plain(BaseSettings):
        """Read by the library alone."""

    theirs = SecretsSettingsSource(Plain, secrets_dir=folder, case_sensitive=True)
    theirs()
    expected = {}
    for field in Settings.model_fields.values():
        assert not isinstance(field.validation_alias, AliasChoices)
        value, name, _ = theirs.get_field_value(field, str(field.alias))
        if value is not None:
            expected[name] = value
    assert secrets_folder.values(folder, VARIABLES) == expected
    assert expected == {"OPENAI_API_KEY": "sk-of-the-folder", "GRANNY_NAME": "Oma", "LIVEKIT_API_KEY": ""}
