"""One SIP message: first line, headers and body, as a datagram holds them (RFC 3261, chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass

_VERSION = "SIP/2.0"
_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "c": "content-type",
    "l": "content-length",
}
"""Short names of headers (chapter 20)."""
_OF_A_REQUEST = ("via", "from", "to", "call-id", "cseq", "record-route")
"""What an answer repeats (chapter 8.2.6)."""
_REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    404: "Not Found",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
    603: "Decline",
}
"""As chapter 21 has them."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer.

    Attributes:
        first: its first line.
        headers: in their order, each under its name.
        body: after the empty line.
    """

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @property
    def status(self) -> int:
        """An answer's number; 0: it is a request."""
        return int(self.first.split()[1]) if self.first.startswith(_VERSION) else 0

    @property
    def method(self) -> str:
        """What a request asks for; of an answer, what had been asked for."""
        return self.get("cseq").split()[1]

    @property
    def branch(self) -> str:
        """Which transaction it belongs to."""
        return parameter(self.get("via"), "branch")

    def get(self, name: str) -> str:
        """The first header of this name; empty: there is none."""
        return next(iter(self.every(name)), "")

    def every(self, name: str) -> list[str]:
        """All of this name."""
        return [value for header, value in self.headers if _plain(header) == name]

    def encode(self) -> bytes:
        """The datagram."""
        body = self.body.encode()
        headers = (*self.headers, ("Content-Length", str(len(body))))
        lines = [self.first, *(f"{name}: {value}" for name, value in headers), "", ""]
        return "\r\n".join(lines).encode() + body


def decode(datagram: bytes) -> Message:
    """What a datagram holds.

    Raises:
        ValueError: it is no SIP message.
    """
    head, _, body = datagram.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    if _VERSION not in first:
        msg = "not a SIP message"
        raise ValueError(msg)
    pairs = (line.partition(":") for line in lines)
    return Message(first, tuple((name.strip(), value.strip()) for name, _, value in pairs), body)


def request(method: str, uri: str, headers: tuple[tuple[str, str], ...], body: str = "") -> Message:
    """Ask for something."""
    return Message(f"{method} {uri} {_VERSION}", headers, body)


def answer(to: Message, status: int, *, tag: str, contact: str, body: str = "") -> Message:
    """Answer a request, as the end that has this tag."""
    headers = [(name, value) for name, value in to.headers if _plain(name) in _OF_A_REQUEST]
    tagged = [(name, _with_tag(value, tag) if _plain(name) == "to" else value) for name, value in headers]
    own = [("Contact", contact), *([("Content-Type", "application/sdp")] if body else [])]
    return Message(f"{_VERSION} {status} {_REASONS.get(status, 'Refused')}", (*tagged, *own), body)


def parameter(value: str, name: str) -> str:
    """A header's parameter; empty: there is none."""
    for part in value.rpartition(">")[2].split(";") if ">" in value else value.split(";"):
        key, _, content = part.strip().partition("=")
        if key == name:
            return content
    return ""


def uri(value: str) -> str:
    """The address in a Contact, From or To."""
    return value.partition("<")[2].partition(">")[0] if "<" in value else value.partition(";")[0]


def _with_tag(value: str, tag: str) -> str:
    return value if parameter(value, "tag") else f"{value};tag={tag}"


def _plain(name: str) -> str:
    return _COMPACT.get(name.lower(), name.lower())
