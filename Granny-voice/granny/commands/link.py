"""`python -m granny.commands.link`: a link on which one person can call her."""

from __future__ import annotations

import sys

from granny.config.paths import Mode
from granny.faults import ExitCode
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look
from granny.rooms.tokens import join_link


def main() -> int:
    """Print a link, or what is missing for one; returns the exit status."""
    terminal.show_anything()
    report, settings = look(Occasion(mode=Mode.DEVELOPMENT, network=False))
    if settings is None or report.exit_code is not ExitCode.OK:
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    print(join_link(settings))
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
