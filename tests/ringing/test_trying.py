"""She rings again where that may help, at the hours the family has set, and pesters nobody."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from clock import Clock
from granny.people import Person
from granny.phone.trying import Manner, Tried, Try, until_reached
from granny.rooms.telephones import RingOutcome

BERLIN = ZoneInfo("Europe/Berlin")
NINE = datetime(2026, 11, 27, 9, 0, tzinfo=timezone.utc)
ANSWERED, BUSY, DECLINED = RingOutcome.ANSWERED, RingOutcome.BUSY, RingOutcome.DECLINED
NOBODY, MACHINE, UNREACHABLE = RingOutcome.NOT_ANSWERED, RingOutcome.MACHINE, RingOutcome.UNREACHABLE
NO_CONVERSATION = RingOutcome.NO_CONVERSATION


class Telephone:
    """Each call of it comes to this, and takes a minute."""

    def __init__(self, clock: Clock, *outcomes: RingOutcome, begin: datetime = NINE) -> None:
        self._outcomes = list(outcomes)
        self._clock, self._begin = clock, begin
        self.told: list[tuple[RingOutcome, str]] = []

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=self._clock.passed)

    async def ring(self) -> RingOutcome:
        return self._outcomes.pop(0)

    def tell(self, one: Try, again: datetime | None) -> None:
        self.told.append((one.outcome, f"{again:%H:%M}" if again else ""))

    async def tried(self, manner: Manner) -> Tried:
        return await until_reached(self.ring, manner, self.now, self.tell)


def manner(**said: object) -> Manner:
    return Manner.of(Person.model_validate(said))


async def test_whoever_answers_is_rung_once(clock: Clock) -> None:
    telephone = Telephone(clock, ANSWERED)
    tried = await telephone.tried(manner())
    assert tried.is_reached
    assert telephone.told == [(ANSWERED, "")]


@pytest.mark.parametrize("outcome", [NOBODY, BUSY, MACHINE, UNREACHABLE, NO_CONVERSATION])
async def test_after_a_pause_she_tries_again(clock: Clock, outcome: RingOutcome) -> None:
    telephone = Telephone(clock, outcome, ANSWERED)
    tried = await telephone.tried(manner(ring_pause=15))
    assert telephone.told == [(outcome, "09:15"), (ANSWERED, "")]
    assert [one.at.minute for one in tried.tries] == [0, 15]


async def test_enough_is_enough(clock: Clock) -> None:
    telephone = Telephone(clock, NOBODY, BUSY, MACHINE)
    tried = await telephone.tried(manner(ring_tries=3))
    assert [again for _, again in telephone.told] == ["09:10", "09:20", ""]
    assert not tried.is_reached
    assert not tried.is_quiet_hour


async def test_who_has_refused_is_not_rung_again(clock: Clock) -> None:
    telephone = Telephone(clock, DECLINED)
    assert not (await telephone.tried(manner())).is_reached
    assert telephone.told == [(DECLINED, "")]


async def test_at_a_quiet_hour_no_telephone_rings(clock: Clock) -> None:
    """Whatever hour the timer was set to, by mistake or by summer time."""
    night = NINE.replace(hour=2)
    telephone = Telephone(clock, begin=night)
    assert await telephone.tried(manner()) == Tried((), is_quiet_hour=True)
    assert telephone.told == []


@pytest.mark.parametrize(
    ("hour", "day", "again"),
    [(1, datetime(2026, 3, 29, tzinfo=BERLIN), "03:05"), (2, datetime(2026, 10, 25, tzinfo=BERLIN), "02:05")],
)
async def test_a_pause_is_as_long_where_the_clock_is_put_forward_or_back(
    clock: Clock, hour: int, day: datetime, again: str
) -> None:
    """At two in the morning, if anybody wants to be rung then."""
    before = day.replace(hour=hour, minute=55).astimezone(timezone.utc)
    telephone = Telephone(clock, NOBODY, ANSWERED, begin=before)
    tried = await until_reached(
        telephone.ring,
        manner(ring_hours="0:00-24:00"),
        lambda: telephone.now().astimezone(BERLIN),
        telephone.tell,
    )
    assert telephone.told[0] == (NOBODY, again)
    assert tried.tries[1].at - before == timedelta(minutes=10)


async def test_she_does_not_try_again_into_the_quiet_hours(clock: Clock) -> None:
    telephone = Telephone(clock, NOBODY, begin=NINE.replace(hour=19, minute=55))
    tried = await telephone.tried(manner())
    assert telephone.told == [(NOBODY, "")]
    assert tried.is_quiet_hour
    assert len(tried.tries) == 1
    assert clock.passed == 0, "nothing is waited for"


@pytest.mark.parametrize("said", [{"ring_tries": 0}, {"ring_tries": 11}, {"ring_pause": 0}, {"ring_hours": "late"}])
def test_a_file_cannot_have_her_pester(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="ring_"):
        manner(**said)
