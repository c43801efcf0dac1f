"""How long will the chosen model live? Asked of OpenAI's list of models, if the key may."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from granny import faults
from granny.faults import Severity
from granny.net import http
from granny.net.answer import Answer, Unasked
from granny.net.openai_endpoint import find_door
from granny.net.openai_models import NotTold, last_day

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings


_FAR_DAYS = 365
"""An end further away is worth a line of the report, and no warning."""


def today() -> date:
    """The day in UTC."""
    return datetime.now(timezone.utc).date()


async def ask(settings: Settings) -> Answer | Unasked:
    """Look up the model's last day; a key that may not ask this can still be a good key.

    Returns within 10 seconds.
    """
    door = find_door(settings)
    if isinstance(door, Unasked):
        return door
    if door.way.proxy_fault():
        return Unasked("not checked: the proxy cannot be used")
    try:
        session = http.open_session(door.url, door.way)
    except OSError:
        return Unasked("not checked: the file in SSL_CERT_FILE cannot be read")
    try:
        async with session:
            day = await last_day(session, door)
    except ValueError:  # aiohttp and yarl refuse what cannot be sent
        return Unasked("not checked: OPENAI_API_KEY or OPENAI_BASE_URL cannot be used")
    if isinstance(day, NotTold):
        return Unasked(f"not checked: {day.reason}")
    return _judged(day, settings.model)


def _judged(day: date | None, model: str) -> Answer:
    if day is None:
        return Answer("no end of the model is announced")
    left = (day - today()).days
    if left < 0:
        evidence = f"{model} was switched off on {day.isoformat()}"
        gone = faults.OPENAI_MODEL_RETIRING.found(evidence, variable="GRANNY_MODEL", severity=Severity.FATAL)
        return Answer("the model was switched off", (gone,))
    evidence = f"{model} ends on {day.isoformat()}, in {left} days"
    if left > _FAR_DAYS:
        return Answer(evidence)
    return Answer(
        "the model's end is announced",
        (faults.OPENAI_MODEL_RETIRING.found(evidence, variable="GRANNY_MODEL"),),
    )
