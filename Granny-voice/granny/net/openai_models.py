"""What OpenAI tells about its models, as far as the key may ask."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import aiohttp

from granny.net import http
from granny.net.openai_endpoint import Door
from granny.net.spelling import spells_secret

SECONDS = 4.0
"""The longest wait for the description of one model."""
LIST_SECONDS = 1.2
"""The longest wait for the list of all."""
MOST_NAMES = 8

_OK = 200
_NAME = re.compile(r"gpt-[a-z0-9.-]{0,20}realtime[a-z0-9.-]{0,30}", re.ASCII)
_NOT_FOR_TALKING = ("transcribe", "translate", "whisper")


@dataclass(frozen=True, slots=True)
class NotTold:
    """OpenAI did not describe the model; why, in a few words."""

    reason: str


async def last_day(session: aiohttp.ClientSession, door: Door) -> date | NotTold | None:
    """The day on which the chosen model is switched off; None if none is announced."""
    told = await _fetch(session, door.models_url(door.model), door, seconds=SECONDS)
    if isinstance(told, NotTold):
        return told
    day = told.get("shutdown_date")
    if day is None:
        return None
    try:
        return date.fromisoformat(str(day)[: len("2027-01-20")])
    except ValueError:
        return NotTold("its last day is given in an unusual form")


async def realtime_models(session: aiohttp.ClientSession, door: Door) -> tuple[str, ...]:
    """The models for talking that the key can list, the newest first; none if it may not list."""
    told = await _fetch(session, door.models_url(), door, seconds=LIST_SECONDS)
    models = told.get("data") if isinstance(told, Mapping) else None
    if not isinstance(models, list):
        return ()
    described = [model for model in models if isinstance(model, Mapping) and _is_for_talking(model.get("id"))]
    described = [model for model in described if not spells_secret(str(model["id"]), door.secrets)]
    described.sort(key=_age, reverse=True)
    return tuple(str(model["id"]) for model in described[:MOST_NAMES])


def _is_for_talking(name: object) -> bool:
    return isinstance(name, str) and bool(_NAME.fullmatch(name)) and not any(word in name for word in _NOT_FOR_TALKING)


def _age(model: Mapping[str, object]) -> float:
    created = model.get("created")
    return float(created) if isinstance(created, (int, float)) else 0.0


async def _fetch(
    session: aiohttp.ClientSession, url: str | None, door: Door, *, seconds: float
) -> Mapping[str, object] | NotTold:
    if url is None:
        return NotTold("OPENAI_BASE_URL does not tell where to ask")
    try:
        reply = await http.get(session, url, headers=door.headers, seconds=seconds)
    except http.TROUBLES:
        return NotTold("OpenAI could not be asked")
    if reply.status != _OK:
        return NotTold(f"HTTP {reply.status}")
    try:
        told = json.loads(reply.body or "")
    except (ValueError, RecursionError):
        told = None
    return told if isinstance(told, dict) else NotTold("the answer was no description of a model")
