"""What the rows share: how often each is played, and the table at the end."""

from __future__ import annotations

import pytest

from cluster.tally import TRIES, Tally

_TALLY = Tally()


@pytest.fixture
def tally() -> Tally:
    """The run's."""
    return _TALLY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table, also after a failure."""
    if _TALLY.promises:
        terminalreporter.section(f"the cluster, {TRIES} tries a row; seconds")
        terminalreporter.write_line(str(_TALLY))
