"""A record as a line: its values stand behind it."""

from __future__ import annotations

import logging

from granny.logs.lines import Lines


def test_what_a_record_was_given_stands_behind_it() -> None:
    record = logging.makeLogRecord({"msg": "a call begins", "levelname": "INFO", "name": "granny.page", "link": "00c0"})
    assert Lines().format(record).endswith(" INFO granny.page a call begins link=00c0")
