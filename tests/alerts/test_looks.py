"""What a look in the morning finds: a silence, a certificate, a budget; each told once, by one of several workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.post import ADDRESSES, Post, with_addresses
from granny import faults
from granny.alerts import _looks
from granny.alerts._looks import Looks
from granny.alerts._news import News
from granny.config.settings import Settings
from granny.store.clerk import Clerk
from granny.store.rows import CallRow, Urgency
from granny.store.store import Store
from scenarios import _fakes as fakes

SEVEN = datetime(2026, 11, 27, 6, 30, tzinfo=timezone.utc)
"""Half an hour after seven in Berlin: quiet ends at eight."""
DAY = timedelta(days=1)


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(_looks, "HOME", tmp_path)
    folder = tmp_path / "people"
    folder.mkdir()
    for name, says in {"anna": "alert_no_call_days = 2", "bert": "", "carl": "alert_no_call_days = 0"}.items():
        (folder / f"{name}.toml").write_text(says, encoding="utf-8")
    return folder


@pytest.fixture
async def clerk(settings: Settings) -> AsyncIterator[Clerk]:
    clerk = Clerk(settings)
    yield clerk
    await clerk.aclose()


async def write(clerk: Clerk, *calls: tuple[str, timedelta, Decimal]) -> None:
    def add(store: Store) -> None:
        for number, (person, ago, cost) in enumerate(calls):
            row = CallRow(
                job=f"AJ_{number}", started=SEVEN - ago, person=person, seconds=60.0, ending="goodbye", cost=cost
            )
            store.calls.add(row)

    await clerk(add)


async def seen(looks: Looks, now: datetime) -> list[tuple[str, str, str]]:
    return [(news.slug, news.person, news.about) for news in await looks.at(now)]


@pytest.mark.usefixtures("people")
async def test_who_has_called_before_and_not_for_the_days_of_their_file_is_told(
    settings: Settings, clerk: Clerk
) -> None:
    """Anna's are two, Bert's seven as the settings say, Carl is never missed, and nobody knows Dora."""
    none = Decimal()
    await write(
        clerk, ("anna", 3 * DAY, none), ("bert", 3 * DAY, none), ("carl", 90 * DAY, none), ("dora", 90 * DAY, none)
    )
    looks = Looks(settings, clerk, SEVEN)
    assert await seen(looks, SEVEN) == []
    eight = SEVEN + timedelta(minutes=25)
    assert await seen(looks, eight) == [(faults.NO_CALL.slug, "anna", "2026-11-24")]
    assert await seen(looks, eight) == []


@pytest.mark.usefixtures("people")
async def test_of_several_workers_one_looks(settings: Settings, clerk: Clerk) -> None:
    await write(clerk, ("anna", 3 * DAY, Decimal()))
    both = [Looks(settings, clerk, SEVEN) for _ in range(2)]
    found = await asyncio.gather(*(seen(looks, SEVEN + timedelta(hours=1)) for looks in both))
    assert sorted(map(len, found)) == [0, 1]


@pytest.mark.usefixtures("people")
async def test_a_silence_is_told_once_and_comes_with_what_could_wait(settings: Settings, clerk: Clerk) -> None:
    await write(clerk, ("anna", 3 * DAY, Decimal()))
    post = Post(with_addresses(settings, ADDRESSES[0]))
    looks = Looks(settings, clerk, SEVEN)
    titles = []
    for minute in range(0, 5 * 24 * 60, 5):
        post.now = SEVEN + timedelta(minutes=minute)
        titles += await post.happens(*await looks.at(post.now))
    assert titles == ["Somebody who has called before has not called for days."]
    assert "Whom it concerns: anna\nThe last call: November 24, 2026\n" in post.sent[0].body
    await post.aclose()


@pytest.mark.parametrize(
    ("spent", "over", "told"),
    [
        ("7.99", "tell", None),
        ("8.00", "tell", (faults.BUDGET_NEARLY_SPENT.slug, Urgency.DIGEST)),
        ("10.00", "tell", (faults.BUDGET_REACHED.slug, Urgency.URGENT)),
        ("12.00", "refuse", ("budget-spent", Urgency.URGENT)),
    ],
)
async def test_a_budget_is_told_at_four_fifths_and_when_it_is_spent(
    settings: Settings, clerk: Clerk, spent: str, over: str, told: tuple[str, Urgency] | None
) -> None:
    """By the month as it is where the family lives; last month's calls are last month's."""
    await write(clerk, ("anna", DAY, Decimal(spent)), ("anna", 40 * DAY, Decimal(100)))
    given = {"monthly_budget": 10.0, "over_budget": over}
    looks = Looks(settings.model_copy(update=given), clerk, SEVEN)
    found = [(news.slug, news.urgency) for news in await looks.at(SEVEN + timedelta(minutes=15))]
    assert found == ([told] if told else [])


async def test_a_budget_is_told_once_a_month(settings: Settings, clerk: Clerk) -> None:
    await write(clerk, ("anna", DAY, Decimal(11)))
    with_budget = with_addresses(settings.model_copy(update={"monthly_budget": 10.0}), ADDRESSES[0])
    post = Post(with_budget)
    looks = Looks(settings.model_copy(update={"monthly_budget": 10.0}), clerk, SEVEN)
    titles = []
    for hours in range(1, 80):
        post.now = SEVEN + timedelta(hours=hours)
        titles += await post.happens(*await looks.at(post.now))
    assert titles == ["What calls may cost this month is spent. Granny takes calls all the same."]
    await post.aclose()


@pytest.mark.parametrize(("days", "is_told"), [(9, True), (20, False)])
async def test_a_certificate_that_ends_soon_is_told_with_its_host(
    settings: Settings, clerk: Clerk, days: int, *, is_told: bool
) -> None:
    now = datetime.now(timezone.utc)
    authority, tls = fakes.trusted_tls("localhost", not_after=now + timedelta(days=days))
    async with fakes.listening(fakes.http(lambda _: b""), tls=tls) as port:
        with authority.cert_pem.tempfile() as trusted:
            given = {
                "page_url": f"https://localhost:{port}",
                "livekit_url": "ws://127.0.0.1:9",
                "ssl_cert_file": trusted,
            }
            looks = Looks(settings.model_copy(update=given), clerk, now)
            found = await asyncio.to_thread(looks.certificates, now)
    assert [(news.slug, news.about) for news in found] == (
        [(faults.CERTIFICATE_ENDING.slug, "localhost")] if is_told else []
    )


async def test_a_server_that_cannot_be_asked_is_no_certificate_s_fault(settings: Settings, clerk: Clerk) -> None:
    here = settings.model_copy(update={"page_url": "https://127.0.0.1:9", "livekit_url": "wss://localhost:9"})
    found: list[News] = await asyncio.to_thread(Looks(here, clerk, SEVEN).certificates, SEVEN)
    assert found == []
