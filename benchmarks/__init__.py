"""Granny, a plain agent and a bare job, measured side by side on one machine; run by hand with `make bench`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Granny-voice"))
