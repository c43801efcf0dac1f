"""What follows from where a caller lives: the country, and whom to ring there when it is serious."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from granny.config.settings import Settings

_NOWHERE = ("ZZ", "001")
"""Of zones that are no country's: Etc/UTC."""


@dataclass(frozen=True, slots=True)
class Help:
    """Whom to ring in a country.

    Attributes:
        emergency: for an ambulance, and for whatever else is an emergency.
        crisis: for who speaks of ending their life; None where there is no one line for the whole country and every
            hour, or we do not know it.
        sources: who says so: the states' and the lines' own pages.
    """

    emergency: str
    crisis: str | None
    sources: tuple[str, ...]


_EU = "https://digital-strategy.ec.europa.eu/en/policies/112"
_EU_COUNTRIES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905  27 pairs of quotes

COMPARED = "2026-11-27"
"""When the numbers were last compared with what is published about them, not in each case by the sources themselves."""
HELP: Mapping[str, Help] = {
    **{country: Help("112", None, (_EU,)) for country in _EU_COUNTRIES},
    "AT": Help("112", "142", (_EU, "https://www.telefonseelsorge.at")),
    "AU": Help("000", "13 11 14", ("https://www.triplezero.gov.au", "https://www.lifeline.org.au")),
    "CA": Help("911", "988", ("https://www.canada.ca", "https://988.ca")),
    "CH": Help("144", "143", ("https://www.ch.ch", "https://www.143.ch")),  # an ambulance; 112 is the police there
    "DE": Help("112", "0800 111 0 111", (_EU, "https://www.telefonseelsorge.de")),
    "ES": Help("112", "024", (_EU, "https://www.sanidad.gob.es/linea024")),
    "FR": Help("112", "3114", (_EU, "https://3114.fr")),
    "GB": Help("999", "116 123", ("https://www.gov.uk", "https://www.samaritans.org")),
    "IE": Help("112", "116 123", (_EU, "https://www.samaritans.org/ireland")),
    "NL": Help("112", "113", (_EU, "https://www.113.nl")),
    "NZ": Help("111", "1737", ("https://www.govt.nz", "https://1737.org.nz")),
    "US": Help("911", "988", ("https://www.911.gov", "https://988lifeline.org")),
}
"""By ISO 3166's name of the country; never by language: German is spoken in three of them, with three crisis lines."""


def emergency_number(settings: Settings) -> str | None:
    """The number to name in an emergency; None: the one that the caller knows."""
    return settings.emergency_number or _known(settings, "emergency")


def crisis_line(settings: Settings) -> str | None:
    """The number to name to who speaks of ending their life; None where none is known."""
    return settings.crisis_line or _known(settings, "crisis")


def _known(settings: Settings, kind: str) -> str | None:
    known = HELP.get(country_of(settings.timezone) or "")
    return cast("str | None", getattr(known, kind)) if known else None


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
