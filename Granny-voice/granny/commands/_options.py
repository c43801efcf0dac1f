"""What the commands share: how each names itself, and the options that several of them have."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from granny.commands import COMMANDS
from granny.config.paths import Mode
from granny.faults import ExitCode


class Options(argparse.ArgumentParser):
    """The options of one command, under the name that was typed: `python -m granny check`, or `check_env.py`."""

    def __init__(self, command: str) -> None:
        """With `--help` alone; the purpose is the list's."""
        script = Path(sys.argv[0]).name
        prog = f"python -m granny {command}" if script == "__main__.py" else script
        super().__init__(prog=prog, description=f"{COMMANDS[command]}.")

    def add_files(self) -> None:
        """`--env-file` and `--mode`: which env files are read."""
        self.add_argument("--env-file", type=Path, metavar="PATH", help="read this file instead of .env.local")
        modes = [mode.value for mode in Mode]
        self.add_argument("--mode", choices=modes, default=Mode.DEVELOPMENT.value, help="which env files to read")

    def add_json(self) -> None:
        """`--json`: the report for a script."""
        self.add_argument("--json", action="store_true", help="print the report as JSON")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the line, and exit as with all that must be put right first."""
        self.print_usage(sys.stderr)
        self.exit(ExitCode.CONFIG, f"{self.prog}: {message}\n")
