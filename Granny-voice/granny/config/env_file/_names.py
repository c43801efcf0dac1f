"""Names of variables that are almost right."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ALIASES = {
    "OPENAI_API_KEY": (
        "OPENAI_KEY",
        "OPENAI_TOKEN",
        "OPENAI_API_TOKEN",
        "OPENAI_SECRET",
        "OPENAI_SECRET_KEY",
        "OPENAI_API",
        "OPENAI_API_SECRET",
        "OPENAI_APIKEY_SECRET",
        "API_KEY_OPENAI",
        "CHATGPT_API_KEY",
        "GPT_API_KEY",
    ),
    "OPENAI_BASE_URL": (
        "OPENAI_API_BASE",
        "OPENAI_URL",
        "OPENAI_ENDPOINT",
        "OPENAI_HOST",
    ),
    "LIVEKIT_URL": (
        "LIVEKIT_HOST",
        "LIVEKIT_SERVER",
        "LIVEKIT_SERVER_URL",
        "LIVEKIT_ENDPOINT",
        "LIVEKIT_WEBSOCKET_URL",
        "LIVEKIT_PROJECT_URL",
        "LIVEKIT_CLOUD_URL",
    ),
    "LIVEKIT_API_KEY": ("LIVEKIT_TOKEN", "LIVEKIT_API_ID", "LK_API_KEY"),
    "LIVEKIT_API_SECRET": (
        "LIVEKIT_SECRET_KEY",
        "LIVEKIT_KEY_SECRET",
        "LIVEKIT_SECRET_API",
        "LK_API_SECRET",
    ),
}
"""What people write, from other tools and from memory, and the letters alone do not tell."""

_PREFIXES = ("NEXT_PUBLIC_", "REACT_APP_", "PUBLIC_", "VITE_", "GRANNY_", "MY_", "ENV_")
_TWINS = str.maketrans("АВЕКМНОРСТХІЅЈУΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXISJYABEZHIKMNOPTYX")  # noqa: RUF001  look-alikes are the point
_CLOSE = 0.86
"""difflib's ratio from which a name counts as a slip; AZURE_OPENAI_API_KEY and OPENAI_API_BASE stay below."""

_PIECE = 3
"""Two names that are so close have so many characters in a row in common: with at most one slip in eight they must."""

_SHOWABLE = re.compile(r"[A-Za-z_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class _Names:
    """The known names, made ready to be compared with many others.

    Attributes:
        right: the known name by its squeezed form, and by that of what people write for it.
        by_piece: the squeezed forms that have these three characters in a row.
    """

    right: Mapping[str, str]
    by_piece: Mapping[str, tuple[str, ...]]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None."""
    return _nearest(name, tuple(known))


@functools.lru_cache(maxsize=1 << 16)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    """The same, once for each name: a file may have 15,000 unknown ones, and is searched for all that is unset."""
    names = _names(known)
    squeezed = _squeeze(name)
    return names.right.get(squeezed) or _closest(squeezed, names)


@functools.lru_cache(maxsize=64)
def _names(known: tuple[str, ...]) -> _Names:
    by_squeezed = {_squeeze(right): right for right in known}
    aliases = {_squeeze(alias): right for right, names in _ALIASES.items() if right in known for alias in names}
    by_piece: dict[str, tuple[str, ...]] = {}
    for squeezed in by_squeezed:
        for piece in _pieces(squeezed):
            by_piece[piece] = (*by_piece.get(piece, ()), squeezed)
    return _Names({**aliases, **by_squeezed}, by_piece)


def _pieces(squeezed: str) -> set[str]:
    return {squeezed[start : start + _PIECE] for start in range(len(squeezed) - _PIECE + 1)}


def showable(name: str, right: str) -> bool:
    """Whether a misspelt name can be shown: near to the right one, so that no piece of a key hides in it."""
    return bool(_SHOWABLE.fullmatch(name)) and nearest(name, (right,)) == right


def _squeeze(name: str) -> str:
    """Capital letters and digits alone, look-alikes of other alphabets as what they look like."""
    plain = unicodedata.normalize("NFKC", name).upper().translate(_TWINS)
    for prefix in _PREFIXES:
        if plain.startswith((f"{prefix}LIVEKIT", f"{prefix}OPENAI")):
            plain = plain.removeprefix(prefix)
    return re.sub(r"[^A-Z0-9]", "", plain)


def _closest(squeezed: str, names: _Names) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415  seldom needed, and every start pays for an import

    if not 8 <= len(squeezed) <= 30:  # noqa: PLR2004  shorter is a guess, longer is no slip of one of our names
        return None
    candidates = dict.fromkeys(name for piece in sorted(_pieces(squeezed)) for name in names.by_piece.get(piece, ()))
    close = get_close_matches(squeezed, candidates, cutoff=_CLOSE)
    return names.right[close[0]] if close else None
