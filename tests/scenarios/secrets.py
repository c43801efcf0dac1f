"""The secrets folder: how it goes wrong, slug → scenarios, and the folders that work, as three programs make them."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from scenarios._powers import powerless
from scenarios.environment import GOOD, OPENAI, SECRET, Arrange, Scenario, lines, local

KEYS = {name: value for name, value in GOOD.items() if name != "LIVEKIT_URL"}
REST = {"LIVEKIT_URL": GOOD["LIVEKIT_URL"]}
_FOLDER = "GRANNY_SECRETS_FOLDER"

After = Callable[[Path, ExitStack], None]


def _nothing(folder: Path, undo: ExitStack) -> None:
    """The folder is as it was made."""


def folder_of(values: Mapping[str, str | bytes], *, mode: int = 0o400, after: After = _nothing) -> Arrange:
    """A folder of files that is named in the environment."""

    def arrange(top: Path, undo: ExitStack) -> dict[str, str]:
        folder = top / "secrets"
        folder.mkdir()
        for name, value in values.items():
            file = folder / name
            file.write_bytes(value if isinstance(value, bytes) else value.encode())
            file.chmod(mode)
        after(folder, undo)
        return {_FOLDER: str(folder)}

    return arrange


def _kubernetes(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  the signature of Arrange
    """As kubelet lays a secret: links to links, files of mode 0440, a folder that all may write to and nobody clear."""
    folder = top / "secrets"
    kept = folder / "..2026_11_27_10_00_00.1"
    kept.mkdir(parents=True)
    (folder / "..data").symlink_to(kept.name)
    for name, value in KEYS.items():
        (kept / name).write_text(value)
        (kept / name).chmod(0o440)
        (folder / name).symlink_to(f"..data/{name}")
    folder.chmod(0o1777)
    return {_FOLDER: str(folder)}


def _changed(**values: str | bytes) -> Arrange:
    return folder_of({**KEYS, **values})


def _value(title: str, value: str, *, severity: str = "fatal") -> Scenario:
    """OPENAI_API_KEY's file holds this."""
    return Scenario(
        title=f"in a secret: {title}",
        environ=REST,
        arrange=_changed(OPENAI_API_KEY=value),
        variable="OPENAI_API_KEY",
        severity=severity,
    )


def _broken(title: str, after: After) -> Scenario:
    """Something else than a file that can be read has the key's name."""
    others = {name: value for name, value in KEYS.items() if name != "OPENAI_API_KEY"}
    return Scenario(title=title, environ=REST, arrange=folder_of(others, after=after), variable="OPENAI_API_KEY")


