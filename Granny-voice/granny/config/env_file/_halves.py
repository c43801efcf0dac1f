"""The second half of a secret that was broken over two lines, told from any other word of an env file."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z0-9_-]{8,200}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_WIDTHS = (64, 76)
"""Where `openssl rand -base64` and `base64` break a line; what is left for the next may be very short."""
_GROUP = 4
_LEFT_EMPTY = re.compile(r"[A-Z][A-Z0-9]*=")
"""A variable of another program, such as K8S."""


def is_second_half(first: str, piece: str) -> bool:
    """Whether a piece goes on where a secret's first line ended: no ordinary word, no name in capitals.

    Args:
        first: the value of the line before.
        piece: the whole next line.
    """
    mixed = piece.lower() != piece != piece.upper() or any(map(str.isdigit, piece))
    return mixed and bool(_WORD.fullmatch(piece) or _is_base64(first, piece))


def _is_base64(first: str, piece: str) -> bool:
    whole = first + piece
    if _LEFT_EMPTY.fullmatch(piece):
        return False
    return len(first) in _WIDTHS and len(whole) % _GROUP == 0 and bool(_BASE64.fullmatch(whole))
