"""What OpenAI calls its errors, and which fault each is: data only."""

from __future__ import annotations

import re
from http import HTTPStatus

from granny import faults
from granny.faults import Fault

OPENAI_CODES: dict[str, Fault] = {
    "invalid_api_key": faults.OPENAI_KEY_REJECTED,
    "incorrect_api_key": faults.OPENAI_KEY_REJECTED,
    "no_organization": faults.OPENAI_KEY_REJECTED,
    "account_deactivated": faults.OPENAI_ACCOUNT_CLOSED,
    "organization_deactivated": faults.OPENAI_ACCOUNT_CLOSED,
    "access_terminated": faults.OPENAI_ACCOUNT_CLOSED,
    "incorrect_hostname": faults.OPENAI_WRONG_REGION,
    "mismatched_organization": faults.OPENAI_ORGANISATION_MISMATCH,
    "invalid_organization": faults.OPENAI_ORGANISATION_MISMATCH,
    "mismatched_project": faults.OPENAI_ORGANISATION_MISMATCH,
    "missing_scope": faults.OPENAI_KEY_SCOPE,
    "missing_scopes": faults.OPENAI_KEY_SCOPE,
    "insufficient_permissions": faults.OPENAI_KEY_SCOPE,
    "ip_not_authorized": faults.OPENAI_IP_REFUSED,
    "ip_not_allowed": faults.OPENAI_IP_REFUSED,
    "unsupported_country_region_territory": faults.OPENAI_REGION_REFUSED,
    "model_not_found": faults.OPENAI_MODEL_UNAVAILABLE,
    "invalid_model": faults.OPENAI_MODEL_UNAVAILABLE,
    "unsupported_model": faults.OPENAI_MODEL_UNAVAILABLE,
    "model_not_available": faults.OPENAI_MODEL_UNAVAILABLE,
    "model_deprecated": faults.OPENAI_MODEL_UNAVAILABLE,
    "access_not_enabled": faults.OPENAI_MODEL_UNAVAILABLE,
    "DeploymentNotFound": faults.OPENAI_MODEL_UNAVAILABLE,
    "insufficient_quota": faults.OPENAI_OUT_OF_CREDIT,
    "credit_balance_exhausted": faults.OPENAI_OUT_OF_CREDIT,
    "billing_hard_limit_reached": faults.OPENAI_SPEND_LIMIT,
    "organization_spend_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "project_spend_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "organization_usage_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "project_usage_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "budget_exceeded": faults.OPENAI_SPEND_LIMIT,
    "billing_not_active": faults.OPENAI_BILLING_INACTIVE,
    "rate_limit_exceeded": faults.OPENAI_RATE_LIMITED,
    "inference_rate_limit_exceeded": faults.OPENAI_RATE_LIMITED,
    "beta_api_shape_disabled": faults.OPENAI_NOT_OPENAI,
    "server_error": faults.OPENAI_UNAVAILABLE,
    "internal_error": faults.OPENAI_UNAVAILABLE,
    "internal_server_error": faults.OPENAI_UNAVAILABLE,
    "service_unavailable": faults.OPENAI_UNAVAILABLE,
    "engine_overloaded": faults.OPENAI_UNAVAILABLE,
    "overloaded": faults.OPENAI_UNAVAILABLE,
    "slow_down": faults.OPENAI_UNAVAILABLE,
    "session_expired": faults.OPENAI_SESSION_EXPIRED,
}
"""By `error.code`; the same words also come as `error.type`.

Seen in public: `incorrect_hostname` https://github.com/agent-ecosystem/skill-validator/issues/70,
`mismatched_organization` https://github.com/openai/codex/issues/1000, `invalid_organization`
https://github.com/ai-genie/chatgpt-vscode/issues/91, `account_deactivated`
https://github.com/ChatGPTNextWeb/NextChat/issues/4175, `access_terminated` as the type alone
https://github.com/ztjhz/BetterChatGPT/issues/105, `access_not_enabled` https://github.com/livekit/agents/issues/994.
Of gateways: Azure's `DeploymentNotFound` https://github.com/chatboxai/chatbox/issues/861, LiteLLM's `budget_exceeded`
https://docs.litellm.ai/docs/proxy/error_reference.
"""

OPENAI_TYPES: dict[str, Fault] = {
    **OPENAI_CODES,
    "rate_limit_error": faults.OPENAI_RATE_LIMITED,
    "overloaded_error": faults.OPENAI_UNAVAILABLE,
}
"""By `error.type`, when the code says nothing."""

