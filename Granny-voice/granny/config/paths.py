"""Where Granny's files lie, and which env files a mode reads; standard library only."""

from __future__ import annotations

import contextlib
from enum import Enum
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
"""The folder of agent.py, where the env files lie."""

AGENT = HOME / "agent.py"
ENV_FILE = ".env.local"

PEOPLE_FOLDER = "people"
"""The folder of the family's files, one a person; it lies where the env files do."""


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter, and those above it that are missing, whatever the umask.

    Raises:
        OSError: it could not be made.
    """
    for one in reversed([folder, *folder.parents]):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)
            one.chmod(0o700)
    with contextlib.suppress(OSError):  # somebody else's, or on a disk that knows no modes
        folder.chmod(0o700)


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
