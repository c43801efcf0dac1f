"""What of the worker's events there is to tell: pure."""

from __future__ import annotations

from datetime import datetime

from granny import faults
from granny.alerts._news import Course, News, Topic
from granny.call.ending import CallEnded
from granny.call.reports import Danger
from granny.call.serious import Kind
from granny.config.settings import Settings
from granny.faults import CATALOGUE, Fault, Finding, Severity
from granny.store.rows import Urgency

_DANGERS = {Kind.CRISIS.value: faults.CRISIS_NAMED, Kind.EMERGENCY.value: faults.EMERGENCY_NAMED}
_FOUND = (faults.LINE_NOT_RECORDED, faults.OPENAI_MODEL_RETIRING)
"""What is found beside the calls, and concerns who set her up, though not at night."""
_UNASKED = ("warn", "off")
"""With these settings OpenAI is not asked after a call that failed of it, and nobody hears of the account."""


def of_account(fault: str | None, at: datetime) -> News:
    """No calls are taken for this fault, or they are again."""
    course = Course.LASTS if fault else Course.OVER
    return News(topic=Topic.ACCOUNT, slug=fault or "", urgency=Urgency.URGENT, at=at, course=course)


def of_start(finding: Finding, at: datetime) -> News:
    """She does not start."""
    return News(topic=Topic.START, slug=finding.fault.slug, urgency=Urgency.URGENT, at=at, course=Course.LASTS)


def of_livekit(at: datetime) -> News:
    """LiveKit has not known her since then."""
    slug = faults.LIVEKIT_UNREACHABLE.slug
    return News(topic=Topic.LIVEKIT, slug=slug, urgency=Urgency.URGENT, at=at, course=Course.LASTS)


def over(topic: Topic, at: datetime) -> News:
    """It is well again; of what never was otherwise nothing is told."""
    return News(topic=topic, slug="", urgency=Urgency.URGENT, at=at, course=Course.OVER)


def of_call(ended: CallEnded, settings: Settings, at: datetime) -> News | None:
    """A call that was broken off; that the account is to blame is told once, and not for each call."""
    fault = CATALOGUE.get(ended.end.fault or "")
    if fault is None or fault.severity is Severity.WARNING:
        return None
    if _is_account_s(fault) and settings.preflight not in _UNASKED:
        return None
    return News(topic=Topic.CALL, slug=fault.slug, urgency=Urgency.DIGEST, at=at, person=ended.person)


def of_danger(danger: Danger, at: datetime) -> News:
    """Danger was named in a call."""
    slug = _DANGERS.get(danger.kind, faults.EMERGENCY_NAMED).slug
    return News(topic=Topic.PERSON, slug=slug, urgency=Urgency.URGENT, at=at, person=danger.person)


def of_finding(finding: Finding, at: datetime) -> News | None:
    """Something was found beside the calls."""
    if finding.fault not in _FOUND:
        return None
    return News(topic=Topic.REST, slug=finding.fault.slug, urgency=Urgency.DIGEST, at=at)


def of_person_not_reached(person: str, at: datetime, why: str = "") -> News:
    """She rang somebody, as often as she was to; or could not, for the fault of this slug."""
    slug = faults.PERSON_NOT_REACHED.slug
    return News(topic=Topic.PERSON, slug=slug, urgency=Urgency.URGENT, at=at, person=person, about=why)


def _is_account_s(fault: Fault) -> bool:
    return fault.slug.startswith("openai-") and fault.severity is Severity.FATAL
