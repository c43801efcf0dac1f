"""What of the worker's events there is to tell, and what not."""

from __future__ import annotations

import pytest

from alerts.post import NIGHT
from granny import faults
from granny.alerts import _events
from granny.alerts._news import Course, Topic
from granny.call.ending import CallEnd, CallEnded, Ending
from granny.call.reports import Danger
from granny.call.serious import Kind
from granny.config.settings import Settings
from granny.faults import Fault
from granny.store.rows import Urgency

SETTINGS = Settings.model_validate({"OPENAI_API_KEY": "none"})
UNASKED = Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_PREFLIGHT": "warn"})


def ended(end: CallEnd) -> CallEnded:
    return CallEnded("AJ_1", "kitchen", end, 60.0, person="anna")


@pytest.mark.parametrize("fault", [faults.CALL_NO_ANSWER, faults.JOB_DIED, faults.OPENAI_SILENT, faults.CALL_CRASHED])
def test_a_call_that_a_fault_broke_off_is_told_by_that_fault(fault: Fault) -> None:
    news = _events.of_call(ended(CallEnd.by(fault.found(""))), SETTINGS, NIGHT)
    assert news
    assert (news.topic, news.slug, news.urgency, news.person) == (Topic.CALL, fault.slug, Urgency.DIGEST, "anna")


@pytest.mark.parametrize(
    "end",
    [
        CallEnd(Ending.GOODBYE),
        CallEnd(Ending.HUNG_UP_EARLY),
        CallEnd(Ending.LINE_LOST),
        CallEnd.by(faults.CALL_IDLE.found("")),
        CallEnd.by(faults.CALL_TOO_LONG.found("")),
        CallEnd.by(faults.WORKER_STOPPING.found("")),
        CallEnd.by(faults.OPENAI_KEY_REJECTED.found("")),
    ],
)
def test_a_call_s_usual_course_is_not_and_the_account_is_told_once_and_not_for_each_call(end: CallEnd) -> None:
    assert _events.of_call(ended(end), SETTINGS, NIGHT) is None


def test_where_openai_is_not_asked_after_a_call_the_call_itself_is_told() -> None:
    end = CallEnd.by(faults.OPENAI_KEY_REJECTED.found(""))
    assert _events.of_call(ended(end), UNASKED, NIGHT)


@pytest.mark.parametrize(("kind", "slug"), [(Kind.CRISIS, "crisis-named"), (Kind.EMERGENCY, "emergency-named")])
def test_danger_is_told_by_its_kind(kind: Kind, slug: str) -> None:
    news = _events.of_danger(Danger("AJ_1", kind.value, "anna"), NIGHT)
    assert (news.slug, news.person, news.urgency) == (slug, "anna", Urgency.URGENT)


def test_of_what_is_found_beside_the_calls_two_things_are_told_and_can_wait() -> None:
    told = {slug for slug, fault in faults.CATALOGUE.items() if _events.of_finding(fault.found(""), NIGHT)}
    assert told == {"line-not-recorded", "openai-model-retiring"}


def test_what_lasts_and_what_is_over_are_one_thing() -> None:
    begun, over = _events.of_account("openai-out-of-credit", NIGHT), _events.of_account(None, NIGHT)
    assert (begun.course, over.course, begun.key) == (Course.LASTS, Course.OVER, over.key)
    assert _events.over(Topic.START, NIGHT).key == _events.of_start(faults.PORT_IN_USE.found(""), NIGHT).key
    assert _events.over(Topic.LIVEKIT, NIGHT).key == _events.of_livekit(NIGHT).key
    assert _events.of_person_not_reached("anna", NIGHT).slug == faults.PERSON_NOT_REACHED.slug
