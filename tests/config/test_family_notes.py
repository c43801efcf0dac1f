"""The family's notes: read at once and bounded, and unable to leave their frame."""

from __future__ import annotations

import os
import sys
import tracemalloc
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given

from granny.config.family_notes import family_notes, tame
from granny.config.settings import CALLER_FILE_LIMIT
from texts import ANY_TEXT

LOOK_ALIKES = "<>＜＞﹤﹥‹›«»⟨⟩〈〉《》〈〉❬❭❮❯❰❱⧼⧽≪≫≺≻˂˃ᐸᐳ︿﹀"  # noqa: RUF001  that they look alike is the point


def notes(folder: Path, text: str) -> str:
    file = folder / "caller.txt"
    file.write_text(text, encoding="utf-8")
    return family_notes(file)


def test_notes_are_cut_to_the_limit(tmp_path: Path) -> None:
    assert len(notes(tmp_path, "ä" * CALLER_FILE_LIMIT).encode()) <= CALLER_FILE_LIMIT


def test_notes_that_grow_in_their_normal_form_are_cut_too(tmp_path: Path) -> None:
    longer = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * (CALLER_FILE_LIMIT // 3)
    assert len(notes(tmp_path, longer).encode()) <= CALLER_FILE_LIMIT


def test_what_is_no_ordinary_file_any_more_is_not_waited_for(tmp_path: Path) -> None:
    """Without them the call goes on."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes with a name")
    pipe = tmp_path / "caller.txt"
    os.mkfifo(pipe)
    assert family_notes(pipe) == ""
    assert family_notes(tmp_path) == ""
    assert family_notes(tmp_path / "gone.txt") == ""
    assert family_notes(Path("/dev/zero")) == ""


def test_a_file_of_many_megabytes_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "caller.txt"
    with file.open("wb") as opened:
        opened.write(b"Erna")
        opened.truncate(400 * 1024 * 1024)
    tracemalloc.start()
    try:
        assert family_notes(file) == "Erna"
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bracket", LOOK_ALIKES, ids=lambda one: f"U+{ord(one):04X}")
def test_no_bracket_of_whatever_kind_passes_for_the_frames(bracket: str) -> None:
    assert tame(f"a{bracket}b") in ("a(b", "a)b")


@pytest.mark.parametrize(
    "unseen", ["\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\u007f", "\U000e0041", "\ufe0f", "\ufeff"]
)
def test_what_cannot_be_seen_is_not_told(unseen: str) -> None:
    assert tame(f"Er{unseen}na") == "Erna"


def test_a_line_ends_where_one_is_seen_to_end() -> None:
    assert tame("Erna\r\n\tlikes\u2028roses") == "Erna\n\tlikes\nroses"


@pytest.mark.parametrize(
    "text", ["Zoë Müller", "Ελένη", "Ольга, 85", "田中さん", "عائشة", "5 €, 20 °C & more!", "“so”, she says…"]
)
def test_words_stay_as_the_family_wrote_them(text: str) -> None:
    assert tame(text) == unicodedata.normalize("NFKC", text)


@given(ANY_TEXT)
def test_nothing_that_looks_like_the_frame_is_left(text: str) -> None:
    assert not {"<", ">"} & set(unicodedata.normalize("NFKC", tame(text)))
