"""Links to her page: each is good until it is revoked, whatever becomes of the others; its secret is kept nowhere."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from granny.config.paths import HOME
from granny.people.links import FOLDER, Links

MAKES_TEN = """
import sys
from pathlib import Path
from granny.people.links import Links
links = Links(Path(sys.argv[1]))
for _ in range(10):
    print(links.make("anna"))
"""


@pytest.fixture(name="links")
def _links(tmp_path: Path) -> Links:
    return Links(tmp_path / "data")


def file_of(tmp_path: Path, id_: str) -> Path:
    (file,) = (tmp_path / "data" / FOLDER).glob(f"{id_}*")
    return file


def test_a_link_says_whose_it_is_and_since_when(links: Links) -> None:
    secret = links.make("anna")
    link = links.holder(secret)
    assert link
    assert (link.person, link.made.tzinfo) == ("anna", timezone.utc)
    assert abs(datetime.now(timezone.utc) - link.made) < timedelta(hours=1)
    assert links.all() == (link,)


def test_a_secret_is_of_128_bits_and_never_twice_the_same(links: Links) -> None:
    secrets = {links.make() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {22}  # base64 of 16 bytes


@pytest.mark.parametrize("guess", ["", "x" * 22, "../links", "anna", "\x00", "\udcff", "é" * 9000])
def test_who_guesses_has_no_link(links: Links, guess: str) -> None:
    links.make("anna")
    assert links.holder(guess) is None


def test_neither_the_id_nor_the_name_of_the_file_is_the_secret(links: Links, tmp_path: Path) -> None:
    """Whoever reads the data folder cannot call with what is in it."""
    secret = links.make("anna")
    (link,) = links.all()
    file = file_of(tmp_path, link.id)
    assert secret not in file.read_text(encoding="utf-8") + file.name
    assert links.holder(file.name) is links.holder(link.id) is None


def test_before_the_first_is_made_there_is_none_and_nothing_is_written(links: Links, tmp_path: Path) -> None:
    assert (links.all(), links.spoilt(), links.revoke("anna"), links.holder("x")) == ((), (), (), None)
    assert not (tmp_path / "data").exists()


def test_one_is_revoked_by_its_id_and_a_page_that_runs_knows_it_at_once(links: Links, tmp_path: Path) -> None:
    page = Links(tmp_path / "data")
    first, second = links.make("anna"), links.make("anna")
    held = page.holder(first)
    assert held
    assert links.revoke(held.id) == (held.id,)
    assert page.holder(first) is None
    assert page.holder(second)


def test_all_of_a_person_are_revoked_by_name_and_nobody_else_s(links: Links) -> None:
    of_anna = {links.make("anna"), links.make("anna")}
    others = {links.make("berta"), links.make("")}
    assert len(links.revoke("anna")) == 2
    assert [links.holder(secret) for secret in of_anna] == [None, None]
    assert all(links.holder(secret) for secret in others)


@pytest.mark.parametrize("name", ["", "carla", "../links", "*", "anna*", "an"])
def test_a_name_that_no_link_has_revokes_nothing(links: Links, name: str) -> None:
    secrets = links.make("anna"), links.make("")
    assert links.revoke(name) == ()
    assert all(links.holder(secret) for secret in secrets)


def test_a_person_is_known_whatever_form_the_letters_have(links: Links) -> None:
    """MacOS gives a name back in pieces: a, and two dots for it."""
    links.make("Ka\u0308the")
    assert [link.person for link in links.all()] == ["K\u00e4the"]
    assert len(links.revoke("Ka\u0308the")) == 1


@pytest.mark.parametrize("person", ["../anna", "\x1b[2J", "-anna", "a" * 65])
def test_there_is_none_for_a_person_who_can_have_no_file(links: Links, tmp_path: Path, person: str) -> None:
    with pytest.raises(ValueError, match="no person"):
        links.make(person)
    assert not (tmp_path / "data").exists()


def test_they_are_listed_in_the_order_in_which_they_were_made(links: Links) -> None:
    for person in ("berta", "anna", "carla"):
        links.make(person)
    assert [link.person for link in links.all()] == ["berta", "anna", "carla"]


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
        pytest.skip("Windows has no pipes with a name")
    file.unlink()
    os.mkfifo(file)


def _endless(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def _round(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("spoil", [_nonsense, _nothing, _deep, _huge, _other_json, _strange_person])
def test_a_spoilt_link_lets_nobody_in_and_no_other_suffers(
    links: Links, tmp_path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    secret = links.make("anna")
    (spoilt,) = links.all()
    good = links.make("berta")
    spoil(file_of(tmp_path, spoilt.id))
    assert links.holder(secret) is None
    assert [(record.levelno, vars(record)["link"]) for record in caplog.records] == [(logging.ERROR, spoilt.id)]
    assert secret not in caplog.text
    assert links.holder(good)
    assert [link.person for link in links.all()] == ["berta"]
    assert links.spoilt() == (spoilt.id,)
    assert links.revoke(spoilt.id) == (spoilt.id,)
    assert links.spoilt() == ()


@pytest.mark.parametrize("spoil", [_pipe, _endless, _round, _folder])
def test_what_is_no_file_is_not_waited_for(links: Links, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """Nor said to be no link: whoever asks is told that it cannot be known."""
    if sys.platform == "win32":
        pytest.skip("such are made on POSIX")
    secret = links.make("anna")
    (link,) = links.all()
    spoil(file_of(tmp_path, link.id))
    with pytest.raises(OSError):  # noqa: PT011  whichever it is
        links.holder(secret)
    assert (links.all(), links.spoilt()) == ((), (link.id,))


def test_what_else_lies_there_is_no_link(links: Links, tmp_path: Path) -> None:
    links.make("anna")
    folder = tmp_path / "data" / FOLDER
    for name in ("README", "tmpabc.part", ".hidden", "A" * 64, "0" * 63):
        (folder / name).write_text("{}", encoding="utf-8")
    assert [link.person for link in links.all()] == ["anna"]
    assert links.spoilt() == ()


def test_programs_that_make_links_at_once_lose_none(links: Links, tmp_path: Path) -> None:
    def ten() -> list[str]:
        call = [sys.executable, "-c", MAKES_TEN, str(tmp_path / "data")]
        return subprocess.run(call, cwd=HOME, capture_output=True, text=True, check=True).stdout.split()

    with ThreadPoolExecutor() as pool:
        secrets = [secret for made in pool.map(lambda _: ten(), range(3)) for secret in made]
    assert len(secrets) == len(links.all()) == 30
    assert all(links.holder(secret) for secret in secrets)


def test_a_link_that_cannot_be_kept_is_none_and_leaves_nothing(
    links: Links, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        links.make("anna")
    assert list((tmp_path / "data" / FOLDER).iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows files have no mode")
def test_they_are_this_user_s_alone_whatever_the_umask(links: Links, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        links.make("anna")
    finally:
        os.umask(before)
    paths = (tmp_path / "data", tmp_path / "data" / FOLDER, *(tmp_path / "data" / FOLDER).iterdir())
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in paths] == ["0o700", "0o700", "0o600"]


def test_what_root_makes_belongs_to_whom_the_data_folder_belongs(links: Links, tmp_path: Path) -> None:
    """Else the page, which is never root's, could not read it: under systemd, in a container, after a sudo too many."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only root gives anything away")
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, 10001, 10002)
    links.make("anna")
    made = (folder / FOLDER, *(folder / FOLDER).iterdir())
    assert [(path.stat().st_uid, path.stat().st_gid) for path in made] == [(10001, 10002)] * 2


def test_nobody_leads_root_elsewhere_by_a_link_in_the_folder_s_place(links: Links, tmp_path: Path) -> None:
    """Who owns the data folder could so have root give them another one."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / FOLDER).symlink_to(elsewhere)
    with pytest.raises(NotADirectoryError):
        links.make("anna")
    assert list(elsewhere.iterdir()) == []
