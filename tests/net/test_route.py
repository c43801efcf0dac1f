"""The check-up and the worker take the same way: through the same proxy, with the same trust, whoever names it."""

from __future__ import annotations

import asyncio
import errno
import ssl
from pathlib import Path

import pytest

from granny import faults
from granny.config.paths import Mode
from granny.config.settings import VARIABLES, load
from granny.diagnosis import LIVEKIT as TO_LIVEKIT
from granny.faults import Finding, Severity
from granny.net.answer import Answer
from granny.net.route import Proxy, Way, way_of
from granny.preflight.checkup import LIVEKIT, OPENAI, Occasion, check_up
from granny.preflight.probes import livekit, openai
from granny.preflight.report import Report
from granny.rehearsal.openai.standin import StandIn
from granny.worker.server import GrannyServer
from scenarios import _fakes as fakes
from scenarios._scene import LIVEKIT_KEY, LIVEKIT_SECRET, OPENAI_KEY, settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def written(folder: Path, **values: str) -> Path:
    given = {
        "OPENAI_API_KEY": OPENAI_KEY,
        "OPENAI_BASE_URL": "http://openai.invalid/v1",
        "LIVEKIT_URL": "ws://livekit.invalid:7880",
        "LIVEKIT_API_KEY": LIVEKIT_KEY,
        "LIVEKIT_API_SECRET": LIVEKIT_SECRET,
        "GRANNY_PREFLIGHT_WAIT": "0",
    }
    file = folder / "granny.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in (given | values).items()))
    file.chmod(0o600)
    return file


async def checked(file: Path, *probes: str) -> Report:
    occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=file, probes=probes or (LIVEKIT, OPENAI))
    report, _ = await check_up(occasion, notice=lambda *_: None)
    return report


def fatal(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity is not Severity.WARNING]


def detail(report: Report, probe: str) -> str:
    return next(outcome.detail for outcome in report.outcomes if outcome.probe == probe)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "HTTP_PROXY"])
async def test_a_proxy_that_only_a_file_names_is_asked(tmp_path: Path, variable: str) -> None:
    """And a dead one is named with its line."""
    file = written(tmp_path, **{variable: f"http://127.0.0.1:{fakes.unused_port()}"})
    report = await checked(file)
    (finding,) = {finding.fault: finding for finding in fatal(report)}.values()
    assert (finding.fault.slug, finding.variable, finding.where) == ("proxy-unreachable", variable, "granny.env:7")
    assert f"{variable} from granny.env:7" in detail(report, "variables")


async def test_the_report_says_that_a_proxy_was_used(tmp_path: Path) -> None:
    async with StandIn(api_key=OPENAI_KEY) as standin:
        host = standin.base_url.removeprefix("http://").removesuffix("/v1")
        async with fakes.listening(fakes.forwarding(host)) as port:
            report = await checked(written(tmp_path, HTTPS_PROXY=f"http://127.0.0.1:{port}"), OPENAI)
            assert standin.connections
    assert fatal(report) == []
    assert detail(report, OPENAI) == "OpenAI answers, through the proxy in HTTPS_PROXY"


async def test_an_issuer_that_only_a_file_names_is_trusted(tmp_path: Path) -> None:
    """SSL_CERT_FILE beside the keys counts for the check-up, as it does for the worker and its calls."""
    authority, tls = fakes.trusted_tls()
    authority.cert_pem.write_to_path(str(tmp_path / "issuer.pem"))
    async with fakes.listening(fakes.http(lambda _: fakes.response(503)), tls=tls) as port:
        url = f"wss://127.0.0.1:{port}"
        trusting = written(tmp_path, LIVEKIT_URL=url, SSL_CERT_FILE=str(tmp_path / "issuer.pem"))
        assert [finding.fault.slug for finding in fatal(await checked(trusting, LIVEKIT))] == ["livekit-unavailable"]
        broken = written(tmp_path, LIVEKIT_URL=url, SSL_CERT_FILE=str(tmp_path / "nothing.pem"))
        (finding,) = fatal(await checked(broken, LIVEKIT))
    assert (finding.fault.slug, finding.variable, finding.where) == (
        "livekit-certificate",
        "SSL_CERT_FILE",
        "granny.env:7",
    )


