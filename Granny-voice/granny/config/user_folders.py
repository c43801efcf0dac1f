"""Where this user's programs keep things: what can be made again, and what must last; standard library only.

Sources: the XDG Base Directory Specification 0.8 (a relative path is to be ignored), Microsoft's FOLDERID_LocalAppData,
Apple's File System Programming Guide.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_OURS = "granny"
_WINDOWS = ("LOCALAPPDATA", "AppData", "Local")


def cache_folder() -> Path | None:
    """Hers for what can be made again; None if this user has no such place."""
    return _place(("XDG_CACHE_HOME", ".cache"), ("Library", "Caches"))


def data_folder() -> Path | None:
    """Hers for what must last; None if this user has no such place."""
    return _place(("XDG_DATA_HOME", ".local", "share"), ("Library", "Application Support"))


def _place(unix: tuple[str, ...], mac: tuple[str, ...]) -> Path | None:
    """Windows has one place for both."""
    if sys.platform == "darwin":
        base = _at_home(*mac)
    else:
        variable, *usual = _WINDOWS if sys.platform == "win32" else unix
        base = _folder(os.environ.get(variable, "")) or _at_home(*usual)
    return base / _OURS if base else None


def _folder(value: str) -> Path | None:
    path = Path(value)
    return path if path.is_absolute() else None


def _at_home(*names: str) -> Path | None:
    """A folder of the home folder; a user in a container may have none."""
    return _folder(os.path.join(os.path.expanduser("~"), *names))  # noqa: PTH111, PTH118  Path.home() raises without one
