"""Whose link a secret is: as the store has it at each question, and while that is away, as it had it last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from granny.page import link_book
from granny.page.link_book import LinkBook
from granny.store.link import Kind
from granny.store.links import Links
from granny.store.trouble import StoreError, unavailable
from keeping import kept_at, links_in, make_old_link


@pytest.fixture(name="links")
def _links(tmp_path: Path) -> Links:
    return links_in(tmp_path)


@pytest.fixture(name="book")
def _book(links: Links, tmp_path: Path) -> LinkBook:
    assert links.all() == ()
    return LinkBook(kept_at(tmp_path))


async def test_a_link_is_known_from_when_it_is_made_until_it_is_revoked(book: LinkBook, links: Links) -> None:
    secret = links.make("anna", Kind.FAMILY)
    held = await book.holder(secret)
    assert held
    assert (held.person, held.kind) == ("anna", Kind.FAMILY)
    another = links.make("berta")
    assert await book.holder(another)
    links.revoke("anna")
    assert await book.holder(secret) is None
    assert await book.holder("guessed") is None


async def test_links_of_before_the_store_are_good_from_the_first_question_on(book: LinkBook, tmp_path: Path) -> None:
    secret = make_old_link(tmp_path, "anna")
    held = await book.holder(secret)
    assert held
    assert held.person == "anna"


def failing(_: Callable[..., Any]) -> Any:
    raise unavailable("away")  # noqa: EM101  what it is like


async def test_while_the_store_is_away_callers_come_through_as_before(
    book: LinkBook, links: Links, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = links.make("anna")
    await book.open()
    monkeypatch.setattr(book._ask, "_work", failing)
    assert await book.holder(secret)
    assert await book.holder("guessed") is None
    assert secret not in caplog.text


async def test_a_store_that_never_answered_lets_nobody_in(book: LinkBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book._ask, "_work", failing)
    for _ in range(2):
        with pytest.raises(StoreError):
            await book.holder("anything")


async def test_one_that_lets_visitors_wait_is_not_waited_for_long(
    book: LinkBook, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = links.make("anna")
    await book.open()
    never = asyncio.Event()

    async def hang(_: object) -> None:
        await never.wait()

    monkeypatch.setattr(link_book, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(book, "_ask", hang)
    assert all([await book.holder(secret) for _ in range(3)])
    assert book._reading
    book._reading.cancel()
