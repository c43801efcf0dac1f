"""Where Granny's files lie, and which env files a mode reads; standard library only."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
"""The folder of agent.py, where the env files lie."""

ENV_FILE = ".env.local"


class Mode(str, Enum):
    """What she is started for; it names the env files read beside `.env.local`."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def env_files(mode: Mode, *, folder: Path = HOME, local: Path | None = None) -> tuple[Path, ...]:
    """The env files of a mode, whether they exist or not, the strongest first.

    Args:
        mode: development for `dev` and the console, production for `start`.
        folder: where they lie.
        local: read instead of `.env.local`, as `--env-file` asks.
    """
    return (
        folder / f".env.{mode.value}.local",
        local or folder / ENV_FILE,
        folder / f".env.{mode.value}",
    )