RATE_TYPES = ("requests", "tokens")
"""What a limit counts. With another status than 429 such a type says nothing: a closed account came with one
(https://github.com/aandrew-me/tgpt/issues/171)."""

EMPTY_TYPES = ("invalid_request_error", *RATE_TYPES)
"""Types that OpenAI gives where it says nothing by them, as beside a null code."""

AMBIGUOUS_CODES = ("model_not_found", "unsupported_value")
"""Codes that OpenAI also gives to an organization that must first be verified; its message alone tells the two apart.
Beside a null code: https://github.com/openai-php/client/issues/565, beside `unsupported_value`:
https://github.com/microsoft/vscode/issues/260670."""

UNVERIFIED = re.compile(r"\borganization must be verified\b", re.IGNORECASE)
REGIONAL_HOST = re.compile(r"\b(?:[a-z]{2}\.)?api\.openai\.com\b")
HEADERS_OF_CODES = {
    "mismatched_organization": "OpenAI-Organization",
    "invalid_organization": "OpenAI-Organization",
    "mismatched_project": "OpenAI-Project",
}
"""The header that the code is about."""

OPENAI_MESSAGES: tuple[tuple[re.Pattern[str], Fault], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), fault)
    for pattern, fault in (
        (r"missing scopes?\b|insufficient permissions", faults.OPENAI_KEY_SCOPE),
        (
            r"\bIP\b.{0,80}\b(not authorized|not allowed|allow ?list)|\bIP allow ?list",
            faults.OPENAI_IP_REFUSED,
        ),
        (r"country, region, or territory not supported", faults.OPENAI_REGION_REFUSED),
        (r"incorrect regional host ?name", faults.OPENAI_WRONG_REGION),
        (r"header should match (organization|project)|no such organization", faults.OPENAI_ORGANISATION_MISMATCH),
        (r"account .{0,40}deactivated|deactivated account|access was terminated", faults.OPENAI_ACCOUNT_CLOSED),
        (r"incorrect api key|member of an organization|project .{0,40}archived", faults.OPENAI_KEY_REJECTED),
        (r"exceeded your current quota|credit balance", faults.OPENAI_OUT_OF_CREDIT),
        (r"billing hard limit|spend(ing)? limit", faults.OPENAI_SPEND_LIMIT),
        (r"account is not active|billing .{0,20}not active", faults.OPENAI_BILLING_INACTIVE),
        (UNVERIFIED.pattern, faults.OPENAI_ORGANISATION_UNVERIFIED),
        (r"\bmodel\b.{0,100}(does not exist|do(es)? not have access)", faults.OPENAI_MODEL_UNAVAILABLE),
        (r"not have access to (the )?model", faults.OPENAI_MODEL_UNAVAILABLE),
        (r"rate limit reached", faults.OPENAI_RATE_LIMITED),
        (r"maximum duration of 60 minutes", faults.OPENAI_SESSION_EXPIRED),
    )
)
"""By `error.message`, when code and type say nothing; OpenAI leaves them so for some refusals."""

OPENAI_STATUSES: dict[int, Fault] = {
    HTTPStatus.UNAUTHORIZED: faults.OPENAI_UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED: faults.OPENAI_OUT_OF_CREDIT,
    HTTPStatus.FORBIDDEN: faults.OPENAI_UNAUTHORIZED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: faults.PROXY_UNREACHABLE,
    HTTPStatus.REQUEST_TIMEOUT: faults.OPENAI_UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: faults.OPENAI_RATE_LIMITED,
}
"""By status, when the words say nothing; every 5xx besides is `openai-unavailable`."""

OPENAI_CLOSE_CODES: dict[int, Fault] = {
    1001: faults.OPENAI_SESSION_EXPIRED,
    1008: faults.OPENAI_UNAUTHORIZED,
    1011: faults.OPENAI_UNAVAILABLE,
    1012: faults.OPENAI_UNAVAILABLE,
    1013: faults.OPENAI_UNAVAILABLE,
    3000: faults.OPENAI_UNAUTHORIZED,
    4000: faults.OPENAI_NOT_OPENAI,
}
"""By the WebSocket's close code, when its reason names no error; any other is `openai-connection-lost`.

Source: https://www.iana.org/assignments/websocket and, for 4000, OpenAI's refusal of the beta's events.
"""
