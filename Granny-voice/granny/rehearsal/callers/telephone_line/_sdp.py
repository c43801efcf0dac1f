"""What both ends of a call tell each other of their sound (SDP, RFC 4566): where it is wanted, and how it is coded."""

from __future__ import annotations

import re
from dataclasses import dataclass

KEYS = 101
"""Payload type of pressed keys (RFC 4733), where nobody has said otherwise."""
_BODY = """\
v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP {codec} {keys}
a=rtpmap:{codec} {name}/8000
a=rtpmap:{keys} telephone-event/8000
a=fmtp:{keys} 0-16
a=ptime:20
a=sendrecv
"""


@dataclass(frozen=True, slots=True)
class Media:
    """One end's sound.

    Attributes:
        address: where it wants the other's packets.
        codecs: payload types it takes, the best first.
        keys: payload type of pressed keys.
    """

    address: tuple[str, int]
    codecs: tuple[int, ...]
    keys: int


def write(port: int, *, codec: int, name: str, keys: int = KEYS) -> str:
    """Of an end on 127.0.0.1 that has one codec, and keys."""
    return _BODY.format(port=port, codec=codec, name=name, keys=keys).replace("\n", "\r\n")


def read(body: str) -> Media:
    """What the other end has told.

    Raises:
        ValueError: there is no sound in it.
    """
    host = re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE)
    sound = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", body, re.MULTILINE)
    keys = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", body, re.MULTILINE)
    if not (host and sound):
        msg = "no sound is offered"
        raise ValueError(msg)
    return Media((host[1], int(sound[1])), tuple(map(int, sound[2].split())), int(keys[1]) if keys else KEYS)
