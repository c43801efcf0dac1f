"""Set-ups that work, and must never be refused."""

from __future__ import annotations

import codecs

from scenarios.environment import BASE64, GOOD, KEY, OPENAI, SECRET, URL, Scenario, lines, local

_OLD_KEY = "sk-" + OPENAI[8:56]
_GATEWAY = "http://127.0.0.1:9000/v1"
_GATEWAY_KEYS = ("EMPTY", "sk-1234", "not-needed", "lm-studio", "ollama", "sk-no-key-required")
_FREE = {"LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "secret"}


def _file(title: str, text: str | bytes) -> Scenario:
    return Scenario(title=title, files=local(text))


def _values(title: str, **changed: str | None) -> Scenario:
    return _file(title, lines(**changed))


def _environment(title: str, **changed: str) -> Scenario:
    return Scenario(title=title, environ={**GOOD, **changed})


VALID: tuple[Scenario, ...] = (
    _file("plain", lines()),
    _file("Windows line ends", lines().replace("\n", "\r\n")),
    _file("line ends of old Macs", lines().replace("\n", "\r")),
    _file("byte order mark", codecs.BOM_UTF8 + lines().encode()),
    _file("two byte order marks before a remark", codecs.BOM_UTF8 * 2 + f"# mine\n{lines()}".encode()),
    _file("mark and Windows line ends", codecs.BOM_UTF8 + lines().replace("\n", "\r\n").encode()),
    _file(
        "export",
        lines().replace("OPENAI_API", "export OPENAI_API").replace("LIVEKIT_URL", "export  LIVEKIT_URL"),
    ),
    _file("export before, and by name before", f"export OPENAI_API_KEY\n{lines()}"),
    _file("spaces round the sign", lines().replace("=", " = ")),
    _file("spaces at the end", lines().replace("\n", "   \n")),
    _file("indented", "  " + lines().replace("\n", "\n\t")),
    _file("no line end at the end", lines().rstrip("\n")),
    _file("empty lines", lines().replace("\n", "\n\n\n")),
    _file("remarks", f"# für Oma\n#\n## OPENAI_API_KEY=old\n{lines()}# end"),
    _file("remarks behind values", lines().replace("\n", " # mine\n")),
    _file("remarks behind values without a space", lines().replace("\n", " #mine\n")),
    _file("double quotes", "".join(f'{name}="{value}"\n' for name, value in GOOD.items())),
    _file("single quotes", "".join(f"{name}='{value}'\n" for name, value in GOOD.items())),
    _file("quotes and remarks", "".join(f'{name}="{value}" # mine\n' for name, value in GOOD.items())),
    _file("name in single quotes", lines().replace("OPENAI_API_KEY", "'OPENAI_API_KEY'")),
    _file("other variables", f"TZ=Europe/Berlin\nEMPTY=\nexport PATH\nGREETING='Hallo ${{USER}}'\n{lines()}"),
    _file("a certificate over lines", f'CERT="-----BEGIN\nMIIB+abc=\nxyz==\n-----END"\n{lines()}'),
    _file("the same line twice", lines() + lines()),
    _file("a reference", f"MINE={OPENAI}\n" + lines(OPENAI_API_KEY="${MINE}")),
    _file("a reference with a default", lines(LIVEKIT_URL=f"${{NOT_SET:-{URL}}}")),
    _file(
        "a reference inside the address",
        "PROJECT=granny-test\n" + lines(LIVEKIT_URL="wss://${PROJECT}.livekit.cloud"),
    ),
    _file("a stray word", f"[granny]\n---\n{lines()}"),
    _values("an old key of 51 characters", OPENAI_API_KEY=_OLD_KEY),
    _values("a key of 25 characters", OPENAI_API_KEY="sk-" + OPENAI[8:30]),
    _values("a key of 20 characters", OPENAI_API_KEY="sk-" + OPENAI[8:25]),
    _values("a key of 2024, without a project", OPENAI_API_KEY="sk-None-" + OPENAI[8:56]),
    *(_values(f"{word} for a gateway", OPENAI_API_KEY=word, OPENAI_BASE_URL=_GATEWAY) for word in _GATEWAY_KEYS),
    _values("a word for a gateway", OPENAI_API_KEY="sk-token", OPENAI_BASE_URL="https://gateway.test/v1"),
    _values("a number for a gateway", OPENAI_API_KEY="1234", OPENAI_BASE_URL="http://127.0.0.1:9000/v1"),
    _values("OpenAI in the US", OPENAI_BASE_URL="https://us.api.openai.com/v1"),
    _values("a short secret", LIVEKIT_API_SECRET="abc"),
    _values("a secret in base64 on one line", LIVEKIT_API_SECRET=BASE64),
    _values("a secret with + and /", LIVEKIT_API_SECRET="+/" + SECRET[:38] + "=="),
    _values("a secret with braces", LIVEKIT_API_SECRET=SECRET[:20] + "{a:-x}" + SECRET[20:]),
    _file("a reference with a default, whole", lines(OPENAI_API_KEY=f"${{NOT_SET:-{OPENAI}}}")),
    _file(
        "a reference inside that is set",
        f"MINE={SECRET[:20]}\n" + lines(LIVEKIT_API_SECRET=f"${{MINE:-x}}{SECRET[20:]}"),
    ),
    # what people leave in their file for later, on a line of its own: no second half of the secret, and no note of ours
    _file("a word after a secret of 64 characters", lines(LIVEKIT_API_SECRET=BASE64[:64]) + "TODO\nend\n"),
    _file("an empty variable after one", lines(LIVEKIT_API_SECRET=BASE64[:64]) + "URL=\nVERSION=\n"),
    *(
        _file(f"{name} left empty after one", lines(LIVEKIT_API_SECRET=BASE64[:64]) + f"{name}=\n")
        for name in ("K8S", "LEVEL12", "OAUTH2_URL2")
    ),
    _file("a variable after one", lines(LIVEKIT_API_SECRET=BASE64[:76]) + "Abc1=x\nGREETING_2=Hallo\n"),
    _file("a word after a secret in hex", lines(LIVEKIT_API_SECRET="0f" * 32) + "end\n"),
    _file("a spaced variable after one", lines(LIVEKIT_API_SECRET=BASE64[:64]) + "Ab12 = 3\n"),
    _file("a secret and a path", lines(LIVEKIT_API_SECRET=SECRET) + "docs/page1\n"),
    _values("a service account's key", OPENAI_API_KEY="sk-svcacct-" + OPENAI[8:]),
    _values("a key with hyphens and underscores", OPENAI_API_KEY=OPENAI[:40] + "-_-" + OPENAI[40:]),
    _values("a short key of another server", OPENAI_API_KEY="local", OPENAI_BASE_URL="http://127.0.0.1:9000/v1"),
    _values("invented keys", OPENAI_API_KEY="sk-proj-" + "FAKE" * 39, LIVEKIT_API_SECRET="FAKE" * 10),
    _values("LiveKit's development keys", LIVEKIT_URL="ws://localhost:7880", **_FREE),
    _values("free words", LIVEKIT_API_KEY="grandmas-house", LIVEKIT_API_SECRET="correct.horse/battery+staple=42!"),
    _values("a passphrase", LIVEKIT_API_SECRET="correct horse battery staple"),
    _values("a secret with a #", LIVEKIT_API_SECRET=f"{SECRET}#1"),
    _values("a secret with a dollar", LIVEKIT_API_SECRET=f"{SECRET}$1"),
    _values("letters with marks", LIVEKIT_API_SECRET="großmutters-geheimnis-1234567890"),
    _values("http", LIVEKIT_URL="http://192.168.1.5:7880"),
    _values("https", LIVEKIT_URL="https://granny-test.livekit.cloud"),
    _values("capital letters", LIVEKIT_URL="WSS://Granny-Test.LiveKit.Cloud"),
    _values("a slash at the end", LIVEKIT_URL=f"{URL}/"),
    _values("a port", LIVEKIT_URL="wss://livekit.example.com:443"),
    _values("IPv6", LIVEKIT_URL="ws://[::1]:7880"),
    _values("a name of the local network", LIVEKIT_URL="ws://livekit:7880"),
    _values("an international name", LIVEKIT_URL="wss://großmutter.example"),
    _values("localhost with TLS", LIVEKIT_URL="wss://localhost"),
    _values("OpenAI's own address", OPENAI_BASE_URL="https://api.openai.com/v1"),
    _values("OpenAI's own address with a slash", OPENAI_BASE_URL="https://api.openai.com/v1/"),
    _values("OpenAI in Europe", OPENAI_BASE_URL="https://eu.api.openai.com/v1"),
    _values("wss and the whole path", OPENAI_BASE_URL="wss://proxy.example.com/custom/v1/realtime"),
    _values("empty settings", GRANNY_VOICE="", GRANNY_SPEED="", GRANNY_CALLER_FILE="", GRANNY_AGENT_NAME=""),
    _values("settings", GRANNY_VOICE="cedar", GRANNY_SPEED="0.9", GRANNY_LANGUAGE="pt-BR", GRANNY_NAME="Oma Erna"),
    _values(
        "an organization",
        OPENAI_ORG_ID="org-abc",
        OPENAI_API_BASE_OLD="x",
        AZURE_OPENAI_ENDPOINT="https://x.test",
    ),
    _environment("environment alone"),
    _environment("environment, free text", **_FREE),
    Scenario(title="half and half", files=local(lines(OPENAI_API_KEY=None)), environ={"OPENAI_API_KEY": OPENAI}),
    Scenario(title="both the same", files=local(lines()), environ=GOOD),
    Scenario(
        title="the example's values outranked",
        files=local("OPENAI_API_KEY=sk-your-openai-key\nLIVEKIT_URL=\n"),
        environ=GOOD,
    ),
    Scenario(
        title="spread over the files of the mode",
        files={
            "Granny-voice/.env.production.local": f"OPENAI_API_KEY={OPENAI}\n".encode(),
            "Granny-voice/.env.local": f"LIVEKIT_API_KEY={KEY}\nLIVEKIT_API_SECRET={SECRET}\n".encode(),
            "Granny-voice/.env.production": f"LIVEKIT_URL={URL}\n".encode(),
        },
    ),
    Scenario(
        title="a console needs no LiveKit",
        files=local(f"OPENAI_API_KEY={OPENAI}"),
        needed=("OPENAI_API_KEY",),
    ),
    Scenario(
        title="a console, LiveKit as in the example",
        files=local(f"OPENAI_API_KEY={OPENAI}\nLIVEKIT_URL=wss://your-project.livekit.cloud\nLIVEKIT_API_KEY=\n"),
        needed=("OPENAI_API_KEY",),
    ),
    Scenario(title="a look-alike beside it", files={**local(lines()), "Granny-voice/.env": lines().encode()}),
)
