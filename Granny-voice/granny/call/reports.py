"""What a job tells the worker of its call: a fault or danger as soon as it is known, and how the call ended.

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
PERSON = "granny.person"
"""Where the worker leaves, in the userdata of a job's process, the slug of the one whom the call is for."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A call that a fault ends.

    Attributes:
        job_id: which call.
        fault: the fault's slug.
    """

    job_id: str
    fault: str


@dataclass(frozen=True, slots=True)
class Danger:
    """Danger that was named in a call; never the words.

    Attributes:
        job_id: which call.
        kind: as `call.serious.Kind` has it: crisis, emergency.
        person: the slug of the one whom the call is for; empty: nobody in particular.
    """

    job_id: str
    kind: str
    person: str = ""


Told = (Alarm, Danger, CallEnded)
"""What a job tells."""


def report(ended: CallEnded) -> None:
    """From a job, at the end of its call; the first report of a job counts."""
    _tell(ended)


def raise_alarm(fault: str, *, job_id: str) -> None:
    """From a job, as soon as it knows a fault by its slug, before the caller has heard the apology."""
    _tell(Alarm(job_id, fault))


def raise_danger(kind: str, *, job_id: str, person: str) -> None:
    """From a job whose caller has agreed to it, as soon as danger has been named."""
    _tell(Danger(job_id, kind, person))


def _tell(told: Alarm | Danger | CallEnded) -> None:
    CHANNEL.info("told", extra={"told": told})
