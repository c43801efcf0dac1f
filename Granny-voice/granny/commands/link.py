"""`python -m granny link`: a link on which one person can call her."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look

_WHOM = "whom the call is for: anna, if there is a file people/anna.toml; without it, anybody"
_UNKNOWN = "there is no file people/{person}.toml{guess}"
_GUESS = "; did you mean {person}?"


def main(arguments: Sequence[str]) -> int:
    """Print a link, or what is missing for one; returns the exit status."""
    terminal.show_anything()
    options = Options("link")
    options.add_argument("person", nargs="?", default="", help=_WHOM)
    options.add_files()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, network=False)
    report, settings = look(occasion)
    if settings is None or report.exit_code is not ExitCode.OK:
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    person = unicodedata.normalize("NFC", chosen.person)  # macOS writes an ä in two pieces
    if problem := _unknown(person, occasion.people):
        options.error(problem)
    from granny.rooms.tokens import join_link  # noqa: PLC0415  it needs livekit; were that missing, the report would say so

    print(join_link(settings, person))
    return ExitCode.OK


def _unknown(person: str, folder: Path) -> str:
    """That there is no such person, and who may have been meant; empty if there is, or nobody is named."""
    from granny.people import read  # noqa: PLC0415  it needs pydantic; were that missing, the report would have said so

    people = read(folder).people if person else {}
    if not person or person in people:
        return ""
    close = get_close_matches(person, people, n=1)
    return _UNKNOWN.format(person=person, guess=_GUESS.format(person=close[0]) if close else ".")
