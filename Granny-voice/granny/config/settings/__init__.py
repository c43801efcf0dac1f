"""The variables Granny reads, in groups: the real environment first, then the secrets folder, then the env files.

A group is a class in a file of its own, and `Settings` is made of all of them, side by side: GRANNY_SPEED is
`settings.speed` whichever group it is in, and where a value is wrong the library names the variable. With models within
a model it would be `settings.manner.speed`, which nobody can tell from the variable; the flat environment would have to
be dealt out to them, and pydantic-settings would read one variable more for each, by the group's own name.

A new room's settings are a new group:

1. `garden.py`, beside the others: a class `GardenSettings(Group)`. Its docstring is what people read above its
   variables; its fields begin with the room's name (`garden_gate`, GRANNY_GARDEN_GATE), so that no two are one.
2. Its name here, among those that `Settings` is made of, at the place where people should read it.

Check-up, log, README and the example env file know it by that. The room may ask for `GardenSettings`, and is given
the settings as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from granny.config import env_file, secrets_folder
from granny.config.settings._addresses import secret_parts
from granny.config.settings._allowed import allowed
from granny.config.settings._group import Group
from granny.config.settings._kinds import (
    Consent,
    Eagerness,
    HearingManner,
    Hours,
    Language,
    Minutes,
    Name,
    NoCallDays,
    Notes,
    Patience,
    PhoneNumber,
    Speed,
    TimeZone,
)
from granny.config.settings.alerts import AlertsSettings
from granny.config.settings.call import CallSettings
from granny.config.settings.lines import LinesSettings
from granny.config.settings.livekit import LiveKitSettings
from granny.config.settings.manner import CALLER_FILE_LIMIT, MannerSettings
from granny.config.settings.network import NetworkSettings
from granny.config.settings.openai import OpenAISettings
from granny.config.settings.page import PageSettings
from granny.config.settings.phone import PhoneSettings
from granny.config.settings.preflight import PreflightSettings
from granny.config.settings.prices import PriceSettings
from granny.config.settings.secrets import SecretsSettings
from granny.config.settings.store import StoreSettings
from granny.config.settings.tracing import TracingSettings
from granny.config.settings.whereabouts import WhereaboutsSettings
from granny.config.settings.worker import WorkerSettings

__all__ = [
    "CALLER_FILE_LIMIT",
    "FIELDS",
    "GROUPS",
    "SECRETS",
    "VARIABLES",
    "Consent",
    "Eagerness",
    "Group",
    "HearingManner",
    "Hours",
    "Language",
    "Minutes",
    "Name",
    "NoCallDays",
    "Notes",
    "Patience",
    "PhoneNumber",
    "Settings",
    "Speed",
    "TimeZone",
    "allowed",
    "export",
    "load",
    "load_what_can_be",
]


class Settings(
    OpenAISettings,
    LiveKitSettings,
    MannerSettings,
    WhereaboutsSettings,
    LinesSettings,
    CallSettings,
    PageSettings,
    PhoneSettings,
    StoreSettings,
    AlertsSettings,
    PreflightSettings,
    WorkerSettings,
    NetworkSettings,
    SecretsSettings,
    TracingSettings,
    PriceSettings,
):
    """Everything that can be set, each with its default, its range and one line of help.

    The groups stand in the order in which a newcomer reads them: what must be set is first.
    """

    model_config = SettingsConfigDict(defer_build=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nothing may show: the secret values, and of an address all but the way to it that others have, too."""
        values = (getattr(self, field) for field in FIELDS)
        secret = (value.get_secret_value() for value in values if isinstance(value, SecretStr))
        return tuple(part for value in secret for part in secret_parts(value))

    @property
    def has_livekit(self) -> bool:
        """Whether there is a LiveKit server, and a key for it."""
        return bool(self.livekit_url and self.livekit_api_key and self.livekit_api_secret)

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return cast("str", cls.model_fields[field].alias)


