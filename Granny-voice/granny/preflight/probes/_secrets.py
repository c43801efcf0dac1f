"""Can the secrets folder be read, and do its files keep what is in them?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from granny.config import secrets_folder
from granny.config.env_file import EnvFile
from granny.faults import SECRET_FILE_EXPOSED, SECRETS_FOLDER_UNREADABLE, Finding
from granny.preflight.probes._reading import KEYS, Reading, Value
from granny.preflight.probes._shapes import is_placeholder

_OTHERS_MAY = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP
"""Her group may read: that is how Kubernetes gives a secret to a user (fsGroup), and systemd, whose access list shows
as the group's right."""


def unusable_secrets(reading: Reading) -> Iterator[Finding]:
    """What keeps the folder, or the file of a variable that is not set in the environment, from being read."""
    if reading.secrets and reading.secrets.problem:
        named = reading.value(secrets_folder.VARIABLE)
        if named:
            yield named.found(SECRETS_FOLDER_UNREADABLE, reading.secrets.problem)
    yield from (file.fault for file in reading.lost_secrets if file.fault)


def exposed_secrets(reading: Reading) -> Iterator[Finding]:
    """The keys that others may read or change; one finding for a folder, however many lie in it."""
    files = reading.secrets.files if reading.secrets and os.name != "nt" else ()
    for file in files:
        name = file.path.name
        if name not in KEYS or not is_secret(file, name):
            continue
        if file.mode and file.mode & _OTHERS_MAY:
            evidence = f"Its permissions are {file.mode & 0o777:03o}."
            yield SECRET_FILE_EXPOSED.found(evidence, variable=name, where=file.where(1))
        elif evidence := open_folder(file.path):
            yield SECRET_FILE_EXPOSED.found(evidence, variable=name, where=file.where(1))
            return


def is_secret(file: EnvFile, name: str) -> bool:
    """Whether a file holds a value of this variable, and not only an example."""
    item = file.assigned(name)
    return bool(item and item.value and not is_placeholder(Value(name, item.value, "", item)))


def open_folder(path: Path) -> str:
    """That anybody can write into the folder of a file, in our own words; empty if not."""
    mode = _folder_mode(path)
    if not mode & stat.S_IWOTH or mode & stat.S_ISVTX:
        return ""
    return f"Its folder's permissions are {mode & 0o777:03o}: anybody can put another file in its place."


def _folder_mode(path: Path) -> int:
    try:
        return path.absolute().parent.stat().st_mode
    except OSError:
        return 0
