"""What is set, and where: environment, secrets folder, env files; all that the offline probes look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from granny.config import env_file, secrets_folder
from granny.config.env_file import Assignment, EnvFile
from granny.config.secrets_folder import SecretFile, SecretsFolder
from granny.faults import Fault, Finding, Severity

OPENAI_KEY = "OPENAI_API_KEY"
OPENAI_URL = "OPENAI_BASE_URL"
LIVEKIT_URL = "LIVEKIT_URL"
LIVEKIT_KEY = "LIVEKIT_API_KEY"
LIVEKIT_SECRET = "LIVEKIT_API_SECRET"  # noqa: S105  the name of a variable
CONNECTING = (OPENAI_KEY, OPENAI_URL, LIVEKIT_URL, LIVEKIT_KEY, LIVEKIT_SECRET)
"""The variables that can be judged without the settings model, which may not be installed."""

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY")
"""The stronger first."""
WAY = (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR")
"""How servers are reached. Other programs read these too, and names very much like them."""

KEYS = (OPENAI_KEY, LIVEKIT_KEY, LIVEKIT_SECRET)
ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, repr=False)
class Value:
    """What a variable ends up as.

    Attributes:
        name: of the variable.
        text: its value; not in the repr.
        where: `.env.local:3`, the whole path of a secret file, or `environment`.
        assignment: the line of the file, or None for the environment.
    """

    name: str
    text: str
    where: str
    assignment: Assignment | None = None

    @property
    def size(self) -> str:
        """All that is ever said of a value: how long it is."""
        return f"{len(self.text)} characters"

    @property
    def has_own_file(self) -> bool:
        """Whether it is a file of the secrets folder, which holds nothing else."""
        return Path(self.where).is_absolute()

    def found(self, fault: Fault, evidence: str, *, severity: Severity | None = None) -> Finding:
        """A fault of this value."""
        return fault.found(evidence, variable=self.name, where=self.where, severity=severity)


@dataclass(frozen=True, slots=True, repr=False)
class Reading:
    """The environment, the secrets folder and the env files at one moment.

    Attributes:
        files: the env files, the strongest first; those that are not there among them.
        environ: the environment, which outranks the files.
        needed: the variables that must be set.
        known: all that Granny reads.
        local: the file that people are told to write.
        secrets: the secrets folder, which outranks the env files; None where none is named.
    """

    files: tuple[EnvFile, ...]
    environ: Mapping[str, str]
    needed: tuple[str, ...]
    known: tuple[str, ...]
    local: Path
    secrets: SecretsFolder | None = None

    @property
    def sources(self) -> tuple[EnvFile, ...]:
        """Every file that sets something, the strongest first."""
        return (*(self.secrets.files if self.secrets else ()), *self.files)

    @property
    def lost_secrets(self) -> tuple[SecretFile, ...]:
        """The secret files that cannot be read and that the environment does not outrank."""
        files = self.secrets.files if self.secrets else ()
        return tuple(file for file in files if file.fault and file.path.name not in self.environ)

    def value(self, name: str) -> Value | None:
        """What a variable ends up as, or None if it is not set or its line is lost."""
        if name in self.environ:
            return Value(name, self.environ[name], ENVIRONMENT)
        return self.value_in_files(name)

    def value_in_files(self, name: str) -> Value | None:
        """What the files alone would make of it: the strongest that names it decides."""
        return next((_value(file, item) for file, item in self._assigned(name)), None)

    def is_lost(self, name: str) -> bool:
        """Whether a file sets it in a way that cannot be read."""
        return any(file.lost(name) for file in self.sources)

    @property
    def is_blind(self) -> bool:
        """Whether a file that is there could not be read, so that nothing is known of what it sets."""
        return any(file.fault for file in self.files) or bool(self.secrets and self.secrets.problem)

    def _assigned(self, name: str) -> Iterator[tuple[EnvFile, Assignment]]:
        for file in self.sources:
            item = file.assigned(name)
            if item:
                yield file, item


def take_reading(
    files: Sequence[Path],
    *,
    environ: Mapping[str, str],
    needed: Sequence[str],
    known: Sequence[str] = CONNECTING,
    local: Path | None = None,
) -> Reading:
    """Read the env files and the secrets folder that they or the environment name, and note the environment.

    Raises:
        ImportError: python-dotenv is not installed.
    """
    reading = Reading(
        files=tuple(env_file.read(file, environ=environ, known=known) for file in files),
        environ=dict(environ),
        needed=tuple(needed),
        known=tuple(known),
        local=local or files[0].with_name(".env.local"),
    )
    named = reading.value(secrets_folder.VARIABLE)
    folder = secrets_folder.place(named.text if named else None)
    return replace(reading, secrets=secrets_folder.read(folder, known=known)) if folder else reading


def _value(file: EnvFile, item: Assignment) -> Value | None:
    if item.value is None:
        return None
    return Value(item.name, item.value, file.where(item.line), item)
