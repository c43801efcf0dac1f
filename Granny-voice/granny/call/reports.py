"""What a job tells the worker of its call: a fault as soon as it is known, and how the call ended.

It tells it through the log, which the framework carries from every job process to the main process: no port and no
lock that a killed job could leave behind, and all that a job told has arrived before its process is announced as
closed. `worker.job_reports` hears it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from granny.call.record import CallRecord
from granny.logs.redaction import UNSEEN

CHANNEL = logging.getLogger(UNSEEN)
CHANNEL.setLevel(logging.INFO)  # whatever level the operator asks for: these records are not for reading


@dataclass(frozen=True, slots=True)
class Told:
    """What a job tells: its record at the end of the call, or a fault as soon as it is known."""

    job_id: str
    record: CallRecord | None = None
    fault: str | None = None


def report(record: CallRecord, *, job_id: str) -> None:
    """From a job, at the end of its call; the first report of a job counts."""
    _tell(Told(job_id, record=record))


def raise_alarm(fault: str, *, job_id: str) -> None:
    """From a job, as soon as it knows a fault by its slug, before the caller has heard the apology."""
    _tell(Told(job_id, fault=fault))


def _tell(told: Told) -> None:
    CHANNEL.info("told", extra={"told": told})
