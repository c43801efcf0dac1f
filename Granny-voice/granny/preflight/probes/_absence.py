"""Why a needed variable is not set: a slip in its name, a file that is not read, or nobody set it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from granny.config.env_file import look_alikes, nearest, read, showable
from granny.faults import (
    ENV_FILE_MISNAMED,
    ENV_FILE_MISSING,
    ENV_NAME_MISSPELT,
    LIVEKIT_KEY_MISSING,
    LIVEKIT_SECRET_MISSING,
    LIVEKIT_URL_MISSING,
    OPENAI_KEY_MISSING,
    Finding,
    Severity,
)
from granny.preflight.probes._reading import (
    ENVIRONMENT,
    LIVEKIT_KEY,
    LIVEKIT_SECRET,
    LIVEKIT_URL,
    OPENAI_KEY,
    WAY,
    Reading,
    Value,
)
from granny.preflight.probes._shapes import is_placeholder

_MISSING = {
    OPENAI_KEY: OPENAI_KEY_MISSING,
    LIVEKIT_URL: LIVEKIT_URL_MISSING,
    LIVEKIT_KEY: LIVEKIT_KEY_MISSING,
    LIVEKIT_SECRET: LIVEKIT_SECRET_MISSING,
}

_LOOKS = (
    (re.compile(r"sk-(proj|svcacct)-.{20,}"), OPENAI_KEY),
    (re.compile(r"wss?://.+\.livekit\.cloud/?"), LIVEKIT_URL),
    (re.compile(r"API[A-Za-z0-9]{12}"), LIVEKIT_KEY),
)
"""What can be told by the value alone, under whatever name it stands."""

_EXAMPLE = ".env.local.example"
_PACKAGE = "granny"


@dataclass(frozen=True, slots=True)
class Absence:
    """What is wrong with the files, and with the variables, where something needed is not set."""

    of_files: tuple[Finding, ...] = ()
    of_variables: tuple[Finding, ...] = ()


def explain_absence(reading: Reading) -> Absence:
    """One finding for each cause: whatever explains an absence takes the place of "is required"."""
    unset = _unexplained(reading)
    slips = tuple(_slips(reading, unset))
    unset = [name for name in unset if name not in {finding.variable for finding in slips}]
    misnamed, found = _misnamed(reading, unset)
    unset = [name for name in unset if name not in found]
    has_file = any(file.is_there for file in reading.files) or bool(reading.secrets)
    without_file = (_no_file(reading, unset),) if unset and not has_file else ()
    missing = tuple(_missing(reading, name) for name in unset)
    return Absence((*misnamed, *without_file), (*slips, *missing))


def _unexplained(reading: Reading) -> list[str]:
    """The needed variables that are not set and of which no unreadable line, file or glued value speaks."""
    unset = [name for name in reading.needed if not reading.value(name) and not reading.is_lost(name)]
    if not unset or reading.is_blind:
        return []
    texts = [value.text for value in map(reading.value, reading.known) if value]
    return [name for name in unset if not any(f"{name}=" in text for text in texts)]


def _slips(reading: Reading, unset: Sequence[str]) -> Iterator[Finding]:
    """Names that are nearly right: of what is needed, and in the files also of what need not be set."""
    for name in unset:
        others = (value for value in _others(reading) if nearest(value.name, reading.known) == name)
        slip = next(others, None) or _by_looks(reading, name)
        if slip:
            yield _slip(slip, name)
    own = (name for name in reading.known if name not in WAY)  # FTP_PROXY is no slip
    optional = [name for name in own if name not in reading.needed and name not in _MISSING]
    for value in _others_in_files(reading):
        right = nearest(value.name, reading.known)
        if right in optional and not reading.value(right):
            optional.remove(right)
            yield _slip(value, right, severity=Severity.WARNING)


def _by_looks(reading: Reading, name: str) -> Value | None:
    """A value of a file that can only be this one, under a name that has nothing of it."""
    looks = next((pattern for pattern, right in _LOOKS if right == name), None)
    others = (value for value in _others_in_files(reading) if not nearest(value.name, reading.known))
    return next((value for value in others if looks and looks.fullmatch(value.text)), None)


def _slip(value: Value, right: str, *, severity: Severity | None = None) -> Finding:
    strange = next((letter for letter in value.name if not letter.isascii()), "")
    if showable(value.name, right):
        evidence = f"{value.name} is set. Did you mean {right}?"
    elif strange:
        evidence = f"One letter of the name is not what it looks like (U+{ord(strange):04X}); meant is {right}."
    elif not nearest(value.name, (right,)):
        evidence = f"By its looks the value is that of {right}; it stands under another name."
    else:
        evidence = f"There is more to the name than {right}, such as quotes or a sign."
    return ENV_NAME_MISSPELT.found(evidence, variable=right, where=value.where, severity=severity)


def _others(reading: Reading) -> Iterator[Value]:
    """What is set under names that Granny does not know."""
    yield from _others_in_files(reading)
    for name, text in reading.environ.items():
        if text and name not in reading.known:
            yield Value(name, text, ENVIRONMENT)


def _others_in_files(reading: Reading) -> Iterator[Value]:
    for file in reading.sources:
        for item in file.content.assignments:
            if item.value and item.name not in reading.known:
                yield Value(item.name, item.value, file.where(item.line), item)


def _misnamed(reading: Reading, unset: Sequence[str]) -> tuple[tuple[Finding, ...], set[str]]:
    """Files that look like the env file, are not read, and hold what is missing."""
    if not unset:
        return (), set()
    read = [file.path for file in reading.files if file.is_there]
    alike = tuple(look_alikes(_folders(reading.local), names=unset, but=read))
    found = {name for _, names in alike for name in names}
    if not alike:
        return (), found
    listed = ", ".join(_relative(path, reading.local) for path, _ in alike)
    evidence = f"Found: {listed}. Granny reads {reading.local}."
    return (ENV_FILE_MISNAMED.found(evidence, where=alike[0][0].name),), found


def _folders(local: Path) -> tuple[Path, ...]:
    """Where a look-alike may lie: beside the file, and in Granny's own folder also one up and one down."""
    folder = local.absolute().parent
    return (folder, folder.parent, folder / _PACKAGE) if (folder / "agent.py").is_file() else (folder,)


