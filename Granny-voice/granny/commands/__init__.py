"""One file a command of `python -m granny`: its `main` takes the rest of the line and returns the exit status."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

COMMANDS = {
    "talk": "Talk to Granny, with whatever this machine offers",
    "check": "Check everything that Granny needs for a call",
    "key": "Ask OpenAI alone whether key, model and credit are good",
    "link": "Make a link on which one person calls her, or the family's; list them, or take one back",
    "page": "Serve the page on which people call her, and the family's",
    "phone": "Set her telephone up with LiveKit: its trunks, and the rule that sends for her",
    "ring": "Ring somebody by telephone, again if nobody answers",
    "diary": "Tell what became of her calls, of everybody's or of one person's",
    "forget": "Erase from the diary all calls of one person",
    "backup": "Copy the diary into a file, or bring it back from one",
    "alert": "Try whether alerts arrive where they are to go",
    "record": "Record the lines that are missing, in her own voice",
    "docs": "Write anew the pages that are generated from the code",
}
"""Name and purpose of each, in the order in which they are listed."""

INTERRUPTED = 130
"""The exit status of a command that Ctrl+C has ended, as a shell tells it: 128 and the number of SIGINT."""


def run(command: str, arguments: Sequence[str]) -> int:
    """Run the command of this name, imported only now, to its end or to Ctrl+C; returns the exit status."""
    try:
        status: int = importlib.import_module(f"{__name__}.{command}").main(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    return status
