"""The variables Granny reads: one model, the real environment first, then the env files beside agent.py."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from granny.config import env_file
from granny.faults import ExitCode


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a pattern means, for a person."""

    words: str


Word = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]*$", max_length=64),
    Allowed("one word that begins with a letter: letters, digits, dots, hyphens, underscores; at most 64"),
]
ModelName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$", max_length=200),
    Allowed("a model's name: letters, digits and . _ : / @ - without a space; at most 200"),
]
"""Other servers than OpenAI's have names such as `openai/gpt-realtime`."""

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\n\r]+$"),
    Allowed("one line of 1 to 40 characters"),
]
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"),
    Allowed("a language's short name: en, de, pt-BR"),
]
DispatchName = Annotated[
    str, StringConstraints(pattern=r"^\S*$", max_length=100), Allowed("at most 100 characters without a space")
]


def _is_address(text: str) -> str:
    ip_address(text)
    return text


Address = Annotated[
    str,
    AfterValidator(_is_address),
    Allowed("an IP address: 127.0.0.1 for this machine alone, 0.0.0.0 for every IPv4 address, :: for every address"),
]


def _at_home(path: Path) -> Path:
    """With ~ or ~name replaced by the home folder, if there is one."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  Path.expanduser raises where there is none


CALLER_FILE_LIMIT = 8 * 1024
"""The most bytes read of the family's notes: about two pages, which cost about 2,000 tokens a call."""


