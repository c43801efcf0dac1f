"""Telephone numbers in what is written: of each no more is shown than its last two digits.

LiveKit's SIP bridge has them in a participant's identity (sip_+493023125000), in the names of rooms that somebody's own
dispatch rule makes (phone_+493023125000_x7Yk), and in attributes (sip.phoneNumber, sip.trunkPhoneNumber).
"""

from __future__ import annotations

import re

_NUMBERS = re.compile(
    r"(?:\+|%(?:25)*2[Bb])\d{6,}"
    r"|(?:(?<=sip_)|(?<=sip:)|(?<=sips:)|(?<=tel:)|(?<=Phone ))\d{3,}(?![^\W_])"
    r"|(?<=_)\d{6,}(?![^\W_])"  # in a room's name, as a provider writes it without its plus
)
_NAMES = re.compile(r"phone_?number|sip_number|sip_call_to|from_user|to_user|\bsip\.h\.", re.IGNORECASE)
"""Of fields that hold nothing else, or a call's headers."""
_SHOWN = 2


def without_numbers(text: str) -> str:
    """The text with every telephone number hidden but for its last two digits."""
    return _NUMBERS.sub(lambda found: last_digits(found[0]), text)


def last_digits(number: str) -> str:
    """What may be shown of a number: enough to tell two apart; empty where it is none, as "anonymous"."""
    digits = "".join(filter(str.isdecimal, number))
    return f"\u2026{digits[-_SHOWN:]}" if digits else ""


def names_number(name: object) -> bool:
    """Whether a field of this name holds a number, in whatever form."""
    return isinstance(name, str) and _NAMES.search(name) is not None
