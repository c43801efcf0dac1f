"""`python -m granny alert test`: sends a trial to each address of GRANNY_ALERTS, and tells what its service says."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode
from granny.logs.redaction import redact_logs
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look

if TYPE_CHECKING:  # pydantic may be missing, and then it cannot be read
    from granny.alerts.trial import Tried

_WHAT = "test: send a trial to each address, and give one sign of life to GRANNY_HEARTBEAT_URL"
_NONE_SET = """\
Nobody would be told: neither GRANNY_ALERTS nor GRANNY_HEARTBEAT_URL is set, or their values cannot be read.
docs/alerts.md tells how; python -m granny check names what is wrong."""
_TOLD = "{name}: {said}"
_UNUSABLE = "{name}: nothing can be sent there; see https://appriseit.com/services/ for the form of such an address"


def main(arguments: Sequence[str]) -> int:
    """Send and tell; returns the exit status: 0 if all were taken, 75 if one was not reached, 78 if one cannot work."""
    options = Options("alert")
    options.add_argument("what", nargs="?", choices=["test"], default="test", help=_WHAT)
    options.add_files()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file)
    try:
        from granny.alerts.trial import tries  # noqa: PLC0415  it needs what may be missing
        from granny.config.settings import load_what_can_be  # noqa: PLC0415  as above
    except ModuleNotFoundError:
        report, _ = look(occasion)
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    settings = load_what_can_be(occasion.files)
    if settings is None or not (settings.alerts or settings.heartbeat_url):
        print(_NONE_SET, file=sys.stderr)
        return ExitCode.CONFIG
    redact_logs(settings.secrets)
    tried = asyncio.run(tries(settings))
    for line in _lines(tried):
        print(line)
    return max((one.exit_code for one in tried), default=ExitCode.OK)


def _lines(tried: Sequence[Tried]) -> Iterator[str]:
    for one in tried:
        yield (_TOLD if one.is_usable else _UNUSABLE).format(name=one.name, said=one.said)
