"""Does LiveKit let the worker in? Asked as the worker asks: an upgrade of `GET /agent` with a signed pass."""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlparse

import aiohttp

from granny import faults
from granny.diagnosis import LIVEKIT, livekit_reply, network_finding
from granny.faults import Fault, Finding
from granny.net import http
from granny.net.answer import Answer, Unasked
from granny.net.route import Way, way_of
from granny.preflight.probes._clock import clock_finding, difference_in_words
from granny.preflight.probes._keys import misplaced
from granny.preflight.probes._networks import is_near

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings

SECONDS_IN_ALL = 9.0
SECONDS = 5.0
"""The longest wait for the first answer."""
SECONDS_MORE = 1.2
"""The longest wait for each of the at most three further questions that tell faults apart."""

now = time.time

_PASS_SECONDS = 6 * 60 * 60  # the worker's own passes are valid for six hours
_OTHER_SCHEME = {"ws": "wss", "wss": "ws"}
_LOCAL = ("localhost", "127.0.0.1", "::1")
_MAY_BE_MISMATCH = (
    faults.LIVEKIT_NOT_LIVEKIT,
    faults.LIVEKIT_SILENT,
    faults.LIVEKIT_TLS_MISMATCH,
    faults.LIVEKIT_UNREACHABLE,
)
_PROOFS: dict[str, tuple[Fault | None, ...]] = {"ws": (None,), "wss": (None, faults.LIVEKIT_CERTIFICATE)}
"""What proves that the port speaks the other scheme: an answer, or a certificate not to be trusted."""
_SAID_BY_LIVEKIT = (
    faults.LIVEKIT_KEY_UNKNOWN,
    faults.LIVEKIT_SECRET_WRONG,
    faults.LIVEKIT_QUOTA,
    faults.CLOCK_AHEAD,
    faults.CLOCK_BEHIND,
    faults.PROXY_UNREACHABLE,
)
_GIVE_CERTIFICATE = "it is spoken to in the clear there: it needs a certificate, for it is not in a network of your own"
_CLOCKS = (faults.CLOCK_AHEAD, faults.CLOCK_BEHIND)


@dataclass(frozen=True, slots=True)
class _Door:
    """Where the worker knocks, and with which pair; never shown."""

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    way: Way

    @property
    def scheme(self) -> str:
        return urlparse(self.url).scheme

    @property
    def host(self) -> str:
        return urlparse(self.url).hostname or ""

    def root(self, scheme: str) -> str:
        return f"{scheme}://{urlparse(self.url).netloc}/"


async def ask(settings: Settings) -> Answer | Unasked:
    """Knock as the worker does; nothing is registered, and no call can be sent here.

    Returns within 10 seconds.
    """
    door = _door(settings)
    if isinstance(door, Unasked):
        return door
    if finding := misplaced(door.key, door.secret) or door.way.proxy_fault():
        return _refused(finding)
    try:
        session = http.open_session(door.url, door.way)
    except OSError:
        return _refused(faults.LIVEKIT_CERTIFICATE.found("cannot be read", variable="SSL_CERT_FILE"))
    try:
        async with session:
            return await asyncio.wait_for(_knock(session, door), SECONDS_IN_ALL)
    except asyncio.TimeoutError:
        return _refused(faults.LIVEKIT_SILENT.found(f"no end within {SECONDS_IN_ALL:.0f} s"))


def _door(settings: Settings) -> _Door | Unasked:
    values = (settings.livekit_url, *settings.livekit_pair)
    names = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    for name, value in zip(names, values, strict=True):
        if not value:
            return Unasked(f"{name} is not set")
    url, key, secret = (value or "" for value in values)
    with contextlib.suppress(ValueError):
        address = agent_url(url)
        if urlparse(address).scheme in _OTHER_SCHEME and urlparse(address).hostname:
            return _Door(address, key, secret, settings.secrets, way_of(settings))
    return Unasked("LIVEKIT_URL is no usable address")


def agent_url(url: str) -> str:
    """Where the worker registers; the same steps as `AgentServer._connection_task` of livekit-agents 1.8.9.

    Raises:
        ValueError: the URL cannot be taken apart.
    """
    parts = urlparse(url)
    _ = parts.port  # a port that is no number is found out here
    scheme = parts.scheme.replace("http", "ws") if parts.scheme.startswith("http") else parts.scheme
    return urljoin(f"{scheme}://{parts.netloc}{parts.path}".rstrip("/") + "/", "agent")


async def _knock(session: aiohttp.ClientSession, door: _Door) -> Answer | Unasked:
    try:
        reply = await _present_insistently(session, door)
    except aiohttp.InvalidURL:
        return Unasked("LIVEKIT_URL is no usable address")
    except http.TROUBLES as error:
        finding = await _told_apart(session, door, door.way.finding(error, LIVEKIT))
        return _refused(_through_proxy(finding, door))
    except ValueError:  # aiohttp and PyJWT refuse what cannot be sent or signed with
        return Unasked("LIVEKIT_API_KEY or LIVEKIT_API_SECRET cannot be used")
    if reply.accepted:
        clock = clock_finding(await _date(session, door), now())
        return Answer(f"the server lets Granny in{door.way.in_words}", (clock,) if clock else ())
    finding = await _refusal(session, door, reply)
    clock = clock_finding(reply.date, now()) if finding.fault not in _CLOCKS else None
    return _refused(_through_proxy(finding, door), *((clock,) if clock else ()))


