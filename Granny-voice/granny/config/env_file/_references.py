"""References in a value (`${NAME}`, `${NAME:-x}`), resolved as python-dotenv resolves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_VALUE = 100_000
"""Beyond this, references to references take python-dotenv all of the memory."""


@dataclass(frozen=True, slots=True, repr=False)
class Resolved:
    """What has become of a value.

    Attributes:
        text: with its references resolved.
        dangling: whether it refers to something that is not set.
        filled_in: whether a reference that is not all of it stands for its default.
        endless: whether it grew too long; its text is empty then.
    """

    text: str
    dangling: bool = False
    filled_in: bool = False
    endless: bool = False


def resolve(value: str, environ: Mapping[str, str | None]) -> Resolved:
    """A value as python-dotenv makes it.

    Raises:
        ImportError: python-dotenv is not installed.
    """
    from dotenv.variables import Variable, parse_variables  # noqa: PLC0415  it may be missing: that is the finding

    atoms = tuple(parse_variables(value))
    parts = [atom.resolve(environ) for atom in atoms]
    if sum(map(len, parts)) > max(_LONGEST_VALUE, len(value)):
        return Resolved("", endless=True)
    references = [(atom, part) for atom, part in zip(atoms, parts) if isinstance(atom, Variable)]  # noqa: B905  same length
    unset = [atom for atom, part in references if part and environ.get(atom.name) is None]
    return Resolved(
        "".join(parts),
        dangling=not all(part for _, part in references),
        filled_in=bool(unset) and len(atoms) > 1,
    )
