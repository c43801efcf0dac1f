"""The people as a call meets them: as their files are at that moment, else as they were when the worker started."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import Self

from granny.config.settings import Settings
from granny.people._file import read_file, slug_of
from granny.people._folder import PeopleFolder, names_in, read
from granny.people._person import Person, settings_for

logger = logging.getLogger("granny.people")


@dataclass(frozen=True, slots=True)
class People:
    """All whom the family has told of.

    Attributes:
        folder: where their files lie.
        known: as they were when the folder was read, by their slugs; only those whose file could be used.
    """

    folder: Path
    known: Mapping[str, Person] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, folder: PeopleFolder) -> Self:
        """Those of a folder that has been read."""
        return cls(folder.path, folder.people)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Those of a folder; what is wrong with it the check-up says."""
        return cls.of(read(folder))

    def settings_for(self, slug: str | None, settings: Settings) -> Settings:
        """The settings of a call: the installation's, outranked by those of its person.

        Args:
            slug: whom the call is for, as LiveKit's dispatch tells; None: nobody in particular.
            settings: the installation's.
        """
        if slug is None:
            return settings
        person = self.find(slug)
        if person is None:
            logger.warning("this call is for a person of whom there is no file")
            return settings
        return settings_for(person, settings)

    def known_as(self, slug: str | None) -> str:
        """The slug of one whom the family has told of; empty where there is no file: what else a dispatch may name."""
        slug = unicodedata.normalize("NFC", slug or "")
        try:
            return slug if slug in map(slug_of, names_in(self.folder)) else ""
        except OSError:
            return slug if slug in self.known else ""

    def of_number(self, readings: Collection[str]) -> str | None:
        """The slug of the person who has one of these numbers, as the files are now; None: nobody has, or several.

        Args:
            readings: what a number may be, as `numbers_of_call` tells.
        """
        theirs = [slug for slug, person in self._now().items() if not set(readings).isdisjoint(person.numbers)]
        return theirs[0] if len(theirs) == 1 else None

    @property
    def have_numbers(self) -> bool:
        """Whether any of them can be known by a telephone number now."""
        return any(person.numbers for person in self._now().values())

    def _now(self) -> Mapping[str, Person]:
        """All as their files are now; who has been spoilt since as before, who is gone not at all."""
        try:
            slugs = {name: slug for name in names_in(self.folder) if (slug := slug_of(name))}
        except OSError:
            return self.known
        files = (read_file(self.folder / name, slug) for name, slug in slugs.items())
        now = ((file.slug, file.person or self.known.get(file.slug)) for file in files)
        return {slug: person for slug, person in now if person}

    def find(self, slug: str) -> Person | None:
        """A person as the file is now; as it was before, if it has been spoilt since. None where there is no file.

        A file is found by its name among those that are there, never by a path that is made of the slug.
        """
        slug = unicodedata.normalize("NFC", slug)
        try:
            name = next((name for name in names_in(self.folder) if slug_of(name) == slug), None)
        except OSError:
            return self.known.get(slug)
        if name is None:
            return None
        file = read_file(self.folder / name, slug)
        if file.person is None:
            found = ", ".join(finding.fault.slug for finding in file.findings)
            logger.warning("a person's file cannot be used as it is now", extra={"fault": found})
        return file.person or self.known.get(slug)
