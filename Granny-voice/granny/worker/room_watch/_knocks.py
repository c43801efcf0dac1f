"""Which of her agents in other workers' rooms are asked for a sign of life, and which are taken for gone.

When a machine dies, LiveKit has its agents in their rooms for some 20 s; when a LiveKit node dies, the list of a room
has those for ever who were on it. Two knocks that nobody acknowledges, or three at a door that no node has, and an
agent is taken for gone: a node that has come back, or a redis, needs a moment until it is asked again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from granny.rooms.knocking import Answer
from granny.rooms.occupants import Occupant, Occupants
from granny.worker.room_watch._lonely_rooms import Listed

_PAUSE_SECONDS = 3.0
_AT_MOST_A_SECOND = 100.0
"""By all workers together."""
_NOT_WORTH_IT_SECONDS = 15.0
"""Where a room's turn comes more seldom, LiveKit's own notice is as soon."""
_EVIDENCE = {Answer.SILENT: 3, Answer.UNKNOWN_TO_ALL: 2, Answer.UNTOLD: 0}
_GONE_FROM = 6


@dataclass(slots=True)
class _Agent:
    """One of hers; times are in seconds of the worker's own clock."""

    room: Listed
    occupant: Occupant
    knocked_at: float = -math.inf
    evidence: int = 0
    silent_since: float | None = None

    @property
    def is_gone(self) -> bool:
        return self.evidence >= _GONE_FROM


class Knocks:
    """Her agents in rooms that are not this worker's.

    Args:
        places: GRANNY_MAX_CALLS, taken for that of every worker: this one's share is as many rooms.
    """

    def __init__(self, *, places: int) -> None:
        self._places = places
        self._agents: dict[str, _Agent] = {}

    def listed(self, rooms: Iterable[Listed]) -> None:
        """LiveKit lists these rooms; the agents of others are forgotten."""
        there = {room.sid for room in rooms}
        self._agents = {sid: agent for sid, agent in self._agents.items() if agent.room.sid in there}

    def seen(self, room: Listed, occupants: Occupants) -> None:
        """These are in a room."""
        hers = {one.sid: one for one in occupants.hers}
        for sid in [sid for sid, agent in self._agents.items() if agent.room.sid == room.sid and sid not in hers]:
            del self._agents[sid]
        for sid, one in hers.items():
            self._agents.setdefault(sid, _Agent(room, one))

    def due(
        self, *, workers: float, pause: float, now: float, but: Collection[str] = ()
    ) -> list[tuple[Listed, Occupant]]:
        """At whose doors to knock now, those not asked for the longest first; who was silent is asked again at once.

        Args:
            workers: how many share the watch.
            pause: the seconds until this is asked again.
            now: the time.
            but: the sids of rooms in which nobody is to be asked.
        """
        agents = [agent for agent in self._agents.values() if agent.room.sid not in but and not agent.is_gone]
        doubted = [agent for agent in agents if agent.evidence]
        others = [agent for agent in agents if not agent.evidence and now - agent.knocked_at >= _PAUSE_SECONDS]
        others.sort(key=lambda agent: agent.knocked_at)
        return [self._knocked(agent, now) for agent in doubted + others[: self._share(workers, pause)]]

    def answered(self, occupant: Occupant, answer: Answer) -> bool:
        """What came of a knock; whether this agent is gone by it."""
        agent = self._agents.get(occupant.sid)
        if agent is None or agent.is_gone:
            return False
        if answer is Answer.THERE:
            agent.evidence, agent.silent_since = 0, None
            return False
        agent.evidence += _EVIDENCE[answer]
        if agent.evidence and agent.silent_since is None:
            agent.silent_since = agent.knocked_at
        return agent.is_gone

    def doubt_nobody(self) -> None:
        """LiveKit cannot even say who is where: without its redis it says of every room that no node has it."""
        for agent in self._agents.values():
            agent.evidence, agent.silent_since = 0, None

    def gone_from(self, room: Listed) -> dict[str, str]:
        """Those who are listed in a room and gone: their identities, by sid."""
        return {agent.occupant.sid: agent.occupant.identity for agent in self._gone_from(room)}

    def gone_since(self, room: Listed) -> float | None:
        """When the last of those was first silent."""
        return max((agent.silent_since or 0.0 for agent in self._gone_from(room)), default=None)

    def _gone_from(self, room: Listed) -> list[_Agent]:
        return [agent for agent in self._agents.values() if agent.is_gone and agent.room.sid == room.sid]

    def _share(self, workers: float, pause: float) -> int:
        """How many to ask in one pause: as many as this worker has places, each in its turn."""
        turn = max(_PAUSE_SECONDS, workers * self._places / _AT_MOST_A_SECOND)
        return math.ceil(self._places * pause / turn) if turn <= _NOT_WORTH_IT_SECONDS else 0

    @staticmethod
    def _knocked(agent: _Agent, now: float) -> tuple[Listed, Occupant]:
        agent.knocked_at = now
        return agent.room, agent.occupant
