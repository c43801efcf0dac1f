"""Where a value comes from, which one wins, and what the plugin would make of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from livekit.agents.llm._realtime.openai import process_base_url

from granny.config.settings import VARIABLES
from granny.faults import VALUE_SHADOWED, Finding, Severity
from granny.net.answer import Answer
from granny.preflight.probes._reading import OPENAI_URL, Reading, take_reading
from granny.preflight.probes.variables import ask_variables, ignored_proxy, shadow

_NEEDED = ("OPENAI_API_KEY",)


def _reading(folder: Path, text: str, **environ: str) -> Reading:
    file = folder / ".env.local"
    file.write_text(text, encoding="utf-8")
    return take_reading((file,), environ=environ, needed=_NEEDED, known=VARIABLES)


def _slugs(answer: Answer) -> list[str]:
    return [finding.fault.slug for finding in answer.findings]


def test_the_answer_says_where_each_value_stands(tmp_path: Path) -> None:
    reading = _reading(tmp_path, "# mine\nOPENAI_API_KEY=sk-proj-FAKEFAKEFAKE\n", LIVEKIT_URL="ws://localhost:7880")
    assert ask_variables(reading).detail == ("OPENAI_API_KEY from .env.local:2, LIVEKIT_URL from environment")


def test_the_stronger_file_wins(tmp_path: Path) -> None:
    """Of two files the first counts, as pydantic-settings reads them, an empty value too."""
    strong, weak = tmp_path / ".env.production.local", tmp_path / ".env.local"
    strong.write_text("OPENAI_API_KEY=\n")
    weak.write_text("OPENAI_API_KEY=sk-proj-FAKEFAKEFAKE\n")
    reading = take_reading((strong, weak), environ={}, needed=_NEEDED, known=VARIABLES)
    (finding,) = (item for item in ask_variables(reading).findings if item.fault.slug == "value-empty")
    assert finding.where == ".env.production.local:1"
    assert ".env.local:1" in finding.evidence


def test_a_shadow_can_be_said_again(tmp_path: Path) -> None:
    """Beside a refused key: the environment outranks this line of the file."""
    finding = shadow(
        _reading(tmp_path, "OPENAI_API_KEY=sk-proj-FAKEnewFAKE1\n", OPENAI_API_KEY="sk-proj-FAKEoldFAKE1"),
        "OPENAI_API_KEY",
    )
    assert isinstance(finding, Finding)
    assert finding.fault is VALUE_SHADOWED
    assert ".env.local:1" in finding.evidence


@pytest.mark.parametrize(
    "text", ["OPENAI_API_KEY=sk-proj-FAKEoldFAKE1\n", "OPENAI_API_KEY=\n", "OPENAI_API_KEY=sk-your-key\n", ""]
)
def test_no_shadow_where_nothing_is_outranked(tmp_path: Path, text: str) -> None:
    """The same value, none, or an example in the file is no shadow."""
    assert shadow(_reading(tmp_path, text, OPENAI_API_KEY="sk-proj-FAKEoldFAKE1"), "OPENAI_API_KEY") is None


def test_what_is_not_needed_is_not_judged(tmp_path: Path) -> None:
    """The console meets no LiveKit, so an example in LIVEKIT_URL is nobody's fault."""
    reading = _reading(tmp_path, "OPENAI_API_KEY=sk-proj-FAKEFAKEFAKE\nLIVEKIT_URL=wss://your-project.livekit.cloud\n")
    assert _slugs(ask_variables(reading)) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://api.openai.com/v1",
        "https://api.openai.com/v1/",
        "https://proxy.test/openai/v1",
        "wss://proxy.test/v1",
        "https://proxy.test/any/v1/realtime",
        "https://api.openai.com",
        "https://proxy.test/other/v1",
        "https://proxy.test/v1/chat",
    ],
)
def test_an_address_is_taken_as_the_plugin_takes_it(tmp_path: Path, address: str) -> None:
    """An address passes exactly when the plugin's own function leads it to …/v1/realtime."""
    reading = _reading(tmp_path, f"OPENAI_API_KEY=sk-proj-FAKEFAKEFAKE\n{OPENAI_URL}={address}\n")
    reached = process_base_url(address, "model").partition("?")[0]
    assert ("openai-base-url-invalid" in _slugs(ask_variables(reading))) is not reached.endswith("/v1/realtime")


@pytest.mark.parametrize("path", ["/v1/account/gate/openai/v1", "/other/v1/"])
def test_a_gateways_longer_path_is_told_what_it_lacks(tmp_path: Path, path: str) -> None:
    """It does end in /v1, and what it lacks is what the plugin adds to short paths alone; with that it is taken."""
    (finding,) = ask_variables(
        _reading(tmp_path, f"{OPENAI_URL}=https://gate.test{path}\n", OPENAI_API_KEY="k")
    ).findings
    assert finding.fault.slug == "openai-base-url-invalid"
    assert "must end in /v1/realtime" in finding.evidence
    whole = f"{OPENAI_URL}=https://gate.test{path.rstrip('/')}/realtime\n"
    assert _slugs(ask_variables(_reading(tmp_path, whole, OPENAI_API_KEY="k"))) == ["openai-base-url-foreign"]


