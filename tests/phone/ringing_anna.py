"""She rings Anna: what Anna does at her telephone, and what is told of it."""

from __future__ import annotations

import asyncio

from calls.house import SAID
from granny.rehearsal.callers.telephone_line import Call, IncomingCall
from phone.exchange import CALLEE, HERS, Exchange, within

FILE = f'called = "Anna"\nnumbers = "{CALLEE}"\nring_hours = "0:00-24:00"\nring_tries = 1\n'
HELLO = SAID[: len(SAID) // 4 * 2]
REACHED, NOT_REACHED = 0, 75


async def ended(here: Exchange, before: int) -> str:
    """What the worker calls the end of the call."""
    await here.until(lambda: len(here.running.lines("call ended")) > before, "the end of the call")
    outcome: str = here.running.lines("call ended")[-1]["outcome"]
    return outcome


def spent(here: Exchange) -> int:
    """How many responses the model has been asked for, in all calls."""
    return sum(len(line.responses) for line in here.standin.connections)


async def rung(here: Exchange) -> IncomingCall:
    """Anna's telephone rings; in it stands Granny's number."""
    call = await within(here.callee.rung())
    assert call.number == HERS
    call.ring()
    return call


async def reached(here: Exchange, call: Call, ringing: asyncio.subprocess.Process) -> None:
    """Anna hangs up, and the command says that she has been spoken with."""
    before = len(here.running.lines("call ended"))
    call.hang_up()
    assert await here.rang(ringing) == (REACHED, ["answered"])
    assert await ended(here, before) == "ok"


async def answered_by_hello(here: Exchange, call: IncomingCall) -> float:
    """Anna says hello, and she speaks; when the hello was said, on the ear's clock."""
    call.answer()
    await asyncio.sleep(0.5)
    call.say(HELLO)
    await call.said()
    said_at = call.heard.now()
    await here.until_quiet(call)
    return said_at
