"""Where OpenAI is asked and what is shown there: the plugin's own URL and headers, nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlparse, urlunparse

from granny.faults import Finding
from granny.net.answer import Unasked
from granny.net.route import Way, way_of
from granny.net.spelling import NOT_SHOWN, spells_secret

if TYPE_CHECKING:  # pydantic is slow to import, and not needed here
    from granny.config.settings import Settings

USER_AGENT = "LiveKit Agents"

_PATHS_IT_COMPLETES = ("", "/v1", "/openai", "/openai/v1")
_REALTIME = "/realtime"


@dataclass(frozen=True, slots=True)
class Door:
    """OpenAI's Realtime endpoint for one model and one key; neither key nor secrets are ever shown."""

    url: str
    model: str
    key: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    way: Way = field(default_factory=Way)

    @property
    def headers(self) -> dict[str, str]:
        """As the plugin sends them; unlike the openai package it adds no organization or project."""
        return {"User-Agent": USER_AGENT, "Authorization": f"Bearer {self.key}"}

    def discreet(self, finding: Finding) -> Finding:
        """The finding without an error's name that spells a secret: the server may have made it of what it read."""
        if not spells_secret(finding.evidence, self.secrets):
            return finding
        return replace(finding, evidence=f"{finding.evidence.partition(',')[0]}, and a name {NOT_SHOWN}")

    def models_url(self, model: str = "") -> str | None:
        """Where models are described; None if the Realtime URL does not tell where that would be."""
        parts = urlparse(self.url)
        if not parts.path.endswith(_REALTIME):
            return None
        scheme = parts.scheme.replace("ws", "http", 1)
        path = f"{parts.path[: -len(_REALTIME)]}/models" + (f"/{quote(model, safe='')}" if model else "")
        return urlunparse((scheme, parts.netloc, path, "", "", ""))


def find_door(settings: Settings) -> Door | Unasked:
    """The door that the settings lead to, or why there is none."""
    key = settings.openai_api_key.get_secret_value()
    if not key:
        return Unasked("OPENAI_API_KEY is not set")
    if any(ord(character) < ord(" ") or character == "\x7f" for character in key):
        return Unasked("OPENAI_API_KEY has characters that cannot be sent")
    try:
        url = realtime_url(settings.openai_base_url, settings.model)
        parts = urlparse(url)
        _ = parts.port  # a port that is no number is found out here
    except ValueError:
        return Unasked("OPENAI_BASE_URL is no usable address")
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        return Unasked("OPENAI_BASE_URL is no usable address")
    return Door(url=url, model=settings.model, key=key, secrets=settings.secrets, way=way_of(settings))


def realtime_url(base_url: str, model: str) -> str:
    """The plugin's Realtime URL; the same steps as `process_base_url` of livekit-agents 1.8.9, without Azure.

    Raises:
        ValueError: the URL cannot be taken apart.
    """
    url = base_url.replace("http", "ws", 1) if base_url.startswith("http") else base_url
    parts = urlparse(url)
    stripped = parts.path.rstrip("/")
    path = stripped + _REALTIME if stripped in _PATHS_IT_COMPLETES else parts.path
    query = parse_qs(parts.query)
    query.setdefault("model", [model])
    return urlunparse((parts.scheme, parts.netloc, path, "", urlencode(query, doseq=True), ""))
