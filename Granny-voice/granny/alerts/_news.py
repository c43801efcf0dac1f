"""What there is to tell: one event of the worker's, or of a look at the diary, as the rules take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from granny.store.rows import Urgency


class Course(str, Enum):
    """How it goes."""

    HAPPENED = "happened"
    """Once, at that moment."""
    LASTS = "lasts"
    """It has begun, or is still so."""
    OVER = "over"
    """It is well again."""


class Topic(str, Enum):
    """What the words are about; the value is the beginning of the name by which it is remembered."""

    ACCOUNT = "account"
    """OpenAI's account: no calls are taken."""
    START = "start"
    """She does not start."""
    LIVEKIT = "livekit"
    """LiveKit does not know her."""
    CALL = "call"
    """A call was broken off."""
    PERSON = "person"
    """Somebody was to be reached, is in danger, or has not called for long."""
    HELD = "held"
    """More than is sent in a day."""
    REST = "rest"
    """All else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that there is to tell; never a word of a caller's.

    Attributes:
        topic: what it is about.
        slug: the fault's, whose sentences tell it.
        urgency: whether it may wait.
        at: when, in UTC; of what lasts, when it was seen to.
        course: how it goes.
        person: whom it concerns, by the slug; empty: nobody in particular.
        about: what else its words name, as a host; never a secret.
        count: how often, if it came several times at once.
    """

    topic: Topic
    slug: str
    urgency: Urgency
    at: datetime
    course: Course = Course.HAPPENED
    person: str = ""
    about: str = ""
    count: int = 1

    @property
    def key(self) -> str:
        """By which it is remembered that it was told: of what lasts there is one of a topic, whatever its fault."""
        if self.course is Course.HAPPENED:
            return "/".join(filter(None, (self.topic.value, self.slug, self.person, self.about)))
        return self.topic.value
