"""What OpenAI calls its errors, and which fault each is: data only."""

from __future__ import annotations

import re
from http import HTTPStatus

from granny import faults
from granny.faults import Fault

OPENAI_CODES: dict[str, Fault] = {
    "invalid_api_key": faults.OPENAI_KEY_REJECTED,
    "incorrect_api_key": faults.OPENAI_KEY_REJECTED,
    "account_deactivated": faults.OPENAI_KEY_REJECTED,
    "organization_deactivated": faults.OPENAI_KEY_REJECTED,
    "no_organization": faults.OPENAI_KEY_REJECTED,
    "access_terminated": faults.OPENAI_KEY_REJECTED,
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
    "insufficient_quota": faults.OPENAI_OUT_OF_CREDIT,
    "credit_balance_exhausted": faults.OPENAI_OUT_OF_CREDIT,
    "billing_hard_limit_reached": faults.OPENAI_SPEND_LIMIT,
    "organization_spend_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "project_spend_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "organization_usage_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
    "project_usage_limit_exceeded": faults.OPENAI_SPEND_LIMIT,
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
"""By `error.code`; the same words also come as `error.type`."""

OPENAI_TYPES: dict[str, Fault] = {
    **OPENAI_CODES,
    "requests": faults.OPENAI_RATE_LIMITED,
    "tokens": faults.OPENAI_RATE_LIMITED,
    "rate_limit_error": faults.OPENAI_RATE_LIMITED,
    "overloaded_error": faults.OPENAI_UNAVAILABLE,
}
"""By `error.type`, when the code says nothing."""

OPENAI_MESSAGES: tuple[tuple[re.Pattern[str], Fault], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), fault)
    for pattern, fault in (
        (r"missing scopes?\b|insufficient permissions", faults.OPENAI_KEY_SCOPE),
        (
            r"\bIP\b.{0,80}\b(not authorized|not allowed|allow ?list)|\bIP allow ?list",
            faults.OPENAI_IP_REFUSED,
        ),
        (r"country, region, or territory not supported", faults.OPENAI_REGION_REFUSED),
        (
            r"incorrect api key|account .{0,40}deactivated|member of an organization|project .{0,40}archived",
            faults.OPENAI_KEY_REJECTED,
        ),
        (r"exceeded your current quota|credit balance", faults.OPENAI_OUT_OF_CREDIT),
        (r"billing hard limit|spend(ing)? limit", faults.OPENAI_SPEND_LIMIT),
        (r"account is not active|billing .{0,20}not active", faults.OPENAI_BILLING_INACTIVE),
        (r"\bmodel\b.{0,100}(does not exist|do(es)? not have access)", faults.OPENAI_MODEL_UNAVAILABLE),
        (r"organization must be verified|not have access to (the )?model", faults.OPENAI_MODEL_UNAVAILABLE),
        (r"rate limit reached", faults.OPENAI_RATE_LIMITED),
        (r"maximum duration of 60 minutes", faults.OPENAI_SESSION_EXPIRED),
    )
)
"""By `error.message`, when neither code nor type is known; OpenAI leaves both null for some refusals."""

OPENAI_STATUSES: dict[int, Fault] = {
    HTTPStatus.UNAUTHORIZED: faults.OPENAI_UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: faults.OPENAI_UNAUTHORIZED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: faults.PROXY_UNREACHABLE,
    HTTPStatus.REQUEST_TIMEOUT: faults.OPENAI_UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: faults.OPENAI_RATE_LIMITED,
}
"""By status, when the words say nothing; every 5xx besides is `openai-unavailable`."""

OPENAI_CLOSE_CODES: dict[int, Fault] = {
    1001: faults.OPENAI_SESSION_EXPIRED,
    1006: faults.OPENAI_CONNECTION_LOST,
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
