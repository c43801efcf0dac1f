"""The reader of env files agrees with python-dotenv, says what is lost, and takes any bytes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dotenv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from granny.config.env_file import Content, EnvFile, decode, nearest, read, showable, understand
from texts import ANY_TEXT

KNOWN = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "LIVEKIT_URL",
    "LIVEKIT_API_KEY",
    "LIVEKIT_API_SECRET",
    "GRANNY_VOICE",
)

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_PIECES = st.sampled_from(
    (
        *KNOWN,
        *"=:#'\"\\${}[] \t\r\n,;\ufeff\u200b\x85\u2028é",
        "export ",
        "set ",
        "$env:",
        "<<<<<<<",
        "${OPENAI_API_KEY}",
        "${A:-b}",
        "sk-proj-abcdefgh12",
        "\r\n",
    )
)
_TEXTS = st.one_of(ANY_TEXT, st.lists(_PIECES, max_size=40).map("".join))


def _understand(text: str) -> Content:
    return understand(text, environ={}, known=KNOWN)


def _read(path: Path, data: bytes) -> EnvFile:
    path.write_bytes(data)
    return read(path, environ=os.environ, known=KNOWN)


@given(data=st.one_of(st.binary(), _TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_read(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the file holds, reading it raises nothing, and gives either its content or a finding."""
    file = _read(tmp_path_factory.getbasetemp() / "fuzz.env", data)
    assert file.is_there or file.fault
    assert not (file.fault and file.content.assignments)


@given(text=_TEXTS)
@settings(max_examples=400)
def test_values_are_those_of_python_dotenv(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each name that is not called lost ends with python-dotenv's own value, and none is left out."""
    path = tmp_path_factory.getbasetemp() / "same.env"
    file = _read(path, text.encode("utf-8", "ignore"))
    if file.fault:
        return
    theirs = dotenv.dotenv_values(path, encoding="utf-8")
    ours = {item.name: item.value for item in file.content.assignments}
    assert {name: value for name, value in ours.items() if value is not None}.items() <= theirs.items()
    assert set(theirs).intersection(KNOWN) <= {name for name in KNOWN if name in ours or file.lost(name)}


@given(
    secret=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=40),
    around=_TEXTS,
    behind=_TEXTS,
)
def test_no_repr_holds_a_value(secret: str, around: str, behind: str) -> None:
    """Whatever stands round a key, the repr of what was read does not hold eight characters of it."""
    content = _understand(f"{around}OPENAI_API_KEY={secret}{behind}")
    shown = repr((content, content.assignments, content.lost, content.broken, content.remarks))
    # what the words of a report have in common with the alphabet of the secret is no leak
    assert not any(secret[i : i + 8] in shown for i in range(len(secret) - 7) if not secret[i : i + 8].isalpha())


@pytest.mark.parametrize(
    "text",
    [
        "A=b" + " " * 250_000 + "c",
        "${" * 120_000,
        "A='" + "\\'" * 100_000,
        'A="\n' * 50_000,
        "'" * 250_000,
        "a" * 250_000,
        "A0=aaaa\n" + "".join(f"A{n + 1}=${{A{n}}}${{A{n}}}\n" for n in range(400)),
        "OPENAI_API_KEY=x\n" + "aB" * 120_000,
        "OPENAI_API_KEY=x #" + " #" * 100_000,
        "=" * 250_000,
        "\n" * 250_000,
    ],
    ids=range(11),
)
def test_no_text_takes_for_ever(text: str, tmp_path: Path) -> None:
    """Texts that cost regular expressions quadratic time, or references all memory, are read soon."""
    started = time.monotonic()
    file = _read(tmp_path / ".env.local", text.encode())
    assert file.is_there or file.fault
    assert time.monotonic() - started < 30  # a guard against a hang, not a measurement


def test_lines_are_counted_from_one_past_empty_ones() -> None:
    content = _understand("\n# remark\n\nOPENAI_API_KEY=a\r\n\n  export LIVEKIT_URL=b".replace("\r\n", "\n"))
    assert [(item.name, item.line) for item in content.assignments] == [
        ("OPENAI_API_KEY", 4),
        ("LIVEKIT_URL", 6),
    ]


