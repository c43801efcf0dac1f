"""What is said of each line of an env file, to the letter; no line that python-dotenv reads is called lost."""

from __future__ import annotations

import pytest

from granny.config.env_file import Assignment, Content, LostLine, understand
from granny.config.env_file._halves import is_second_half
from granny.config.env_file._references import Resolved, resolve

KNOWN = ("OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "GRANNY_VOICE")
KEY, URL, SECRET = KNOWN[0], KNOWN[1], KNOWN[3]
GIT = "a mark that git leaves where two versions collide"
POWERSHELL = "a command of PowerShell ($env:NAME=…)"
PROMPT = "a command of the Windows prompt (set NAME=…)"
JAVASCRIPT = "a line of JavaScript (const NAME=…)"
ADDRESS = "an address without a name and an equals sign before it"
COLON = "a colon where the equals sign should be"
PROGRAM = "a line of a program"
BEHIND = "text after the closing quote"
OPEN = "a quote that is never closed"
SWALLOWS = "a quote that is not closed, which takes the lines below it with it"
BARE = "a name without an equals sign"
OTHER = "not NAME=value"
FIRST = "a1B2c3D4" * 8
"""Sixty-four characters, where `openssl` breaks a line."""


def content(text: str, **environ: str) -> Content:
    return understand(text, environ=environ, known=KNOWN)


@pytest.mark.parametrize(
    ("line", "form", "names"),
    [
        ("<<<<<<< HEAD", GIT, ()),
        ("=======", GIT, ()),
        (">>>>>>> theirs", GIT, ()),
        ("||||||| base", GIT, ()),
        (f'$env:{KEY}="x"', POWERSHELL, (KEY,)),
        (f"$ENV:{KEY} = x", POWERSHELL, (KEY,)),
        (f"set {KEY}=x", PROMPT, (KEY,)),
        ("SETX A b", PROMPT, ()),
        (f"const {KEY}='x'", JAVASCRIPT, (KEY,)),
        ("let a = 1", JAVASCRIPT, ()),
        ("var  a b", JAVASCRIPT, ()),
        ("[granny settings]", "a heading in square brackets", ()),
        ("{", "JSON", ()),
        (f'"{KEY}": "x",', "JSON", (KEY,)),
        ("wss://a.test/x y", ADDRESS, ()),
        ("https://a b", ADDRESS, ()),
        ("sk-abc", "a key without a name and an equals sign before it", ()),
        (f"- {KEY}: x", COLON, (KEY,)),
        (f"{KEY} : {URL}", COLON, (KEY, URL)),
        ('A="b" c', BEHIND, ()),
        (f"{KEY}='b'c", BEHIND, (KEY,)),
        (f"os.environ['{KEY}'] = 'x'", PROGRAM, (KEY,)),
        (f"process.env.{KEY}=x", PROGRAM, (KEY,)),
        (f"Environment={KEY}=x", PROGRAM, (KEY,)),
        ('A="b', OPEN, ()),
        (f"{KEY}='x", OPEN, (KEY,)),
        (KEY, BARE, (KEY,)),
        (f"export {KEY}", BARE, (KEY,)),
        (f"{KEY},x", OTHER, (KEY,)),
        ("my keys", OTHER, ()),
        ("w-ord", OTHER, ()),
        ("=x", OTHER, ()),
        ("\u00e4", OTHER, ()),
        ("OPENAI API KEY=x", OTHER, (KEY,)),
        ("my own words=x", OTHER, ()),
        ("LIVEKIT URL = wss://a=b", OTHER, (URL,)),
        (f"{KEY} {URL} {KEY}", OTHER, (KEY, URL)),
    ],
)
def test_a_line_that_is_lost_is_called_by_what_it_is(line: str, form: str, names: tuple[str, ...]) -> None:
    """With its number, wherever it stands, and the variables that it would have set."""
    assert content(line).lost == (LostLine(1, form, names),)
    assert content(f"A=b\n\n  \n  {line}\nB=c\n").lost == (LostLine(4, form, names),)


@pytest.mark.parametrize(
    "line",
    ["word", "export A", "A=b", "A=", "A='b'", "# x", "A=b # c", "A=sk-x", "A=B=c", f"A=b {KEY} c", f"A=' {KEY}=c'"],
)
def test_a_line_that_python_dotenv_reads_is_not_lost(line: str) -> None:
    assert content(f"{line}\n").lost == ()


def test_a_quote_that_swallows_others_names_all_that_is_lost() -> None:
    """Its own variable too, if it is one that matters; what it swallowed has no value."""
    found = content(f'{KEY}="x\n{URL}=y\n{KEY}=z\n"\nB="x\n{URL}=y"\nB=c\n')
    assert found.lost == (LostLine(1, SWALLOWS, (KEY, URL)), LostLine(5, SWALLOWS, (URL,)))
    assert [(item.name, item.line, item.value) for item in found.assignments] == [
        (KEY, 1, None),
        ("B", 5, None),
        ("B", 7, "c"),
    ]


def test_a_value_over_lines_that_python_dotenv_cannot_read_takes_them_with_it() -> None:
    assert content(f'A="x\n{URL}=y\n" z\n').lost[0] == LostLine(1, SWALLOWS, (URL,))
    assert content(f'A="x\n{URL}=y" z\n').lost[0] == LostLine(1, SWALLOWS, (URL,))


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("A=b", Assignment("A", 1, "b")),
        (" export A = b ", Assignment("A", 1, "b")),
        ("A='b #c'", Assignment("A", 1, "b #c", quoted=True)),
        ('A="b=c"', Assignment("A", 1, "b=c", quoted=True)),
        ("A=b # c  ", Assignment("A", 1, "b", cut=" c")),
        ("A=b #c #d", Assignment("A", 1, "b", cut="c #d")),
        ("A=b#c", Assignment("A", 1, "b#c")),
        ("A= # c", Assignment("A", 1, "")),
        ("A=${B}", Assignment("A", 1, "", dangling=True)),
        ("A=x${B:-y}", Assignment("A", 1, "xy", filled_in=True)),
        ("A=${C}=d", Assignment("A", 1, "here=d")),
    ],
)
def test_an_assignment_tells_how_it_was_written(line: str, item: Assignment) -> None:
    """Quoted, cut at a #, with references: all that explains a value that is not what a person sees."""
    (found,) = content(line, C="here").assignments
    fields = ("name", "line", "value", "quoted", "dangling", "filled_in", "cut")
    assert [getattr(found, field) for field in fields] == [getattr(item, field) for field in fields]


