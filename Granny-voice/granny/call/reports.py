"""What a job tells the worker of its call: a fault as soon as it is known, and how the call ended.

It tells it through the log, which the framework carries from every job process to the main process: no port and no
lock that a killed job could leave behind, and all that a job told has arrived before its process is announced as
closed. `worker.job_reports` hears it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from granny.call.ending import CallEnded
from granny.logs.redaction import UNSEEN

CHANNEL = logging.getLogger(UNSEEN)
CHANNEL.setLevel(logging.INFO)  # whatever level the operator asks for: these records are not for reading


@dataclass(frozen=True, slots=True)
class Alarm:
    """A call that a fault ends.

    Attributes:
        job_id: which call.
        fault: the fault's slug.
    """

    job_id: str
    fault: str


Told = (Alarm, CallEnded)
"""What a job tells."""


def report(ended: CallEnded) -> None:
    """From a job, at the end of its call; the first report of a job counts."""
    _tell(ended)


def raise_alarm(fault: str, *, job_id: str) -> None:
    """From a job, as soon as it knows a fault by its slug, before the caller has heard the apology."""
    _tell(Alarm(job_id, fault))


def _tell(told: Alarm | CallEnded) -> None:
    CHANNEL.info("told", extra={"told": told})
