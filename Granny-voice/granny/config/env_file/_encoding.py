"""Bytes into text, as python-dotenv would, or the reason why it cannot."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_SIGNATURES = (
    (codecs.BOM_UTF32_LE, "it is stored as UTF-32"),
    (codecs.BOM_UTF32_BE, "it is stored as UTF-32"),
    (codecs.BOM_UTF16_LE, "it is stored as UTF-16, which Windows calls Unicode"),
    (codecs.BOM_UTF16_BE, "it is stored as UTF-16, which Windows calls Unicode"),
    (b"{\\rtf", "it is rich text (RTF), as WordPad and TextEdit store it"),
    (b"PK\x03\x04", "it is a document of a word processor, or a zip file"),
)
"""UTF-32 stands first, because its mark begins as UTF-16's does."""

_UTF_16_SHARE = 0.3
"""Plain text in UTF-16 has a NUL in half of its bytes; a stray one does not come near."""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why bytes are not the text of an env file.

    Attributes:
        reason: in our own words.
        line: where the first wrong byte stands, or None where the whole file is meant.
    """

    reason: str
    line: int | None = None


def decode(data: bytes) -> str | Undecodable:
    r"""The text, with `\n` for every line end and without a byte order mark, as python-dotenv takes it.

    Two marks are left: python-dotenv takes one away, and the other becomes a part of the first line.
    """
    for signature, reason in _SIGNATURES:
        if data.startswith(signature):
            return Undecodable(reason)
    if b"\0" in data:
        return _with_nul(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return Undecodable(
            "it has a byte that is not UTF-8, most likely from an older Windows encoding (Windows-1252)",
            _line(data, error.start),
        )
    if not text.startswith("\ufeff\ufeff"):
        text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _with_nul(data: bytes) -> Undecodable:
    if data.count(0) >= _UTF_16_SHARE * len(data):
        return Undecodable("it is stored as UTF-16, without the mark that says so")
    return Undecodable("it has a NUL byte, which no text has", _line(data, data.index(0)))


def _line(data: bytes, position: int) -> int:
    """The line of a byte that ends none."""
    return len(data[: position + 1].splitlines())
