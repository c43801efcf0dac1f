"""`python -m granny forget`: erases from the diary all calls of one person, and what was noted about them."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from granny.commands._at_store import at_store
from granny.commands._options import Options
from granny.faults import ExitCode
from granny.preflight import terminal

if TYPE_CHECKING:  # SQLAlchemy may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.store.store import Store

_PERSON = "whose calls: anna, as in people/anna.toml"
_FORGOTTEN = """\
Erased: {calls} of {person}.
The file people/{person}.toml and the links stay as they are; a link is taken back with python -m granny link --revoke
{person}. Of backups that were made before you have to take care yourself."""
_NOBODY = "name whose calls are to be erased"
_UNKNOWN = "There is no call of {person} in the diary."


def main(arguments: Sequence[str]) -> int:
    """Erase them; returns the exit status."""
    terminal.show_anything()
    options = Options("forget")
    options.add_argument("person", nargs="?", default="", help=_PERSON)
    options.add_files()
    chosen = options.parse_args(arguments)
    person = unicodedata.normalize("NFC", chosen.person)  # macOS writes an ä in two pieces
    return at_store(chosen, functools.partial(_forget, person=person, options=options))


def _forget(store: Store, _settings: Settings, *, person: str, options: Options) -> int:
    if not person:
        options.error(_NOBODY)
    number = store.forget(person)
    calls = "1 call" if number == 1 else f"{number:,} calls"
    print((_FORGOTTEN if number else _UNKNOWN).format(calls=calls, person=person), flush=True)
    return ExitCode.OK