@pytest.mark.parametrize(
    ("line", "remarks"),
    [
        (f"# {KEY}=x", ((KEY, 1),)),
        (f"\n  ##\t# export  {URL} = x", ((URL, 2),)),
        (f"#{KEY}", ()),
        (f"# X{KEY}=x", ()),
        (f"# old {KEY}=x", ()),
    ],
)
def test_a_remark_that_sets_a_variable_is_remembered(line: str, remarks: tuple[tuple[str, int], ...]) -> None:
    assert content(line).remarks == remarks


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (f"{SECRET}=abc1\nabcdef12\n", ((SECRET, 2),)),
        (f"{KEY}=sk-abc1\n  abcdef12\n", ((KEY, 2),)),
        (f"{SECRET}={FIRST}\nabcdef12abc=\n", ((SECRET, 2),)),
        (f"{SECRET}={FIRST}\nqZ9=\n{URL}=x\n", ((SECRET, 2),)),
        (f"{SECRET}=abc1\n\nabcdef12\n", ()),
        (f"{SECRET}='abc1'\nabcdef12\n", ()),
        (f"{URL}=abc1\nabcdef12\n", ()),
        ("MY_SECRET=abc1\nabcdef12\n", ()),
        (f"{SECRET}\nabcdef12\n", ()),
        (f"{SECRET}=abc1\nabcdefgh\n", ()),
        (f"{SECRET}={FIRST}\nqZ9=x\n", ()),
        ("abcdef12\n", ()),
    ],
)
def test_the_second_half_of_a_secret_is_noted(text: str, broken: tuple[tuple[str, int], ...]) -> None:
    """And neither called lost nor taken for a variable."""
    found = content(text)
    assert found.broken == broken
    assert not broken or [item.name for item in found.assignments if item.name not in KNOWN] == []
    assert not broken or found.lost == ()


