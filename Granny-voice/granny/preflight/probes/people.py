"""Can the files of the people be read and used, and do they keep to themselves what the family wrote?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from granny.faults import PERSON_FILE_EXPOSED, PERSON_FILE_TRACKED, Finding
from granny.net.answer import Answer
from granny.people import ENDING, PeopleFolder, read, settings_for
from granny.preflight.probes._exposure import ask_git, is_open
from granny.preflight.probes._lines import not_in_language
from granny.preflight.probes._secrets import open_folder

if TYPE_CHECKING:
    from granny.config.settings import Settings

_EVIDENCE = "Its permissions are {mode:03o}{more}."
_MORE = "; of {count} more files others may read, too"


def ask_people(path: Path, settings: Settings | None = None) -> Answer:
    """All that is wrong with the files of a folder.

    Args:
        path: the folder.
        settings: the installation's; without them nothing can be said of what a person would hear.
    """
    folder = read(path)
    heard = _in_english(folder, settings) if settings else ()
    return Answer(_detail(folder), (*folder.findings, *heard, *_exposed(folder), *_tracked(folder)))


def _detail(folder: PeopleFolder) -> str:
    """How many, and nothing of them."""
    number = len(folder.people)
    return f"{number} {'person' if number == 1 else 'people'}"


def _in_english(folder: PeopleFolder, settings: Settings) -> Iterator[Finding]:
    """One finding for each person whose file asks for a language in which not all lines are there."""
    for file in folder.files:
        if file.person and file.person.language:
            own = settings_for(file.person, settings)
            if finding := not_in_language(own, variable="language", where=file.where("language")):
                yield finding


def _exposed(folder: PeopleFolder) -> Iterator[Finding]:
    """One finding, however many lie open: they have most likely been made in the same way."""
    if os.name == "nt" or not folder.files:
        return
    exposed = [file for file in folder.files if file.mode and is_open(file.mode)]
    if exposed:
        first, *others = exposed
        more = _MORE.format(count=len(others)) if others else ""
        yield PERSON_FILE_EXPOSED.found(
            _EVIDENCE.format(mode=(first.mode or 0) & 0o777, more=more), where=first.where()
        )
    elif evidence := open_folder(folder.files[0].path):
        yield PERSON_FILE_EXPOSED.found(evidence, where=folder.path.name)


def _tracked(folder: PeopleFolder) -> Iterator[Finding]:
    """One question and one finding for all of them: they are left out of git together."""
    above = folder.path.absolute()
    if folder.files and any((one / ".git").exists() for one in (above, *above.parents)):
        evidence = ask_git(above, f"*{ENDING}")
        if evidence:
            yield PERSON_FILE_TRACKED.found(evidence, where=folder.path.name)
