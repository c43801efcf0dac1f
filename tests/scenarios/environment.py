"""Every fault of section 1, provoked with real files and environments: slug → the ways users meet it."""

from __future__ import annotations

import base64
import codecs
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from granny.preflight.checkup import Port
from scenarios._powers import powerless


def _invented(name: str, length: int) -> str:
    """A key that no one ever had, without a pattern that could hide a leak."""
    return (hashlib.sha256(name.encode()).hexdigest() * 3)[:length]


TAIL = _invented("openai", 156)
OPENAI = "sk-proj-" + TAIL
URL = "wss://granny-test.livekit.cloud"
KEY_TAIL = _invented("key", 12)
KEY = "API" + KEY_TAIL
SECRET = _invented("secret", 43)
MIXED = base64.urlsafe_b64encode(hashlib.sha256(b"secret").digest()).decode().rstrip("=")
"""A secret as `openssl rand -base64 32` or LiveKit's own generator makes it."""
BASE64 = base64.b64encode(hashlib.sha512(b"invented").digest()).decode()
"""A secret as `openssl rand -base64 64` makes it, but for the line break."""
NOTE = _invented("notes", 40)
NUMBER = "+499115550173"
SECRETS = (TAIL, KEY_TAIL, SECRET, BASE64, NOTE, NUMBER)
"""What must never be shown, not even eight characters of it."""