def test_a_known_name_is_never_a_second_half() -> None:
    (_, second) = content(f"{SECRET}={FIRST}\nGRANNY_VOICE=\n").assignments
    assert (second.name, second.value) == ("GRANNY_VOICE", "")


@pytest.mark.parametrize(
    ("first", "piece", "is_half"),
    [
        ("x", "abcdef12", True),
        ("x", "abcdef1", False),
        ("x", "Abcdefgh", True),
        ("x", "abcdefgh", False),
        ("x", "ABCDEFGH", False),
        ("x", "ABCDEF_1", True),
        ("x", "a-b_c-D1", True),
        ("x", "a.b.c.D1", False),
        ("x", "a1" * 101, False),
        (FIRST, "qZ9=", True),
        (FIRST, "qZ9", False),
        (FIRST, "qz==", False),
        (FIRST, "K8S=", False),
        (FIRST[:63], "qZ9=", False),
        (FIRST + "abcd" * 3, "q/Z9", True),
        (FIRST + "abcd", "q/Z9", False),
        (FIRST[:63] + ".", "qZ9=", False),
    ],
)
def test_a_second_half_is_told_from_a_word(first: str, piece: str, is_half: bool) -> None:  # noqa: FBT001  a column of the table
    """By letters of both sizes or digits; a short rest only where base64 breaks its lines, at 64 or 76."""
    assert is_second_half(first, piece) is is_half


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("plain", Resolved("plain")),
        ("${A}", Resolved("a")),
        ("x${A}y", Resolved("xay")),
        ("${NOT}", Resolved("", dangling=True)),
        ("${A}${NOT}", Resolved("a", dangling=True)),
        ("${EMPTY}", Resolved("", dangling=True)),
        ("${BARE}", Resolved("", dangling=True)),
        ("${NOT:-b}", Resolved("b")),
        ("x${NOT:-b}", Resolved("xb", filled_in=True)),
        ("${A}${BARE:-b}", Resolved("a", dangling=True)),
        ("x${A:-b}", Resolved("xa")),
        ("${NOT:-}", Resolved("", dangling=True)),
        ("${LONG}", Resolved("l" * 100_000)),
        ("${LONG}x", Resolved("", endless=True)),
        ("x" * 100_001, Resolved("x" * 100_001)),
    ],
    ids=range(15),
)
def test_a_reference_is_resolved_and_what_it_did_is_told(value: str, resolved: Resolved) -> None:
    """A reference to a value of 100,000 characters is followed, and to a longer one is not."""
    found = resolve(value, {"A": "a", "EMPTY": "", "BARE": None, "LONG": "l" * 100_000})
    assert found == resolved


@pytest.mark.parametrize(
    ("text", "endless"),
    [
        ("A=" + "${B}" * 1000, False),
        ("A=" + "${B}" * 1001, True),
        ("A=b" + " " * 500 + "c", False),
        ("A=b" + " " * 501 + "c", True),
        ("A=b" + " \t" * 251 + "c", True),
        ("A=b\n" * 600, False),
        (f"A={'x' * 60_000}\nB=${{A}}${{A}}\n", True),
        (f"A={'x' * 60_000}\nB=${{A}}${{A}}\nC=d\n", True),
    ],
    ids=range(8),
)
def test_what_would_take_python_dotenv_for_ever_is_not_read(text: str, endless: bool) -> None:  # noqa: FBT001  a column of the table
    """Long runs of blanks, more than a thousand references, or references that grow; then nothing else is said."""
    found = content(text)
    assert found.endless is endless
    assert bool(found.assignments) is not endless
    assert (found.lost, found.broken, found.remarks) == ((), (), ())