@pytest.mark.parametrize("region", ["eu", "us"])
def test_openai_in_another_region_is_no_stranger(tmp_path: Path, region: str) -> None:
    """A key of a regional account belongs there: no warning of a foreign server, and the key's rules hold."""
    address = f"{OPENAI_URL}=https://{region}.api.openai.com/v1\n"
    assert _slugs(ask_variables(_reading(tmp_path, f"OPENAI_API_KEY=sk-proj-{'FAKE' * 9}\n{address}"))) == []
    assert _slugs(ask_variables(_reading(tmp_path, f"OPENAI_API_KEY=sk-token\n{address}"))) == ["value-placeholder"]


def test_nothing_of_a_value_is_said_but_its_length(tmp_path: Path) -> None:
    secret = "0123456789abcdefghijklmn"
    reading = _reading(tmp_path, f"OPENAI_API_KEY={secret}\n")
    answer = ask_variables(reading)
    assert "24 characters" in answer.findings[0].evidence
    assert secret[:4] not in repr((answer, reading, reading.files, reading.value("OPENAI_API_KEY")))


@pytest.mark.parametrize(
    "host",
    [
        "localhost:7880",
        "granny.localhost:7880",
        "127.0.0.1:7880",
        "127.1.2.3:7880",
        "[::1]:7880",
        "[::ffff:10.0.0.1]:7880",
        "10.1.2.3:7880",
        "172.16.0.9:7880",
        "192.168.1.5",
        "169.254.1.1",
        "100.64.3.4:7880",
        "[fd12::1]:7880",
        "[fe80::1]:7880",
        "livekit:7880",
        "livekit_server:7880",
        "host.docker.internal:7880",
        "raspberry.local:7880",
        "livekit.voice.svc.cluster.local:7880",
        "livekit.voice.svc:7880",
        "nas.fritz.box:7880",
        "nas.home.arpa:7880",
        "NAS.LAN:7880",
        "nas.local.:7880",
    ],
)
def test_nobody_is_told_to_encrypt_what_stays_at_home(tmp_path: Path, host: str) -> None:
    """This machine, private addresses, names of one word, and the endings that local networks use."""
    text = f"OPENAI_API_KEY=sk-{'fake' * 12}\nLIVEKIT_URL=ws://{host}\nOPENAI_BASE_URL=http://{host}/v1\n"
    file = tmp_path / ".env.local"
    file.write_text(text, encoding="utf-8")
    reading = take_reading((file,), environ={}, needed=("OPENAI_API_KEY", "LIVEKIT_URL"), known=VARIABLES)
    assert "livekit-unencrypted" not in _slugs(ask_variables(reading))


def test_who_meets_no_livekit_server_is_not_warned_of_its_address(tmp_path: Path) -> None:
    reading = _reading(tmp_path, "OPENAI_API_KEY=sk-abc\nLIVEKIT_URL=ws://livekit.example.com\n")
    assert "livekit-unencrypted" not in _slugs(ask_variables(reading))


@pytest.mark.parametrize(
    "word",
    ["placeholder", "changeme", "not-needed", "no-key", "sk-no-key-required", "EMPTY", "x", "xxx", "dummy", "none"],
)
def test_a_word_for_no_key_is_no_fault_with_another_server(tmp_path: Path, word: str) -> None:
    """A server that asks for no key takes any; OpenAI itself does not."""
    found = ask_variables(_reading(tmp_path, f"OPENAI_API_KEY={word}\nOPENAI_BASE_URL=http://127.0.0.1:9000/v1\n"))
    assert [finding for finding in found.findings if finding.severity is Severity.FATAL] == []
    assert ask_variables(_reading(tmp_path, f"OPENAI_API_KEY={word}\n")).findings[0].severity is Severity.FATAL


def test_a_password_in_the_address_is_one_fault(tmp_path: Path) -> None:
    """The key is that server's, whatever else is wrong with its address."""
    text = "OPENAI_API_KEY=1234\nOPENAI_BASE_URL=https://u:p@gateway.test/v1\n"
    assert _slugs(ask_variables(_reading(tmp_path, text))) == ["openai-base-url-invalid"]
    text = "OPENAI_API_KEY=1234\nOPENAI_BASE_URL=https://u:p@api.openai.com/v1\n"
    assert len(_slugs(ask_variables(_reading(tmp_path, text)))) == 2


