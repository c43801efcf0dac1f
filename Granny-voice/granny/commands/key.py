"""`python -m granny key`: asks OpenAI whether key, model and credit are good, and leaves LiveKit out."""

from __future__ import annotations

from collections.abc import Sequence

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.preflight.checkup import OPENAI_PROBES, Occasion
from granny.preflight.terminal import run


def main(arguments: Sequence[str]) -> int:
    """Ask, and print the report; returns the exit status."""
    options = Options("key")
    options.add_json()
    options.add_files()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), needs_livekit=False, env_file=chosen.env_file, probes=OPENAI_PROBES)
    return run(occasion, as_json=chosen.json)
