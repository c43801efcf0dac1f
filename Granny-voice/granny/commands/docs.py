"""The texts that are generated: example files, README's tables, pages of faults and plans, what her page tells by.

`python -m granny docs` writes them; a test compares them with what stands in the tree.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from granny import faults
from granny.commands import _scale
from granny.commands._options import Options
from granny.commands._person_pages import example_person, person_table
from granny.commands._trouble_page import trouble_table
from granny.config.paths import HOME, PEOPLE_FOLDER
from granny.config.settings import GROUPS, Group
from granny.faults import ExitCode

TOP = HOME.parent
SITE = HOME / "granny" / "page" / "site"
_EXAMPLE_HEAD = """\
# Granny's settings. Copy this file to Granny-voice/.env.local (the name begins with a dot and has no .txt at its end),
# put your own keys in, and keep it to yourself. A variable set in the shell outranks this file.
# No quotes, no spaces round the values. A line that begins with # is not read: it shows what is so without it. To have
# it otherwise take its # and the space away, and change the value.
"""
_RULE = f"# {'-' * 77}"

_PAGE_HEAD = """\
# Faults

Every fault Granny names, by its slug. This page is generated from `granny/faults/`; `make docs` writes it anew.

| severity | what it does at start-up | exit code |
| --- | --- | --- |
| fatal | she does not start: something must be put right | 78 |
| transient | she asks again for a bounded time (`GRANNY_PREFLIGHT_WAIT`), then gives up; starting again may help | 75 |
| warning | it is said, and she starts | 0 |

A probe that itself breaks ends with 70 and is a bug to report.
"""

_SITE_FAULTS_HEAD = """\
// Generated from granny/faults/ by `make docs`: which sentence of words/*.js tells a fault that has none of its own.
export default """


def main(arguments: Sequence[str]) -> int:
    """Write what is generated; returns the exit status."""
    Options("docs").parse_args(arguments)
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return ExitCode.OK


def example_env_file() -> str:
    """`.env.local.example`: what must be set is set to a placeholder, the rest is shown as its default."""
    return "\n".join([_EXAMPLE_HEAD, *(text for group in GROUPS for text in _example_group(group))])


def _example_group(group: type[Group]) -> Iterator[str]:
    yield "\n".join(["", _RULE, *(f"# {line}" for line in _told(group)), _RULE, ""])
    yield from map(_example, group.model_fields.values())


def _example(field: FieldInfo) -> str:
    comment = f"# {field.description}{_choice(field)}\n"
    if field.examples:
        return f"{comment}{field.alias}={field.examples[0]}\n"
    return f"{comment}# {field.alias}={_default(field)}\n"


def settings_tables() -> str:
    """README's tables, one a group, one row a variable."""
    return "\n\n".join(map(_table, GROUPS))


def _table(group: type[Group]) -> str:
    first, *more = _told(group)
    said = " ".join([f"**{first}**", *more])
    head = ["| variable | what it sets | default |", "| --- | --- | --- |"]
    return "\n".join([said, "", *head, *map(_row, group.model_fields.values())])


def _told(group: type[Group]) -> list[str]:
    """What its docstring says of a group, line by line."""
    return [line for line in inspect.cleandoc(group.__doc__ or "").splitlines() if line]


def _row(field: FieldInfo) -> str:
    default = "required" if field.is_required() else f"`{_default(field)}`" if _default(field) else "none"
    return f"| `{field.alias}` | {field.description}{_choice(field)} | {default} |".replace("|)", ")")


def _default(field: FieldInfo) -> str:
    return "" if field.is_required() or field.default is None else str(field.default)


def _choice(field: FieldInfo) -> str:
    """What is allowed, as far as the type says it."""
    if get_origin(field.annotation) is Literal:
        return f" One of {', '.join(get_args(field.annotation))}."
    low, high = _bound(field, Ge, "ge"), _bound(field, Le, "le")
    if low is None:
        return ""
    return f" At least {low}." if high is None else f" From {low} to {high}."


def _bound(field: FieldInfo, kind: type[Any], name: str) -> object:
    return next((getattr(limit, name) for limit in field.metadata if isinstance(limit, kind)), None)


def faults_page() -> str:
    """`docs/faults.md`: the whole catalogue."""
    return "\n".join([_PAGE_HEAD, *(line for fault in faults.CATALOGUE.values() for line in _entry(fault))])


def _entry(fault: faults.Fault) -> Iterator[str]:
    yield f"## {fault.slug}\n"
    yield f"{fault.summary.format(variable='A variable')} ({fault.severity.value})\n"
    yield f"{fault.cause}\n"
    yield from (
        f"{number}. {step.format(variable='the variable')}" for number, step in enumerate(fault.remedy, start=1)
    )
    yield f"\nThe caller hears: *{fault.spoken}*.\n" if fault.spoken else ""


def site_faults() -> str:
    """`faults.js` of her page: every fault that a caller hears, and the line that tells it."""
    spoken = {fault.slug: fault.spoken for fault in faults.CATALOGUE.values() if fault.spoken}
    return f"{_SITE_FAULTS_HEAD}{json.dumps(spoken, indent=2)};\n"


def with_table(page: str, name: str, table: str) -> str:
    """A page with a table between the two marks of this name."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{table}\n{end}{after}"


def generated() -> dict[Path, str]:
    """Every generated file and what it must contain."""
    readme, scale, page = TOP / "README.md", TOP / "docs" / "scale.md", TOP / "docs" / "page.md"
    written, planned = readme.read_text(encoding="utf-8"), scale.read_text(encoding="utf-8")
    for name, table in {"settings": settings_tables(), "person": person_table()}.items():
        written = with_table(written, name, table)
    for name, table in _scale.tables().items():
        planned = with_table(planned, name, table)
    return {
        TOP / ".env.local.example": example_env_file(),
        TOP / "docs" / "faults.md": faults_page(),
        TOP / SITE.relative_to(HOME.parent) / "faults.js": site_faults(),
        TOP / "Granny-voice" / PEOPLE_FOLDER / "anna.toml.example": example_person(),
        readme: written,
        scale: planned,
        page: with_table(page.read_text(encoding="utf-8"), "trouble", trouble_table(SITE)),
    }
