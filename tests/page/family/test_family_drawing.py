"""The family's page says in words and pictures what is so: read as a browser reads it, and as whoever listens."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from granny.config.paths import HOME
from granny.faults import plain
from granny.page.family._overview import DAYS, Now, State, Trouble, every_day, locale_of
from granny.page.family._page import LANGUAGES, page
from granny.page.family._words import Words
from granny.store.rows import Day
from granny.store.spending import Spending
from page.family.overviews import NO_CALLS, NOW, PAST, TODAY, overview

every_language = pytest.mark.parametrize("language", LANGUAGES)


def read(html: str) -> ET.Element:
    """Whole, as XML: every element is closed, and each id is there once."""
    root = ET.fromstring(f"<main>{html}</main>")  # noqa: S314  our own words
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    return root


def heard(part: ET.Element) -> str:
    """What a screen reader says of it: a picture by its sentence, and none of the letters in it."""
    if part.get("role") == "img":
        return part.attrib["aria-label"]
    inner = " ".join(f"{heard(one)} {one.tail or ''}" for one in part)
    return re.sub(r"\s+", " ", f"{part.text or ''} {inner}").strip()


def section(html: str, id_: str) -> str:
    (found,) = (one for one in read(html).iter() if one.get("id") == id_)
    return heard(found)


def test_a_good_month_is_told_from_top_to_bottom() -> None:
    html = page(overview(past=dataclasses.replace(PAST, troubles=())))
    assert [one.get("id") for one in read(html)] == ["title", "now", "days", "wrong", "money", "as-of"]
    assert section(html, "title") == "Granny and Anna"
    assert section(html, "now") == (
        "Granny is well. She would answer a call now. Anna last called on Fri, Nov 27, 3:31 PM, for 12 minutes."
    )
    told = section(html, "days")
    assert told.startswith(
        "The last 30 days 8 calls on 3 days, 2 hours 19 minutes in all. Something went wrong in 2 of them."
    )
    assert "Time a day, from Oct 29 to Nov 27. The most was 1 hour 55 minutes, on Sun, Nov 22." in told
    assert "Cost a day, from Oct 29 to Nov 27. The most was $4.31, on Sun, Nov 22." in told
    assert "Sun, Nov 22 5 1 hour 55 minutes 1 $4.31" in told
    assert "Tue, Nov 3 1 42 seconds 1 $0.05" in told
    assert section(html, "wrong") == "What went wrong Nothing, in these 30 days."
    assert section(html, "money").startswith(
        "What calls cost Today $0.86, this month $16.40. That is 82% of this month's budget of $20.00."
    )
    assert section(html, "as-of").startswith("As of Fri, Nov 27, 8:31 PM.")


def test_in_german_dates_times_and_money_are_german() -> None:
    html = page(overview("de"))
    assert section(html, "now").endswith("Anna hat zuletzt am Fr., 27. Nov., 15:31 angerufen, 12 Minuten lang.")
    assert "Heute 0,86\xa0$, in diesem Monat 16,40\xa0$." in html
    assert "Das sind 82\xa0% von 20,00\xa0$" in html
    assert "So., 22. Nov. 5 1 Stunde 55 Minuten 1 4,31\xa0$".replace("\xa0", " ") in section(html, "days")


def test_what_went_wrong_comes_with_its_name_its_remedy_and_when_it_last_was() -> None:
    told = section(page(overview()), "wrong")
    credit = plain.advice("openai-out-of-credit", "en")
    assert f"{credit.wrong} {credit.remedy} 3 times, last on Sun, Nov 22, 8:31 PM. openai-out-of-credit" in told
    assert told.endswith("Once, on Tue, Nov 3, 8:31 PM. line-lost")


@every_language
@pytest.mark.parametrize("state", State)
def test_each_state_has_its_sentence(state: State, language: str) -> None:
    html = page(overview(language, now=Now(state)))
    (shown,) = (one for one in read(html) if one.get("id") == "now")
    assert shown.get("class") == ("well" if state in (State.WELL, State.BUSY) else "trouble")
    assert "{" not in heard(shown)


def test_a_fault_is_told_with_what_to_do() -> None:
    told = section(page(overview(now=Now(State.FAULT, "openai-key-rejected"))), "now")
    assert told.startswith("Granny is not well. Whoever calls now is told so. OpenAI does not accept Granny's key.")


def test_of_a_full_house_no_remedy_is_told() -> None:
    assert "code" not in page(overview(now=Now(State.BUSY, "openai-key-rejected"), past=NO_CALLS))


@every_language
def test_before_the_first_call_there_is_no_empty_picture(language: str) -> None:
    html = page(overview(language, past=NO_CALLS))
    assert "<svg" not in html
    assert LANGUAGES[language].no_call_yet in section(html, "now")
    assert LANGUAGES[language].none in section(html, "days")
    assert "GRANNY_PRICE_INPUT" in section(html, "money")


@every_language
def test_where_the_store_cannot_be_read_how_she_is_is_told_all_the_same(language: str) -> None:
    html = page(overview(language, past=None))
    assert [one.get("id") for one in read(html)] == ["title", "now", "past", "as-of"]
    assert LANGUAGES[language].unreadable in section(html, "past")
    assert "store-unavailable" in section(html, "past")


def test_a_page_for_everybody_names_nobody() -> None:
    html = page(overview(called=""))
    assert section(html, "title") == "Granny"
    assert "Somebody last called on" in section(html, "now")
    assert "everybody's" not in section(html, "money")


def test_without_prices_no_cost_is_shown_anywhere() -> None:
    html = page(overview(past=dataclasses.replace(PAST, money=None)))
    assert "Cost" not in re.sub(r'aria-label="Cost.*?"|<figcaption>Cost a day', "", section(html, "wrong"))
    (head,) = read(html).iter("thead")
    assert heard(head) == "Day Calls Time Went wrong"


def test_without_a_budget_the_sum_alone_is_told() -> None:
    html = page(overview(past=dataclasses.replace(PAST, money=Spending(Decimal(1), Decimal(7)))))
    assert section(html, "money").startswith("What calls cost Today $1.00, this month $7.00. This is for everybody's")


@pytest.mark.parametrize(("month", "kind", "width"), [("4", "bar", 68.4), ("16", "near", 273.6), ("31", "over", 342.0)])
def test_a_budget_s_bar_is_as_long_as_its_share_and_never_longer(month: str, kind: str, width: float) -> None:
    html = page(overview(past=dataclasses.replace(PAST, money=Spending(Decimal(0), Decimal(month), Decimal(20)))))
    (bar,) = (one for one in read(html).iter("rect") if one.get("class") == kind and one.get("y") == "4")
    assert float(bar.attrib["width"]) == pytest.approx(width)
    assert ("is spent" in section(html, "money")) is (kind == "over")


def squares(html: str) -> list[ET.Element]:
    (calendar,) = (one for one in read(html).iter("svg") if one.get("class") == "calendar")
    return [one for one in calendar[0] if one.tag == "g"]


def test_the_calendar_has_a_square_a_day_with_its_date_and_the_number_of_its_calls() -> None:
    shown = [["".join(text.itertext()) for text in square.iter("text")] for square in squares(page(overview()))]
    assert len(shown) == DAYS
    assert shown[-1] == ["27", "2"]
    assert shown[-6] == ["22", "5"]
    assert shown[-2] == ["26"]


def test_a_day_on_which_something_went_wrong_has_a_sign_and_not_a_colour_alone() -> None:
    with_sign = [bool([path for path in square.iter("path")]) for square in squares(page(overview()))]  # noqa: C416  an iterator is true
    assert [number for number, has in enumerate(with_sign) if has] == [DAYS - 25, DAYS - 6]


def test_a_column_is_a_weekday_and_a_week_begins_as_the_language_has_it() -> None:
    """In the United States on a Sunday, in Germany on a Monday."""
    for language, first in (("en", "Sun"), ("de", "Mo"), ("en-GB", "Mon")):
        html = page(overview(language))
        (calendar,) = (one for one in read(html).iter("svg") if one.get("class") == "calendar")
        names = {one.attrib["x"]: one.text for one in calendar[0] if one.tag == "text"}
        assert names["25"] == first
        friday = squares(html)[-1]
        column = float(next(friday.iter("rect")).attrib["x"]) - 1.5 + 25
        assert names[f"{column:g}"] in ("Fri", "Fr")


@pytest.mark.parametrize(
    ("language", "timezone", "locale"),
    [
        ("de", None, "de"),
        ("de", "Europe/Vienna", "de_AT"),
        ("en", "America/New_York", "en_US"),
        ("de-CH", "Europe/Berlin", "de_CH"),
        ("nl", "Europe/Amsterdam", "en_NL"),
        ("pt-BR", None, "en"),
        ("en", "Antarctica/Troll", "en"),
    ],
)
def test_dates_are_written_as_where_the_caller_lives(language: str, timezone: str | None, locale: str) -> None:
    assert str(locale_of(language, timezone)) == locale


@pytest.mark.parametrize("days_back", range(7))
def test_whatever_day_it_is_the_calendar_holds_thirty_days(days_back: int) -> None:
    last = TODAY - timedelta(days=days_back)
    past = dataclasses.replace(PAST, days=every_day(last, {last: Day(day=last, calls=1, seconds=60.0, troubled=0)}))
    html = page(overview(past=past))
    (calendar,) = (one for one in read(html).iter("svg") if one.get("class") == "calendar")
    height = float(calendar.attrib["viewBox"].split()[-1])
    bottoms = [float(one.attrib["y"]) + float(one.attrib["height"]) for one in calendar.iter("rect")]
    assert max(bottoms) <= height
    assert len(bottoms) == DAYS


def test_the_highest_bar_is_the_largest_value_and_the_others_are_in_proportion() -> None:
    (_, minutes, _) = read(page(overview())).iter("figure")
    heights = {float(one.attrib["x"]): float(one.attrib["height"]) for one in minutes.iter("rect")}
    days = sorted(heights)
    assert [heights[x] for x in days] == pytest.approx([2.0, 100.0, 20.0])


@every_language
@pytest.mark.parametrize("strange", ["<script>alert(1)</script>", '"onload="alert(1)', "{granny}", "&amp;", "%s"])
def test_whatever_names_are_they_are_shown_and_nothing_more(strange: str, language: str) -> None:
    html = page(overview(language, called=strange, granny=strange, now=Now(State.FAULT, strange)))
    assert strange in heard(read(html)) or strange == "{granny}"
    assert "<script" not in html
    assert not [one for one in read(html).iter() if {"onload", "style"} & set(one.attrib)]


def test_nothing_of_it_needs_more_than_the_page_s_policy_allows() -> None:
    """No style, no script and no address in it."""
    for one in read(page(overview())).iter():
        assert not {name for name in one.attrib if name in {"style", "href", "src"} or name.startswith("on")}
        assert one.tag not in {"style", "script", "image", "a"}


@every_language
def test_every_sentence_of_every_language_fills_in_what_english_does(language: str) -> None:
    ours, english = (dataclasses.asdict(words) for words in (LANGUAGES[language], LANGUAGES["en"]))
    for name, sentences in ours.items():
        assert names_in(sentences) == names_in(english[name]), name


def names_in(sentences: object) -> list[set[str]]:
    """What each fills in; of one alone the number need not be said."""
    if isinstance(sentences, dict):
        return [names for _, one in sorted(sentences.items()) for names in names_in(one)]
    if isinstance(sentences, tuple):
        return [names for one in sentences for names in names_in(one)]
    return [set(re.findall(r"\{(\w+)\}", str(sentences))) - {"n"}]


def test_every_sentence_is_in_use() -> None:
    code = (HOME / "granny" / "page" / "family" / "_page.py").read_text(encoding="utf-8")
    assert [
        field.name for field in dataclasses.fields(Words) if not re.search(rf"[wW]ords\.{field.name}\b", code)
    ] == []


def test_a_trouble_nobody_has_heard_of_is_told_in_general_words() -> None:
    html = page(overview(past=dataclasses.replace(PAST, troubles=(Trouble("brand-new", 1, NOW),))))
    assert plain.advice("something-went-wrong", "en").wrong in section(html, "wrong")
