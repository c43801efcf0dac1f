"""What the public prefix of a key tells: whose it is, of which kind, and in whose place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from granny.faults import (
    LIVEKIT_KEY_SECRET_SWAPPED,
    OPENAI_KEY_FORMAT,
    OPENAI_KEY_OTHER_PROVIDER,
    OPENAI_KEY_WRONG_KIND,
    VALUE_PASTED_WRONG,
    VALUE_PLACEHOLDER,
    VALUE_WRAPPED,
    Finding,
    Severity,
)
from granny.preflight.probes._addresses import leads_elsewhere
from granny.preflight.probes._reading import LIVEKIT_KEY, LIVEKIT_SECRET, OPENAI_KEY, Reading, Value
from granny.preflight.probes._shapes import judge_shape, stands_for_none

_WRONG_KINDS = {
    "sk-admin-": "an admin key, which may not use any model",
    "ek_": "a short-lived key for one session in a browser",
    "sess-": "a short-lived key of a browser session",
    "org-": "the name of an organization, not a key",
    "proj_": "the name of a project, not a key",
}

_PROVIDERS = {
    "sk-ant-": "Anthropic",
    "sk-or-": "OpenRouter",
    "sk-lf-": "Langfuse",
    "AIza": "Google",
    "gsk_": "Groq",
    "xai-": "xAI",
    "hf_": "Hugging Face",
    "pplx-": "Perplexity",
    "r8_": "Replicate",
    "csk-": "Cerebras",
    "nvapi-": "NVIDIA",
    "tvly-": "Tavily",
    "lsv2_": "LangSmith",
    "AKIA": "Amazon Web Services",
    "ASIA": "Amazon Web Services",
    "ghp_": "GitHub",
    "gho_": "GitHub",
    "github_pat_": "GitHub",
    "glpat-": "GitLab",
    "xoxb-": "Slack",
    "xoxp-": "Slack",
    "sk_live_": "Stripe",
    "sk_test_": "Stripe",
    "rk_live_": "Stripe",
}
"""Their published prefixes; none of them is the beginning of a key of OpenAI's."""

