"""A program that runs beside a rehearsal: its words are in a file, and it ends with the rehearsal, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_READY_SECONDS = 20.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """A running program.

    Attributes:
        process: it.
        log: where its output goes.
    """

    process: asyncio.subprocess.Process
    log: Path

    @property
    def words(self) -> str:
        """All it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: int) -> None:
        """Send it a signal, if it is there."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    async def kill(self) -> None:
        """Its end without a word, frozen or not."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """SIGTERM, and its end."""
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        except asyncio.TimeoutError:
            await self.kill()

    async def until_listening(self, port: int) -> bool:
        """Whether it comes up; a server ends at once where its port is taken."""
        for _ in range(int(_READY_SECONDS / 0.1)):
            if self.process.returncode is not None:
                return False
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return True
            await asyncio.sleep(0.1)
        return False


async def start(*command: str, log: Path, environment: Mapping[str, str] | None = None) -> Program:
    """Start a program, its output behind what the log holds already.

    Raises:
        OSError: it is not installed.
    """
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *_with_us(), *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    return Program(process, log)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody has just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _with_us() -> tuple[str, ...]:
    """Before a command: where it can be had, the kernel ends the program with whoever started it, killed or not."""
    guard = shutil.which("setpriv")
    return (guard, "--pdeathsig", "KILL") if guard else ()
