"""What follows from where a caller lives: the country."""

from __future__ import annotations

from typing import cast

_NOWHERE = ("ZZ", "001")
"""Of zones that are no country's: Etc/UTC."""


def country_of(timezone: str | None) -> str | None:
    """The country of a time zone, as ISO 3166 writes it: DE. None where there is no zone, or it is no country's.

    A zone that is no place's, as CET, is no country's either, though CLDR puts it into one.
    Source: CLDR's table of zones and territories, as Babel ships it.
    """
    if timezone is None or "/" not in timezone:
        return None
    from babel.core import get_global  # noqa: PLC0415  the check-up must be able to say that it is missing

    name = get_global("zone_aliases").get(timezone, timezone)
    country = cast("str | None", get_global("zone_territories").get(name))
    return None if country in _NOWHERE else country
