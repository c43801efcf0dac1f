"""What the end of one call is called, and what the worker is told of it."""

from __future__ import annotations

import time
from collections.abc import Collection

from livekit.agents import JobContext

from granny import faults
from granny.call import reports
from granny.call.ending import UNTOLD, CallEnd, CallEnded, Caller, CameBy, Ending
from granny.call.persona import ANSWERING_MACHINE
from granny.call.presence import Presence
from granny.call.record import CallRecord
from granny.call.sound_watch import SoundWatch
from granny.call.telephone_call import TelephoneCall
from granny.faults import Finding

_END_CALL = "end_call"


class Outcome:
    """One call's.

    Attributes:
        sound: the watch over its sound, once there is one.
    """

    def __init__(self, ctx: JobContext, presence: Presence, telephone: TelephoneCall, record: CallRecord) -> None:
        self.sound: SoundWatch | None = None
        self._ctx = ctx
        self._presence = presence
        self._telephone = telephone
        self._record = record

    @property
    def is_conversation(self) -> bool:
        """Whether she has talked with somebody, by now."""
        return self._record.is_conversation

    def gone(self) -> CallEnd:
        """The caller, or the whole room, has gone."""
        return self._presence.end(self._record, silent_for=self.sound.silent_for if self.sound else 0.0)

    def by(self, finding: Finding) -> CallEnd:
        """A fault or a limit makes it; a silence in which there never was anybody is none of a caller's."""
        is_alone = self._presence.caller is None and not self._ctx.is_fake_job()
        if finding.fault is faults.CALL_IDLE and (is_alone or self._telephone.rings):
            return self.gone()
        return CallEnd.by(finding)

    def report(self, end: CallEnd | None, *, since: float) -> CallEnded:
        """What the worker is told; `since` is when the call began, in `time.monotonic`'s seconds."""
        is_console = self._ctx.is_fake_job()
        return CallEnded(
            job_id=self._ctx.job.id,
            room=self._ctx.job.room.name,
            end=end or UNTOLD,
            seconds=time.monotonic() - since,
            caller=Caller(CameBy.CONSOLE) if is_console else self._presence.caller,
            record=self._record,
            person=self._ctx.proc.userdata.get(reports.PERSON, ""),
        )


def ending_by(tools: Collection[str], *, frees_line: bool) -> Ending | None:
    """The ending that the model has made by using these tools, if it has made one.

    Args:
        tools: their names.
        frees_line: whether the caller needs the telephone to ring for help.
    """
    if ANSWERING_MACHINE in tools:
        return Ending.MACHINE
    if _END_CALL not in tools:
        return None
    return Ending.LINE_FREED if frees_line else Ending.GOODBYE
