"""`python -m granny link`: a link on which one person can call her."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look


def main(arguments: Sequence[str]) -> int:
    """Print a link, or what is missing for one; returns the exit status."""
    terminal.show_anything()
    options = Options("link")
    options.add_files()
    chosen = options.parse_args(arguments)
    report, settings = look(Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, network=False))
    if settings is None or report.exit_code is not ExitCode.OK:
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    from granny.rooms.tokens import join_link  # noqa: PLC0415  it needs livekit; were that missing, the report would say so

    print(join_link(settings))
    return ExitCode.OK
