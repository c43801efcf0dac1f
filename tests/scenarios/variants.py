"""Further ways in which users meet the faults of section 1, and further set-ups that work: slug → scenarios."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from scenarios.environment import GOOD, KEY, LOCAL, OPENAI, SECRET, TAIL, URL, Scenario, lines, local

_TOKEN = f"eyJhbGciOiJIUzI1NiJ9.{SECRET}.{SECRET}"
_FOREIGN = "http://127.0.0.1:9000/v1"
EXAMPLE = Path(__file__).resolve().parent.parent.parent / ".env.local.example"


def _value(name: str, value: str, *, title: str = "", severity: str = "fatal") -> Scenario:
    """One value of the file is this."""
    number = list(GOOD).index(name) + 1 if name in GOOD else len(GOOD) + 1
    return Scenario(
        title=title or value[:24],
        files=local(lines(**{name: value})),
        variable=name,
        where=f".env.local:{number}",
        severity=severity,
    )


def _line(title: str, name: str, text: str, *, severity: str = "fatal") -> Scenario:
    """A needed variable is written as this text, in the last line."""
    where = f".env.local:{len(GOOD)}"
    return Scenario(
        title=title, files=local(lines(**{name: None}) + text), variable=name, where=where, severity=severity
    )


def _file(title: str, name: str) -> Scenario:
    return Scenario(title=title, files={f"Granny-voice/{name}": lines().encode()})


def _environment(title: str, name: str, value: str) -> Scenario:
    return Scenario(title=title, environ={**GOOD, name: value}, variable=name, where="environment")


def _in_the_package(top: Path, undo: ExitStack) -> None:  # noqa: ARG001  the signature of Arrange
    (top / "Granny-voice" / "granny").mkdir()
    (top / "Granny-voice" / "granny" / ".env.local").write_text(lines(), encoding="utf-8")


VARIANTS: dict[str, tuple[Scenario, ...]] = {
    "env-file-missing": (
        Scenario(title="the example filled in, not copied", files={LOCAL + ".example": lines().encode()}, alone=False),
    ),
    "env-file-misnamed": (
        _file("letters swapped", ".evn.local"),
        _file("dotenv", "dotenv"),
        _file("the dot in the middle", "local.env"),
        _file("a hyphen", ".env-local"),
        _file("no second dot", ".envlocal"),
        _file("a second download", ".env.local (1)"),
        _file("a copy", "Copy of .env.local"),
        _file("a blank at the end", ".env.local "),
        _file("rich text", ".env.local.rtf"),
        _file("of another mode", ".env.development"),
        _file("capital letters", ".Env.Local"),
        Scenario(title="one folder too deep", arrange=_in_the_package),
    ),
    "env-file-line-unreadable": (
        _line("csh", "OPENAI_API_KEY", f"setenv OPENAI_API_KEY {OPENAI}"),
        _line("fish", "OPENAI_API_KEY", f"set -Ux OPENAI_API_KEY {OPENAI}"),
        _line("declare", "OPENAI_API_KEY", f'declare -x OPENAI_API_KEY="{OPENAI}"'),
        _line("a prompt too", "OPENAI_API_KEY", f"$ export OPENAI_API_KEY={OPENAI}"),
        _line("EXPORT", "LIVEKIT_URL", f"EXPORT LIVEKIT_URL={URL}"),
        _line("docker -e", "OPENAI_API_KEY", f"-e OPENAI_API_KEY={OPENAI}"),
        _line("a remark of C", "OPENAI_API_KEY", f"// OPENAI_API_KEY={OPENAI}"),
        _line("echo", "OPENAI_API_KEY", f'echo "OPENAI_API_KEY={OPENAI}" >> .env.local'),
        _line("Makefile", "OPENAI_API_KEY", f"OPENAI_API_KEY := {OPENAI}"),
        Scenario(
            title="Compose",
            files=local("environment:\n" + "".join(f"  - {name}={value}\n" for name, value in GOOD.items())),
            where=".env.local:2",
        ),
        Scenario(title="values without names", files=local("\n".join(GOOD.values())), severity="warning", alone=False),
        Scenario(title="marks of Markdown", files=local(f"```env\n{lines()}```\n"), severity="warning"),
    ),
    "env-name-misspelt": (
        _line("with a dollar", "OPENAI_API_KEY", f"$OPENAI_API_KEY={OPENAI}"),
        _line("OPENAPI", "OPENAI_API_KEY", f"OPENAPI_KEY={OPENAI}"),
        _line("nought for O", "OPENAI_API_KEY", f"0PENAI_API_KEY={OPENAI}"),
        _line("a small l for I", "OPENAI_API_KEY", f"OPENAl_API_KEY={OPENAI}"),
        _line("the words turned round", "OPENAI_API_KEY", f"API_KEY_OPENAI={OPENAI}"),
        _line("a name of somebody's own", "OPENAI_API_KEY", f"GRANDMAS_VOICE={OPENAI}"),
        _line("half the name", "LIVEKIT_API_KEY", f"API_KEY={KEY}"),
        _line("WEBSOCKET_URL", "LIVEKIT_URL", f"LIVEKIT_WEBSOCKET_URL={URL}"),
        _line("LIVE_KIT", "LIVEKIT_URL", f"LIVE_KIT_URL={URL}"),
        _line("plural", "LIVEKIT_API_SECRET", f"LIVEKIT_API_SECRETS={SECRET}"),
        _line("a byte order mark inside", "LIVEKIT_URL", f"\ufeffLIVEKIT_URL={URL}"),
    ),
    "openai-key-missing": (
        Scenario(title="an empty file", files=local(""), variable="OPENAI_API_KEY", alone=False),
        Scenario(
            title="Azure's alone",
            files=local(lines(OPENAI_API_KEY=None) + f"AZURE_OPENAI_API_KEY={SECRET}\n"),
            variable="OPENAI_API_KEY",
        ),
    ),
    "value-placeholder": (
        Scenario(title="the example, copied and left", files=local(EXAMPLE.read_bytes())),
        Scenario(title="the example pasted below", files=local(lines() + "OPENAI_API_KEY=sk-your-openai-key\n")),
        _value("OPENAI_API_KEY", "sk-proj-", title="the beginning alone"),
        _value("OPENAI_API_KEY", "%OPENAI_API_KEY%"),
        _value("OPENAI_API_KEY", "$(cat key.txt)"),
        _value("OPENAI_BASE_URL", "https://your-proxy.example/v1"),
        _environment("GitHub's masked secret", "OPENAI_API_KEY", "***"),
        _environment("GitHub's open reference", "OPENAI_API_KEY", "${{ secrets.OPENAI_API_KEY }}"),
        _environment("JavaScript's nothing", "LIVEKIT_API_SECRET", "undefined"),
        _environment("Python's nothing", "OPENAI_API_KEY", "None"),
    ),
    "value-quoted": (
        _value("OPENAI_API_KEY", f"\u201d{OPENAI}\u201d", title="two closing quotes"),
        _value("LIVEKIT_URL", f"\u201e{URL}\u201c", title="German quotes"),
        _value("LIVEKIT_API_SECRET", f"\u2018{SECRET}\u2019", title="single curly quotes"),
        _value("OPENAI_API_KEY", f"\u201c{OPENAI}\u201d # mine", title="curly quotes and a remark"),
        _environment("docker, LiveKit's key", "LIVEKIT_API_KEY", f'"{KEY}"'),
    ),
    "value-whitespace": (
        _value("OPENAI_API_KEY", f"{OPENAI} && python agent.py dev", title="a command behind"),
        _value("OPENAI_API_KEY", f"{OPENAI} // mine", title="a remark of C behind"),
        _value("LIVEKIT_API_KEY", f"{KEY} {SECRET}", title="key and secret on one line"),
        _value("LIVEKIT_API_KEY", "devkey: secret", title="from LiveKit's own file"),
        _environment("docker keeps the remark", "OPENAI_API_KEY", f"{OPENAI} # mine"),
    ),
    "value-invisible-character": (
        _value("OPENAI_API_KEY", f"{OPENAI[:30]}\u00ad{OPENAI[30:]}", title="soft hyphen"),
        _value("OPENAI_API_KEY", f"\u202a{OPENAI}\u202c", title="marks of direction"),
        _value("OPENAI_API_KEY", f"sk\u2014proj\u2014{TAIL}", title="em dashes"),
        _value("OPENAI_API_KEY", f"\uff53k-proj-{TAIL}", title="a wide letter"),
    ),
    "value-expanded": (_value("OPENAI_API_KEY", "${{ secrets.OPENAI_API_KEY }}", title="of GitHub, in the file"),),
    "value-pasted-wrong": (
        _value("OPENAI_API_KEY", f"OPENAI_API_KEY: {OPENAI}", title="the name with a colon"),
        _value("OPENAI_API_KEY", f"api_key={OPENAI}", title="api_key="),
        _value("OPENAI_API_KEY", f"Key: {OPENAI}", title="Key:"),
        _value("OPENAI_API_KEY", f"**{OPENAI}**", title="bold text"),
        _value("LIVEKIT_URL", f"[{URL}]({URL})", title="a link of Markdown"),
        _value("LIVEKIT_URL", f"<{URL}>", title="in angle brackets"),
        _value("LIVEKIT_URL", f"LIVEKIT_URL={URL}", title="the dashboard's whole line"),
        _value("LIVEKIT_API_SECRET", _TOKEN, title="a token as the secret", severity="warning"),
        Scenario(
            title="address and key swapped",
            files=local(lines(LIVEKIT_URL=KEY, LIVEKIT_API_KEY=URL)),
            variable="LIVEKIT_API_KEY",
            alone=False,
        ),
        Scenario(title="all on one line", files=local(" ".join(lines().splitlines())), variable="OPENAI_API_KEY"),
    ),
    "openai-key-wrong-kind": (
        _value("OPENAI_API_KEY", "proj_" + SECRET[:24], title="the project's name"),
        _value("OPENAI_API_KEY", "org-" + SECRET[:24], title="the organization's name"),
    ),
    "openai-key-other-provider": (
        Scenario(
            title="LiveKit's and OpenAI's swapped",
            files=local(lines(OPENAI_API_KEY=KEY, LIVEKIT_API_KEY=OPENAI)),
            variable="OPENAI_API_KEY",
            alone=False,
        ),
    ),
    "openai-key-format": (
        _value("OPENAI_API_KEY", OPENAI[1:], title="the first letter missing", severity="warning"),
        _value("OPENAI_API_KEY", f"{OPENAI}#mine", title="a remark without a space", severity="warning"),
        _value("OPENAI_API_KEY", f"sk%2Dproj%2D{TAIL}", title="coded for an address", severity="warning"),
        _value("OPENAI_API_KEY", "/run/secrets/openai_api_key", title="the name of a file", severity="warning"),
    ),
    "openai-base-url-invalid": (
        _value("OPENAI_BASE_URL", "http://api.openai.com/v1", title="not encrypted"),
        _value("OPENAI_BASE_URL", "https://api.openai.com/V1", title="a capital V"),
    ),
    "openai-base-url-foreign": (
        _value("OPENAI_BASE_URL", "https://api.opanai.com/v1", title="a slip in the name", severity="warning"),
    ),
    "livekit-url-invalid": (
        _value("LIVEKIT_URL", "wss;//granny-test.livekit.cloud"),
        _value("LIVEKIT_URL", "wss:\\\\granny-test.livekit.cloud"),
        _value("LIVEKIT_URL", "wss//granny-test.livekit.cloud"),
        _value("LIVEKIT_URL", "wss:///granny-test.livekit.cloud"),
        _value("LIVEKIT_URL", "wws://granny-test.livekit.cloud"),
        _value("LIVEKIT_URL", "wss://granny-test,livekit.cloud"),
        _value("LIVEKIT_URL", "192.168.1.7:7880"),
        _value("LIVEKIT_URL", "ws://::1:7880", title="IPv6 without brackets"),
        _value("LIVEKIT_URL", "ws://[::1]", title="IPv6 without a port"),
        _value("LIVEKIT_URL", "http://localhost/", title="http without a port"),
        _value("LIVEKIT_URL", "https://cloud.livekit.io/projects/p_1/settings/keys", title="the dashboard's page"),
        _value("LIVEKIT_URL", "https://agents-playground.livekit.io", title="the playground"),
        _value("LIVEKIT_URL", "sip:granny-test.sip.livekit.cloud", title="for telephones"),
        _value("LIVEKIT_URL", "wss://granny-test.sip.livekit.cloud", title="for telephones, as wss"),
        _value("LIVEKIT_URL", OPENAI, title="OpenAI's key"),
    ),
    "setting-invalid": (
        _value("GRANNY_MODEL", "gpt realtime"),
        _value("GRANNY_SPEED", "0,9"),
        _value("GRANNY_PREFLIGHT", "true"),
        _value("GRANNY_LANGUAGE", "English"),
        _value("GRANNY_ALERTS", f"{SECRET}@example.org", title="an alert's address without ://"),
        _value("GRANNY_ALERTS", f"json://{SECRET}, {SECRET}", title="alerts' addresses with commas"),
        _value("GRANNY_HEARTBEAT_URL", f"hc-ping.com/{SECRET}", title="a heartbeat without https"),
    ),
}

VALID: tuple[Scenario, ...] = tuple(
    Scenario(title=title, files=local(text))
    for title, text in {
        "an apostrophe in a remark": f"# it's mine\n{lines()}",
        "a remark of C": f"// mine\n{lines()}",
        "TOML": "[env]\n" + "".join(f'{name} = "{value}"\n' for name, value in GOOD.items()),
        "no-break spaces round the sign": lines().replace("=", "\u00a0=\u00a0", 1),
        "an empty line of the same name before": f"OPENAI_API_KEY=\n{lines()}",
        "Windows line ends and quotes": "".join(f'{name}="{value}"\r\n' for name, value in GOOD.items()),
        "LiveKit's development keys, exchanged on purpose": lines(
            LIVEKIT_API_KEY="secret", LIVEKIT_API_SECRET="devkey"
        ),
        "key and secret the same word": lines(LIVEKIT_API_KEY="grandma", LIVEKIT_API_SECRET="grandma"),
        "a UUID as the key": lines(LIVEKIT_API_KEY="0f8fad5b-d9cb-469f-a165-70867728950e", LIVEKIT_API_SECRET="secret"),
        "a long name as the key": lines(
            LIVEKIT_API_KEY="Granny-Prod-2026-11-24-Berlin-Mitte-2", LIVEKIT_API_SECRET="secret"
        ),
        "key and secret both random": lines(LIVEKIT_API_KEY=SECRET[::-1], LIVEKIT_API_SECRET=SECRET),
        "a random key and a shorter random secret": lines(
            LIVEKIT_API_KEY=SECRET[::-1], LIVEKIT_API_SECRET="b5c1Qz72Yt0w9Lk3"
        ),
        "https and a port": lines(LIVEKIT_URL="https://livekit.example.com:7880"),
        "a container's name with an underscore": lines(LIVEKIT_URL="ws://livekit_server:7880"),
        "Docker's name for its host": lines(LIVEKIT_URL="ws://host.docker.internal:7880"),
        "a query that the worker drops": lines(LIVEKIT_URL=f"{URL}?region=eu"),
        "a secret with $ and a word": lines(LIVEKIT_API_SECRET=f"{SECRET[:10]}$abc{SECRET[10:]}"),
        "a secret in base64": lines(LIVEKIT_API_SECRET=f"{SECRET}=="),
        "a secret that begins with #": lines(LIVEKIT_API_SECRET=f"#{SECRET}"),
        "an older model": lines(GRANNY_MODEL="gpt-4o-realtime-preview-2024-12-17"),
        "a tuned model": lines(GRANNY_MODEL="ft:gpt-realtime:org::abc"),
        "a model of a gateway": lines(GRANNY_MODEL="openai/gpt-realtime", OPENAI_BASE_URL="https://gateway.test/v1"),
        "no key for one's own server": lines(OPENAI_API_KEY="dummy", OPENAI_BASE_URL=_FOREIGN),
        "two addresses for alerts, and a heartbeat": lines(
            GRANNY_ALERTS=f"ntfys://ntfy.sh/{SECRET} mailto://granny:{SECRET}@example.org?to=anna@example.org",
            GRANNY_HEARTBEAT_URL=f"https://hc-ping.com/{SECRET}",
        ),
        "the whole address of OpenAI": lines(OPENAI_BASE_URL="https://api.openai.com/v1/realtime"),
    }.items()
)
