"""`python -m granny phone setup`: makes what her telephone needs of LiveKit, or brings it up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from granny import faults
from granny.commands._livekit_only import checked, refuse, with_findings
from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode, Finding
from granny.preflight import terminal
from granny.preflight.checkup import LIVEKIT, PHONE, Occasion, ask_alone
from granny.preflight.report import Report

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.rooms.trunks import Change

_SETUP = "setup"
_WHAT = "setup: make the trunks and the rule in LiveKit, or bring them up to date; again and again with the same result"
_DRY_RUN = "say what would be done, and do nothing"
_NOTHING_SAID = "what is to be done? python -m granny phone setup"

_HEAD = "Her telephone, whose number ends in {digits}, in LiveKit:"
_LINE = "  {state:<{width}}  {piece}{differs}"
_DIFFERS = ": {names}"
_DONE = {"new": "made", "other": "changed", "same": "as it was"}
_TO_DO = {"new": "to be made", "other": "to be changed", "same": "as it should be"}
_NEXT = "What to type in at your provider, or in your PBX, is in docs/phone.md."


def main(arguments: Sequence[str]) -> int:
    """Check up, and do it or say what would be done; returns the exit status."""
    terminal.show_anything()
    options = _options()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, probes=(LIVEKIT,))
    return terminal.interruptible(_run(chosen, options, occasion))


def _options() -> Options:
    options = Options("phone")
    options.add_argument("what", nargs="?", choices=(_SETUP,), help=_WHAT)
    options.add_argument("--dry-run", action="store_true", help=_DRY_RUN)
    options.add_files()
    return options


async def _run(chosen: argparse.Namespace, options: Options, occasion: Occasion) -> int:
    report, settings = await checked(occasion)
    if settings is None:
        return refuse(report)
    if chosen.what is None:
        options.error(_NOTHING_SAID)
    if not settings.phone_number:
        return refuse(with_findings(report, [faults.PHONE_NUMBER_MISSING.found("", variable="GRANNY_PHONE_NUMBER")]))
    done = await (_planned(settings) if chosen.dry_run else _set_up(settings))
    if isinstance(done, Finding):
        return refuse(with_findings(report, [done]))
    print(*_lines(settings.phone_number, done, _TO_DO if chosen.dry_run else _DONE), sep="\n", flush=True)
    return ExitCode.OK if chosen.dry_run else await _looked_at(settings, report)


async def _planned(settings: Settings) -> tuple[Change, ...] | Finding:
    from granny.phone.setup import planned, with_livekit  # noqa: PLC0415  livekit takes its time

    return await with_livekit(settings, planned)


async def _set_up(settings: Settings) -> tuple[Change, ...] | Finding:
    from granny.phone.setup import set_up, with_livekit  # noqa: PLC0415  as above

    return await with_livekit(settings, set_up)


def _lines(number: str, changes: Sequence[Change], words: dict[str, str]) -> list[str]:
    width = max(map(len, words.values()))
    return [_HEAD.format(digits=number[-2:]), *(_line(change, words, width) for change in changes)]


def _line(change: Change, words: dict[str, str], width: int) -> str:
    """LiveKit's names of what is changed; not the values, for passwords and numbers are among them."""
    if change.before is None:
        return _LINE.format(state=words["new"], width=width, piece=change.piece.value, differs="")
    if not change.is_needed:
        return _LINE.format(state=words["same"], width=width, piece=change.piece.value, differs="")
    names = _DIFFERS.format(names=", ".join(change.differs))
    return _LINE.format(state=words["other"], width=width, piece=change.piece.value, differs=names)


async def _looked_at(settings: Settings, report: Report) -> int:
    """What the check-up says of it from now on."""
    outcome = await ask_alone(PHONE, settings)
    after = Report((outcome,), report.file)
    if after.findings:
        print(terminal.text(after, stream=sys.stderr), file=sys.stderr)
    print(_NEXT)
    return after.exit_code