class Settings(BaseSettings):
    """Everything that can be set, each with its default, its range and one line of help.

    The names are upper case on purpose: the libraries below read `OPENAI_API_KEY`, never `openai_api_key`.
    """

    model_config = SettingsConfigDict(
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    openai_api_key: SecretStr = Field(
        alias="OPENAI_API_KEY", description="OpenAI's secret key: her voice.", examples=["sk-your-openai-key"]
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        alias="OPENAI_BASE_URL",
        repr=False,  # an address may hold a password, by mistake
        description="Another server that speaks OpenAI's Realtime API; ends in /v1. For accounts kept in the EU: https://eu.api.openai.com/v1",
    )
    livekit_url: str | None = Field(
        default=None,
        alias="LIVEKIT_URL",
        repr=False,  # as above
        description="The LiveKit server where calls take place; needed by dev and start, not by the console.",
        examples=["wss://your-project.livekit.cloud"],
    )
    livekit_api_key: SecretStr | None = Field(
        default=None,
        alias="LIVEKIT_API_KEY",
        description="LiveKit's API key; needed with it.",
        examples=["your-livekit-api-key"],
    )
    livekit_api_secret: SecretStr | None = Field(
        default=None,
        alias="LIVEKIT_API_SECRET",
        description="The secret of that key; needed with it.",
        examples=["your-livekit-api-secret"],
    )
    model: ModelName = Field(default="gpt-realtime-2.1", alias="GRANNY_MODEL", description="OpenAI's Realtime model.")
    transcription_model: ModelName = Field(
        default="gpt-4o-mini-transcribe",
        alias="GRANNY_TRANSCRIPTION_MODEL",
        description="The model that writes down what the caller says.",
    )
    voice: Word = Field(default="marin", alias="GRANNY_VOICE", description="OpenAI's voice: marin, cedar, …")
    speed: float = Field(
        default=1.0, ge=0.25, le=1.5, alias="GRANNY_SPEED", description="How fast she speaks; 1.0 is normal."
    )
    language: Language = Field(
        default="en", alias="GRANNY_LANGUAGE", description="The language of the call, as in en, de, pt-BR."
    )
    name: Name = Field(default="Granny", alias="GRANNY_NAME", description="What she calls herself.")
    agent_name: DispatchName = Field(
        default="",
        alias="GRANNY_AGENT_NAME",
        description="Her name for LiveKit's dispatch; empty: she joins every new room.",
    )
    eagerness: Literal["low", "medium", "high", "auto"] = Field(
        default="low",
        alias="GRANNY_EAGERNESS",
        description="How soon she takes a pause for the end of a turn; low waits longest.",
    )
    noise_reduction: Literal["far_field", "near_field", "off"] = Field(
        default="far_field",
        alias="GRANNY_NOISE_REDUCTION",
        description="far_field for a tablet on a table, near_field for a headset.",
    )
    caller_file: Annotated[Path, AfterValidator(_at_home)] | None = Field(
        default=None,
        alias="GRANNY_CALLER_FILE",
        description="A text file in which the family tells her about the caller (at most 8 kB).",
    )
    preflight: Literal["strict", "warn", "off"] = Field(
        default="strict",
        alias="GRANNY_PREFLIGHT",
        description="The check-up before she starts: strict refuses to start on a fault, warn starts all the same, "
        "off asks nothing of the network.",
    )
    preflight_response: Literal["on", "off"] = Field(
        default="on",
        alias="GRANNY_PREFLIGHT_RESPONSE",
        description="Whether the check-up asks OpenAI for one tiny answer, the only proof of model and credit.",
    )
    preflight_wait: float | None = Field(
        default=None,
        ge=0,
        le=3600,
        alias="GRANNY_PREFLIGHT_WAIT",
        description="Seconds to wait for a passing fault to pass; 60 in start, 10 elsewhere.",
    )
    max_calls: int = Field(
        default=8,
        ge=1,
        le=1000,
        alias="GRANNY_MAX_CALLS",
        description="How many calls one worker takes at once; about 4 for each core.",
    )
    call_memory_mb: float = Field(
        default=500,
        ge=200,
        alias="GRANNY_CALL_MEMORY_MB",
        description="The most memory, in MB, that one call may take; the process of one that takes more is ended, and "
        "another goes on with the call.",
    )
    health_port: int = Field(
        default=8081,
        ge=0,
        le=65535,
        alias="GRANNY_HEALTH_PORT",
        description="The port of the health page in start; 0 takes any free one.",
    )
    health_host: Address = Field(
        default="127.0.0.1",
        alias="GRANNY_HEALTH_HOST",
        description="The address of the health page in start: 127.0.0.1 is this machine alone, :: every address.",
    )
    idle_seconds: float = Field(
        default=60,
        gt=0,
        le=3600,
        alias="GRANNY_IDLE_SECONDS",
        description="After so many seconds of silence she asks whether you are still there; after as many more she "
        "says goodbye.",
    )
    max_call_minutes: float = Field(
        default=45,
        gt=0,
        le=720,
        alias="GRANNY_MAX_CALL_MINUTES",
        description="The longest call, in minutes; she announces its end a minute before.",
    )
    max_call_tokens: int | None = Field(
        default=None,
        gt=0,
        alias="GRANNY_MAX_CALL_TOKENS",
        description="The most tokens that one call may cost, input and output together; unset: no bound.",
    )
    lines_folder: Annotated[Path, AfterValidator(_at_home)] | None = Field(
        default=None,
        alias="GRANNY_LINES_FOLDER",
        description="A folder with the family's own recordings of her lines; granny/lines/README.md lists them.",
    )
    own_voice: Literal["on", "off"] = Field(
        default="on",
        alias="GRANNY_OWN_VOICE",
        description="on: after a healthy start she records her lines in her own voice, once, for about ten cents.",
    )
    drain_seconds: int = Field(
        default=1800,
        ge=1,
        alias="GRANNY_DRAIN_SECONDS",
        description="When start is told to stop: how many seconds calls may go on before she says goodbye.",
    )
    price_input: float | None = Field(
        default=None,
        ge=0,
        alias="GRANNY_PRICE_INPUT",
        description="Dollars for a million input tokens; with the next two the log tells what a call cost.",
    )
    price_cached: float | None = Field(
        default=None,
        ge=0,
        alias="GRANNY_PRICE_CACHED",
        description="Dollars for a million input tokens from the cache; unset: the price of the others.",
    )
    price_output: float | None = Field(
        default=None, ge=0, alias="GRANNY_PRICE_OUTPUT", description="Dollars for a million output tokens."
    )

    https_proxy: str | None = Field(
        default=None,
        alias="HTTPS_PROXY",
        repr=False,  # it may hold a password
        description="A proxy for everything but the sound of a call, as in http://proxy.example:3128; "
        "NO_PROXY and https_proxy in small letters have no effect.",
    )
    http_proxy: str | None = Field(
        default=None, alias="HTTP_PROXY", repr=False, description="The same, where HTTPS_PROXY is not set."
    )
    ssl_cert_file: str | None = Field(
        default=None,
        alias="SSL_CERT_FILE",
        description="A file with the certificates to trust in place of the system's, as a company's proxy needs it.",
    )
    ssl_cert_dir: str | None = Field(
        default=None, alias="SSL_CERT_DIR", description="The same, as a folder of certificates."
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, values: dict[str, Any]) -> dict[str, Any]:
        """`GRANNY_X=` leaves X at its default; an empty key stays empty, and is a fault."""
        return {name: value for name, value in values.items() if value or not name.startswith("GRANNY_")}

    def may_start(self, code: ExitCode) -> bool:
        """Whether she starts after a check-up that ended so."""
        return code is ExitCode.OK or self.preflight == "warn"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that nothing may show."""
        values = (getattr(self, field) for field in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return cast("str", cls.model_fields[field].alias)


VARIABLES: tuple[str, ...] = tuple(map(Settings.variable, Settings.model_fields))
"""Every environment variable that Granny reads, in the order of the model."""

SECRETS = ("OPENAI_API_KEY", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
"""Those whose value is never shown; the LiveKit key among them, for it may hold the secret by mistake."""


def load(files: tuple[Path, ...]) -> Settings:
    """Read the settings from the environment and, below it, from the files (strongest first).

    Raises:
        pydantic.ValidationError: a value is missing or out of range; show only `loc`, `type` and `ctx`.
        UnicodeDecodeError, OSError: a file cannot be read; these too may hold values.
    """
    given: dict[str, Any] = {}
    for file in reversed(files):
        given.update(_values(file))
    below = {name: given[name] for name in VARIABLES if given.get(name) is not None and name not in os.environ}
    return Settings(**below)


def export(files: tuple[Path, ...]) -> None:
    """Put into `os.environ` what only the files supplied, for the libraries that read it there."""
    for file in files:
        for name, value in _values(file).items():
            if value is not None:
                os.environ.setdefault(name, value)


def _values(file: Path) -> dict[str, str | None]:
    """What a file says; pydantic-settings would have python-dotenv copy all that came before for each name."""
    return env_file.values(file) if file.is_file() else {}
