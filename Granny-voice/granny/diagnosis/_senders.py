"""Who answered in a server's place: a guard in front of it, or a tunnel to it; told by headers and the page's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

Headers = Mapping[str, str]

_CHALLENGE = "cf-mitigated"
_GUARD = "cloudflare"
_BLOCK_CODE = re.compile(r"\s*error code: (10\d\d)\b", re.IGNORECASE)
"""All that Cloudflare says to a program: https://github.com/acheong08/ChatGPT/issues/1068."""
_GUARD_TITLE = re.compile(r"\|\s*cloudflare\s*</title>", re.IGNORECASE)
"""Of the page that it shows to a browser: https://github.com/openai/codex/issues/27752."""

_NGROK_HEADER, _NGROK_CODE = "ngrok-error-code", re.compile(r"ERR_NGROK_\d{1,5}\b")
"""On each page of ngrok's own: https://ngrok.com/docs/errors/."""
_LOCALTUNNEL_HEADER = "x-localtunnel-status"
_LOCALTUNNEL_WORDS = re.compile(r"\bloca\.lt\b|\blocaltunnel\b", re.IGNORECASE)
"""On its page that asks for a password (511) or has no tunnel: https://github.com/localtunnel/localtunnel/issues/598."""
_CLOUDFLARE_TUNNEL = re.compile(r"\berror code: 1033\b|<title>(argo|cloudflare) tunnel error", re.IGNORECASE)
"""With status 530, while no tunnel runs: https://github.com/cloudflare/cloudflared/issues/282."""
_ORIGIN_UNKNOWN = 530


def header(headers: Headers | None, name: str) -> str:
    """A header's value, whatever the case of its name; empty if it is not there."""
    return next((value for key, value in (headers or {}).items() if key.lower() == name), "")


def is_challenge(headers: Headers | None) -> bool:
    """Whether Cloudflare wants proof that a person asks: it may pass."""
    return any(key.lower() == _CHALLENGE for key in headers or {})


def block(status: int, body: str | None, headers: Headers | None) -> str | None:
    """Whether this refusal is a guard's, which looked at no key: how we know, in our own words.

    Args:
        status: the HTTP status.
        body: the text of the answer; None if it could not be read, which is not the same as empty.
        headers: of the answer.
    """
    if status != HTTPStatus.FORBIDDEN or body is None:
        return None
    if code := _BLOCK_CODE.match(body):
        return f"Cloudflare's error {code[1]}"
    if not body.strip():
        return "without a word"
    is_guards = header(headers, "server").lower() == _GUARD and _is_page(body, headers)
    return "a page of Cloudflare's" if is_guards or _GUARD_TITLE.search(body) else None


def tunnel(status: int, body: str, headers: Headers | None) -> str | None:
    """Whose page this is, if it is a tunnel's own; None if the answer may be the server's behind it."""
    if code := _NGROK_CODE.match(header(headers, _NGROK_HEADER)) or _NGROK_CODE.search(body):
        return f"ngrok's {code[0]}"
    if header(headers, _LOCALTUNNEL_HEADER) or (_is_page(body, headers) and _LOCALTUNNEL_WORDS.search(body)):
        return "a page of localtunnel's"
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        return "as localtunnel and the gates of networks answer"
    if status == _ORIGIN_UNKNOWN and _CLOUDFLARE_TUNNEL.search(body):
        return "a page of Cloudflare Tunnel's"
    return None


def _is_page(body: str, headers: Headers | None) -> bool:
    return "text/html" in header(headers, "content-type").lower() or body.lstrip().startswith("<")
