"""What a field may be, in words for a person: from the field itself, so that the two never differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from granny.config.settings._kinds import Allowed

_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}"}
"""Of an error's context only these are shown: they are limits of ours, never input."""
_NUMBERS = ("int", "float")


def allowed(field: FieldInfo, error: str) -> str:
    """A sentence on what a field may be.

    Args:
        field: of the settings, or of a person.
        error: pydantic's type of what is wrong, as in float_parsing.
    """
    kind, metadata = _unwrapped(field.annotation, field.metadata)
    if get_origin(kind) is Literal:
        return f"Allowed: {', '.join(map(str, get_args(kind)))}."
    words = next((extra.words for extra in metadata if isinstance(extra, Allowed)), None)
    limits = words or ", ".join(_limits(metadata, error))
    return f"Allowed: {limits}." if limits else f"It must be: {field.description}"


def _unwrapped(annotation: Any, metadata: Sequence[Any]) -> tuple[Any, Sequence[Any]]:  # noqa: ANN401  a type of any form
    """The kind behind `| None`, and all that is said of it."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    if NoneType in get_args(annotation) and len(kinds) == 1:
        annotation = kinds[0]
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = (*metadata, *more)
    return annotation, metadata


def _limits(metadata: Sequence[Any], error: str) -> Iterator[str]:
    """The field's bounds; what a text may be is said by its `Allowed`."""
    if error.partition("_")[0] in _NUMBERS:
        yield "a number"
    for limit in metadata:
        yield from (text.format(getattr(limit, name)) for name, text in _BOUNDS.items() if _has(limit, name))


def _has(limit: object, name: str) -> bool:
    return getattr(limit, name, None) is not None