def test_of_many_lines_only_some_are_named(tmp_path: Path) -> None:
    text = "".join(f"OPENAI_API_KEY=sk-proj-FAKEFAKEFAKEFAKEFAKE{number}\n" for number in range(1, 1001))
    (finding,) = ask_variables(_reading(tmp_path, text)).findings
    assert finding.evidence == "Lines 1, 2, 3, 4, 5, … of .env.local; line 1000 counts."


@pytest.mark.parametrize("secret", ["x", "local", "secret", "1234567"])
def test_a_short_secret_hides_no_name(tmp_path: Path, secret: str) -> None:
    """It is a word, and names are made of words."""
    text = f"OPENAI_API_KEY={secret}\nOPENAI_BASE_URL=https://x.local.secret.1234567.test/v1\n"
    found = ask_variables(_reading(tmp_path, text)).findings
    assert [f.evidence for f in found if f.fault.slug == "openai-base-url-foreign"] == [
        "The host is x.local.secret.1234567.test."
    ]


KEY, URL, ID, SECRET = "OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"
GOOD = "sk-proj-" + "FAKE" * 10
FATAL, WARNING = Severity.FATAL, Severity.WARNING


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        (
            f"{KEY}={GOOD}\n",
            {KEY: ""},
            ("value-empty", "It is empty here, and that outranks the value at .env.local:1.", KEY, "environment"),
        ),
        (
            f"{KEY}={GOOD}\n{KEY}= \n",
            {},
            ("value-empty", "It is empty here, and that outranks the value at .env.local:1.", KEY, ".env.local:2"),
        ),
        (f"A=x\n{KEY}=\n", {}, ("value-empty", "There is nothing after the equals sign.", KEY, ".env.local:2")),
        (
            f"{KEY}={GOOD}\n{KEY}=\n",
            {KEY: ""},
            (
                "value-empty",
                "An empty variable of the environment, which outranks whatever the file says.",
                KEY,
                "environment",
            ),
        ),
        (
            f"{KEY}= \n",
            {KEY: ""},
            (
                "value-empty",
                "An empty variable of the environment, which outranks whatever the file says.",
                KEY,
                "environment",
            ),
        ),
        (
            f"{KEY}={GOOD}\n",
            {KEY: f"{GOOD}2"},
            ("value-shadowed", "The environment outranks .env.local:1, and the two differ.", KEY, "environment"),
        ),
        (
            f"{KEY}={GOOD}\nGRANNY_VOICE=a\n",
            {"GRANNY_VOICE": "b"},
            (
                "value-shadowed",
                "The environment outranks .env.local:2, and the two differ.",
                "GRANNY_VOICE",
                "environment",
            ),
        ),
        (
            f"{KEY}={GOOD}\nOPENAI_API_VERSION=\n",
            {},
            (
                "openai-azure-leftover",
                "It is set, and even empty it would count.",
                "OPENAI_API_VERSION",
                ".env.local:2",
            ),
        ),
        (
            f"{KEY}={GOOD}\n",
            {"OPENAI_API_VERSION": "1", "AZURE_OPENAI_ENDPOINT": ""},
            (
                "openai-azure-leftover",
                "It is set, and even empty it would count. So is AZURE_OPENAI_ENDPOINT: the key would be sent there.",
                "OPENAI_API_VERSION",
                "environment",
            ),
        ),
        (
            f"{KEY}=sk-old\nA=1\n{KEY}={GOOD}\nA=2\n",
            {},
            ("value-duplicated", "Lines 1, 3 of .env.local; line 3 counts.", KEY, ".env.local:3"),
        ),
        (
            "".join(f"{KEY}={GOOD}{number}\n" for number in range(5)),
            {},
            ("value-duplicated", "Lines 1, 2, 3, 4, 5 of .env.local; line 5 counts.", KEY, ".env.local:5"),
        ),
        (
            f"{KEY}={GOOD}\n{OPENAI_URL}=http://gate.example.com/v1\n",
            {},
            (
                "livekit-unencrypted",
                "It begins with http://, and its host is a public one.",
                OPENAI_URL,
                ".env.local:2",
            ),
        ),
    ],
    ids=range(12),
)
def test_what_is_wrong_with_a_variable_is_told_with_what_beats_what(
    tmp_path: Path, text: str, environ: dict[str, str], told: tuple[str, str, str, str]
) -> None:
    """Once, and with its place; the address of another server is mentioned beside it."""
    found = [
        (one.fault.slug, one.evidence, one.variable, one.where)
        for one in ask_variables(_reading(tmp_path, text, **environ)).findings
    ]
    assert [one for one in found if one[0] != "openai-base-url-foreign"] == [told]


