"""Who else may read a file, or will: the others on this machine, and whoever is given the repository."""

from __future__ import annotations

import stat
from pathlib import Path

_OTHERS_MAY = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP
_GIT_LIMIT_SECONDS = 3.0


def is_open(mode: int) -> bool:
    """Whether others may read or change a file. 0440 is how Kubernetes gives a secret to one group."""
    given_to_group_too = mode & stat.S_IRGRP and mode & stat.S_IWUSR
    return bool(mode & _OTHERS_MAY or given_to_group_too)


def ask_git(folder: Path, name: str) -> str | None:
    """Whether git keeps the file or would, in our own words; None if it does not, or cannot be asked."""
    import subprocess  # noqa: PLC0415  only where there is a repository

    listing = [
        "git",
        "-C",
        str(folder),
        "ls-files",
        "-t",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        name,
    ]
    try:
        done = subprocess.run(  # noqa: S603  fixed words and a file name after --
            listing, capture_output=True, timeout=_GIT_LIMIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if not done.stdout:
        return None
    return "Git does not ignore it." if done.stdout.startswith(b"?") else "Git tracks it."
