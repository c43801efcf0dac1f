"""How far a call has come: seven stages, and what each thing that happens to the call makes of them.

| what happens | going on | broken | over | leaving | farewell | orphaned | winding up |
| --- | --- | --- | --- | --- | --- | --- | --- |
| `BROKE` | broken | broken | over | leaving | farewell | orphaned | winding up |
| `SAID_GOODBYE` | over | broken | over | leaving | farewell | orphaned | winding up |
| `SESSION_CLOSED` | going on | broken | leaving | leaving | farewell | orphaned | winding up |
| `DESERTED` | leaving | broken | leaving | leaving | farewell | orphaned | winding up |
| `OUTVOTED` | leaving | leaving | leaving | leaving | farewell | orphaned | winding up |
| `FAULT` | farewell | farewell | farewell | farewell | farewell | orphaned | farewell |
| `WORKER_DIED` | orphaned | orphaned | orphaned | orphaned | farewell | orphaned | winding up |
| `JOB_ENDS` | winding up | winding up | winding up | winding up | farewell | orphaned | winding up |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Stage(Enum):
    """How far a call has come."""

    GOING_ON = "going on"
    """Nothing has ended it yet."""
    BROKEN = "broken"
    """A bug ended the code of the call; the caller is told when the framework winds the job up."""
    OVER = "over"
    """They have said goodbye; it ends with the agent session."""
    LEAVING = "leaving"
    """Nobody is left to be told anything: she hangs up."""
    FAREWELL = "farewell"
    """A fault or a limit ends it: the caller is told, then she hangs up."""
    ORPHANED = "orphaned"
    """The worker is gone, and with it the job's own means: she comes back by herself, says so and ends the room."""
    WINDING_UP = "winding up"
    """The framework ends the job, for whatever reason."""


class Event(Enum):
    """What can happen to a call."""

    BROKE = "an exception that nobody expected left the code of the call"
    SAID_GOODBYE = "she has ended it herself, at the caller's wish"
    SESSION_CLOSED = "the agent session has closed"
    DESERTED = "the last one has hung up"
    OUTVOTED = "another Granny goes on with it"
    FAULT = "a fault or a limit ends it"
    WORKER_DIED = "the worker's main process is gone"
    JOB_ENDS = "the framework winds the job up"


_GOING_ON, _BROKEN, _OVER, _LEAVING, _FAREWELL, _ORPHANED, _WINDING_UP = Stage


def _row(*stages: Stage) -> Mapping[Stage, Stage]:
    return MappingProxyType(dict(zip(Stage, stages, strict=True)))


TRANSITIONS: Mapping[Event, Mapping[Stage, Stage]] = MappingProxyType(
    {
        Event.BROKE: _row(_BROKEN, _BROKEN, _OVER, _LEAVING, _FAREWELL, _ORPHANED, _WINDING_UP),
        Event.SAID_GOODBYE: _row(_OVER, _BROKEN, _OVER, _LEAVING, _FAREWELL, _ORPHANED, _WINDING_UP),
        Event.SESSION_CLOSED: _row(_GOING_ON, _BROKEN, _LEAVING, _LEAVING, _FAREWELL, _ORPHANED, _WINDING_UP),
        Event.DESERTED: _row(_LEAVING, _BROKEN, _LEAVING, _LEAVING, _FAREWELL, _ORPHANED, _WINDING_UP),
        Event.OUTVOTED: _row(_LEAVING, _LEAVING, _LEAVING, _LEAVING, _FAREWELL, _ORPHANED, _WINDING_UP),
        Event.FAULT: _row(_FAREWELL, _FAREWELL, _FAREWELL, _FAREWELL, _FAREWELL, _ORPHANED, _FAREWELL),
        Event.WORKER_DIED: _row(_ORPHANED, _ORPHANED, _ORPHANED, _ORPHANED, _FAREWELL, _ORPHANED, _WINDING_UP),
        Event.JOB_ENDS: _row(_WINDING_UP, _WINDING_UP, _WINDING_UP, _WINDING_UP, _FAREWELL, _ORPHANED, _WINDING_UP),
    }
)


def after(stage: Stage, event: Event) -> Stage:
    """The stage to which an event leads."""
    return TRANSITIONS[event][stage]
