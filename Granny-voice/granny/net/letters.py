"""Has letters sent by a process of its own, and tells what became of each; nothing of an address is ever shown."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field

from granny.config.paths import HOME

AT_ONCE = 8
"""So many letters go to one process, which then takes less than the lease of what is taken from the outbox."""
_SECONDS = 100
"""After so long it has not even given up, and is ended."""
_PROGRAM = ("-m", "granny.net.sending")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent to one address.

    Attributes:
        address: as Apprise has it; a secret.
        title: a line.
        body: all else; empty: nothing is sent, and only seen whether the address can be used.
    """

    address: str = field(repr=False)
    title: str = ""
    body: str = ""

    @classmethod
    def of(cls, address: str, text: str) -> Letter:
        """A text whose first line is the title."""
        title, _, body = text.partition("\n")
        return cls(address, title, body.strip() or title)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter.

    Attributes:
        outcome: sent, refused, unreached or unusable, as `granny.net.sending` has it.
        service: what Apprise calls the service; empty: it knows none by this address.
        code: of HTTP or SMTP, with which it was refused.
    """

    outcome: str
    service: str = ""
    code: str | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the service has taken it."""
        return self.outcome == "sent"

    @property
    def is_usable(self) -> bool:
        """Whether anything can be sent to the address."""
        return self.outcome != "unusable"


Send = Callable[[Sequence[Letter]], Awaitable[Sequence[Outcome]]]
UNREACHED = Outcome("unreached")
"""Also what is told where the process itself failed."""


async def send(letters: Sequence[Letter]) -> Sequence[Outcome]:
    """Send them, one after another; what became of each, in the same order."""
    outcomes: list[Outcome] = []
    for start in range(0, len(letters), AT_ONCE):
        some = letters[start : start + AT_ONCE]
        outcomes += await _handed_over(some) or [UNREACHED] * len(some)
    return outcomes


async def _handed_over(letters: Sequence[Letter]) -> list[Outcome]:
    """What the process told; nothing if it could not be started, broke or took too long."""
    with contextlib.suppress(OSError, ValueError, TypeError, asyncio.TimeoutError):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *_PROGRAM,
            cwd=HOME,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            told, _ = await asyncio.wait_for(process.communicate(_written(letters)), _SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        outcomes = [Outcome(**given) for given in json.loads(told)]
        return outcomes if len(outcomes) == len(letters) else []
    return []


def _written(letters: Sequence[Letter]) -> bytes:
    return json.dumps([asdict(letter) for letter in letters]).encode()
