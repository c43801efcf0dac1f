"""Links as they were kept before the store are taken over once; a spoilt one lets nobody in, and no other suffers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from granny.store.link import Kind, Link, hash_of, id_of
from granny.store.old_links import FOLDER, forget, old_links, spoilt, take_over
from granny.store.seen_links import seen_links
from granny.store.store import Store
from keeping import links_in, make_old_link

LATER = datetime(2030, 1, 1, tzinfo=timezone.utc)


def test_each_is_good_as_it_was_and_its_file_is_gone(store: Store, tmp_path: Path) -> None:
    annas, nobodys = make_old_link(tmp_path, "anna"), make_old_link(tmp_path)
    take_over(tmp_path, store.links)
    people = [link.person for link in map(store.links.holder, (annas, nobodys)) if link]
    assert people == ["anna", ""]
    assert {link.kind for link in store.links.all()} == {Kind.CALL}
    assert not (tmp_path / FOLDER).exists()
    take_over(tmp_path, store.links)
    assert len(store.links.all()) == 2


def test_one_that_is_in_the_store_already_stays_as_it_is_there(store: Store, tmp_path: Path) -> None:
    """Whoever was interrupted between the two does it again."""
    secret = make_old_link(tmp_path, "anna")
    store.links.keep({hash_of(secret): Link("", "berta", LATER)})
    take_over(tmp_path, store.links)
    assert [(link.person, link.made) for link in store.links.all()] == [("berta", LATER)]
    assert old_links(tmp_path) == {}


def test_one_that_is_revoked_after_it_was_taken_over_does_not_come_back(store: Store, tmp_path: Path) -> None:
    make_old_link(tmp_path, "anna")
    take_over(tmp_path, store.links)
    assert len(store.links.revoke("anna")) == 1
    take_over(tmp_path, store.links)
    assert store.links.all() == ()


def test_where_there_were_none_nothing_is_made(store: Store, tmp_path: Path) -> None:
    take_over(tmp_path, store.links)
    assert not (tmp_path / FOLDER).exists()


def _nonsense(file: Path) -> None:
    file.write_bytes(b"\xff{")


def _nothing(file: Path) -> None:
    file.write_bytes(b"")


def _deep(file: Path) -> None:
    file.write_text("[" * 4000, encoding="utf-8")


def _huge(file: Path) -> None:
    file.write_text('{"person": "' + "x" * 9_000_000, encoding="utf-8")


def _other_json(file: Path) -> None:
    file.write_text('{"person": 7, "made": "yesterday"}', encoding="utf-8")


def _strange_person(file: Path) -> None:
    """It would be shown at a terminal."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(kept | {"person": "\x1b[2J"}), encoding="utf-8")


def _pipe(file: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("on Windows there are no named pipes in folders")
    file.unlink()
    os.mkfifo(file)


def _endless(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


SPOILERS = (_nonsense, _nothing, _deep, _huge, _other_json, _strange_person)
NO_FILES = (_pipe, _endless, _folder)


@pytest.mark.parametrize("spoil", [*SPOILERS, *NO_FILES])
def test_a_spoilt_one_is_left_and_no_other_suffers(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """Nor is it waited for."""
    if sys.platform == "win32" and spoil in NO_FILES:
        pytest.skip("such are made on POSIX")
    links = links_in(tmp_path)
    bad, good = make_old_link(tmp_path, "anna"), make_old_link(tmp_path, "berta")
    spoil(tmp_path / FOLDER / hash_of(bad))
    assert [link.person for link in seen_links(tmp_path)] == ["berta"]
    take_over(tmp_path, links)
    assert links.holder(bad) is None
    assert links.holder(good)
    assert spoilt(tmp_path) == (id_of(bad),)


def test_a_spoilt_one_can_be_taken_away(tmp_path: Path) -> None:
    secret = make_old_link(tmp_path)
    _nothing(tmp_path / FOLDER / hash_of(secret))
    assert not forget(tmp_path, "00000000")
    assert forget(tmp_path, id_of(secret))
    assert spoilt(tmp_path) == ()


def test_what_else_lies_there_is_no_link(tmp_path: Path) -> None:
    make_old_link(tmp_path, "anna")
    for name in ("README", "tmpabc.part", ".hidden", "A" * 64, "0" * 63):
        (tmp_path / FOLDER / name).write_text("{}", encoding="utf-8")
    assert [link.person for link in old_links(tmp_path).values()] == ["anna"]
    assert spoilt(tmp_path) == ()


def test_a_check_up_sees_those_of_the_store_and_those_of_before(tmp_path: Path) -> None:
    links = links_in(tmp_path)
    made = links.make("berta", Kind.FAMILY)
    make_old_link(tmp_path, "anna")
    anna, berta = seen_links(tmp_path)
    assert (anna.person, berta) == ("anna", links.holder(made))


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_of_what_is_no_database_it_sees_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "granny.sqlite3").write_bytes(content)
    assert seen_links(tmp_path) == ()
