"""What the page decides without a browser, tested by Node's own test runner."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
OLDEST = 20
"""The first whose test runner reads modules and has clocks that a test turns."""


def version_of(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(told.removeprefix("v").split(".")[0])


@pytest.mark.skipif(NODE is None, reason="needs Node on PATH")
@pytest.mark.parametrize("file", sorted(Path(__file__).parent.glob("*.test.mjs")), ids=lambda file: file.name)
def test_the_page_s_logic(file: Path) -> None:
    """One run a file; what Node says of a failure is the test's message."""
    assert NODE
    if version_of(NODE) < OLDEST:
        pytest.skip(f"needs Node {OLDEST} or later")
    done = subprocess.run([NODE, "--test", str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[0]) > 0
