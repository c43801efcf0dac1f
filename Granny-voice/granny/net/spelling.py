"""Whether a word that a server chose spells a secret that it has read: then it is not shown."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

NOT_SHOWN = "not shown, for it seems to hold a key"

PIECE = 8
"""So many characters of a secret in a row are never shown."""
_SIGNS = re.compile(r"[\W_]+")


def spells_secret(word: str, secrets: Iterable[str]) -> bool:
    """Whether a piece of a secret is in a word, whatever its size of letters, its direction and the signs between."""
    plain, squeezed = word.lower(), _squeeze(word)
    known = tuple(secrets)
    forms = {form for secret in known for form in _forms(secret)}
    return any(piece in plain for secret in known for piece in _pieces(secret.lower())) or any(
        piece in squeezed for form in forms for piece in _pieces(form)
    )


def _forms(secret: str) -> Iterator[str]:
    """The secret as a name of the internet can spell it: without signs, backwards, in base 16 and in base 32."""
    octets = secret.encode("utf-8", "surrogatepass")
    for form in (secret, octets.hex(), base64.b32encode(octets).decode()):
        squeezed = _squeeze(form)
        yield from (squeezed, squeezed[::-1])


def _pieces(form: str) -> Iterator[str]:
    """All runs of `PIECE` characters; a shorter secret has none, for it is a word."""
    yield from (form[start : start + PIECE] for start in range(len(form) - PIECE + 1))


def _squeeze(text: str) -> str:
    return _SIGNS.sub("", text).lower()