NEEDED = ("OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
GOOD = {"OPENAI_API_KEY": OPENAI, "LIVEKIT_URL": URL, "LIVEKIT_API_KEY": KEY, "LIVEKIT_API_SECRET": SECRET}

Arrange = Callable[[Path, ExitStack], "Mapping[str, str] | None"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One way to meet a fault.

    Attributes:
        title: for the test's name.
        files: by their path below the top folder.
        environ: the variables of Granny's that are set in the environment.
        variable: the one that the finding must name, if any.
        where: the place that it must name, if any.
        severity: of the finding.
        alone: whether no other fatal finding may be there.
        needed: what the mode needs.
        opens: the port that will be opened.
        arrange: does the rest, and may add to the environment; gets the top folder.
        hidden: modules that are as if not installed.
    """

    title: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    variable: str | None = None
    where: str | None = None
    severity: str = "fatal"
    alone: bool = True
    needed: tuple[str, ...] = NEEDED
    opens: Port | None = None
    arrange: Arrange | None = None
    hidden: tuple[str, ...] = ()

    @contextmanager
    def set_up(self, top: Path) -> Iterator[dict[str, str]]:
        """Write the files below a top folder; gives the variables to set, and undoes what must be undone."""
        home = top / "Granny-voice"
        home.mkdir()
        (home / "agent.py").touch()
        for name, data in self.files.items():
            path = top / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o600)
        with ExitStack() as undo:
            more = self.arrange(top, undo) if self.arrange else None
            yield {**self.environ, **(more or {})}


LOCAL = "Granny-voice/.env.local"


def lines(**changed: str | None) -> str:
    """A good env file with some values changed; None leaves one out."""
    values = {**GOOD, **changed}
    return "".join(f"{name}={value}\n" for name, value in values.items() if value is not None)


def local(text: str | bytes) -> dict[str, bytes]:
    """The files of a scenario in which only .env.local matters."""
    return {LOCAL: text if isinstance(text, bytes) else text.encode()}


def _value(title: str, name: str, value: str, *, severity: str = "fatal", where: str = "") -> Scenario:
    """One value of the file is wrong."""
    number = list(GOOD).index(name) + 1 if name in GOOD else len(GOOD) + 1
    return Scenario(
        title=title,
        files=local(lines(**{name: value})),
        variable=name,
        where=where or f".env.local:{number}",
        severity=severity,
    )


def _in_environment(title: str, name: str, value: str, *, severity: str = "fatal") -> Scenario:
    return Scenario(title=title, environ={**GOOD, name: value}, variable=name, where="environment", severity=severity)


def _first_line(title: str, first: str, *, rest: Mapping[str, str | None] | None = None, **more: str) -> Scenario:
    """OPENAI_API_KEY is written in another way on line 1."""
    text = f"{first}\n" + lines(**{"OPENAI_API_KEY": None, **(rest or {})})
    return Scenario(title=title, files=local(text), variable="OPENAI_API_KEY", where=".env.local:1", **more)  # type: ignore[arg-type]  # only strings are passed


def _misnamed(name: str) -> Scenario:
    return Scenario(title=name, files={f"Granny-voice/{name}": lines().encode()})


def _encoded(title: str, data: bytes) -> Scenario:
    return Scenario(title=title, files=local(data))


def _folder(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  the signature of Arrange
    (top / LOCAL).mkdir()


def _broken_link(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    (top / LOCAL).symlink_to(top / "nowhere")


def _pipe(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes with a name")
    os.mkfifo(top / LOCAL)


def _forbidden(top: Path, undo: ExitStack) -> None:
    """Root reads everything, so it lays down that power for the time of the scenario."""
    if sys.platform == "win32":
        pytest.skip("on Windows files have no mode")
    (top / LOCAL).chmod(0)
    if os.geteuid() == 0:
        undo.enter_context(powerless())


def _repository(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    subprocess.run(["git", "init", "-q", top], check=True)


def _tracked(top: Path, undo: ExitStack) -> None:
    _repository(top, undo)
    subprocess.run(["git", "-C", top, "add", "-f", LOCAL], check=True)


def _readable_by_all(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
    if sys.platform == "win32":
        pytest.skip("on Windows files have no mode")
    (top / LOCAL).chmod(0o644)


_EXPOSED = (0o622, 0o602, 0o620, 0o640, 0o604, 0o660, 0o444)


def _mode(mode: int) -> Arrange:
    def arrange(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
        (top / LOCAL).chmod(mode)

    return arrange


def _open_folder(mode: int) -> Arrange:
    def arrange(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  as above
        (top / LOCAL).parent.chmod(mode)

    return arrange


def _taken_port(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
    listener = undo.enter_context(socket.create_server(("0.0.0.0", 0)))  # noqa: S104  the worker listens so too
    return {"GRANNY_HEALTH_PORT": str(listener.getsockname()[1])}


def _notes(data: bytes) -> Arrange:
    def arrange(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
        (top / "notes.txt").write_bytes(data)
        return {"GRANNY_CALLER_FILE": str(top / "notes.txt")}

    return arrange


def _greeting(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
    (top / "greeting.txt").write_text("Hello, Mum, it is me!", encoding="utf-8")
    return {"GRANNY_LINES_FOLDER": str(top)}


def _recording(top: Path, undo: ExitStack) -> dict[str, str]:  # noqa: ARG001  as above
    (top / "goodbye.wav").write_bytes(b"ID3")
    return {"GRANNY_LINES_FOLDER": str(top)}


_PASTED = {
    "the name twice": f"OPENAI_API_KEY={OPENAI}",
    "bearer": f"Bearer {OPENAI}",
    "two on a line": f"{OPENAI} FOO_KEY=x LIVEKIT_URL={URL}",
    "semicolon": f"{OPENAI};",
    "comma": f"{OPENAI},",
    "two equals signs": f"={OPENAI}",
    "an arrow": f">{OPENAI}",
    "in brackets": f"<{OPENAI}>",
    "in two brackets": f"<<{OPENAI}>>",
    "in two square brackets": f"[[{OPENAI}]]",
    "in round brackets": f"({OPENAI})",
    "all lines in one": f"{OPENAI}\\nLIVEKIT_URL={URL}",
    "the key twice": OPENAI + OPENAI,
    "an address": "https://platform.openai.com/api-keys",
}
_PLACEHOLDERS = (
    "sk-your-openai-key",
    "your-openai-api-key",
    "your_api_key_here",
    "YOUR_API_KEY",
    "sk-your-key-here",
    "changeme",
    "CHANGE_ME",
    "xxx",
    "sk-xxxxxxxxxxxxxxxx",
    "sk-proj-xxxx",
    "<your key>",
    "<OPENAI_API_KEY>",
    "[your-key]",
    "{{ openai_key }}",
    "sk-...",
    "sk-proj-abc...xyz9",
    "sk-proj-****************xyz9",
    "sk-…",
    "****",
    "op://vault/openai/key",
    "paste-your-key-here",
    "replace_me",
    "insert key here",
    "sk-REPLACE_ME",
    "TODO",  # what people leave in their file for later; no note of ours
    "undefined",
    "$OPENAI_API_KEY",
    "OPENAI_API_KEY",
    "<<sk-your-key>>",
    "<<sk-…>>",
    "<<API_KEY>>",
    "<<sk-abc123>>",
    "API_KEY",
    "APIKEY",
    "KEY",
    "key123",
    "sk-token",
    "openai-api-key-placeholder",
    "sk-placeholder_for_my_key",
    'os.getenv("OPENAI_API_KEY")',
    "os.environ['OPENAI_API_KEY']",
    "process.env.OPENAI_API_KEY",
    "${OPENAI_API_KEY:?not set}",
    "secretref:openai-api-key",
    "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/openai)",
    "sk-1234567890abcdef",
    "abc",
)
_OTHER_PROVIDERS = (
    "sk-ant-api03-",
    "sk-or-v1-",
    "AIza",
    "gsk_",
    "xai-",
    "hf_",
    "pplx-",
    "r8_",
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "sk_live_",
    "rk_live_",
    "API",
)
_BAD_URLS = {
    "no scheme": "granny-test.livekit.cloud",
    "host and port only": "localhost:7880",
    "tcp": "tcp://localhost:7880",
    "one slash": "ws:/localhost:7880",
    "port no number": "ws://localhost:port",
    "port too large": "ws://localhost:78800",
    "empty port": "ws://myserver:",
    "user and password": f"wss://{KEY}:{SECRET}@granny-test.livekit.cloud",
    "a path": "wss://granny-test.livekit.cloud/rtc",
    "the dashboard": "https://cloud.livekit.io/projects/p_abc",
    "the website": "wss://cloud.livekit.io",
    "backslash at the end": "wss://granny-test.livekit.cloud\\",
    "localhost without a port": "ws://localhost",
    "localhost as a number without a port": "http://127.0.0.1/",
    "no host": "wss://",
    "scheme twice": "wss://wss://granny-test.livekit.cloud",
    "broken IPv6": "ws://[::1:7880",
    "a key": SECRET,
}
_BAD_BASE_URLS = {
    "empty": "",
    "no scheme": "api.openai.com/v1",
    "no v1": "https://api.openai.com",
    "unknown path": "https://api.openai.com/v1/chat/completions",
    "v1 in the middle": "https://proxy.test/v1/openai",
    "another scheme": "ftp://api.openai.com/v1",
    "user and password": f"https://me:{SECRET}@api.openai.com/v1",
}
_INVISIBLE = {
    "zero width space": f"{OPENAI[:20]}\u200b{OPENAI[20:]}",
    "word joiner at the end": f"{OPENAI}\u2060",
    "byte order mark": f"\ufeff{OPENAI}",
    "en dash": OPENAI.replace("-", "\u2013", 1),
    "Cyrillic letter": OPENAI.replace("p", "\u0440", 1),
}
_SETTINGS = {
    "GRANNY_SPEED": "9",
    "GRANNY_VOICE": "not a word!",
    "GRANNY_EAGERNESS": "hasty",
    "GRANNY_PREFLIGHT_WAIT": "-1",
    "GRANNY_HEALTH_PORT": "port",
    "GRANNY_CALLER_FILE": "/nowhere/notes.txt",
}

SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    "dependency-missing": (
        Scenario(title="python-dotenv", files=local(lines()), hidden=("dotenv",)),
        Scenario(title="pydantic-settings", files=local(lines()), hidden=("pydantic_settings",)),
        Scenario(title="livekit", files=local(lines()), hidden=("livekit",)),
        Scenario(title="aiohttp", files=local(lines()), hidden=("aiohttp",)),
    ),
    "env-file-missing": (
        Scenario(title="nothing at all", alone=False),
        Scenario(title="half in the environment", environ={"OPENAI_API_KEY": OPENAI}, alone=False),
        Scenario(title="only the example", files={".env.local.example": lines().encode()}, alone=False),
        Scenario(title="an unrelated .env above", files={".env": b"COMPOSE_PROJECT=granny\n"}, alone=False),
    ),
    "env-file-misnamed": (
        _misnamed(".env.local.txt"),
        _misnamed("env.local"),
        _misnamed(".env"),
        _misnamed(".env.local.local"),
        _misnamed("_env.local"),
        _misnamed(".ENV.LOCAL"),
        _misnamed(".env.local.bak"),
        Scenario(title="one folder too high", files={".env.local": lines().encode()}),
        Scenario(
            title="the rest in .env",
            files={
                **local(lines(OPENAI_API_KEY=None)),
                "Granny-voice/.env": f"OPENAI_API_KEY={OPENAI}".encode(),
            },
        ),
        Scenario(title="stored as UTF-16 too", files={"Granny-voice/.env.local.txt": lines().encode("utf-16")}),
    ),
    "env-file-is-directory": (
        Scenario(title="a folder", arrange=_folder, where=".env.local"),
        Scenario(title="a broken link", arrange=_broken_link, where=".env.local"),
        Scenario(title="with all set", arrange=_folder, environ=GOOD, severity="warning"),
    ),
    "env-file-unreadable": (
        Scenario(title="no permission", files=local(lines()), arrange=_forbidden, where=".env.local"),
        Scenario(title="a pipe", arrange=_pipe, where=".env.local"),
        Scenario(title="too large", files=local(lines() + "#" * 300_000), where=".env.local"),
        Scenario(title="endless references", files=local("A=${B}" + "${" * 2000), where=".env.local"),
        Scenario(
            title="references that grow without end",
            files=local("A0=aaaaaaaaaa\n" + "".join(f"A{n + 1}=${{A{n}}}${{A{n}}}\n" for n in range(60))),
            where=".env.local",
        ),
    ),
    "env-file-encoding": (
        _encoded("UTF-16 of Notepad", lines().encode("utf-16")),
        _encoded("UTF-16 big endian", codecs.BOM_UTF16_BE + lines().encode("utf-16-be")),
        _encoded("UTF-16 without its mark", lines().encode("utf-16-le")),
        _encoded("UTF-32", lines().encode("utf-32")),
        _encoded("Windows-1252", f"# für Oma\n{lines()}".encode("cp1252")),
        _encoded("a NUL byte", lines().encode() + b"\0"),
        _encoded("RTF", b"{\\rtf1\\ansi " + lines().encode() + b"}"),
        _encoded("a document", b"PK\x03\x04" + lines().encode()),
    ),
    "env-file-line-unreadable": (
        _first_line("Windows prompt", f"set OPENAI_API_KEY={OPENAI}"),
        _first_line("setx", f'setx OPENAI_API_KEY "{OPENAI}"'),
        _first_line("PowerShell", f'$env:OPENAI_API_KEY="{OPENAI}"'),
        _first_line("PowerShell with spaces", f'$env:OPENAI_API_KEY = "{OPENAI}"'),
        _first_line("JavaScript", f'const OPENAI_API_KEY="{OPENAI}";'),
        _first_line("Dockerfile", f"ENV OPENAI_API_KEY={OPENAI}"),
        _first_line("YAML", f"OPENAI_API_KEY: {OPENAI}"),
        _first_line("YAML without a space", f"OPENAI_API_KEY:{OPENAI}"),
        _first_line("a list", f"- OPENAI_API_KEY={OPENAI}"),
        _first_line("a space for the sign", f"OPENAI_API_KEY {OPENAI}"),
        _first_line("no sign at all", f"OPENAI_API_KEY{OPENAI}"),
        _first_line("spaces in the name", f"OPENAI API KEY={OPENAI}"),
        _first_line("text after the quote", f'OPENAI_API_KEY="{OPENAI}" my key'),
        _first_line("semicolon after the quote", f'OPENAI_API_KEY="{OPENAI}";'),
        _first_line("a quote not closed", f'OPENAI_API_KEY="{OPENAI}'),
        _first_line("export afterwards only", "export OPENAI_API_KEY"),
        _first_line("Python", f'os.environ["OPENAI_API_KEY"]="{OPENAI}"'),
        _first_line("Node", f'process.env.OPENAI_API_KEY="{OPENAI}"'),
        _first_line("systemd", f'Environment="OPENAI_API_KEY={OPENAI}"'),
        _first_line("another equals sign", f"OPENAI_API_KEY\uff1d{OPENAI}"),
        _first_line("a table", f"OPENAI_API_KEY,{OPENAI}"),
        _first_line("another sign for remarks", f"; OPENAI_API_KEY={OPENAI}"),
        _first_line("a JSON line", f'"OPENAI_API_KEY":"{OPENAI}",'),
        Scenario(
            title="a quote that swallows the next",
            files=local(
                f'OPENAI_API_KEY="{OPENAI}\nLIVEKIT_URL="{URL}"\nLIVEKIT_API_KEY={KEY}\nLIVEKIT_API_SECRET={SECRET}'
            ),
            variable="OPENAI_API_KEY",
            where=".env.local:1",
        ),
        Scenario(
            title="a quote closed three lines on",
            files=local(
                f'LIVEKIT_URL={URL}\nOPENAI_API_KEY="{OPENAI}\nLIVEKIT_API_KEY={KEY}\nLIVEKIT_API_SECRET={SECRET}"'
            ),
            variable="OPENAI_API_KEY",
            where=".env.local:2",
        ),
        Scenario(
            title="JSON",
            files=local("{" + ", ".join(f'"{name}": "{value}"' for name, value in GOOD.items()) + "}"),
            variable="OPENAI_API_KEY",
            where=".env.local:1",
        ),
        Scenario(
            title="JSON over lines",
            files=local("{\n" + ",\n".join(f'  "{name}": "{value}"' for name, value in GOOD.items()) + "\n}\n"),
            variable="OPENAI_API_KEY",
            where=".env.local:2",
        ),
        Scenario(
            title="a merge conflict",
            files=local(f"<<<<<<< HEAD\n{lines()}=======\n{lines()}>>>>>>> theirs\n"),
            where=".env.local:1",
            severity="warning",
        ),
        Scenario(title="a remark without #", files=local(f"my keys\n{lines()}"), severity="warning"),
    ),
    "env-name-misspelt": (
        _first_line("OPENAI_KEY", f"OPENAI_KEY={OPENAI}"),
        _first_line("OPEN_AI_API_KEY", f"OPEN_AI_API_KEY={OPENAI}"),
        _first_line("a letter missing", f"OPENAI_API_KY={OPENAI}"),
        _first_line("letters swapped", f"OPNEAI_API_KEY={OPENAI}"),
        _first_line("small letters", f"openai_api_key={OPENAI}"),
        _first_line("hyphens", f"OPENAI-API-KEY={OPENAI}"),
        _first_line("dots", f"OPENAI.API.KEY={OPENAI}"),
        _first_line("Cyrillic", f"\u041ePENAI_API_KEY={OPENAI}"),
        _first_line("invisible letter", f"\u200bOPENAI_API_KEY={OPENAI}"),
        _first_line("quotes round the name", f'"OPENAI_API_KEY"={OPENAI}'),
        _first_line("a colon before the sign", f"OPENAI_API_KEY:={OPENAI}"),
        Scenario(
            title="two byte order marks",
            files=local(codecs.BOM_UTF8 * 2 + lines().encode()),
            variable="OPENAI_API_KEY",
            where=".env.local:1",
        ),
        Scenario(
            title="LIVEKIT_APIKEY",
            files=local(lines(LIVEKIT_API_KEY=None) + f"LIVEKIT_APIKEY={KEY}\n"),
            variable="LIVEKIT_API_KEY",
            where=".env.local:4",
        ),
        Scenario(
            title="LIVEKIT_SECRET",
            files=local(lines(LIVEKIT_API_SECRET=None) + f"LIVEKIT_SECRET={SECRET}\n"),
            variable="LIVEKIT_API_SECRET",
        ),
        Scenario(
            title="of the browser",
            files=local(lines(LIVEKIT_URL=None) + f"NEXT_PUBLIC_LIVEKIT_URL={URL}\n"),
            variable="LIVEKIT_URL",
        ),
        Scenario(
            title="in the environment",
            files=local(lines(LIVEKIT_URL=None)),
            environ={"LIVEKIT_HOST": URL},
            variable="LIVEKIT_URL",
            where="environment",
        ),
        Scenario(
            title="a setting",
            files=local(lines() + "GRANNY_VOCIE=cedar\n"),
            variable="GRANNY_VOICE",
            severity="warning",
        ),
    ),
    "openai-key-missing": (
        Scenario(title="not in the file", files=local(lines(OPENAI_API_KEY=None)), variable="OPENAI_API_KEY"),
        _first_line("a remark", f"# OPENAI_API_KEY={OPENAI}"),
        Scenario(title="no file, console", needed=("OPENAI_API_KEY",), variable="OPENAI_API_KEY", alone=False),
    ),
    "livekit-url-missing": (Scenario(title="", files=local(lines(LIVEKIT_URL=None)), variable="LIVEKIT_URL"),),
    "livekit-key-missing": (Scenario(title="", files=local(lines(LIVEKIT_API_KEY=None)), variable="LIVEKIT_API_KEY"),),
    "livekit-secret-missing": (
        Scenario(title="", files=local(lines(LIVEKIT_API_SECRET=None)), variable="LIVEKIT_API_SECRET"),
    ),
    "value-empty": (
        _value("nothing", "OPENAI_API_KEY", ""),
        _value("empty quotes", "OPENAI_API_KEY", '""'),
        _value("blanks in quotes", "LIVEKIT_API_SECRET", '"  "'),
        _value("a remark only", "OPENAI_API_KEY", " # put key here"),
        _value("a remark without a space", "OPENAI_API_KEY", "#put key here"),
        _value("the address", "LIVEKIT_URL", ""),
        Scenario(
            title="empty in the shell, good in the file",
            files=local(lines()),
            environ={"OPENAI_API_KEY": ""},
            variable="OPENAI_API_KEY",
            where="environment",
        ),
        Scenario(
            title="an empty line further down",
            files=local(lines() + "OPENAI_API_KEY=\n"),
            variable="OPENAI_API_KEY",
            where=".env.local:5",
        ),
    ),
    "value-placeholder": (
        *(_value(text, "OPENAI_API_KEY", text) for text in _PLACEHOLDERS),
        _value("the example's address", "LIVEKIT_URL", "wss://your-project.livekit.cloud"),
        _value("an address in brackets", "LIVEKIT_URL", "wss://<project-subdomain>.livekit.cloud"),
        _value("the example's key", "LIVEKIT_API_KEY", "your-livekit-api-key"),
        _value("the example's secret", "LIVEKIT_API_SECRET", "your-livekit-api-secret"),
        _value("in quotes", "OPENAI_API_KEY", '"sk-your-openai-key"'),
        _in_environment("kept quotes", "OPENAI_API_KEY", '"sk-your-openai-key"'),
        _in_environment("open reference", "LIVEKIT_API_SECRET", "${LIVEKIT_API_SECRET}"),
    ),
    "value-quoted": (
        _in_environment("docker --env-file", "OPENAI_API_KEY", f'"{OPENAI}"'),
        _in_environment("docker, single quotes", "LIVEKIT_API_SECRET", f"'{SECRET}'"),
        _in_environment("docker, the address", "LIVEKIT_URL", f'"{URL}"'),
        _value("curly quotes", "OPENAI_API_KEY", f"\u201c{OPENAI}\u201d"),
        _value("backticks", "OPENAI_API_KEY", f"`{OPENAI}`"),
        _value("quotes in quotes", "OPENAI_API_KEY", f"\"'{OPENAI}'\""),
        _value("a quote at the end", "LIVEKIT_API_SECRET", f'{SECRET}"'),
    ),
    "env-file-quotes": (
        _value("double", "OPENAI_API_KEY", f'"{OPENAI}"', severity="warning"),
        _value("single", "LIVEKIT_API_SECRET", f"'{SECRET}'", severity="warning"),
    ),
    "value-whitespace": (
        _value("inside", "OPENAI_API_KEY", f"{OPENAI[:30]} {OPENAI[30:]}"),
        _value("at the end, in quotes", "OPENAI_API_KEY", f'"{OPENAI} "'),
        _value("tab", "LIVEKIT_API_SECRET", f"{SECRET[:9]}\t{SECRET[9:]}"),
        _value("backslash n in quotes", "OPENAI_API_KEY", f'"{OPENAI}\\n"'),
        _value("a line break in quotes", "OPENAI_API_KEY", f'"{OPENAI}\n"'),
        _value("no-break space", "OPENAI_API_KEY", f"{OPENAI[:30]}\u00a0{OPENAI[30:]}"),
        _value("a word behind", "LIVEKIT_URL", f"{URL} (Oma)"),
        _in_environment("line end from a file", "OPENAI_API_KEY", f"{OPENAI}\n"),
        _in_environment("Windows line end", "LIVEKIT_API_SECRET", f"{SECRET}\r"),
    ),
    "value-wrapped": (
        _value("over two lines", "OPENAI_API_KEY", f"{OPENAI[:60]}\n{OPENAI[60:]}"),
        _value("LiveKit's secret", "LIVEKIT_API_SECRET", f"{SECRET[:20]}\n{SECRET[20:]}"),
        _value("LiveKit's key", "LIVEKIT_API_KEY", f"{KEY}{KEY_TAIL}\n{KEY_TAIL}"),
        _value("base64 at 64", "LIVEKIT_API_SECRET", f"{BASE64[:64]}\n{BASE64[64:]}"),
        _value("base64 at 76", "LIVEKIT_API_SECRET", f"{BASE64[:76]}\n{BASE64[76:]}"),
        _value("base64, a short rest", "LIVEKIT_API_SECRET", f"{BASE64[:64]}\nqZ9="),
        _value("a backslash before the break", "OPENAI_API_KEY", f"{OPENAI[:60]}\\\n{OPENAI[60:]}"),
        _value("a break in quotes", "LIVEKIT_API_SECRET", f'"{BASE64[:64]}\n{BASE64[64:]}"'),
        _value("over three lines", "OPENAI_API_KEY", f"{OPENAI[:60]}\n{OPENAI[60:120]}\n{OPENAI[120:]}"),
        _value("the second line indented", "OPENAI_API_KEY", f"{OPENAI[:70]}\n    {OPENAI[70:]}"),
        _value("broken by a mail program", "OPENAI_API_KEY", f"{OPENAI[:70]}=\n{OPENAI[70:]}"),
        _in_environment("of a command", "LIVEKIT_API_SECRET", f"{BASE64[:64]}\n{BASE64[64:]}"),
        _in_environment("of a command, Windows", "OPENAI_API_KEY", f"{OPENAI[:76]}\r\n{OPENAI[76:]}"),
    ),
    "value-invisible-character": (
        *(_value(title, "OPENAI_API_KEY", text) for title, text in _INVISIBLE.items()),
        _value("in the address", "LIVEKIT_URL", f"{URL}\u200b"),
        _in_environment("in the environment", "LIVEKIT_API_SECRET", f"{SECRET}\u200e"),
    ),
    "value-expanded": (
        _value("a reference in the middle", "LIVEKIT_API_SECRET", f"{SECRET[:20]}${{abc}}{SECRET[20:]}"),
        _value("even in single quotes", "LIVEKIT_API_SECRET", f"'{SECRET[:20]}${{abc}}{SECRET[20:]}'"),
        _value("a reference to nothing", "OPENAI_API_KEY", "${MY_OPENAI_KEY}"),
        _value("a default", "LIVEKIT_API_SECRET", f"{SECRET[:20]}${{abc:-x}}{SECRET[20:]}"),
        _value("a default in single quotes", "LIVEKIT_API_SECRET", f"'{SECRET[:20]}${{a:-x}}{SECRET[20:]}'"),
        _value("a default at the end", "OPENAI_API_KEY", f"{OPENAI}${{a:-x}}"),
        _value("a shell's default", "OPENAI_API_KEY", "${MY_OPENAI_KEY-none}"),
        _value("cut at a #", "LIVEKIT_API_SECRET", f"{SECRET[:20]} #{SECRET[20:]}"),
        _value("perhaps cut at a #", "OPENAI_API_KEY", f"{OPENAI} #mine", severity="warning"),
    ),
    "value-pasted-wrong": (
        *(_value(title, "OPENAI_API_KEY", text) for title, text in _PASTED.items()),
        Scenario(
            title="two lines glued",
            files=local(f"OPENAI_API_KEY={OPENAI}LIVEKIT_URL={URL}\n" + lines(OPENAI_API_KEY=None, LIVEKIT_URL=None)),
            variable="OPENAI_API_KEY",
            where=".env.local:1",
        ),
        _value("OpenAI's key as LiveKit's", "LIVEKIT_API_KEY", OPENAI),
        _value("another key of OpenAI's as LiveKit's", "LIVEKIT_API_KEY", "sk-proj-" + TAIL[::-1]),
        _value("the secret twice", "LIVEKIT_API_KEY", SECRET),
        _value("the address as the key", "LIVEKIT_API_KEY", URL),
    ),
    "value-duplicated": (
        Scenario(
            title="two keys",
            files=local(f"OPENAI_API_KEY=sk-{SECRET}\n{lines()}"),
            variable="OPENAI_API_KEY",
            where=".env.local:2",
            severity="warning",
        ),
    ),
    "value-shadowed": (
        Scenario(
            title="an old key in the shell",
            files=local(lines()),
            environ={"OPENAI_API_KEY": "sk-" + SECRET},
            variable="OPENAI_API_KEY",
            where="environment",
            severity="warning",
        ),
    ),
    "env-file-disabled": (
        Scenario(title="", files=local(lines()), environ={"PYTHON_DOTENV_DISABLED": "1"}, severity="warning"),
    ),
    "env-file-tracked": (
        Scenario(title="tracked", files=local(lines()), arrange=_tracked, severity="warning"),
        Scenario(title="not ignored", files=local(lines()), arrange=_repository, severity="warning"),
    ),
    "env-file-exposed": (
        Scenario(title="", files=local(lines()), arrange=_readable_by_all, severity="warning"),
        *(
            Scenario(title=f"{mode:o}", files=local(lines()), arrange=_mode(mode), severity="warning")
            for mode in _EXPOSED
        ),
        Scenario(title="the folder", files=local(lines()), arrange=_open_folder(0o777), severity="warning"),
    ),
    "openai-key-other-provider": (
        *(_value(prefix, "OPENAI_API_KEY", prefix + _invented(prefix, 40)) for prefix in _OTHER_PROVIDERS),
        Scenario(
            title="for another server",
            files=local(lines(OPENAI_API_KEY="gsk_" + SECRET, OPENAI_BASE_URL="https://api.groq.test/v1")),
            variable="OPENAI_API_KEY",
            severity="warning",
        ),
    ),
    "openai-key-wrong-kind": (
        _value("admin", "OPENAI_API_KEY", "sk-admin-" + SECRET),
        _value("ephemeral", "OPENAI_API_KEY", "ek_" + SECRET),
        _value("session", "OPENAI_API_KEY", "sess-" + SECRET),
    ),
    "openai-key-format": (
        _value("no sk-", "OPENAI_API_KEY", SECRET, severity="warning"),
        _value("capital letters", "OPENAI_API_KEY", "SK-" + SECRET, severity="warning"),
    ),
    "openai-azure-leftover": (
        Scenario(
            title="in the environment",
            files=local(lines()),
            environ={"OPENAI_API_VERSION": "2024-10-01", "AZURE_OPENAI_ENDPOINT": "https://azure.test"},
            where="environment",
        ),
        Scenario(title="in the file", files=local(lines(OPENAI_API_VERSION="2024-10-01")), where=".env.local:5"),
        Scenario(title="empty", files=local(lines()), environ={"OPENAI_API_VERSION": ""}),
    ),
    "openai-base-url-invalid": tuple(_value(title, "OPENAI_BASE_URL", text) for title, text in _BAD_BASE_URLS.items()),
    "openai-base-url-foreign": (
        _value("a proxy", "OPENAI_BASE_URL", "https://proxy.test/v1", severity="warning"),
        _value("this machine", "OPENAI_BASE_URL", "http://127.0.0.1:9000/v1", severity="warning"),
        _value("a key as the host", "OPENAI_BASE_URL", f"https://{SECRET}/v1", severity="warning"),
    ),
    "livekit-url-invalid": tuple(_value(title, "LIVEKIT_URL", text) for title, text in _BAD_URLS.items()),
    "livekit-unencrypted": (
        _value("a public name", "LIVEKIT_URL", "ws://livekit.example.com:7880", severity="warning"),
        _value("in capital letters", "LIVEKIT_URL", "WS://livekit.example.com", severity="warning"),
        _value("http", "LIVEKIT_URL", "http://granny-test.livekit.cloud", severity="warning"),
        _value("a public address", "LIVEKIT_URL", "ws://8.8.8.8:7880", severity="warning"),
        _value("a public address of the newer kind", "LIVEKIT_URL", "ws://[2606:4700::1111]:7880", severity="warning"),
        _value("another server than OpenAI's", "OPENAI_BASE_URL", "http://gateway.example.com/v1", severity="warning"),
        _value("the same as ws", "OPENAI_BASE_URL", "ws://gateway.example.com/v1", severity="warning"),
    ),
    "livekit-key-secret-swapped": (
        Scenario(
            title="swapped",
            files=local(lines(LIVEKIT_API_KEY=SECRET, LIVEKIT_API_SECRET=KEY)),
            variable="LIVEKIT_API_SECRET",
        ),
        _value("the key twice", "LIVEKIT_API_SECRET", KEY),
        Scenario(
            title="swapped, of a server of one's own",
            files=local(lines(LIVEKIT_API_KEY=SECRET, LIVEKIT_API_SECRET="grandmas-house")),
            variable="LIVEKIT_API_SECRET",
        ),
        Scenario(
            title="swapped, the secret in letters of both sizes",
            files=local(lines(LIVEKIT_API_KEY=MIXED, LIVEKIT_API_SECRET="devkey")),
            variable="LIVEKIT_API_SECRET",
        ),
    ),
    "setting-invalid": (
        *(_value(name, name, text) for name, text in _SETTINGS.items()),
        _value("a home of nobody's", "GRANNY_CALLER_FILE", "~nobody-of-that-name/notes.txt"),
        Scenario(
            title="family notes too large",
            files=local(lines()),
            arrange=_notes(b"Oma " * 4000),
            variable="GRANNY_CALLER_FILE",
            where="environment",
        ),
        Scenario(
            title="family notes in Windows-1252",
            files=local(lines()),
            arrange=_notes("für Oma".encode("cp1252")),
            variable="GRANNY_CALLER_FILE",
        ),
        Scenario(
            title="a recording of the family's that is none",
            files=local(lines()),
            arrange=_recording,
            variable="GRANNY_LINES_FOLDER",
            where="environment",
            severity="warning",
        ),
    ),
    "greeting-without-disclosure": (
        Scenario(
            title="a greeting of the family's",
            files=local(lines()),
            arrange=_greeting,
            variable="GRANNY_LINES_FOLDER",
            where="environment",
            severity="warning",
        ),
    ),
    "lines-not-in-language": (
        _value("a language that is not shipped", "GRANNY_LANGUAGE", "nl", severity="warning"),
        Scenario(
            title="a person's language that is not shipped",
            files=local(lines()) | {"Granny-voice/people/anna.toml": b'language = "nl"\n'},
            variable="language",
            where="people/anna.toml:1",
            severity="warning",
        ),
    ),
    "budget-without-prices": (
        _value("no price", "GRANNY_MONTHLY_BUDGET", "20", severity="warning"),
        Scenario(
            title="half of the prices",
            files=local(lines(GRANNY_PRICE_INPUT="32", GRANNY_MONTHLY_BUDGET="20")),
            variable="GRANNY_MONTHLY_BUDGET",
            where=f".env.local:{len(GOOD) + 2}",
            severity="warning",
        ),
    ),
    "port-in-use": (
        Scenario(
            title="",
            files=local(lines()),
            arrange=_taken_port,
            opens=Port.HEALTH,
            variable="GRANNY_HEALTH_PORT",
            where="environment",
        ),
    ),
}
