"""A post office of the tests' own: a desk at a real store, letters that are noted, and a time that is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from granny import faults
from granny.alerts._aside import Shelf
from granny.alerts._desk import Desk
from granny.alerts._news import Course, News, Topic
from granny.config.settings import Settings
from granny.net.letters import UNREACHED, Letter, Outcome
from granny.store.clerk import Clerk
from granny.store.rows import Urgency
from granny.store.trouble import unavailable

T = TypeVar("T")
_AWAY = "it is away"
NIGHT = datetime(2026, 11, 27, 2, 0, tzinfo=timezone.utc)
"""Three in the morning in Berlin."""
TAKEN = Outcome("sent", "JSON")
SECRET = "FAKEtoken" * 3
ADDRESSES = (f"json://granny:{SECRET}@127.0.0.1/{SECRET}1", f"json://granny:{SECRET}@127.0.0.1/{SECRET}2")


def with_addresses(settings: Settings, *addresses: str) -> Settings:
    """These settings, and where alerts go."""
    given = {Settings.variable(name): getattr(settings, name) for name in settings.model_fields_set}
    return Settings.model_validate({**given, "GRANNY_ALERTS": " ".join(addresses)})


class Post:
    """One worker's desk and its post.

    Attributes:
        now: the time.
        down: the addresses that take nothing.
        sent: the letters that were taken.
        is_away: whether the store is.
    """

    def __init__(self, settings: Settings, *, besides: Sequence[str] = ()) -> None:
        self.now = NIGHT
        self.down: set[str] = set()
        self.sent: list[Letter] = []
        self.tried = self.most = 0
        self.is_away = False
        self._clerk = Clerk(settings)
        self.desk = Desk(settings, self._ask, self._send, besides=lambda: besides)

    async def happens(self, *news: News, after: timedelta = timedelta()) -> list[str]:
        """The titles of what is sent when so much later this happens."""
        self.now += after
        before = len(self.sent)
        for one in news:
            self.desk.take(one)
        self.desk._woken.set()
        while self.desk._woken.is_set():  # as in `run`, though at once
            self.desk._woken.clear()
            await self.desk.step(self.now)
        return [letter.title for letter in self.sent[before:]]

    async def ask(self, work: Callable[[Shelf], T]) -> T:
        """Look into the store itself."""
        return await self._clerk(work)

    async def aclose(self) -> None:
        """It goes home."""
        await self._clerk.aclose()

    async def _ask(self, work: Callable[[Shelf], T]) -> T:
        if self.is_away:
            raise unavailable(_AWAY)
        return await self._clerk(work)

    async def _send(self, letters: Sequence[Letter]) -> Sequence[Outcome]:
        self.tried += len(letters)
        self.most = max(self.most, len(letters))
        taken = [letter for letter in letters if letter.address not in self.down]
        self.sent += taken
        return [TAKEN if letter in taken else UNREACHED for letter in letters]


def account(course: Course = Course.LASTS, slug: str = faults.OPENAI_OUT_OF_CREDIT.slug) -> News:
    """The account fails, or is well again."""
    return News(topic=Topic.ACCOUNT, slug=slug, urgency=Urgency.URGENT, at=NIGHT, course=course)


def died(person: str = "anna", slug: str = faults.CALL_NO_ANSWER.slug) -> News:
    """A call was broken off."""
    return News(topic=Topic.CALL, slug=slug, urgency=Urgency.DIGEST, at=NIGHT, person=person)


def danger(person: str = "anna") -> News:
    """Danger was named in a call."""
    slug = faults.EMERGENCY_NAMED.slug
    return News(topic=Topic.PERSON, slug=slug, urgency=Urgency.URGENT, at=NIGHT, person=person)
