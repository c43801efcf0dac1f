"""Who talks with whom in one call: addresses, tags, sequence numbers, and the password that is asked for (RFC 3261)."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from granny.rehearsal.callers.telephone_line import _message
from granny.rehearsal.callers.telephone_line._message import Message


@dataclass(frozen=True, slots=True)
class Account:
    """What a line logs in with."""

    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Dialog:
    """One end's view of a call.

    Attributes:
        here: host and port of this end's socket.
        call_id: of the call.
        own, other: From and To of this end's requests, tags included as soon as they are known.
        target: whom this end's requests go to.
        number: of this end's last request.
    """

    here: str
    call_id: str
    own: str
    other: str
    target: str
    number: int = 0

    @property
    def contact(self) -> str:
        """Where this end is found."""
        return f"<sip:telephone@{self.here}>"

    @property
    def tag(self) -> str:
        """This end's."""
        return _message.parameter(self.own, "tag")

    def request(self, method: str, *more: tuple[str, str], body: str = "") -> Message:
        """A new request to the other end."""
        self.number += 1
        return self._request(method, f"z9hG4bK{secrets.token_hex(8)}", *more, body=body)

    def follow(self, method: str, branch: str) -> Message:
        """What belongs to the last request: CANCEL, or the ACK of a refusal."""
        return self._request(method, branch)

    def acknowledge(self) -> Message:
        """An answer has come."""
        return self._request("ACK", f"z9hG4bK{secrets.token_hex(8)}")

    def learn(self, message: Message) -> None:
        """From an answer: the other's tag, and where it is."""
        self.other = message.get("to")
        if contact := message.get("contact"):
            self.target = _message.uri(contact)

    def _request(self, method: str, branch: str, *more: tuple[str, str], body: str = "") -> Message:
        headers = (
            ("Via", f"SIP/2.0/UDP {self.here};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", self.own),
            ("To", self.other),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.number} {method}"),
            ("Contact", self.contact),
            ("User-Agent", "telephone"),
            *more,
            *((("Content-Type", "application/sdp"),) if body else ()),
        )
        return _message.request(method, self.target, headers, body)


def dialled(here: str, there: str, *, own: str, other: str) -> Dialog:
    """A call that this end begins: numbers of both."""
    me = f'"{own}" <sip:{own}@{here}>;tag={secrets.token_hex(6)}'
    target = f"sip:{other}@{there}"
    return Dialog(here, secrets.token_hex(12), me, f"<{target}>", target)


def rung(here: str, invite: Message) -> Dialog:
    """A call that the other end has begun."""
    me = f"{invite.get('to')};tag={secrets.token_hex(6)}"
    return Dialog(here, invite.get("call-id"), me, invite.get("from"), _message.uri(invite.get("contact")))


def credentials(account: Account, challenge: Message, target: str) -> tuple[str, str]:
    """The header by which a second INVITE answers a 407: who rings (RFC 2617, without `qop`)."""
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge.get("proxy-authenticate")))
    realm, nonce = asked["realm"], asked["nonce"]
    who, what = _md5(f"{account.user}:{realm}:{account.password}"), _md5(f"INVITE:{target}")
    told = {"username": account.user, "realm": realm, "nonce": nonce, "uri": target}
    told["response"] = _md5(f"{who}:{nonce}:{what}")
    return "Proxy-Authorization", "Digest " + ", ".join(f'{name}="{value}"' for name, value in told.items())


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