async def _present_insistently(session: aiohttp.ClientSession, door: _Door) -> http.Reply:
    """Once more if the connection was broken off: that may have been chance."""
    try:
        return await _present(session, door, seconds=SECONDS)
    except (aiohttp.ServerDisconnectedError, ConnectionError, aiohttp.ClientOSError) as error:
        seen = network_finding(error, LIVEKIT)
        if not seen or seen.fault is not LIVEKIT.broken_off:
            raise
    return await _present(session, door, seconds=SECONDS_MORE)


async def _present(session: aiohttp.ClientSession, door: _Door, *, seconds: float) -> http.Reply:
    headers = {**http.upgrade_headers(), "Authorization": f"Bearer {_pass(door)}"}
    return await http.get(session, door.url, headers=headers, seconds=seconds)


def _pass(door: _Door) -> str:
    """The worker's own pass: the grant `agent`, valid from now.

    Raises:
        ValueError: the secret is a key of another kind (a certificate's, an SSH key).
    """
    import jwt  # noqa: PLC0415  it takes its time, and only this probe needs it

    moment = int(now())
    claims = {
        "video": {"agent": True},
        "sub": "",
        "iss": door.key,
        "nbf": moment,
        "exp": moment + _PASS_SECONDS,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short secret is the server's business
        try:
            return jwt.encode(claims, door.secret, algorithm="HS256")
        except jwt.InvalidKeyError as error:
            raise ValueError from error  # nothing of it may be shown


async def _date(session: aiohttp.ClientSession, door: _Door) -> float | None:
    """The server's clock; the answer 101 does not tell it."""
    with contextlib.suppress(*http.TROUBLES):
        return (await http.get(session, door.root(door.scheme), headers={}, seconds=SECONDS_MORE)).date
    return None


async def _refusal(session: aiohttp.ClientSession, door: _Door, reply: http.Reply) -> Finding:
    said = livekit_reply(reply.status, reply.body or "", headers=reply.headers, host=door.host)
    finding = door.way.named(said)
    nobodys_words = finding.fault is faults.LIVEKIT_UNAUTHORIZED and reply.status == HTTPStatus.FORBIDDEN
    if nobodys_words and door.way.may_have_answered(door.url):
        return door.way.refused(finding)
    elsewhere = http.sent_on(reply, door.secrets)
    if finding.fault is faults.LIVEKIT_REDIRECTS and elsewhere:
        return replace(finding, evidence=f"{finding.evidence}, to {elsewhere}")
    if finding.fault in _CLOCKS and reply.date is not None:
        gap = difference_in_words(now() - reply.date)
        return replace(finding, evidence=f"{finding.evidence}; this clock is {gap} the server's")
    return await _told_apart(session, door, finding)


async def _told_apart(session: aiohttp.ClientSession, door: _Door, finding: Finding) -> Finding:
    """A second look, without a pass: were only ws:// and wss:// confused?"""
    if finding.fault not in _MAY_BE_MISMATCH or door.way.proxy:
        return finding
    other = _OTHER_SCHEME[door.scheme]
    why_not = await _why_silent(session, door, door.root(other))
    if why_not in _PROOFS[other]:
        may_change = other == "wss" or is_near(door.host)
        advice = f"write {other}:// instead of {door.scheme}://" if may_change else _GIVE_CERTIFICATE
        evidence = f"{finding.evidence}; {advice}"
        return faults.LIVEKIT_TLS_MISMATCH.found(evidence, variable="LIVEKIT_URL")
    if finding.fault is faults.LIVEKIT_TLS_MISMATCH:
        return faults.LIVEKIT_NOT_LIVEKIT.found("neither TLS nor HTTP", variable="LIVEKIT_URL")
    return finding


async def _why_silent(session: aiohttp.ClientSession, door: _Door, url: str) -> Fault | None:
    """None if there is any HTTP answer at this URL, else the fault that keeps it away."""
    try:
        await http.get(session, url, headers={}, seconds=SECONDS_MORE)
    except http.TROUBLES as error:
        return door.way.finding(error, LIVEKIT).fault
    return None


def _through_proxy(finding: Finding, door: _Door) -> Finding:
    """The finding as it looks when a proxy stood in between."""
    used = door.way.proxy
    if used is None or finding.fault in _SAID_BY_LIVEKIT:
        return finding
    if door.host in _LOCAL:
        return faults.PROXY_UNREACHABLE.found(
            f"asked for a LiveKit server on this machine itself: {finding.evidence}", variable=used.variable
        )
    return replace(finding, evidence=f"{finding.evidence}{door.way.in_words}")


def _refused(*findings: Finding) -> Answer:
    return Answer("the server does not let Granny in", findings)
