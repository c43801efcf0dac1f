"""`python -m granny check`: the check-up by itself; says what keeps Granny from taking a call."""

from __future__ import annotations

from collections.abc import Sequence

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.preflight.checkup import Occasion
from granny.preflight.terminal import run


def main(arguments: Sequence[str]) -> int:
    """Check up and print the report; returns the exit status."""
    options = Options("check")
    options.add_json()
    options.add_argument("--offline", action="store_true", help="ask nothing of the network")
    options.add_files()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, network=not chosen.offline)
    return run(occasion, as_json=chosen.json)
