"""`python -m granny ring anna`: rings a person, again if nobody answers, and says whether they were reached."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

from granny import alerts
from granny.commands._livekit_only import checked, refuse, with_findings
from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode, Finding
from granny.preflight import terminal
from granny.preflight.checkup import LIVEKIT, Occasion

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.people import Person
    from granny.phone.trying import Tried, Try

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
"""A byte of a unit's name, which `systemctl` writes so for whoever types granny-ring@käthe (systemd.unit(5))."""
STOPPED = 143
"""The exit status of a command that SIGTERM has ended, as a shell tells it; no telephone rings on."""

_WHOM = "who is rung: anna, of whom there is a file people/anna.toml with a number in it"
_NOBODY_NAMED = "who is to be rung? python -m granny ring NAME"
_UNKNOWN = "there is no file people/{person}.toml that can be used{guess}"
_GUESS = "; did you mean {name}?"

_OUTCOMES = {
    "answered": "answered, and talked with",
    "no-conversation": "answered, but no conversation came of it",
    "machine": "an answering machine took the call",
    "busy": "busy",
    "declined": "declined",
    "not-answered": "nobody answered",
    "unreachable": "the telephone cannot be reached",
}
_TRIED = "{at:%H:%M}  {outcome}{again}"
_AGAIN = "; once more at {again:%H:%M}"
_REACHED = "{person} was reached."
_NOT_REACHED = "{person} was not reached{why}."
_QUIET = ": it is no hour to ring (ring_hours in the file)"


@dataclass(slots=True)
class _Telling:
    """What is told of each call: a line at once, or all of them as JSON in the end.

    Attributes:
        as_json: which of the two.
        tries: those so far.
    """

    as_json: bool
    tries: list[Try] = field(default_factory=list)

    def tried(self, one: Try, again: datetime | None) -> None:
        self.tries.append(one)
        if not self.as_json:
            later = _AGAIN.format(again=again) if again else ""
            print(_TRIED.format(at=one.at, outcome=_OUTCOMES[one.outcome.value], again=later), flush=True)

    def end(self, person: str, tried: Tried) -> int:
        """The last word; the exit status."""
        code = ExitCode.OK if tried.is_reached else ExitCode.TEMPFAIL
        if self.as_json:
            print(json.dumps(_record(person, tried, code), indent=2, ensure_ascii=False), flush=True)
        elif tried.is_reached:
            print(_REACHED.format(person=person), flush=True)
        else:
            print(_NOT_REACHED.format(person=person, why=_QUIET if tried.is_quiet_hour else ""), flush=True)
        return code


def main(arguments: Sequence[str]) -> int:
    """Ring until somebody is reached, or it is enough; returns the exit status."""
    terminal.show_anything()
    options = _options()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, probes=(LIVEKIT,))
    try:
        return terminal.interruptible(_run(chosen, options, occasion))
    except asyncio.CancelledError:
        return STOPPED


def _options() -> Options:
    options = Options("ring")
    options.add_argument("person", nargs="?", default="", help=_WHOM)
    options.add_json()
    options.add_files()
    return options


async def _run(chosen: argparse.Namespace, options: Options, occasion: Occasion) -> int:
    _end_by_sigterm()
    report, settings = await checked(occasion)
    if settings is None:
        return refuse(report, as_json=chosen.json)
    slug = _slug(chosen.person)
    person = _person(slug, options, occasion)
    telling = _Telling(chosen.json)
    done = await _reached(slug, person, settings, telling)
    if isinstance(done, Finding):
        await alerts.not_reached(slug, settings, why=done.fault.slug)
        return refuse(with_findings(report, [done]), as_json=chosen.json)
    status = telling.end(slug, done)
    if done.tries and not done.is_reached:
        await alerts.not_reached(slug, settings)
    return status


def _end_by_sigterm() -> None:
    """As by Ctrl+C: what rings is hung up first."""
    task = asyncio.current_task()
    if task:
        with contextlib.suppress(NotImplementedError):  # Windows has none
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _slug(typed: str) -> str:
    """As the file is called: for an ä systemd has what stands in `_ESCAPED`, and macOS writes it in two pieces."""
    octets = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), typed.encode(errors="surrogateescape"))
    return unicodedata.normalize("NFC", octets.decode(errors="replace"))


def _person(slug: str, options: Options, occasion: Occasion) -> Person:
    from granny.people import read  # noqa: PLC0415  it needs pydantic; were that missing, the report would have said so

    if not slug:
        options.error(_NOBODY_NAMED)
    people = read(occasion.people).people
    if slug not in people:
        close = get_close_matches(slug, list(people), n=1)
        options.error(_UNKNOWN.format(person=slug, guess=_GUESS.format(name=close[0]) if close else "."))
    return people[slug]


async def _reached(slug: str, person: Person, settings: Settings, telling: _Telling) -> Tried | Finding:
    from granny.phone.reaching import reach  # noqa: PLC0415  livekit takes its time

    return await reach(slug, person, settings, telling.tried)


def _record(person: str, tried: Tried, code: ExitCode) -> dict[str, object]:
    return {
        "person": person,
        "reached": tried.is_reached,
        "quiet_hour": tried.is_quiet_hour,
        "exit_code": int(code),
        "tries": [
            {"at": one.at.isoformat(timespec="seconds"), "outcome": one.outcome.value, "seconds": round(one.seconds, 1)}
            for one in tried.tries
        ],
    }