_OPENAI_PREFIX = "sk-"
_NOT_IN_OPENAI_KEYS = re.compile(r"[^A-Za-z0-9_-]")
_SURELY_OPENAI = ("sk-proj-", "sk-svcacct-", "sk-admin-")
_PASS = re.compile(r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+")
_SHORTEST_OPENAI_KEY = 20
"""Real ones have had 51 characters and more."""
_LIVEKIT_PREFIX = "API"
_LIVEKIT_KEY = re.compile(r"API[A-Za-z0-9]{7,}")
_LONGEST_LIVEKIT_KEY = 30
"""LiveKit Cloud's keys have about 15 characters, its secrets about 43."""

_SHORTEST_GOOD_SECRET = 32
"""What livekit-server asks of a secret; a shorter one is let pass with a warning."""
_CODED = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FEWEST_CHANGES = 4


def judge_openai_key(value: Value, reading: Reading) -> Finding | None:
    """The first thing wrong with OPENAI_API_KEY, or None; another server than OpenAI's has its own rules."""
    finding = _broken(value, reading) or judge_shape(value) or _wrong_owner(value)
    if leads_elsewhere(reading):
        return _milder(finding, value) if finding else None
    return finding or _too_short(value) or _unusual(value)


def judge_livekit_key(value: Value, reading: Reading) -> Finding | None:
    """The first thing that is wrong with LIVEKIT_API_KEY or LIVEKIT_API_SECRET, or None."""
    return _broken(value, reading) or judge_shape(value) or _something_else(value, reading)


def judge_pair(reading: Reading) -> Finding | None:
    """Whether LiveKit's key stands where its secret should, or the secret where the key should."""
    key, secret = reading.value(LIVEKIT_KEY), reading.value(LIVEKIT_SECRET)
    if not key or not secret or not (finding := misplaced(key.text, secret.text)):
        return None
    return replace(finding, where=key.where if finding.variable == LIVEKIT_KEY else secret.where)


def misplaced(key: str, secret: str) -> Finding | None:
    """The finding of a secret in the key's place; None where the shapes of the two do not tell.

    The server is never asked about it: it can read in whose name a pass is signed, and writes that down.
    """
    is_key = secret.startswith(_LIVEKIT_PREFIX)
    if is_key and not (key.startswith(_LIVEKIT_PREFIX) and len(secret) > _LONGEST_LIVEKIT_KEY):
        why = "The secret begins with API, as keys do."
        return LIVEKIT_KEY_SECRET_SWAPPED.found(why, variable=LIVEKIT_SECRET)
    if not _is_random(key):
        return None
    if len(secret) < _SHORTEST_GOOD_SECRET and _changes(secret) < _FEWEST_CHANGES:
        why = "The key is long and random, as secrets are, and the secret is short."
        return LIVEKIT_KEY_SECRET_SWAPPED.found(why, variable=LIVEKIT_SECRET)
    why = "It is the same as LIVEKIT_API_SECRET, and a key can be read by many."
    return VALUE_PASTED_WRONG.found(why, variable=LIVEKIT_KEY) if key == secret else None


def _is_random(text: str) -> bool:
    """Whether a text was made by a generator of secrets. A UUID is none: it is a natural name for a key."""
    if not _CODED.fullmatch(text) or _UUID.fullmatch(text):
        return False
    return _changes(text) >= _FEWEST_CHANGES


def _changes(text: str) -> int:
    """How often a letter and a digit stand side by side: often in random text, seldom in names with a date."""
    return sum(one.isalnum() and other.isalnum() and one.isdigit() != other.isdigit() for one, other in pairwise(text))


def _too_short(value: Value) -> Finding | None:
    """A mere word (API_KEY, sk-token); how long a key is says nothing else."""
    if len(value.text) >= _SHORTEST_OPENAI_KEY:
        return None
    return value.found(VALUE_PLACEHOLDER, f"It is a mere word; no key of OpenAI's was ever so short ({value.size}).")


def _unusual(value: Value) -> Finding | None:
    if not value.text.startswith(_OPENAI_PREFIX):
        return value.found(OPENAI_KEY_FORMAT, f"It does not begin with sk- ({value.size}).")
    strange = _NOT_IN_OPENAI_KEYS.search(value.text)
    if not strange:
        return None
    return value.found(OPENAI_KEY_FORMAT, f"Character {strange.end()} of {len(value.text)} is none of those.")


def _wrong_owner(value: Value) -> Finding | None:
    kind = next((kind for prefix, kind in _WRONG_KINDS.items() if value.text.startswith(prefix)), None)
    if kind:
        return value.found(OPENAI_KEY_WRONG_KIND, f"It begins as {kind}.")
    provider = next((owner for prefix, owner in _PROVIDERS.items() if value.text.startswith(prefix)), None)
    if not provider and _LIVEKIT_KEY.fullmatch(value.text):
        provider = "LiveKit"
    if provider:
        return value.found(OPENAI_KEY_OTHER_PROVIDER, f"It begins as a key of {provider} does.")
    return None


def _milder(finding: Finding, value: Value) -> Finding:
    foreign = finding.fault in {OPENAI_KEY_WRONG_KIND, OPENAI_KEY_OTHER_PROVIDER}
    if not foreign and not (finding.fault is VALUE_PLACEHOLDER and stands_for_none(value)):
        return finding
    return finding.fault.found(
        f"{finding.evidence} The server in OPENAI_BASE_URL may take it.",
        variable=finding.variable,
        where=finding.where,
        severity=Severity.WARNING,
    )


def _something_else(value: Value, reading: Reading) -> Finding | None:
    """An OpenAI key or a token in LiveKit's place: certain if it is the same, likely by its looks."""
    openai = reading.value(OPENAI_KEY)
    if openai and openai.text == value.text and value.text.startswith(_OPENAI_PREFIX):
        return value.found(VALUE_PASTED_WRONG, "It is the same as OPENAI_API_KEY.")
    if value.text.startswith(_SURELY_OPENAI):
        severity = None if value.name == LIVEKIT_KEY else Severity.WARNING  # LiveKit would write it into its log
        return value.found(VALUE_PASTED_WRONG, "It begins as a key of OpenAI does.", severity=severity)
    if _PASS.fullmatch(value.text):
        return value.found(VALUE_PASTED_WRONG, "It looks like a token (a caller's pass).", severity=Severity.WARNING)
    return None


def _broken(value: Value, reading: Reading) -> Finding | None:
    place = next(_second_halves(value, reading), None)
    if not place:
        return None
    return value.found(VALUE_WRAPPED, f"It seems to go on in the next line ({place}).")


def _second_halves(value: Value, reading: Reading) -> Iterator[str]:
    for file in reading.files:
        for name, line in file.content.broken:
            if value.assignment and name == value.name and file.where(line - 1) == value.where:
                yield file.where(line)
