"""A call that is answered only to tell why there is none: the worker has marked it so, in the token of the job."""

from __future__ import annotations

from livekit.agents import JobContext

from granny.faults import CATALOGUE, Finding

REFUSED = "granny.refused"
"""The participant attribute that says so: the slug of the fault that the caller is to hear of."""


class RefusedError(Exception):
    """There is to be no call.

    Attributes:
        finding: why.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.fault.slug)
        self.finding = finding


def why_refused(ctx: JobContext) -> Finding | None:
    """Why there is to be no call; None: there is to be one."""
    if ctx.is_fake_job():  # which has no token, and costs whoever sits there
        return None
    fault = CATALOGUE.get((ctx.token_claims().attributes or {}).get(REFUSED, ""))
    return fault.found("the worker takes no new calls") if fault else None