def _relative(path: Path, local: Path) -> str:
    folder = local.absolute().parent
    if path.parent == folder:
        return path.name
    return f"{path.name} in the folder {'above' if path.parent == folder.parent else path.parent.name}"


def _no_file(reading: Reading, unset: Sequence[str]) -> Finding:
    edited = f" {_EXAMPLE} holds values of your own: copy it." if _is_example_edited(reading, unset) else ""
    evidence = f"Looked for {reading.local.absolute()}. Not set: {', '.join(unset)}.{edited}"
    return ENV_FILE_MISSING.found(evidence)


def _is_example_edited(reading: Reading, names: Sequence[str]) -> bool:
    """Whether somebody filled in the example instead of a copy of it."""
    paths = (folder / _EXAMPLE for folder in _folders(reading.local))
    files = [read(path, environ={}, known=reading.known) for path in paths]
    items = (item for file in files for name in names if (item := file.assigned(name)))
    return any(item.value and not is_placeholder(Value(item.name, item.value, "")) for item in items)


def _missing(reading: Reading, name: str) -> Finding:
    remark = next(_remarks(reading, name), None)
    folder = [f"the folder {reading.secrets.path}"] if reading.secrets else []
    read = ", ".join((*folder, *(file.path.name for file in reading.files if file.is_there)))
    seen = f"It is neither in the environment nor in {read}." if read else "It is not in the environment."
    evidence = "The line begins with #, which makes it a remark." if remark else seen
    return _MISSING[name].found(evidence, variable=name, where=remark)


def _remarks(reading: Reading, name: str) -> Iterator[str]:
    for file in reading.files:
        yield from (file.where(line) for remark, line in file.content.remarks if remark == name)
