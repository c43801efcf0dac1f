"""An env file on the disk: why it cannot be read, to the letter, and which files beside it were meant to be it."""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from granny.config.env_file import Assignment, Content, EnvFile, LostLine, Undecodable, decode, look_alikes, read
from granny.config.env_file import _file as module

KNOWN = ("OPENAI_API_KEY", "LIVEKIT_URL")
KIB = 1024
UTF_16 = "it is stored as UTF-16, which Windows calls Unicode"
UNMARKED = "it is stored as UTF-16, without the mark that says so"
NUL = "it has a NUL byte, which no text has"
WINDOWS = "it has a byte that is not UTF-8, most likely from an older Windows encoding (Windows-1252)"


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (codecs.BOM_UTF32_LE + b"A", "it is stored as UTF-32", None),
        (codecs.BOM_UTF32_BE + b"A", "it is stored as UTF-32", None),
        (codecs.BOM_UTF16_LE + b"A", UTF_16, None),
        (codecs.BOM_UTF16_BE + b"A", UTF_16, None),
        (b"{\\rtf1", "it is rich text (RTF), as WordPad and TextEdit store it", None),
        (b"PK\x03\x04x", "it is a document of a word processor, or a zip file", None),
        (b"A\0A\0A\0AAAA", UNMARKED, None),
        (b"A\nA\r\n\0A\n\0A", NUL, 3),
        (b"\0" + b"A" * 9, NUL, 1),
        (b"A\n\xe4", WINDOWS, 2),
        (b"\xe4\nA\n", WINDOWS, 1),
        (b"A\rB\r\nC\n\xe4", WINDOWS, 4),
    ],
)
def test_bytes_that_are_no_text_say_why(data: bytes, reason: str, line: int | None) -> None:
    assert decode(data) == Undecodable(reason, line)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"A\r\nB\rC\n", "A\nB\nC\n"),
        (codecs.BOM_UTF8 + b"A", "A"),
        (codecs.BOM_UTF8 * 2 + b"A", "\ufeff\ufeffA"),
        (b"A" + codecs.BOM_UTF8, "A\ufeff"),
        ("gro\u00df".encode(), "gro\u00df"),
    ],
)
def test_bytes_become_the_text_that_python_dotenv_takes(data: bytes, text: str) -> None:
    assert decode(data) == text


def taken(path: Path) -> EnvFile:
    return read(path, environ={}, known=KNOWN)


def told(path: Path) -> tuple[str, str, str | None]:
    file = taken(path)
    assert file.fault is not None
    assert not file.is_there
    assert (file.path, file.content) == (path, Content())
    return file.fault.fault.slug, file.fault.evidence, file.fault.where


@pytest.mark.parametrize(
    ("data", "slug", "evidence", "where"),
    [
        (
            b"#" * (256 * KIB + 1),
            "env-file-unreadable",
            "It is larger than 256 kB, which no env file is.",
            ".env.local",
        ),
        (b"A=" + b"${B}" * 1001, "env-file-unreadable", "Reading it would take for ever.", ".env.local"),
        (b"A\n\xe4", "env-file-encoding", f"{WINDOWS}.", ".env.local:2"),
        (codecs.BOM_UTF16_LE, "env-file-encoding", f"{UTF_16}.", ".env.local"),
    ],
    ids=["large", "endless", "a byte", "UTF-16"],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, slug: str, evidence: str, where: str) -> None:
    path = tmp_path / ".env.local"
    path.write_bytes(data)
    assert told(path) == (slug, evidence, where)
    assert stat.S_ISREG(taken(path).mode or 0) is (slug == "env-file-encoding" or "for ever" in evidence)


def test_what_is_no_file_says_what_it_is(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes with a name")
    folder, pipe, link, loop = (tmp_path / name for name in ("folder", "pipe", "link", "loop"))
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "nowhere")
    loop.symlink_to(loop)
    assert told(folder) == ("env-file-is-directory", "A folder has this name.", "folder")
    assert told(link) == ("env-file-is-directory", "A link has this name, and it leads to nothing.", "link")
    assert told(pipe) == (
        "env-file-unreadable",
        "It is a pipe or a device; Granny reads ordinary files only.",
        "pipe",
    )
    assert told(loop) == ("env-file-unreadable", f"The system says: {os.strerror(errno.ELOOP)}.", "loop")
    assert told(tmp_path / "a\0b")[:2] == ("env-file-unreadable", "The system says: the path is not valid.")


