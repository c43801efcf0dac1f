"""The day and the hour where the caller lives, in words that the model can pass on."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from granny.config.settings import Settings
from granny.config.whereabouts import country_of

_NOW = "{day}, {time}."
_TODAY = "Today is a public holiday: {name}."
_NEXT = "The next public holiday is {name}, on {day}."
_AHEAD_DAYS = 14
_ENGLISH = Locale("en")


def now() -> datetime:
    """This moment, in no place."""
    return datetime.now(timezone.utc)


def there(settings: Settings, moment: datetime) -> datetime:
    """A moment by the clock where the caller lives; without a time zone it is where this machine is."""
    return moment.astimezone(ZoneInfo(settings.timezone) if settings.timezone else None)


def told(settings: Settings, moment: datetime) -> str:
    """Weekday, date, hour and what is celebrated, where the caller lives, in the caller's language.

    Args:
        settings: where that is, as `there` has it.
        moment: any moment that knows its zone.
    """
    here = there(settings, moment)
    locale = _locale(settings.language) or _ENGLISH
    time = _NOW.format(
        day=format_date(here, "full", locale=locale),
        time=format_time(here, "short", tzinfo=here.tzinfo, locale=locale),
    )
    return f"{time} {_celebrated(settings, here.date(), locale)}".rstrip()


def language_name(language: str) -> str:
    """What a language is called in English; one that CLDR does not know, by its short name."""
    locale = _locale(language)
    return str(locale.get_display_name(_ENGLISH)) if locale else language


def _locale(language: str) -> Locale | None:
    """How dates are written in a language, if CLDR knows it."""
    for name in (language, language.partition("-")[0]):
        with suppress(UnknownLocaleError, ValueError):
            return Locale.parse(name, sep="-")
    return None


def _celebrated(settings: Settings, today: date, locale: Locale) -> str:
    """Today's holiday, else the next one if it is near; empty where none is known."""
    days = _holidays(country_of(settings.timezone), locale)
    if days is None:
        return ""
    if name := days.get(today):
        return _TODAY.format(name=name)
    ahead = (today + timedelta(days=number) for number in range(1, _AHEAD_DAYS + 1))
    for day in ahead:
        if name := days.get(day):
            return _NEXT.format(name=name, day=format_date(day, "full", locale=locale))
    return ""


def _holidays(country: str | None, locale: Locale) -> holidays.HolidayBase | None:
    """Those that the whole country keeps, named in the language if they are known in it."""
    if country is None:
        return None
    try:
        known = holidays.country_holidays(country)
    except NotImplementedError:  # as the package says that it does not know a country
        return None
    same = (name for name in known.supported_languages if name.partition("_")[0] == locale.language)
    language = next(same, None)
    return holidays.country_holidays(country, language=language) if language else known
