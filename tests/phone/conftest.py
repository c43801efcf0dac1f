"""What the tests of telephone calls share: all of this folder are such, and skip where no call can be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from granny.rehearsal.rig.sip_bridge import why_missing

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A marker, and the reason to skip."""
    reason = why_missing()
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.phone)
            item.add_marker(pytest.mark.skipif(reason is not None, reason=reason or ""))
