"""Telephone numbers in one form, whoever writes them: a person in a file, a telephone company in a call."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_WRITTEN = re.compile(r"\+?[0-9\s()./\-\u2010-\u2015]+")
"""Without letters: 0800-GRANNY is one number in the USA alone, and "anonymous" is none."""
_SCHEME = "tel:"
_INTERNATIONAL = "00"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(text: str) -> str:
    """A number in the form of ITU-T's E.164, as in +493023125000.

    Args:
        text: as a person writes it, with its country's code: +49 30 23125000, 0049/30/23125000.

    Raises:
        ValueError: it is none, or lacks the country's code.
    """
    number = _parsed(_with_plus(_plain(text)))
    if number is None or not _E164.fullmatch(written := _written(number)):
        msg = "not a number with its country's code"
        raise ValueError(msg)
    return written


def numbers_of_call(text: str, region: str | None) -> tuple[str, ...]:
    """What a number may be, in the same form, as a telephone company writes it; none: it is withheld, or no number.

    Without its plus 442079460123 may be one of London or one of Germany: whose it is the people's files tell.

    Args:
        text: with the country's code, with or without its plus, or as it is dialled within a country.
        region: that country, as ISO 3166 has it: DE.
    """
    plain = _plain(text)
    forms = [(_with_plus(plain), None), (plain, region)] + ([(f"+{plain}", None)] if plain[:1] not in "+0" else [])
    return tuple(dict.fromkeys(_written(number) for form, country in forms if (number := _parsed(form, country))))


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix(_SCHEME)
    return plain if _WRITTEN.fullmatch(plain) else ""


def _with_plus(plain: str) -> str:
    return "+" + plain.removeprefix(_INTERNATIONAL) if plain.startswith(_INTERNATIONAL) else plain


def _parsed(plain: str, region: str | None = None) -> PhoneNumber | None:
    """A number that is as long as one is there."""
    import phonenumbers  # noqa: PLC0415  the check-up must be able to say that it is missing

    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    return number if length == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _written(number: PhoneNumber) -> str:
    import phonenumbers  # noqa: PLC0415  as above

    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
