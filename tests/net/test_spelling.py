"""What spells a secret, in whatever way, and what merely has some letters in common with one."""

from __future__ import annotations

import base64

import pytest

from granny.net.spelling import spells_secret

SECRET = "sk-Proj-4f9Qw2Lm7Zx1Yc8V"
PIECE = SECRET[4:12]


@pytest.mark.parametrize(
    "word",
    [
        SECRET,
        SECRET.upper(),
        PIECE,
        f"a.{PIECE.lower()}.test",
        SECRET[:8],
        SECRET[-8:],
        "sk-Proj-",
        ".".join("4f9Qw2Lm"),
        "4f9q_w2-lm",
        "4f9Qw2Lm"[::-1],
        SECRET.encode().hex(),
        SECRET.encode().hex()[6:14],
        SECRET.encode().hex()[::-1],
        base64.b32encode(SECRET.encode()).decode(),
        base64.b32encode(SECRET.encode()).decode().lower()[8:16],
    ],
)
def test_eight_characters_of_a_secret_spell_it(word: str) -> None:
    """In any size of letters, backwards, with signs between, in base 16 and in base 32; whichever secret it is."""
    assert spells_secret(word, (SECRET,))
    assert spells_secret(word, iter(("another-one-of-them", SECRET)))


@pytest.mark.parametrize("word", ["", "proj-4f", PIECE[1:], SECRET[-7:], "granny-test.livekit.cloud", "4f9Q.w2.L"])
def test_a_word_with_less_of_it_is_a_word(word: str) -> None:
    assert not spells_secret(word, (SECRET, "short", ""))


def test_no_secret_is_spelt_by_what_stands_at_the_end_of_base_32() -> None:
    """Its equals signs are no part of it."""
    assert not spells_secret("========", ("abcdefghi",))
    assert spells_secret("\ud800" * 3 + "abcdefgh", ("abcdefgh\ud800",))
