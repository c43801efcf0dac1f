"""What a family's file says: each name with its line, and of what is no TOML the line and the form, never the words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from granny.people._toml import Misread, Table, understand
from texts import ANY_TEXT

LONG = 'notes = """\nspeed = 1\n\\""" called = 2\n"quoted"\n""""\nspeed = 0.9\n'


def lines(text: str) -> dict[str, int]:
    read = understand(text)
    assert isinstance(read, Table)
    return dict(read.lines)


def misread(text: str) -> tuple[int, str]:
    read = understand(text)
    assert isinstance(read, Misread)
    return read.line, read.form


def test_what_stands_in_a_text_of_several_lines_is_no_name() -> None:
    assert lines(LONG) == {"notes": 1, "speed": 6}
    assert lines("notes = '''\n\"\"\"\nspeed = 1\n'''\nspeed = 2\n") == {"notes": 1, "speed": 5}


def test_of_two_of_one_name_the_first_line_is_the_persons_own() -> None:
    """The other stands below a heading, where nothing is read."""
    assert lines("\nspeed = 1\n[more]\nspeed = 2\n") == {"speed": 2, "more": 3}


def test_a_remark_between_is_no_name() -> None:
    assert lines('# speed = 1\n  called = "x = y"  # notes = 1\n') == {"called": 2}


@pytest.mark.parametrize(
    ("text", "line"),
    [('\n"speed" = 1', 2), ("\nspeed.fast = 1", 2), ("\n[speed]\nx = 1", 2), ("\n [[ speed ]]\nx = 1", 2)],
)
def test_a_name_is_found_however_it_is_written(text: str, line: int) -> None:
    assert lines(text)["speed"] == line


@pytest.mark.parametrize(
    ("text", "line", "form"),
    [
        ("a = 1\nnotes = Erna\n", 2, "a text without quotes"),
        ("notes = \u201eErna\u201c\n", 1, "typographic quotes, as a word processor makes them"),
        ("\nnotes: 'Erna'\n", 2, "a colon where the equals sign should be"),
        ("notes =\n", 1, "no value after the equals sign"),
        ("notes = # later\n", 1, "no value after the equals sign"),
        ('notes = "Erna\n', 1, "a quote that is never closed"),
        ("notes = 'Erna\n", 1, "a quote that is never closed"),
        ('\nnotes = """\nErna\n', 2, "three quotes that are never closed, which take all lines below with them"),
        (
            'a = """b"""\nnotes = """\nErna\n',
            2,
            "three quotes that are never closed, which take all lines below with them",
        ),
        ("notes = '''\nErna\n", 1, "three quotes that are never closed, which take all lines below with them"),
        ('notes = "C:\\Users"\n', 1, "a backslash inside quotes, which must be written twice"),
        ('notes = "Erna" 85\n', 1, "something behind the closing quote"),
        ("notes = ['Erna' '85']\n", 1, "brackets in which something is missing: a quote, a comma, or the closing one"),
        (
            "a = 1\nnumbers = ['1',\n\n\n",
            2,
            "brackets in which something is missing: a quote, a comma, or the closing one",
        ),
        ("a = 1\na = 2\n", 2, "a name that stands there a second time"),
        ("Erna is 85\n", 1, "no NAME = value"),
        ("<<<<<<< HEAD\n", 1, "a mark that git leaves where two versions collide"),
        ("called = 'Erna\x07'\n", 1, "not as TOML has it"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_by_its_form(text: str, line: int, form: str) -> None:
    assert misread(text) == (line, form)


@given(ANY_TEXT)
def test_any_text_is_read_or_told(text: str) -> None:
    read = understand(text)
    if isinstance(read, Misread):
        assert 1 <= read.line <= text.count("\n") + 1


NAMES = st.lists(st.sampled_from(["called", "notes", "speed", "x-1"]), unique=True, min_size=1)
VALUES = st.sampled_from(
    ["1", "'a = b'", '"""\nspeed = 2\n"""', "'''\n[notes]\n'''", "[\n1,\n2]", "{a = 1}", "1 # x = 2"]
)


@given(st.data(), NAMES)
def test_the_line_of_every_name_is_found(data: st.DataObject, names: list[str]) -> None:
    """Whatever stands between, in texts, brackets and remarks."""
    text, expected = "", {}
    for name in names:
        text += "\n" * data.draw(st.integers(0, 2))
        expected[name] = text.count("\n") + 1
        text += f"{name} = {data.draw(VALUES)}\n"
    found = lines(text)
    assert {name: found[name] for name in names} == expected
