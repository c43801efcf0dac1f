"""Writes down what is to be told: the rules applied to what the store remembers, for all workers at one store."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from granny import faults
from granny.alerts import words
from granny.alerts._aside import Aside, Shelf
from granny.alerts._news import Course, News, Topic
from granny.alerts._rules import HOUR, Day, Mark, after, morning
from granny.config.settings import Settings
from granny.store.rows import Message, Urgency, sign_of

PREFIX = "alert/"
"""Of all keys of alerts' among what is told; below `LASTING` stands what lasts, and nothing else."""
LASTING = f"{PREFIX}lasting/"
_TURN, _DAY, _DIED = f"{PREFIX}turn", f"{PREFIX}day", f"{PREFIX}died"
_DEATHS = 3
_SEPARATOR = "."


def recipient(message: Message) -> int:
    """To which of the addresses it goes, counted from nought."""
    return int(message.id.rpartition(_SEPARATOR)[2])


class Ledger:
    """Decides and writes, in one go; of several workers one after another.

    Args:
        settings: the addresses, the hours and the language.
        aside: is told what is noted.
    """

    def __init__(self, settings: Settings, aside: Aside) -> None:
        self._settings = settings
        self._aside = aside
        self._changed: list[Callable[[], None]] = []
        self._zone = ZoneInfo(settings.timezone) if settings.timezone else None

    def take(self, shelf: Shelf, news: Sequence[News], now: datetime, besides: Sequence[str]) -> int:
        """Write down what of this is to be told.

        Args:
            shelf: where.
            news: what there is; nothing: it is only seen whether a new day has begun.
            now: the time.
            besides: the slugs of what else is wrong.

        Returns:
            How many older messages were given up for it.
        """
        self._changed.clear()
        with shelf.at_once():
            shelf.told.note(_TURN, now)  # whoever else decides waits for this row
            lost = self._begin_day(shelf, now)
            for one in self._with_deaths(shelf, news, now):
                lost += self._weigh(shelf, one, now, besides)
        for change in self._changed:  # were it sooner, a store that fails here would leave all as told
            change()
        return lost

    def _weigh(self, shelf: Shelf, news: News, now: datetime, besides: Sequence[str]) -> int:
        key, lasting = f"{PREFIX}{news.key}", f"{LASTING}{news.key}"
        before = Mark.of(self._find(shelf, lasting) or self._find(shelf, key))
        mark, is_told = after(before, news, now)
        if mark == before:
            return 0
        self._note(shelf, lasting if mark.since else key, now, mark.as_text())
        if before.since and not mark.since:
            self._drop(shelf, lasting)
        if not is_told or (news.urgency is Urgency.URGENT and not self._may_be_sent(shelf, news, now)):
            return 0
        shown = mark
        if news.course is Course.OVER:
            shown, news = before, replace(news, slug=before.slug)
        text = words.letter(news, shown, self._settings, unsaid=before.unsaid, besides=besides)
        return self._put(shelf, news, text, now)

    def _put(self, shelf: Shelf, news: News, text: str, now: datetime) -> int:
        """For each address by itself: what one has taken need not go there again because another is down."""
        is_urgent = news.urgency is Urgency.URGENT
        not_before = now if is_urgent else morning(now, self._settings.alert_quiet_hours, self._zone)
        name = f"{uuid.uuid4().hex}{sign_of(news.person)}"
        messages = (
            Message(
                id=f"{name}{_SEPARATOR}{number}",
                slug=news.slug,
                urgency=news.urgency,
                made=now,
                not_before=not_before,
                text=text,
            )
            for number in range(len(self._settings.alert_addresses))
        )
        return sum(map(shelf.outbox.put, messages))

    def _may_be_sent(self, shelf: Shelf, news: News, now: datetime) -> bool:
        day, may_be_sent = self._today(shelf, now).with_one_more(news.slug)
        self._note(shelf, _DAY, now, day.as_text())
        return may_be_sent

    def _today(self, shelf: Shelf, now: datetime) -> Day:
        return Day.of(self._find(shelf, _DAY)).begun(now.astimezone(self._zone).date())

    def _begin_day(self, shelf: Shelf, now: datetime) -> int:
        """The number of what was held back yesterday is told this morning."""
        before, today = Day.of(self._find(shelf, _DAY)), self._today(shelf, now)
        if today == before:
            return 0
        self._note(shelf, _DAY, now, today.as_text())
        if not before.held:
            return 0
        slug = faults.ALERTS_HELD_BACK.slug
        news = News(topic=Topic.HELD, slug=slug, urgency=Urgency.DIGEST, at=now, count=before.held, about=before.date)
        return self._put(shelf, news, words.letter(news, Mark(), self._settings), now)

    def _with_deaths(self, shelf: Shelf, news: Sequence[News], now: datetime) -> Iterator[News]:
        """With them that three calls have died within an hour, where they have."""
        for one in news:
            yield one
            if one.topic is Topic.CALL and self._deaths(shelf, one.count, now) >= _DEATHS:
                yield replace(
                    one, topic=Topic.REST, slug=faults.CALLS_DIED.slug, urgency=Urgency.URGENT, count=1, person=""
                )

    def _deaths(self, shelf: Shelf, count: int, now: datetime) -> int:
        """How many there were within the last hour, these included; no more than three are remembered."""
        known = [datetime.fromisoformat(time) for time in json.loads(self._find(shelf, _DIED) or "[]")]
        recent = [time for time in known if now - time < HOUR] + [now] * min(count, _DEATHS)
        self._note(shelf, _DIED, now, json.dumps([time.isoformat() for time in recent[-_DEATHS:]]))
        return len(recent)

    def _find(self, shelf: Shelf, key: str) -> str:
        note = shelf.told.find(key)
        return note.value if note else ""

    def _note(self, shelf: Shelf, key: str, now: datetime, value: str) -> None:
        shelf.told.note(key, now, value)
        if shelf is not self._aside:
            self._changed.append(functools.partial(self._aside.remember, key, now, value))

    def _drop(self, shelf: Shelf, key: str) -> None:
        shelf.told.drop(key)
        self._changed.append(functools.partial(self._aside.forget, key))


FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
GIVEN_UP = timedelta(days=1)


def next_try(message: Message, now: datetime) -> datetime | None:
    """When a message that could not be delivered is tried again: the pauses double; None: a day is enough."""
    pause = min(FIRST_PAUSE * 2 ** min(message.attempts, 10), LONGEST_PAUSE)
    return now + pause if now + pause - message.made <= GIVEN_UP else None
