"""A process of its own that hands letters to Apprise, and ends: `python -m granny.net.sending`.

Apprise reads a hundred and thirty services into memory, some 28 MB, and some of them print or log what they are given:
here it costs the worker nothing, and nobody sees it. Letters come as JSON on stdin, what became of each goes as JSON to
stdout, in the same order: nothing else of what is said here is read, and of what a service says only its code.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import Apprise, AppriseAsset, AppriseResult

SENT, REFUSED, UNREACHED, UNUSABLE = "sent", "refused", "unreached", "unusable"
_SECONDS = 10
"""For one letter; the services' own bounds are some seconds for each step."""
_CODES = (
    re.compile(r"error\s?=\s?([1-5]\d\d)\b"),
    re.compile(r"^Socket Exception: \(?(?:\{.*?: )?\(?([2-5]\d\d), ", re.DOTALL),
)
"""How Apprise logs what a web service answered, and what a mail server did."""
_KEPT_BY_LIBRARIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def main() -> int:
    """Send what is read; returns the exit status."""
    trusted, asked = _KEPT_BY_LIBRARIES
    if trusted in os.environ:
        os.environ.setdefault(asked, os.environ[trusted])  # requests, below Apprise, looks nowhere else
    json.dump([dict(_sent(letter)) for letter in json.load(sys.stdin)], sys.stdout)
    return 0


def _sent(letter: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """What became of it, the name of its service, and the code with which that refused it.

    Args:
        letter: `address`, `title` and `body`; without a body it is only seen whether the address can be used.
    """
    apprise, asset = _apprise()
    service = apprise.instantiate(letter["address"], asset=asset)
    if service is None:
        yield "outcome", UNUSABLE
        return
    yield "service", str(service.service_name)
    if not letter["body"]:
        yield "outcome", SENT
        return
    post = apprise(service, asset=asset)
    result = post.notify(title=letter["title"], body=letter["body"], timeout=_SECONDS, log_level=logging.DEBUG)
    code = _code(result)
    yield "outcome", SENT if result else REFUSED if code else UNREACHED
    yield "code", None if result else code


def _apprise() -> tuple[type[Apprise], AppriseAsset]:
    """Its logger is heard by itself alone, which takes the codes from it."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415  some 28 MB, and only where a letter is sent

    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(logging.NullHandler())
    return Apprise, AppriseAsset(app_id="Granny", app_desc="Granny", app_url="", async_mode=False)


def _code(result: AppriseResult) -> str | None:
    """The last code that a service gave."""
    entries = [entry.message for service in result for entry in service.logs()]
    codes = [found[1] for message in entries for pattern in _CODES if (found := pattern.search(message))]
    return codes[-1] if codes else None


if __name__ == "__main__":
    raise SystemExit(main())
