"""A log as lines that people read: when, how grave, who, what, and the values beside it."""

from __future__ import annotations

import logging

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Lines(logging.Formatter):
    """Each record on a line, its values behind it as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own name
        """The line, and what `extra=` has given it."""
        values = (f" {name}={value}" for name, value in vars(record).items() if name not in _STANDARD)
        return super().formatMessage(record) + "".join(values)


def log_lines() -> None:
    """From now on what this process logs stands on stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