@pytest.mark.parametrize(
    ("environ", "in_file", "used"),
    [
        ({}, {}, None),
        ({}, {"HTTPS_PROXY": "http://a:1"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://b:1"}, {"HTTPS_PROXY": "http://a:1"}, "http://b:1"),
        ({"HTTPS_PROXY": ""}, {"HTTPS_PROXY": "http://a:1"}, None),
        ({}, {"HTTP_PROXY": "http://a:1"}, "http://a:1"),
        ({"https_proxy": "http://c:1", "NO_PROXY": "*"}, {"HTTP_PROXY": "http://a:1"}, "http://a:1"),
    ],
)
def test_the_worker_takes_the_way_of_the_check_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    in_file: dict[str, str],
    used: str | None,
) -> None:
    """`AgentServer` reads its proxy at import, when no env file has been read yet."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=written(tmp_path, **in_file))
    found = load(occasion.files)
    server = GrannyServer()
    server._follow(found, occasion)
    way = way_of(found)
    assert (server._http_proxy or None) == used == (way.proxy.address if way.proxy else None)


@pytest.mark.parametrize("name", ["https_proxy", "HTTP_proxy", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("place", ["environment", "granny.env:7"])
async def test_a_proxy_that_is_not_read_is_named_where_nothing_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    """livekit-agents reads HTTPS_PROXY and HTTP_PROXY alone; beside an answer nobody needs to know."""
    address = "http://user:password@proxy.invalid:3128"
    if place == "environment":
        monkeypatch.setenv(name, address)
    file = written(tmp_path, **({} if place == "environment" else {name: address}))
    silent = await checked(file)
    assert {finding.fault.slug for finding in fatal(silent)} == {"livekit-host-unknown", "openai-host-unknown"}
    (ignored,) = (finding for finding in silent.findings if finding.fault is faults.PROXY_IGNORED)
    assert (ignored.severity, ignored.where) == (Severity.WARNING, place)
    assert name in ignored.evidence
    assert "password" not in silent.as_text() + silent.as_json()
    async with fakes.listening(fakes.http(lambda _: fakes.response(503))) as port:
        url = f"127.0.0.1:{port}"
        values = {"LIVEKIT_URL": f"ws://{url}", "OPENAI_BASE_URL": f"http://{url}/v1"}
        answered = await checked(written(tmp_path, **values, **({} if place == "environment" else {name: address})))
    assert "proxy-ignored" not in {finding.fault.slug for finding in answered.findings}


async def test_a_proxy_that_is_read_is_not_called_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both spellings are usual on Linux."""
    address = f"http://127.0.0.1:{fakes.unused_port()}"
    monkeypatch.setenv("https_proxy", address)
    report = await checked(written(tmp_path, HTTPS_PROXY=address))
    assert "proxy-ignored" not in {finding.fault.slug for finding in report.findings}


@pytest.mark.parametrize("host", ["livekit.invalid", "openai.invalid"])
async def test_a_server_nearby_needs_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Nothing listens on this machine: no proxy would change that."""
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    near = f"127.0.0.1:{fakes.unused_port()}"
    probe, value = (OPENAI, f"http://{near}/v1") if host.startswith("openai") else (LIVEKIT, f"ws://{near}")
    report = await checked(written(tmp_path, **{"OPENAI_BASE_URL" if probe == OPENAI else "LIVEKIT_URL": value}), probe)
    assert "proxy-ignored" not in {finding.fault.slug for finding in report.findings}


async def test_ws_is_never_advised_over_the_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public server that speaks without encryption only is to get a certificate."""
    monkeypatch.setattr(livekit, "is_near", lambda _: False)
    async with fakes.listening(fakes.http(lambda _: fakes.response(200, "OK"))) as port:
        answer = await livekit.ask(settings(LIVEKIT_URL=f"wss://127.0.0.1:{port}"))
    assert isinstance(answer, Answer)
    (finding,) = answer.findings
    assert finding.fault.slug == "livekit-tls-mismatch"
    assert "ws://" not in finding.evidence
    assert "certificate" in finding.evidence


async def test_ws_is_never_advised_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two cut the connection, the proxy or the server, cannot be told; the proxy is nearer."""

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(fakes.TUNNEL if head.startswith(b"CONNECT") else fakes.response(200, "OK"))
        await writer.drain()

    async with fakes.listening(cut) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        answer = await livekit.ask(settings(LIVEKIT_URL="wss://livekit.invalid"))
    assert isinstance(answer, Answer)
    (finding,) = answer.findings
    assert (finding.fault.slug, finding.variable) == ("proxy-unreachable", "HTTPS_PROXY")
    assert "ws://" not in finding.evidence


async def test_openais_own_refusal_through_a_proxy_stays_openais(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that passes on what the server says is not blamed for it."""
    async with StandIn(api_key="another") as standin:
        host = standin.base_url.removeprefix("http://").removesuffix("/v1")
        async with fakes.listening(fakes.forwarding(host)) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            answer = await openai.ask(settings(OPENAI_BASE_URL="http://openai.invalid/v1"))
    assert isinstance(answer, Answer)
    assert [finding.fault.slug for finding in answer.findings] == ["openai-key-rejected"]


THROUGH = Way(Proxy("HTTPS_PROXY", "http://proxy.example:3128"))


def told(finding: Finding | None) -> tuple[str, str, str | None] | None:
    return (finding.fault.slug, finding.evidence, finding.variable) if finding else None


@pytest.mark.parametrize(
    ("address", "is_usable"),
    [
        ("http://proxy.example:3128", True),
        ("https://proxy.example", True),
        ("proxy.example:3128", False),
        ("socks5://proxy.example:1080", False),
        ("http://", False),
        ("http://proxy.example:port", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_an_address_that_is_no_proxys_is_told(address: str, is_usable: bool) -> None:  # noqa: FBT001  a column of the table
    proxy = Proxy("HTTP_PROXY", address)
    assert proxy.is_usable is is_usable
    evidence = "its value is no address that begins with http://"
    fault = None if is_usable else ("proxy-unreachable", evidence, "HTTP_PROXY")
    assert told(Way(proxy).proxy_fault()) == fault
    assert not address or address not in repr(proxy)


class FailedError(OSError):
    """As aiohttp's, which says whom it is about."""

    def __init__(self, host: str | None, port: int | None, number: int = errno.ETIMEDOUT) -> None:
        super().__init__(number, "words that nobody shows")
        self.host, self.port = host, port


@pytest.mark.parametrize(
    ("address", "host", "port", "is_its"),
    [
        ("http://proxy.example:3128", "proxy.example", 3128, True),
        ("http://proxy.example:3128", "proxy.example", 80, False),
        ("http://proxy.example:3128", "other.example", 3128, False),
        ("http://proxy.example", "proxy.example", 80, True),
        ("https://proxy.example", "proxy.example", 443, True),
        ("https://proxy.example", "proxy.example", 80, False),
        ("socks5://proxy.example", "proxy.example", None, True),
        ("http://proxy.example:port", None, None, False),
    ],
)
def test_whose_failure_it_was_is_told_by_host_and_port(
    address: str,
    host: str | None,
    port: int | None,
    is_its: bool,  # noqa: FBT001  a column of the table
) -> None:
    assert Proxy("HTTPS_PROXY", address).is_host_of(FailedError(host, port)) is is_its
    assert not Proxy("HTTPS_PROXY", "http://proxy.example").is_host_of(KeyError("proxy.example"))


@pytest.mark.parametrize(
    ("error", "alone", "through"),
    [
        (
            FailedError("livekit.example", 443, errno.ENETUNREACH),
            ("livekit-unreachable", "connection failed: ENETUNREACH", "LIVEKIT_URL"),
            ("proxy-unreachable", "connection failed: ENETUNREACH", "HTTPS_PROXY"),
        ),
        (
            FailedError("livekit.example", 443, errno.ECONNREFUSED),
            ("livekit-not-listening", "connection failed: ECONNREFUSED", "LIVEKIT_URL"),
            ("proxy-unreachable", "connection failed: ECONNREFUSED", "HTTPS_PROXY"),
        ),
        (
            FailedError("livekit.example", 443, errno.ECONNRESET),
            ("livekit-not-livekit", "the connection was closed without an answer", "LIVEKIT_URL"),
            ("proxy-unreachable", "the connection was closed without an answer", "HTTPS_PROXY"),
        ),
        (
            TimeoutError(),
            ("livekit-silent", "no answer in the time allowed", "LIVEKIT_URL"),
            ("livekit-silent", "no answer in the time allowed", "LIVEKIT_URL"),
        ),
        (
            ssl.SSLError(),
            ("livekit-certificate", "TLS could not be agreed on", "LIVEKIT_URL"),
            ("livekit-certificate", "TLS could not be agreed on", "LIVEKIT_URL"),
        ),
        (
            KeyError("words that nobody shows"),
            ("livekit-unreachable", "connection failed: KeyError", "LIVEKIT_URL"),
            ("proxy-unreachable", "connection failed: KeyError", "HTTPS_PROXY"),
        ),
    ],
)
def test_behind_a_proxy_the_proxy_is_suspected_first(
    error: Exception, alone: tuple[str, str, str], through: tuple[str, str, str]
) -> None:
    """Of a connection that does not come about; a silence and a certificate may be the server's."""
    if isinstance(error, ssl.SSLError):
        error.reason = "UNSUPPORTED"
    assert told(Way().finding(error, TO_LIVEKIT)) == alone
    assert told(THROUGH.finding(error, TO_LIVEKIT)) == through


@pytest.mark.parametrize("name", ["ServerTimeoutError", "ConnectionTimeoutError"])
def test_a_silence_of_the_proxys_own_is_the_proxys(name: str) -> None:
    error = type(name, (FailedError, TimeoutError), {})("proxy.example", 3128)
    assert told(THROUGH.finding(error, TO_LIVEKIT)) == (
        "proxy-unreachable",
        "no answer in the time allowed",
        "HTTPS_PROXY",
    )


def test_what_is_not_about_the_proxy_keeps_its_variable() -> None:
    finding = faults.LIVEKIT_REDIRECTS.found("HTTP 301", variable="LIVEKIT_URL")
    assert THROUGH.named(finding) == finding
    proxys = faults.PROXY_UNREACHABLE.found("x")
    assert (THROUGH.named(proxys).variable, Way().named(proxys).variable) == ("HTTPS_PROXY", None)


def test_a_refusal_in_nobodys_words_is_the_proxys() -> None:
    refused = THROUGH.refused(faults.LIVEKIT_UNAUTHORIZED.found("HTTP 403", variable="LIVEKIT_URL"))
    assert told(refused) == ("proxy-unreachable", "HTTP 403, and not in the words of the server", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("url", "may"), [("ws://a", True), ("http://a", True), ("wss://a", False), ("https://a/v1", False)]
)
def test_only_where_nothing_is_encrypted_a_proxy_can_answer(url: str, may: bool) -> None:  # noqa: FBT001  a column of the table
    assert THROUGH.may_have_answered(url) is may
    assert Way().may_have_answered(url) is False


def test_a_way_without_a_proxy_adds_no_words() -> None:
    assert (Way().in_words, Way().proxy_fault()) == ("", None)
    assert THROUGH.in_words == ", through the proxy in HTTPS_PROXY"


def test_the_way_is_that_of_the_settings() -> None:
    found = settings(HTTP_PROXY="http://a:1", SSL_CERT_FILE="/a/file.pem", SSL_CERT_DIR="/a/folder")
    assert way_of(found) == Way(Proxy("HTTP_PROXY", "http://a:1"), "/a/file.pem", "/a/folder")
    both = settings(HTTP_PROXY="http://a:1", HTTPS_PROXY="http://b:1")
    assert way_of(both).proxy == Proxy("HTTPS_PROXY", "http://b:1")
    assert way_of(settings()) == Way()
