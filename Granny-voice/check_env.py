"""The check-up by itself: says what keeps Granny from taking a call, and exits with 0, 70, 75 or 78."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from granny.config.paths import Mode
from granny.preflight.checkup import Occasion
from granny.preflight.terminal import run


def main(arguments: list[str] | None = None) -> int:
    """Check up and print the report; returns the exit status."""
    parser = argparse.ArgumentParser(description="Check everything that Granny needs, before a call.")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--offline", action="store_true", help="ask nothing of the network")
    parser.add_argument("--env-file", type=Path, metavar="PATH", help="read this file instead of .env.local")
    modes = [mode.value for mode in Mode]
    parser.add_argument("--mode", choices=modes, default=Mode.DEVELOPMENT.value, help="which env files to read")
    chosen = parser.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, network=not chosen.offline)
    return run(occasion, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
