"""What the public prefix of a key tells: whose it is, of which kind, and in whose place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from granny.faults import (
    LIVEKIT_KEY_SECRET_SWAPPED,
    OPENAI_KEY_FORMAT,
    OPENAI_KEY_OTHER_PROVIDER,
    OPENAI_KEY_WRONG_KIND,
    VALUE_PASTED_WRONG,
    VALUE_PLACEHOLDER,
    VALUE_WHITESPACE,
    Finding,
    Severity,
)
from granny.probes._addresses import leads_elsewhere
from granny.probes._reading import LIVEKIT_KEY, LIVEKIT_SECRET, OPENAI_KEY, Reading, Value
from granny.probes._shapes import judge_shape, stands_for_none

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
    "API": "LiveKit",
}
"""Their published prefixes; none of them is the beginning of a key of OpenAI's."""

_OPENAI_PREFIX = "sk-"
_OPENAI_KEY = re.compile(r"[A-Za-z0-9_-]*")
_SURELY_OPENAI = ("sk-proj-", "sk-svcacct-", "sk-admin-")
_PASS = re.compile(r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+")
_LIVEKIT_KEY = re.compile(r"API[A-Za-z0-9]*")
_LONGEST_LIVEKIT_KEY = 30
"""LiveKit Cloud's keys have about 15 characters, its secrets about 43."""


def judge_openai_key(value: Value, reading: Reading) -> Finding | None:
    """The first thing wrong with OPENAI_API_KEY, or None; another server than OpenAI's has its own rules."""
    finding = _broken(value, reading) or judge_shape(value) or _wrong_owner(value)
    if leads_elsewhere(reading):
        return _milder(finding, value) if finding else None
    return finding or _unusual(value)


def judge_livekit_key(value: Value, reading: Reading) -> Finding | None:
    """The first thing that is wrong with LIVEKIT_API_KEY or LIVEKIT_API_SECRET, or None."""
    return _broken(value, reading) or judge_shape(value) or _something_else(value, reading)


def judge_pair(reading: Reading) -> Finding | None:
    """Whether LiveKit's key stands where its secret should."""
    key, secret = reading.value(LIVEKIT_KEY), reading.value(LIVEKIT_SECRET)
    if not key or not secret or not _LIVEKIT_KEY.match(secret.text):
        return None
    if _LIVEKIT_KEY.match(key.text) and len(secret.text) > _LONGEST_LIVEKIT_KEY:
        return None
    return secret.found(
        LIVEKIT_KEY_SECRET_SWAPPED,
        f"The secret begins with API, as keys do; the key stands at {key.where}.",
    )


def _unusual(value: Value) -> Finding | None:
    if not value.text.startswith(_OPENAI_PREFIX):
        return value.found(OPENAI_KEY_FORMAT, f"It does not begin with sk- ({value.size}).")
    usual = _OPENAI_KEY.match(value.text)
    place = usual.end() if usual else 0
    if place == len(value.text):
        return None
    return value.found(OPENAI_KEY_FORMAT, f"Character {place + 1} of {len(value.text)} is none of those.")


def _wrong_owner(value: Value) -> Finding | None:
    kind = next((kind for prefix, kind in _WRONG_KINDS.items() if value.text.startswith(prefix)), None)
    if kind:
        return value.found(OPENAI_KEY_WRONG_KIND, f"It begins as {kind}.")
    provider = next((owner for prefix, owner in _PROVIDERS.items() if value.text.startswith(prefix)), None)
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
        return value.found(VALUE_PASTED_WRONG, "It begins as a key of OpenAI does.", severity=Severity.WARNING)
    if _PASS.fullmatch(value.text):
        return value.found(VALUE_PASTED_WRONG, "It looks like a token (a caller's pass).", severity=Severity.WARNING)
    return None


def _broken(value: Value, reading: Reading) -> Finding | None:
    place = next(_second_halves(value, reading), None)
    if not place:
        return None
    return value.found(VALUE_WHITESPACE, f"The key seems to go on in the next line ({place}).")


def _second_halves(value: Value, reading: Reading) -> Iterator[str]:
    for file in reading.files:
        for name, line in file.content.broken:
            if value.assignment and name == value.name and file.where(line - 1) == value.where:
                yield file.where(line)