def test_a_quote_that_is_not_closed_takes_the_next_variable_with_it() -> None:
    """Both names are called lost, at the line where the quote opens."""
    content = _understand('OPENAI_API_KEY="a\nLIVEKIT_URL=b\nLIVEKIT_API_KEY="\n')
    assert content.lost[0].line == 1
    assert set(content.lost[0].names) == {"OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY"}


def test_a_value_over_lines_that_swallows_nothing_is_fine() -> None:
    content = _understand('CERT="-----BEGIN\nabc=\n-----END"\nLIVEKIT_URL=b\n')
    assert content.lost == ()
    assert [item.line for item in content.assignments] == [1, 4]


def test_a_name_alone_after_its_value_takes_the_value_away() -> None:
    """`export NAME` on a line of its own, as shells have it, leaves python-dotenv with nothing."""
    content = _understand("OPENAI_API_KEY=a\nexport OPENAI_API_KEY\n")
    assert [item.value for item in content.assignments] == ["a", None]


def test_a_name_alone_takes_the_value_from_those_who_refer_to_it() -> None:
    """Whatever the name, and once: python-dotenv forgets what the file, or the environment, had said of it."""
    content = understand("A=x\nA\nA\nB\nC=${A}${B}z\n", environ={"B": "y"}, known=KNOWN)
    assert [(item.name, item.line, item.value) for item in content.assignments] == [
        ("A", 1, "x"),
        ("A", 2, None),
        ("B", 4, None),
        ("C", 5, "z"),
    ]
    assert content.lost == ()


def test_a_remark_that_sets_a_known_name_is_remembered() -> None:
    assert _understand("# OPENAI_API_KEY=a\n#LIVEKIT_URL = b\n# about OPENAI_BASE_URL\n").remarks == (
        ("OPENAI_API_KEY", 1),
        ("LIVEKIT_URL", 2),
    )


def test_references_are_resolved_as_python_dotenv_does() -> None:
    text = "A=x\nB=${A}\nC=${OUTSIDE}\nD=${NOWHERE}\nE=${NOWHERE:-y}\n"
    content = understand(text, environ={"OUTSIDE": "z"}, known=KNOWN)
    assert [(item.value, item.dangling) for item in content.assignments] == [
        ("x", False),
        ("x", False),
        ("z", False),
        ("", True),
        ("y", False),
    ]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"A=b\r\nC=\xe4\r\n", 2),
        (b"A=b\rC=d\r\xff", 3),
        (b"A=bbbbbbbb\nC=\0ddddddddd", 2),
        (b"\xff\xfeA\0", None),
    ],
)
def test_the_line_of_the_first_wrong_byte_is_known(data: bytes, line: int | None) -> None:
    reason = decode(data)
    assert not isinstance(reason, str)
    assert reason.line == line


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("OPENAI_KEY", "OPENAI_API_KEY"),
        ("Openai_Api_Key", "OPENAI_API_KEY"),
        ("OPENAI_API_KEYS", "OPENAI_API_KEY"),
        ("LIVEKIT_WS_URL", "LIVEKIT_URL"),
        ("LIVKIT_API_SECRET", "LIVEKIT_API_SECRET"),
        ("VITE_LIVEKIT_URL", "LIVEKIT_URL"),
        ("GRANNY_VOCIE", "GRANNY_VOICE"),
        ("AZURE_OPENAI_API_KEY", None),
        ("OPENROUTER_API_KEY", None),
        ("OPENAI_ADMIN_KEY", None),
        ("OPENAI_ORG_ID", None),
        ("ANTHROPIC_API_KEY", None),
        ("PATH", None),
        ("", None),
    ],
)
def test_a_slip_in_a_name_is_told_from_another_name(name: str, right: str | None) -> None:
    assert nearest(name, KNOWN) == right


@given(tail=st.text(f"{_LETTERS}-_", min_size=8))
def test_a_name_with_a_key_glued_to_it_is_not_shown(tail: str) -> None:
    assert not showable(f"OPENAI_API_KEY{tail}", "OPENAI_API_KEY") or not any(map(str.isalnum, tail))
