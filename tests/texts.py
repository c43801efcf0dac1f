"""Any text at all, for hypothesis: its own `text()` first makes tables of all of Unicode, seven seconds a process."""

from __future__ import annotations

from hypothesis import strategies as st

_ASCII = st.sampled_from([chr(code) for code in range(0x80)])
_OTHER = st.one_of(st.integers(0x80, 0xD7FF), st.integers(0xE000, 0x10FFFF)).map(chr)

ANY_TEXT = st.text(st.one_of(_ASCII, _OTHER))
"""Every character but the surrogates, of which no text is made; each second one is plain."""