@pytest.mark.parametrize(
    "text",
    [
        f"{KEY}={GOOD}\n{KEY}={GOOD}\n",
        f"{KEY}\n{KEY}={GOOD}\n",
        f"A=1\nA=2\n{KEY}={GOOD}\n",
    ],
    ids=range(3),
)
def test_a_variable_that_is_set_twice_to_the_same_is_set_once(tmp_path: Path, text: str) -> None:
    assert _slugs(ask_variables(_reading(tmp_path, text))) == []


def _pair(key: str, secret: str) -> dict[str, str]:
    return {KEY: GOOD, URL: "wss://granny.example", ID: key, SECRET: secret}


def _of_all(
    environ: dict[str, str], *, needed: tuple[str, ...] = (KEY, URL, ID, SECRET)
) -> list[tuple[str, str | None]]:
    reading = take_reading((Path("nowhere/.env.local"),), environ=environ, needed=needed, known=VARIABLES)
    return [(one.fault.slug, one.variable) for one in ask_variables(reading).findings]


@pytest.mark.parametrize("name", [KEY, URL, ID, SECRET])
def test_an_empty_value_that_beats_a_good_one_is_told_of_each(tmp_path: Path, name: str) -> None:
    file = tmp_path / ".env.local"
    file.write_text("".join(f"{one}={value}\n" for one, value in _pair("devkey", "secret").items()))
    reading = take_reading((file,), environ={name: ""}, needed=(KEY, URL, ID, SECRET), known=VARIABLES)
    (finding,) = ask_variables(reading).findings
    assert (finding.fault.slug, finding.variable, finding.where) == ("value-empty", name, "environment")
    assert finding.evidence.startswith("It is empty here, and that outranks the value at .env.local:")


def test_key_and_secret_are_compared_only_if_each_could_be_right() -> None:
    """And only where both are needed: a secret that is wrong by itself is one fault."""
    assert _of_all(_pair("devkey", "APIabc")) == [("livekit-key-secret-swapped", SECRET)]
    assert _of_all(_pair("devkey", "APIabc"), needed=(ID, SECRET)) == [("livekit-key-secret-swapped", SECRET)]
    assert _of_all(_pair("devkey", "APIabc"), needed=(KEY, ID)) == []
    assert _of_all(_pair("your-livekit-api-key", "APIabc")) == [("value-placeholder", ID)]
    assert _of_all(_pair("two words of", "APIabc")) == [
        ("value-whitespace", ID),
        ("livekit-key-secret-swapped", SECRET),
    ]


def test_of_an_address_that_cannot_be_used_no_more_is_said() -> None:
    environ = _pair("devkey", "secret")
    assert _of_all(environ | {URL: "ws://granny.example"}) == [("livekit-unencrypted", URL)]
    assert _of_all(environ | {URL: "ws://granny.example/path"}) == [("livekit-url-invalid", URL)]
    assert _of_all(environ | {OPENAI_URL: "http://gate.example/path"}) == [("openai-base-url-invalid", OPENAI_URL)]


def test_the_detail_says_that_nothing_is_set() -> None:
    reading = take_reading((Path("nowhere/.env.local"),), environ={}, needed=_NEEDED, known=VARIABLES)
    assert ask_variables(reading).detail == "nothing is set"


PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("environ", "in_file", "name", "where"),
    [
        ({"https_proxy": PROXY}, "", "https_proxy", "environment"),
        ({}, f"A=b\nAll_Proxy={PROXY}\n", "All_Proxy", ".env.local:2"),
        ({"https_proxy": PROXY, "ALL_PROXY": PROXY}, "", "ALL_PROXY", "environment"),
        ({"ALL_PROXY": "", "https_proxy": PROXY}, "", "https_proxy", "environment"),
        ({"HTTPS_PROXY": "", "http_proxy": PROXY}, "", "http_proxy", "environment"),
    ],
)
def test_a_proxy_that_nobody_reads_is_told_by_its_name(
    tmp_path: Path, environ: dict[str, str], in_file: str, name: str, where: str
) -> None:
    for address in ("wss://a.example", None):
        known = {} if address is None else {URL: address}
        finding = ignored_proxy(_reading(tmp_path, in_file, **environ, **known), URL)
        assert finding is not None
        assert (finding.evidence, finding.variable, finding.where) == (
            f"{name} is set, and not HTTPS_PROXY.",
            name,
            where,
        )


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTPS_PROXY": PROXY, "https_proxy": PROXY},
        {"HTTP_PROXY": PROXY, "https_proxy": PROXY},
        {"https_proxy": PROXY, URL: "ws://localhost:7880"},
        {"https_proxy": ""},
        {"ftp_proxy": PROXY, "NO_PROXY": "*"},
        {},
    ],
)
def test_where_a_proxy_is_read_or_none_is_needed_nothing_is_said(tmp_path: Path, environ: dict[str, str]) -> None:
    assert ignored_proxy(_reading(tmp_path, "", **environ), URL) is None
