"""Can a port be had where it is to be?"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from enum import Enum

from granny.faults import PORT_IN_USE, SETTING_INVALID
from granny.net.answer import Answer


class Port(str, Enum):
    """A port that she opens, by the group of settings that names it."""

    HEALTH = "health"
    PAGE = "page"

    @property
    def variables(self) -> tuple[str, str]:
        """Those of port and address."""
        return f"GRANNY_{self.name}_PORT", f"GRANNY_{self.name}_HOST"


_ALL = ("::", "0.0.0.0")  # noqa: S104  where the worker listens too
_REASONS = {errno.EADDRINUSE: "address already in use", errno.EACCES: "permission denied"}
"""In our own words: Windows has none for a socket's error number."""


def ask_port(
    port: int,
    host: str = "127.0.0.1",
    *,
    opens: Port = Port.HEALTH,
    where: Callable[[str], str | None] = lambda _: None,
) -> Answer:
    """Bind the port at the address, as it will be, and let it go.

    Args:
        port: its number; 0 means any, which is always free.
        host: its address; `::` means all, IPv4's too.
        opens: which one it is.
        where: the place that sets a variable.
    """
    named_port, named_host = opens.variables
    errors = [_refusal(one, port) for one in (_ALL if host == _ALL[0] else (host,))]
    reason = next((_REASONS[error] for error in errors if error in _REASONS), None)
    if reason:
        evidence = f"Port {port}: {reason}."
        return Answer(
            f"port {port} is taken", (PORT_IN_USE.found(evidence, variable=named_port, where=where(named_port)),)
        )
    if host not in _ALL and errno.EADDRNOTAVAIL in errors:
        finding = SETTING_INVALID.found("No address of this machine.", variable=named_host, where=where(named_host))
        return Answer("there is no such address", (finding,))
    return Answer(f"port {port} is free" if port else "any free port will do")


def _refusal(host: str, port: int) -> int | None:
    """The error by which port and address cannot be had, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio's servers do
            listener.bind((host, port))
            listener.listen(1)
    except OSError as error:
        return error.errno
    return None
