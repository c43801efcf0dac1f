"""The folder of the people: every file in it, and what is wrong with them together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from granny.config.paths import PEOPLE_FOLDER
from granny.faults import PEOPLE_FOLDER_UNREADABLE, PERSON_FILE_MISNAMED, PERSON_NUMBER_TWICE, Finding
from granny.people._file import ENDING, PersonFile, place, read_file, slug_of
from granny.people._person import Person

_HIDDEN = (".", "~", "#")
"""How the names of files begin that no person makes: Kubernetes' links, macOS' twins, editors' locks."""
_MEANT = ("", ".txt", ".tml", ".tom", ".yaml", ".yml", ".json", ".ini", ".conf", ".env", ".rtf", ".docx")
"""How a file ends that was meant to be a person's; a copy (anna.toml.old) is none."""
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, repr=False)
class PeopleFolder:
    """The folder, read or not.

    Attributes:
        path: where it lies.
        files: the people's, in the order of their names.
        findings: what is wrong, with the folder, with a file or with two of them.
    """

    path: Path
    files: tuple[PersonFile, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    @property
    def people(self) -> Mapping[str, Person]:
        """Those whose file can be used, by their slugs."""
        return {file.slug: file.person for file in self.files if file.person}


def read(path: Path) -> PeopleFolder:
    """Read the folder; one that is not there holds nobody.

    Raises:
        ModuleNotFoundError: tomli is not installed (Python 3.10).
    """
    try:
        names = names_in(path)
    except OSError as error:
        evidence = f"The system says: {os.strerror(error.errno or 0)}."
        return PeopleFolder(path, findings=(PEOPLE_FOLDER_UNREADABLE.found(evidence, where=PEOPLE_FOLDER),))
    files = tuple(read_file(path / name, slug) for name in names if (slug := slug_of(name)))
    found = (finding for file in files for finding in file.findings)
    return PeopleFolder(path, files, (*found, *_numbers_twice(files), *_misnamed(path, names)))


def names_in(path: Path) -> Sequence[str]:
    """The names of what lies in the folder, but for what no person has put there.

    Raises:
        OSError: it cannot be read; one that is not there holds nothing.
    """
    if not os.path.lexists(path):
        return ()
    return sorted(name for name in os.listdir(path) if not name.startswith(_HIDDEN))  # noqa: PTH208  names alone


def _numbers_twice(files: Sequence[PersonFile]) -> Iterator[Finding]:
    """One finding for each number that a later file has as well."""
    first: dict[str, PersonFile] = {}
    for file in files:
        for number in dict.fromkeys(file.person.numbers if file.person else ()):
            other = first.setdefault(number, file)
            if other is not file:
                evidence = f"One of these numbers stands at {other.where('numbers')}, too."
                yield PERSON_NUMBER_TWICE.found(evidence, variable="numbers", where=file.where("numbers"))


def _misnamed(path: Path, names: Sequence[str]) -> Iterator[Finding]:
    """One finding for all of them; a name that cannot be printed is not shown."""
    wrong = [name for name in names if not slug_of(name) and _is_meant(path / name)]
    if wrong:
        shown = [name for name in wrong if name.isprintable()]
        rest = ", …" if len(shown) > _MOST_NAMED or len(shown) < len(wrong) else ""
        evidence = f"Not read: {', '.join(shown[:_MOST_NAMED]) or 'a name that cannot be shown'}{rest}."
        yield PERSON_FILE_MISNAMED.found(evidence, where=place(Path(shown[0])) if shown else PEOPLE_FOLDER)


def _is_meant(path: Path) -> bool:
    ending = path.suffix.lower()
    is_readme = path.stem.upper() == "README"
    return path.is_file() and not is_readme and (ending == ENDING or ending in _MEANT)
