"""Links to her page: each is good until it is revoked, whatever becomes of the others; its secret is kept nowhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from granny.config.settings import Settings
from granny.store.link import Kind, id_of
from granny.store.links import Links
from granny.store.schema import LINKS
from granny.store.store import Store


@pytest.fixture(name="links")
def _links(store: Store) -> Links:
    return store.links


def test_a_link_says_whose_it_is_what_for_and_since_when(links: Links) -> None:
    secret = links.make("anna", Kind.FAMILY)
    link = links.holder(secret)
    assert link
    assert (link.id, link.person, link.kind) == (id_of(secret), "anna", Kind.FAMILY)
    assert abs(datetime.now(timezone.utc) - link.made) < timedelta(hours=1)
    assert links.all() == (link,)


def test_a_secret_is_of_128_bits_and_never_twice_the_same(links: Links) -> None:
    secrets = {links.make() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {22}  # base64 of 16 bytes


@pytest.mark.parametrize("guess", ["", "x" * 22, "../links", "anna", "\x00", "\udcff", "é" * 9000, "' OR 1=1 --"])
def test_who_guesses_has_no_link(links: Links, guess: str) -> None:
    links.make("anna")
    assert links.holder(guess) is None


def test_nothing_that_is_kept_is_the_secret(store: Store, links: Links) -> None:
    """Whoever reads the database cannot call with what is in it."""
    secret = links.make("anna")
    with store.at_once() as connection:
        (row,) = connection.execute(select(LINKS)).all()
    assert secret not in str(row)
    assert links.holder(row.hash) is links.holder(id_of(secret)) is None


def test_one_is_revoked_by_its_id_and_whoever_looks_knows_it_at_once(settings: Settings, links: Links) -> None:
    page = Store.open(settings)
    first, second = links.make("anna"), links.make("anna")
    assert page.links.holder(first)
    assert links.revoke(id_of(first)) == (id_of(first),)
    assert page.links.holder(first) is None
    assert page.links.holder(second)
    page.close()


def test_all_of_a_person_are_revoked_by_name_and_nobody_else_s(links: Links) -> None:
    of_anna = {links.make("anna"), links.make("anna", Kind.FAMILY)}
    others = {links.make("berta"), links.make("")}
    assert len(links.revoke("anna")) == 2
    assert [links.holder(secret) for secret in of_anna] == [None, None]
    assert all(links.holder(secret) for secret in others)


@pytest.mark.parametrize("name", ["", "carla", "../links", "*", "anna*", "an", "%"])
def test_a_name_that_no_link_has_revokes_nothing(links: Links, name: str) -> None:
    secrets = links.make("anna"), links.make("")
    assert links.revoke(name) == ()
    assert all(links.holder(secret) for secret in secrets)


def test_a_person_is_known_whatever_form_the_letters_have(links: Links) -> None:
    """MacOS gives a name back in pieces: a, and two dots for it."""
    links.make("Ka\u0308the")
    assert [link.person for link in links.all()] == ["K\u00e4the"]
    assert len(links.revoke("Ka\u0308the")) == 1


def test_they_are_listed_in_the_order_in_which_they_were_made(links: Links) -> None:
    for person in ("berta", "anna", "carla"):
        links.make(person)
    assert [link.person for link in links.all()] == ["berta", "anna", "carla"]


def test_who_makes_links_at_once_loses_none(settings: Settings, links: Links) -> None:
    def ten(_: int) -> list[str]:
        store = Store.open(settings)
        made = [store.links.make("anna") for _ in range(10)]
        store.close()
        return made

    with ThreadPoolExecutor() as pool:
        secrets = [secret for made in pool.map(ten, range(3)) for secret in made]
    assert len(secrets) == len(links.all()) == 30
    assert all(links.holder(secret) for secret in secrets)