def test_a_file_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / ".env.local", tmp_path / "file" / ".env.local"):
        assert (taken(path).fault, taken(path).is_there, taken(path).mode) == (None, False, None)


def test_what_a_file_sets_can_be_asked(tmp_path: Path) -> None:
    """The last assignment of a name counts, and a name without a value is as good as lost."""
    path = tmp_path / ".env.local"
    path.write_bytes(
        b"OPENAI_API_KEY=a\nOPENAI_API_KEY=b\nB=${OPENAI_API_KEY}\nB\nset LIVEKIT_URL=c\n".ljust(256 * KIB, b"\n")
    )
    path.chmod(0o600)
    file = taken(path)
    assert file.is_there
    assert stat.S_ISREG(file.mode or 0)
    assert (file.where(7), file.path) == (".env.local:7", path)
    last = file.assigned("OPENAI_API_KEY")
    assert last
    assert (last.line, last.value, file.assigned("C")) == (2, "b", None)
    assert [file.lost(name) for name in ("OPENAI_API_KEY", "LIVEKIT_URL", "B", "C")] == [False, True, True, False]


def test_a_value_outweighs_a_line_that_is_lost() -> None:
    content = Content((Assignment("A", 1, "x"),), (LostLine(2, "", ("A",)),))
    assert not EnvFile(Path("x"), 0o600, content).lost("A")


def alike(*folders: Path, but: tuple[Path, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    return [(path.name, held) for path, held in look_alikes(folders, names=KNOWN, but=but)]


@pytest.mark.parametrize(
    "name",
    [".env", "env", "dotenv.txt", ".ENV", "_env.local", " .env", "evn", ".nev", "local.env", "my env", "a_env.b"],
)
def test_a_name_like_an_env_files_is_looked_into(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("OPENAI_API_KEY=a\n")
    assert alike(tmp_path, tmp_path) == [(name, ("OPENAI_API_KEY",))]
    assert alike(tmp_path, but=(tmp_path / name,)) == []


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        ".env.SAMPLE",
        "env.template",
        ".env.dist",
        ".env.default",
        "keys.txt",
        "myenv",
        "my.envelope",
    ],
)
def test_an_example_and_what_merely_has_env_in_it_are_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("OPENAI_API_KEY=a\n")
    assert alike(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "held"),
    [
        (b"LIVEKIT_URL=a\nOPENAI_API_KEY=b\n", ("OPENAI_API_KEY", "LIVEKIT_URL")),
        (b"export LIVEKIT_URL=a", ("LIVEKIT_URL",)),
        (b'"LIVEKIT_URL": "a"', ("LIVEKIT_URL",)),
        (b"A=LIVEKIT_URL", ()),
        (b"MY_LIVEKIT_URL=a", ()),
        (b"  # LIVEKIT_URL=a", ()),
        (b"LIVEKIT_URL=  \n", ()),
        ("LIVEKIT_URL=\u00e41".encode("cp1252"), ("LIVEKIT_URL",)),
        ("LIVEKIT_URL=a".encode("utf-16"), ("LIVEKIT_URL",)),
        (b"LIVEKIT_URL=a".ljust(256 * KIB), ("LIVEKIT_URL",)),
        (b"LIVEKIT_URL=a".ljust(256 * KIB + 1), ()),
    ],
    ids=range(11),
)
def test_a_look_alike_counts_by_what_it_holds(tmp_path: Path, data: bytes, held: tuple[str, ...]) -> None:
    """In whatever encoding; a remark, an empty value and a file of more than 256 kB hold nothing."""
    (tmp_path / ".env").write_bytes(data)
    (tmp_path / ".env.folder").mkdir()
    assert alike(tmp_path / "nowhere", tmp_path) == ([(".env", held)] if held else [])


def test_look_alikes_are_told_in_order_and_of_a_large_folder_not_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".env.c", ".env.a", ".env.b"):
        (tmp_path / name).write_text("LIVEKIT_URL=a")
    assert [name for name, _ in alike(tmp_path)] == [".env.a", ".env.b", ".env.c"]
    monkeypatch.setattr(module, "_MOST_ENTRIES", 2)
    assert len(alike(tmp_path)) == 2
