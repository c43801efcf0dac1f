"""Is the port of the health page free?"""

from __future__ import annotations

import errno
import os
import socket

from granny.faults import PORT_IN_USE
from granny.probes._answer import Answer

_FAMILIES = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))  # noqa: S104  where the worker listens too
_REASONS = {errno.EADDRINUSE: "address already in use", errno.EACCES: "permission denied"}
"""In our own words: Windows has none for a socket's error number."""


def ask_port(port: int, *, where: str | None = None) -> Answer:
    """Bind the port on all interfaces, as the worker will, and let it go.

    Args:
        port: of GRANNY_HEALTH_PORT; 0 means any, which is always free.
        where: the place that sets it.
    """
    reason = next((reason for family, host in _FAMILIES if (reason := _refusal(family, host, port))), None)
    if not reason:
        return Answer(f"port {port} is free" if port else "any free port will do")
    evidence = f"Port {port}: {reason}."
    return Answer(f"port {port} is taken", (PORT_IN_USE.found(evidence, variable="GRANNY_HEALTH_PORT", where=where),))


def _refusal(family: socket.AddressFamily, host: str, port: int) -> str | None:
    """Why the port cannot be had, or None; a machine without this kind of network has nothing to refuse."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio's servers do
            listener.bind((host, port))
            listener.listen(1)
    except OSError as error:
        return _REASONS.get(error.errno or 0)
    return None
