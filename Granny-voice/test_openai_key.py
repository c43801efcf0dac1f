"""Asks OpenAI whether key, model and credit are good, and leaves LiveKit out; pytest finds no test in it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from granny.config.paths import Mode
from granny.preflight.checkup import OPENAI_PROBES, Occasion
from granny.preflight.terminal import run


def main(arguments: list[str] | None = None) -> int:
    """Ask, and print the report; returns the exit status."""
    parser = argparse.ArgumentParser(description="Ask OpenAI whether Granny's key, model and credit are good.")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--env-file", type=Path, metavar="PATH", help="read this file instead of .env.local")
    chosen = parser.parse_args(arguments)
    occasion = Occasion(mode=Mode.DEVELOPMENT, needs_livekit=False, env_file=chosen.env_file, probes=OPENAI_PROBES)
    return run(occasion, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