def _a_folder(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  the signature of After
    (folder / "OPENAI_API_KEY").mkdir()


def _to_nowhere(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    (folder / "OPENAI_API_KEY").symlink_to(folder / "nowhere")


def _forbidden(folder: Path, undo: ExitStack) -> None:
    if sys.platform == "win32":
        pytest.skip("on Windows files have no mode")
    (folder / "OPENAI_API_KEY").touch(mode=0)
    if os.geteuid() == 0:
        undo.enter_context(powerless())


def _writable_by_all(folder: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    if os.name == "nt":
        pytest.skip("on Windows files have no mode")
    folder.chmod(0o777)


def _exposed(title: str, arrange: Arrange) -> Scenario:
    return Scenario(title=title, environ=REST, arrange=arrange, variable="OPENAI_API_KEY", severity="warning")


def _a_file(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
    (top / "secrets").touch()
    return {_FOLDER: str(top / "secrets")}


def _not_there(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
    return {_FOLDER: str(top / "secrets")}


SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "secrets-folder-unreadable": (
        Scenario(title="nothing mounted", environ=GOOD, arrange=_not_there, variable=_FOLDER, where="environment"),
        Scenario(title="a file", environ=REST, arrange=_a_file, variable=_FOLDER, where="environment"),
        Scenario(
            title="named in the env file",
            files=local(f"{_FOLDER}=/nowhere/at/all\n{lines()}"),
            variable=_FOLDER,
            where=".env.local:1",
        ),
    ),
    "secret-file-unreadable": (
        _broken("a folder, as Docker makes it", _a_folder),
        _broken("a link to nothing", _to_nowhere),
        _broken("forbidden", _forbidden),
        Scenario(title="UTF-16", environ=REST, arrange=_changed(OPENAI_API_KEY=OPENAI.encode("utf-16"))),
        Scenario(title="Windows-1252", environ=REST, arrange=_changed(LIVEKIT_API_SECRET=b"f\xfcr Oma")),
        Scenario(title="no secret at all", environ=REST, arrange=_changed(OPENAI_API_KEY="x" * 70_000)),
    ),
    "secret-file-exposed": (
        _exposed("all may read", folder_of(KEYS, mode=0o444)),
        _exposed("Kubernetes' default", folder_of(KEYS, mode=0o644)),
        _exposed("the group may write", folder_of(KEYS, mode=0o660)),
        Scenario(title="the folder", environ=REST, arrange=folder_of(KEYS, after=_writable_by_all), severity="warning"),
    ),
    "value-empty": (
        _value("nothing", ""),
        _value("a line break", "\n"),
        Scenario(
            title="in a secret, over a good line of the env file",
            files=local(lines()),
            arrange=_changed(OPENAI_API_KEY="\n"),
            variable="OPENAI_API_KEY",
        ),
    ),
    "value-wrapped": (_value("broken over two lines", f"{OPENAI[:76]}\n{OPENAI[76:]}\n"),),
    "value-quoted": (_value("quotes", f'"{OPENAI}"\n'),),
    "value-placeholder": (_value("the example", "sk-your-openai-key\n"),),
    "value-pasted-wrong": (_value("a line of an env file", f"OPENAI_API_KEY={OPENAI}\n"),),
    "value-whitespace": (_value("a blank inside", f"{OPENAI} mine\n"),),
    "openai-key-other-provider": (_value("another company's", f"sk-ant-{SECRET}"),),
    "env-name-misspelt": (
        Scenario(
            title="small letters, as Compose has them",
            environ={name: value for name, value in GOOD.items() if name != "OPENAI_API_KEY"},
            arrange=folder_of({"openai_api_key": OPENAI}),
            variable="OPENAI_API_KEY",
        ),
    ),
    "openai-key-missing": (
        Scenario(
            title="not in the folder",
            environ=REST,
            arrange=folder_of({name: value for name, value in KEYS.items() if name != "OPENAI_API_KEY"}),
            variable="OPENAI_API_KEY",
        ),
    ),
    "value-shadowed": (
        Scenario(
            title="the environment over a secret",
            environ={**REST, "OPENAI_API_KEY": "sk-" + SECRET},
            arrange=folder_of(KEYS),
            variable="OPENAI_API_KEY",
            where="environment",
            severity="warning",
        ),
    ),
    "setting-invalid": (
        Scenario(title="in a secret", environ=REST, arrange=_changed(GRANNY_SPEED="fast"), variable="GRANNY_SPEED"),
    ),
}

_ENDED = {name: f"{value}\r\n" for name, value in KEYS.items()}
_MARKED = {name: codecs.BOM_UTF8 + value.encode() for name, value in KEYS.items()}

VALID: tuple[Scenario, ...] = (
    Scenario(title="secrets of Kubernetes", environ=REST, arrange=_kubernetes),
    Scenario(title="secrets of systemd", environ=REST, arrange=folder_of(KEYS, mode=0o400)),
    Scenario(title="secrets given to a group", environ=REST, arrange=folder_of(KEYS, mode=0o640)),
    Scenario(title="secrets with a line break", environ=REST, arrange=folder_of(_ENDED)),
    Scenario(title="secrets with a byte order mark", environ=REST, arrange=folder_of(_MARKED)),
    Scenario(title="secrets beside others'", environ=REST, arrange=folder_of({**KEYS, "tls.crt": b"\xff\xfe"})),
    Scenario(title="everything a secret", arrange=folder_of(GOOD)),
    Scenario(title="secrets over an env file", files=local(lines(OPENAI_API_KEY="sk-old")), arrange=folder_of(KEYS)),
    Scenario(title="an unreadable secret below the environment", environ=GOOD, arrange=folder_of({}, after=_a_folder)),
)
