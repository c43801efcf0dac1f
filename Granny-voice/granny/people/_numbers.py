"""Telephone numbers as the world over knows them, whatever a person puts between the digits."""

from __future__ import annotations

import re
import unicodedata

_TRUNK = re.compile(r"\(0\)")
"""As in +49 (0)30: the 0 is dialled within the country only."""
_BETWEEN = re.compile(r"[\s()./-]|[\u2010-\u2015]")
_INTERNATIONAL = "00"
_SCHEME = "tel:"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(text: str) -> str:
    """A number in the form of ITU-T's E.164, as in +493023125000.

    Raises:
        ValueError: it is none, or lacks the country's code.
    """
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix(_SCHEME)
    digits = _BETWEEN.sub("", _TRUNK.sub("", plain))
    if digits.startswith(_INTERNATIONAL):
        digits = "+" + digits.removeprefix(_INTERNATIONAL)
    if not _E164.fullmatch(digits):
        msg = "not a number with its country's code"
        raise ValueError(msg)
    return digits