GROUPS = cast("tuple[type[Group], ...]", Settings.__bases__)
"""The groups, in that order."""

FIELDS: dict[str, FieldInfo] = {name: field for group in GROUPS for name, field in group.model_fields.items()}
"""Every setting by its name in the code, group by group; the model itself has the last group first."""

VARIABLES: tuple[str, ...] = tuple(map(Settings.variable, FIELDS))
"""Every environment variable that Granny reads, group by group."""

SECRETS: tuple[str, ...] = tuple(
    Settings.variable(name)
    for name, field in FIELDS.items()
    if SecretStr in (field.annotation, *get_args(field.annotation))
)
"""Those whose value is never shown; the LiveKit key among them, for it may hold the secret by mistake."""

_READ_BELOW = frozenset(
    Settings.variable(name)
    for group in (LiveKitSettings, NetworkSettings, TracingSettings)
    for name in group.model_fields
)
"""Those of Granny's variables that a library, too, reads in the environment: a job's `JobContext.api` LiveKit's,
LiveKit's own client the proxy, it and OpenSSL the certificates, and OpenTelemetry's SDK its own."""

_NOT_FOR_BELOW = frozenset(VARIABLES) - _READ_BELOW | {"LIVEKIT_AGENT_NAME", "LIVEKIT_AGENT_NAME_OVERRIDE"}


def load(files: tuple[Path, ...]) -> Settings:
    """Read the settings from the environment and, below it, from the secrets folder and the files (strongest first).

    Raises:
        pydantic.ValidationError: a value is missing or out of range; show only `loc`, `type` and `ctx`.
        UnicodeDecodeError, OSError: a file cannot be read; these too may hold values.
    """
    return _loaded(files, {})


def _loaded(files: tuple[Path, ...], instead: Mapping[str, str]) -> Settings:
    """As `load`, with these values in place of what stands anywhere."""
    given: dict[str, Any] = {}
    for source in reversed(_sources(files)):
        given.update(source)
    below = {name: given[name] for name in VARIABLES if given.get(name) is not None and name not in os.environ}
    return Settings(**{**below, **instead})


def load_what_can_be(files: tuple[Path, ...]) -> Settings | None:
    """The settings, those that are missing or wrong at their defaults: enough to tell somebody that they are.

    Of a variable without which nothing can be done the value is then empty. None: not even a file can be read.
    """
    try:
        return load(files)
    except ValidationError as error:
        wrong = {str(name) for detail in error.errors(include_input=False) for name in detail["loc"][:1]}
    except (OSError, UnicodeDecodeError):
        return None
    try:
        return _loaded(files, dict.fromkeys(wrong, ""))
    except ValidationError:
        return None


def export(files: tuple[Path, ...]) -> None:
    """Put into `os.environ` what only files supplied, those of the secrets folder too, for the libraries that read it.

    OpenAI's key, her address and what begins with GRANNY_ are left out: they are passed on as `Settings`, and nothing
    below has to know them. So are the framework's names for an agent: under one that only a file knows she would
    wait for calls that nobody sends her. Another name that Granny does not know may be a library's (TZ,
    LK_OPENAI_DEBUG), and is put in.
    """
    for source in _sources(files):
        for name, value in source.items():
            if value is not None and name not in _NOT_FOR_BELOW:
                os.environ.setdefault(name, value)


def _sources(files: tuple[Path, ...]) -> tuple[Mapping[str, str | None], ...]:
    """What stands below the environment, the strongest first."""
    told = tuple(map(_values, files))
    sources: tuple[Mapping[str, str | None], ...] = (os.environ, *told)
    named = (source[secrets_folder.VARIABLE] for source in sources if secrets_folder.VARIABLE in source)
    folder = secrets_folder.place(next(named, None))
    return (secrets_folder.values(folder, VARIABLES), *told) if folder else told


def _values(file: Path) -> dict[str, str | None]:
    """What a file says; pydantic-settings would have python-dotenv copy all that came before for each name."""
    return env_file.values(file) if file.is_file() else {}
