"""What python-dotenv makes of a whole file, at a cost that grows as the file does: its own copies all for each name."""

from __future__ import annotations

import os
from pathlib import Path

_REFERENCE = "${"


def values(path: Path) -> dict[str, str | None]:
    """The same as `dotenv.dotenv_values`; None for a name without an equals sign.

    Raises:
        ImportError: python-dotenv is not installed.
        UnicodeDecodeError, OSError: the file cannot be read; the first may hold values.
    """
    from dotenv import variables  # noqa: PLC0415  it may be missing, and that is then the finding
    from dotenv.parser import parse_stream  # noqa: PLC0415  as above

    found: dict[str, str | None] = {}
    known: dict[str, str | None] = dict(os.environ)
    with path.open(encoding="utf-8") as stream:
        for name, value in ((binding.key, binding.value) for binding in parse_stream(stream)):
            if name is None:
                continue
            if value and _REFERENCE in value:
                value = "".join(atom.resolve(known) for atom in variables.parse_variables(value))  # noqa: PLW2901  as it ends
            found[name] = known[name] = value
    return found
