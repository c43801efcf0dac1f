"""Of several Grannys in a room one stays: by a table, by time, and however late they hear of each other."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from granny.call.election import (
    ANSWER_SECONDS,
    PATIENCE_SECONDS,
    SETTLED_SECONDS,
    Candidate,
    Election,
    Standing,
    Verdict,
)

EARLY, LATE = Candidate("agent-z", joined_at=1.0), Candidate("agent-a", joined_at=2.0)
SPEAK, WAIT, CLAIM, LEAVE = Verdict


def heard(candidate: Candidate, at: float) -> Candidate:
    return replace(candidate, heard_at=at)


def claiming(candidate: Candidate) -> Candidate:
    return replace(candidate, is_claiming=True)


TABLE = [
    (EARLY, LATE, SPEAK, SPEAK),
    (EARLY, claiming(LATE), WAIT, LEAVE),
    (EARLY, heard(LATE, 9.0), WAIT, LEAVE),
    (LATE, EARLY, WAIT, CLAIM),
    (LATE, claiming(EARLY), WAIT, LEAVE),
    (LATE, heard(EARLY, 9.0), WAIT, LEAVE),
    (claiming(LATE), EARLY, WAIT, SPEAK),
    (claiming(EARLY), claiming(LATE), WAIT, SPEAK),
    (claiming(LATE), claiming(EARLY), WAIT, LEAVE),
    (claiming(LATE), heard(EARLY, 9.0), WAIT, LEAVE),
    (heard(LATE, 9.0), EARLY, SPEAK, SPEAK),
    (heard(EARLY, 9.0), claiming(LATE), SPEAK, SPEAK),
    (heard(LATE, 8.0), heard(EARLY, 9.0), SPEAK, SPEAK),
    (heard(EARLY, 9.0), heard(LATE, 8.0), WAIT, LEAVE),
    (heard(LATE, 9.0), heard(EARLY, 9.0), SPEAK, SPEAK),
    (heard(EARLY, 9.0), heard(LATE, 9.0), WAIT, LEAVE),
]
"""She, the other, what she does at once and what after two seconds in which nothing has changed."""


@pytest.mark.parametrize(("she", "other", "at_once", "then"), TABLE)
def test_what_she_does_follows_from_who_is_heard_who_claims_and_who_came_first(
    she: Candidate, other: Candidate, at_once: Verdict, then: Verdict
) -> None:
    election = Election()
    election.came_later = she.joined_at > other.joined_at
    assert election.step(she, [other], 0.0) is at_once
    assert election.step(she, [other], 2.0) is then


def test_alone_she_speaks_at_once() -> None:
    assert Election().step(LATE, [], 0.0) is SPEAK


def test_who_came_later_claims_the_call_when_her_patience_is_over() -> None:
    election = Election()
    election.came_later = True
    election.step(LATE, [EARLY], 10.0)
    assert election.step(LATE, [EARLY], 10.0 + PATIENCE_SECONDS - 0.01) is WAIT
    assert election.step(LATE, [EARLY], 10.0 + PATIENCE_SECONDS) is CLAIM


def test_who_claims_the_call_gives_the_other_a_second_to_leave() -> None:
    """Who does not is frozen, and leaves when she wakes up and finds another one heard."""
    election = Election()
    election.step(claiming(LATE), [EARLY], 10.0)
    assert election.step(claiming(LATE), [EARLY], 10.0 + ANSWER_SECONDS - 0.01) is WAIT
    assert election.step(claiming(LATE), [EARLY], 10.0 + ANSWER_SECONDS) is SPEAK


def test_who_is_behind_leaves_when_she_has_been_so_for_a_moment() -> None:
    election = Election()
    election.step(EARLY, [heard(LATE, 1.0)], 10.0)
    assert election.step(EARLY, [heard(LATE, 1.0)], 10.0 + SETTLED_SECONDS - 0.01) is WAIT
    assert election.step(EARLY, [heard(LATE, 1.0)], 10.0 + SETTLED_SECONDS) is LEAVE


def test_who_was_behind_for_less_than_a_moment_stays() -> None:
    """As when the other was heard in a connection that is no more, and says so a little later."""
    election = Election()
    assert election.step(heard(LATE, 20.0), [heard(EARLY, 10.0)], 30.0) is WAIT
    assert election.step(heard(LATE, 20.0), [EARLY], 30.2) is SPEAK
    assert election.step(heard(LATE, 20.0), [heard(EARLY, 10.0)], 30.4) is WAIT
    assert election.step(heard(LATE, 20.0), [], 30.8) is SPEAK


def test_when_the_other_has_left_the_next_one_is_waited_for_anew() -> None:
    election = Election()
    election.came_later = True
    election.step(LATE, [EARLY], 10.0)
    election.step(LATE, [], 11.0)
    assert election.step(LATE, [EARLY], 20.0) is WAIT


@pytest.mark.parametrize("number", [2, 3])
def test_of_any_that_know_the_same_one_stays_and_all_others_leave(number: int) -> None:
    """Whatever is known of them: as soon as one is heard or claims, everybody else finds herself behind."""
    states = [EARLY, claiming(EARLY), heard(EARLY, 5.0), heard(EARLY, 6.0)]
    for chosen in itertools.product(states, repeat=number):
        there = [replace(one, identity=f"agent-{name}", joined_at=name) for name, one in enumerate(chosen)]
        verdicts = [after_two_seconds(one, there) for one in there]
        if all(one.standing is Standing.NONE for one in there):
            assert verdicts == [SPEAK, *[CLAIM] * (number - 1)]
        else:
            assert sorted(verdict.value for verdict in verdicts) == ["leave"] * (number - 1) + ["speak"]


def after_two_seconds(she: Candidate, there: list[Candidate]) -> Verdict:
    election, others = Election(), [one for one in there if one != she]
    election.came_later = she != there[0]
    election.step(she, others, 0.0)
    return election.step(she, others, 2.0)


class Room:
    """A room in which everybody hears of everything a little later, and of one thing after the other."""

    def __init__(self, *, lag: random.Random, is_deaf: frozenset[str]) -> None:
        self.now = 0.0
        self.lag = lag
        self.is_deaf = is_deaf
        self.there: dict[str, Candidate] = {}
        self.views: dict[str, dict[str, Candidate | None]] = {}
        self.coming: list[tuple[float, str, str, Candidate | None]] = []
        self.elections: dict[str, Election] = {}
        self.speaking: dict[str, float] = {}

    def come(self, identity: str) -> None:
        """LiveKit lets one in after the other: who comes is told of all who are there."""
        self.views[identity] = dict(self.there)
        self.elections[identity] = Election()
        self.elections[identity].came_later = bool(self.there)
        self.tell(Candidate(identity, joined_at=self.lag.random()))

    def tell(self, candidate: Candidate) -> None:
        self.there[candidate.identity] = candidate
        self._spread(candidate.identity, candidate)

    def leave(self, identity: str) -> None:
        del self.there[identity], self.elections[identity]
        self.speaking.pop(identity, None)
        self._spread(identity, None)

    def _spread(self, of: str, told: Candidate | None) -> None:
        for to in self.elections:
            before = max((at for at, whom, who, _ in self.coming if (whom, who) == (to, of)), default=0.0)
            at = max(before, self.now + self.lag.uniform(0.0, 0.25))
            self.coming.append((at, to, of, told))

    def step(self) -> None:
        self.now += 0.05
        for at, to, of, told in sorted(self.coming, key=lambda one: one[0]):
            if at <= self.now and to in self.views:
                self.views[to][of] = told
        self.coming = [one for one in self.coming if one[0] > self.now]
        for identity in list(self.elections):
            self._decide(identity)

    def _decide(self, identity: str) -> None:
        she = self.views[identity].get(identity) or self.there[identity]
        others = [one for name, one in self.views[identity].items() if one and name != identity]
        verdict = self.elections[identity].step(she, others, self.now)
        if verdict is LEAVE:
            self.leave(identity)
        elif verdict is CLAIM and not self.there[identity].is_claiming:
            self.tell(claiming(self.there[identity]))
        elif verdict is SPEAK:
            since = self.speaking.setdefault(identity, self.now)
            if identity not in self.is_deaf and self.now - since > 0.3 and self.there[identity].heard_at is None:
                self.tell(heard(self.there[identity], self.now))


@pytest.mark.parametrize("seed", range(300))
def test_of_two_or_three_that_come_at_once_one_is_left_and_no_second_was_ever_heard(seed: int) -> None:
    """Also if the first one's sound is dead: then it is the second whom the caller hears, and soon."""
    lag = random.Random(seed)  # noqa: S311  nothing depends on it but the order
    number = lag.choice([2, 2, 3])
    dead = frozenset({"agent-0"}) if lag.random() < 0.4 else frozenset()
    room = Room(lag=lag, is_deaf=dead)
    comes = {round(lag.uniform(0.0, 0.1), 2) if name else 0.0: f"agent-{name}" for name in range(number)}
    ever_heard: set[str] = set()
    for at in sorted(comes):
        room.now = at
        room.come(comes[at])
    while room.now < 5.0:
        room.step()
        ever_heard |= {name for name, one in room.there.items() if one.heard_at is not None}
    assert len(room.there) == 1
    assert len(ever_heard) == 1
    assert ever_heard == set(room.there)
