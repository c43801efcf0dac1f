"""Can the env files and the secrets folder be read, and do they keep their secrets?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from granny.config.env_file import EnvFile, LostLine
from granny.faults import (
    ENV_FILE_DISABLED,
    ENV_FILE_EXPOSED,
    ENV_FILE_IS_DIRECTORY,
    ENV_FILE_LINE_UNREADABLE,
    ENV_FILE_QUOTES,
    ENV_FILE_TRACKED,
    Finding,
    Severity,
)
from granny.net.answer import Answer
from granny.preflight.probes._absence import explain_absence
from granny.preflight.probes._exposure import ask_git, is_open
from granny.preflight.probes._reading import KEYS, Reading
from granny.preflight.probes._secrets import exposed_secrets, is_secret, open_folder, unusable_secrets

_DISABLED = "PYTHON_DOTENV_DISABLED"
_TRUE = {"1", "true", "t", "yes", "y"}
"""What python-dotenv takes for true (`dotenv.main._load_dotenv_disabled`)."""
_MOST_LINES = 5


def ask_environment(reading: Reading) -> Answer:
    """All that is wrong with the files themselves, the most fundamental first."""
    findings = (
        *unusable_secrets(reading),
        *_unusable(reading),
        *explain_absence(reading).of_files,
        *(finding for file in reading.files for finding in _lost_lines(file, reading)),
        *_disabled(reading),
        *_quotes(reading),
        *_exposed(reading),
        *exposed_secrets(reading),
        *_tracked(reading),
    )
    return Answer(_detail(reading), findings)


def _detail(reading: Reading) -> str:
    read = [f"{file.path.name} ({len(file.content.assignments)} variables)" for file in reading.files if file.is_there]
    if reading.secrets:
        read.insert(0, f"secrets folder {reading.secrets.path} ({len(reading.secrets.files)} variables)")
    return ", ".join(read) or "no env file was read; values come from the environment alone"


def _unusable(reading: Reading) -> Iterator[Finding]:
    complete = all(reading.value(name) for name in reading.needed)
    for file in reading.files:
        if file.fault and file.fault.fault is ENV_FILE_IS_DIRECTORY and complete:
            yield ENV_FILE_IS_DIRECTORY.found(
                f"{file.fault.evidence} Everything needed is set elsewhere.",
                where=file.fault.where,
                severity=Severity.WARNING,
            )
        elif file.fault:
            yield file.fault


def _lost_lines(file: EnvFile, reading: Reading) -> Iterator[Finding]:
    """One finding for each form of unreadable line, however many lines have it."""
    for form in dict.fromkeys(lost.form for lost in file.content.lost):
        yield _lost_form(file, [lost for lost in file.content.lost if lost.form == form], reading)


def _lost_form(file: EnvFile, lines: list[LostLine], reading: Reading) -> Finding:
    names = tuple(dict.fromkeys(name for lost in lines for name in lost.names))
    gone = [name for name in names if name in reading.needed and not reading.value(name)]
    numbers = ", ".join(str(lost.line) for lost in lines[:_MOST_LINES]) + (", …" if lines[_MOST_LINES:] else "")
    about = f" Set there: {', '.join(names)}." if names else ""
    first = next((lost for lost in lines if set(lost.names) & set(gone)), lines[0])
    return ENV_FILE_LINE_UNREADABLE.found(
        f"{'Lines' if lines[1:] else 'Line'} {numbers}: {lines[0].form}.{about}",
        variable=next(iter(gone or names), None),
        where=file.where(first.line),
        severity=Severity.FATAL if gone else Severity.WARNING,
    )


def _disabled(reading: Reading) -> Iterator[Finding]:
    disabled = reading.environ.get(_DISABLED, "").casefold() in _TRUE
    if disabled and any(file.is_there for file in reading.files):
        yield ENV_FILE_DISABLED.found("It is set to a word that means yes.", variable=_DISABLED, where="environment")


def _quotes(reading: Reading) -> Iterator[Finding]:
    for file in reading.files:
        quoted = [item for item in file.content.assignments if item.quoted and item.name in reading.known]
        if quoted:
            names = ", ".join(dict.fromkeys(item.name for item in quoted))
            yield ENV_FILE_QUOTES.found(f"Quoted: {names}.", variable=quoted[0].name, where=file.where(quoted[0].line))


def _exposed(reading: Reading) -> Iterator[Finding]:
    if os.name == "nt":
        return
    for file in _with_secrets(reading.files):
        if file.mode and is_open(file.mode):
            yield ENV_FILE_EXPOSED.found(f"Its permissions are {file.mode & 0o777:03o}.", where=file.path.name)
        elif evidence := open_folder(file.path):
            yield ENV_FILE_EXPOSED.found(evidence, where=file.path.name)


def _with_secrets(files: Iterable[EnvFile]) -> list[EnvFile]:
    return [file for file in files if any(is_secret(file, name) for name in KEYS)]


def _tracked(reading: Reading) -> Iterator[Finding]:
    for file in _with_secrets(reading.files):
        folder = file.path.absolute().parent
        if any((above / ".git").exists() for above in (folder, *folder.parents)):
            evidence = ask_git(folder, file.path.name)
            if evidence:
                yield ENV_FILE_TRACKED.found(evidence, where=file.path.name)
