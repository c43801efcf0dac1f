"""An alert in words: fixed sentences in the family's language, with the time where they live.

One file a language, and all have the same sentences; what a fault means and what to do about it is in `faults.plain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

from granny.alerts._news import Course, News, Topic
from granny.alerts._rules import Mark
from granny.alerts.words import _de, _en
from granny.alerts.words._words import Words
from granny.config.settings import Settings
from granny.faults import CATALOGUE, Severity
from granny.faults.plain import Advice, advice, has_own, language_of

LANGUAGES: Mapping[str, Words] = {"en": _en.WORDS, "de": _de.WORDS}
_ANY_SETTING = "not-set-up"


def letter(news: News, mark: Mark, settings: Settings, *, unsaid: int = 0, besides: Sequence[str] = ()) -> str:
    """What is sent of one thing: the first line says what is wrong, the others what to do, since when, and its slug.

    Args:
        news: what there is to tell.
        mark: what is marked of it now; of what is over, before that.
        settings: whose language and time zone it is told in.
        unsaid: how often it has happened meanwhile without being told.
        besides: the slugs of what else is wrong.
    """
    words = LANGUAGES[language_of(settings.language)]
    said = _advice(news.slug, settings.language)
    if news.course is Course.OVER:
        lines = [words.well_again, words.it_was.format(wrong=said.wrong), *_span(words, mark, news, settings)]
    else:
        is_again = news.course is Course.LASTS and mark.times > 1
        lines = [words.still.format(wrong=said.wrong) if is_again else said.wrong]
        lines += _body(words, news, said, settings)
        lines += [_when(words, mark, news, settings), *([words.more.format(count=unsaid)] if unsaid else [])]
    lines += [words.besides.format(wrong=_advice(slug, settings.language).wrong) for slug in besides]
    return "\n".join([*lines, words.fault.format(slug=news.slug)])


def together(letters: Sequence[str], settings: Settings) -> str:
    """Several that could wait, as one; the same ones once, with their number."""
    counted = {one: letters.count(one) for one in dict.fromkeys(letters)}
    words = LANGUAGES[language_of(settings.language)]
    if len(counted) == 1:
        return next(iter(counted))
    return "\n\n".join([words.digest.format(count=len(counted)), *counted])


def trial(settings: Settings) -> str:
    """What is sent only to see whether it arrives."""
    return LANGUAGES[language_of(settings.language)].trial


def _body(words: Words, news: News, said: Advice, settings: Settings) -> Iterator[str]:
    if lead := words.leads.get(news.topic.value):
        yield lead
    if news.topic in (Topic.CALL, Topic.PERSON):
        yield words.who.format(who=news.person or settings.caller_name or words.nobody)
    about = _shown(news.about, settings.language)
    if news.topic is Topic.HELD:
        yield words.held.format(day=about, count=news.count)
    elif news.about:
        yield words.abouts.get(news.slug, words.about).format(about=about)
    yield words.what_to_do.format(remedy=said.remedy)


def _when(words: Words, mark: Mark, news: News, settings: Settings) -> str:
    if news.course is Course.LASTS:
        return words.since.format(time=_told(mark.since or news.at, settings))
    return words.when.format(time=_told(news.at, settings))


def _span(words: Words, mark: Mark, news: News, settings: Settings) -> Iterator[str]:
    if mark.since:
        yield words.span.format(begin=_told(mark.since, settings), end=_told(news.at, settings))


def _advice(slug: str, language: str) -> Advice:
    """A fault's sentences; one of the set-up that has none of its own is one of the set-up."""
    is_setting = slug in CATALOGUE and CATALOGUE[slug].severity is Severity.FATAL and not has_own(slug)
    return advice(_ANY_SETTING if is_setting else slug, language)


def _shown(about: str, language: str) -> str:
    """A date as it is written in that language; what is none, as it is."""
    try:
        return format_date(date.fromisoformat(about), "long", locale=Locale.parse(language_of(language)))
    except ValueError:
        return about


def _told(moment: datetime, settings: Settings) -> str:
    """Weekday, date, hour and zone, as they are written in that language."""
    locale = Locale.parse(language_of(settings.language))
    there = moment.astimezone(ZoneInfo(settings.timezone) if settings.timezone else None)
    day, time = (
        format_date(there, "full", locale=locale),
        format_time(there, "short", tzinfo=there.tzinfo, locale=locale),
    )
    return f"{day}, {time} ({settings.timezone or there.tzname()})"
