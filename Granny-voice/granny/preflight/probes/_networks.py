"""Which hosts are near: this machine, or a network of one's own, where nobody else can listen."""

from __future__ import annotations

import contextlib
from ipaddress import IPv6Address, ip_address

_ENDINGS = (
    ".localhost",
    ".local",
    ".internal",
    ".lan",
    ".home",
    ".home.arpa",
    ".intranet",
    ".localdomain",
    ".fritz.box",
    ".svc",
    ".ts.net",
)
"""Names that no public name service answers for, or that lead into a network of one's own: mDNS (RFC 6762), ICANN's
`.internal`, RFC 8375, routers, Kubernetes, Tailscale (which encrypts by itself)."""


def is_near(host: str) -> bool:
    """Whether a host is this machine or, by its name or its number, in a private network.

    A name of one word can only be answered by the local network, by Docker or by the hosts file. A private network
    behind a public name cannot be told by the name.
    """
    name = host.lower().rstrip(".")
    with contextlib.suppress(ValueError):
        address = ip_address(name)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return not (mapped or address).is_global
    return "." not in name or name.endswith(_ENDINGS)
