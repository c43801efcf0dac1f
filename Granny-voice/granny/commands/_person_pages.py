"""What is generated of a person's file: the example, and README's table."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from granny.config.settings import FIELDS as SETTINGS
from granny.config.settings import Settings
from granny.people import FIELDS, OUTRANKS, what_is_allowed

_HEAD = """\
# What the family tells Granny about one person. Copy this file, in its folder, to anna.toml, with the person's name in
# place of anna; keep the copy to yourselves: chmod 600 anna.toml. From the next call on it counts.
# A text stands in straight "quotes", one of several lines between three of them. A line that begins with # is not read:
# it shows what is so without it. To have it otherwise take its # and the space away, and change the value.
"""
_WIDTH = 118
_ANY_NUMBER = "float"


def example_person() -> str:
    """`people/anna.toml.example`: what most families will say is said, the rest is shown as it is without."""
    return "\n".join([_HEAD, *(_example(name, field) for name, field in FIELDS.items())])


def _example(name: str, field: FieldInfo) -> str:
    told = f"{field.description} {what_is_allowed(name, _ANY_NUMBER)}"
    comment = "".join(f"# {line}\n" for line in textwrap.wrap(told, _WIDTH))
    if field.examples:
        return f"{comment}{name} = {_toml(field.examples[0])}\n"
    return f"{comment}# {name} = {_toml(_default(name, field))}\n"


def _default(name: str, field: FieldInfo) -> object:
    """What is so without it."""
    default = SETTINGS[OUTRANKS[name]].default if name in OUTRANKS else field.default
    return list(default) if isinstance(default, tuple) else default


def _toml(value: object) -> str:
    """A value as TOML writes it, which JSON mostly does too."""
    if isinstance(value, str) and "\n" in value:
        return f'"""\n{value}\n"""'
    return json.dumps(value, ensure_ascii=False)


def person_table() -> str:
    """README's table, one row a name."""
    head = ["| name | what it says | allowed | outranks |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *_rows()])


def _rows() -> Iterator[str]:
    for name, field in FIELDS.items():
        allowed = what_is_allowed(name, _ANY_NUMBER).removeprefix("Allowed: ").removesuffix(".")
        outranks = f"`{Settings.variable(OUTRANKS[name])}`" if name in OUTRANKS else ""
        yield f"| `{name}` | {field.description} | {allowed} | {outranks} |"
