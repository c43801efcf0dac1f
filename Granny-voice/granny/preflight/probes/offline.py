"""The probes that ask nothing of the network, in their order: each builds on what those before it found."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from granny.faults import ENV_FILE_IS_DIRECTORY, Finding
from granny.net.answer import Answer, Unasked
from granny.preflight.probes._reading import CONNECTING, Reading, take_reading
from granny.preflight.probes.dependencies import absent, ask_dependencies
from granny.preflight.probes.environment import ask_environment
from granny.preflight.probes.port import Port, ask_port
from granny.preflight.probes.variables import ask_variables, ignored_proxy, shadow

if TYPE_CHECKING:
    from granny.config.settings import Settings

PACKAGES, FILES, VARIABLES, VALUES, PEOPLE, PAGE, STORE, PORT = (
    "packages",
    "env files",
    "variables",
    "settings",
    "people",
    "page",
    "store",
    "port",
)

_EXAMPLE = ".example"

Probe = Callable[[], "Answer | Unasked"]


class Offline:
    """One look at this machine. Ask the probes in the order in which they stand.

    Attributes:
        settings: what the calls will be held with; None until, and unless, they could be read.
    """

    def __init__(
        self,
        *,
        files: Sequence[Path],
        environ: Mapping[str, str],
        needed: Sequence[str],
        local: Path | None = None,
        people: Path | None = None,
    ) -> None:
        """Note what to look at; nothing is read yet.

        Args:
            files: the env files of the mode, the strongest first, whether they exist or not.
            environ: `os.environ`, before `settings.export`.
            needed: the variables without which no call can be held.
            local: the file that people are told to write; else `.env.local` beside the first of `files`.
            people: the folder of the people who call; asked about only where there is more in it than the example.
        """
        self.settings: Settings | None = None
        self._files = tuple(files)
        self._environ = environ
        self._needed = tuple(needed)
        self._local = local
        self._people = people
        self._reading: Reading | None = None
        self._found: tuple[Finding, ...] = ()

    def probes(self, *, opens: Port | None = None) -> Iterator[tuple[str, Probe]]:
        """The probes by name, each to be asked before the next is taken; a port's only for whoever opens it."""
        yield PACKAGES, ask_dependencies
        yield FILES, self._ask_files
        yield VARIABLES, self._ask_variables
        yield VALUES, self._ask_values
        if self._people and _tells_of_people(self._people):
            yield PEOPLE, self._ask_people
        if opens is Port.PAGE:
            yield PAGE, self._ask_open_page
        elif self._tells_of_page():
            yield PAGE, self._ask_page
        if self._has_file_of_store():
            yield STORE, self._ask_store
        if opens:
            yield PORT, functools.partial(self._ask_port, opens)

    def shadow(self, name: str) -> Finding | None:
        """Whether the environment outranks another value in a file: to be said again beside a 401."""
        return shadow(self._reading, name) if self._reading else None

    def ignored_proxy(self, address: str) -> Finding | None:
        """A proxy under a name that nobody reads, where one may be needed: the host in this variable is far away."""
        return ignored_proxy(self._reading, address) if self._reading else None

    def where(self, name: str | None) -> str | None:
        """The place that a variable's value comes from: `.env.local:3` or `environment`."""
        value = self._reading.value(name) if self._reading and name else None
        return value.where if value else None

    def _ask_files(self) -> Answer | Unasked:
        if absent(("dotenv",)):
            return Unasked("not read: python-dotenv is missing")
        self._reading = take_reading(
            self._files, environ=self._environ, needed=self._needed, known=_known(), local=self._local
        )
        return self._noted(ask_environment(self._reading))

    def _ask_variables(self) -> Answer | Unasked:
        if not self._reading:
            return Unasked("not read: the env files could not be read")
        return self._noted(ask_variables(self._reading))

    def _ask_values(self) -> Answer | Unasked:
        reading = self._reading
        if not reading or absent(("pydantic_settings",)):
            return Unasked("not read: a package is missing")
        if any(file.fault and file.fault.fault is not ENV_FILE_IS_DIRECTORY for file in reading.files):
            return Unasked("not read: an env file cannot be read")  # the libraries only step over folders
        if reading.lost_secrets or (reading.secrets and reading.secrets.problem):
            return Unasked("not read: a secret cannot be read")
        from granny.preflight.probes.values import ask_values  # noqa: PLC0415  it needs pydantic

        answer, self.settings = ask_values(reading, self._files, named=self._found)
        return answer

    def _ask_people(self) -> Answer | Unasked:
        if not self._people or absent(("pydantic_settings",)):
            return Unasked("not read: a package is missing")
        from granny.preflight.probes.people import ask_people  # noqa: PLC0415  it needs pydantic

        return ask_people(self._people, self.settings)

    def _tells_of_page(self) -> bool:
        if not self.settings:
            return False
        from granny.preflight.probes.page import tells_of_page  # noqa: PLC0415  it needs pydantic

        return tells_of_page(self.settings)

    def _ask_page(self) -> Answer | Unasked:
        if not self.settings:
            return Unasked("not asked: the settings could not be read")
        from granny.preflight.probes.page import ask_page  # noqa: PLC0415  it needs pydantic

        return ask_page(self.settings, people=self._people, where=self.where)

    def _ask_open_page(self) -> Answer | Unasked:
        if not self.settings:
            return Unasked("not asked: the settings could not be read")
        from granny.preflight.probes.page import ask_open_page  # noqa: PLC0415  it needs pydantic

        return ask_open_page(self.settings, people=self._people, where=self.where)

    def _has_file_of_store(self) -> bool:
        """A server is asked with the rest of the network."""
        if not self.settings or self.settings.database_url:
            return False
        from granny.preflight.probes.store import file_is_there  # noqa: PLC0415  it needs pydantic

        return file_is_there(self.settings)

    def _ask_store(self) -> Answer | Unasked:
        if not self.settings:
            return Unasked("not asked: the settings could not be read")
        from granny.preflight.probes.store import ask_store  # noqa: PLC0415  it needs pydantic

        return ask_store(self.settings)

    def _ask_port(self, opens: Port) -> Answer | Unasked:
        if not self.settings or not self._reading:
            return Unasked("not asked: the settings could not be read")
        port, host = (getattr(self.settings, f"{opens.value}_{what}") for what in ("port", "host"))
        return ask_port(port, host, opens=opens, where=self.where)

    def _noted(self, answer: Answer) -> Answer:
        self._found = (*self._found, *answer.findings)
        return answer


def _tells_of_people(folder: Path) -> bool:
    """Whether there is a file of the family's, or something else than a folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  names alone
    except FileNotFoundError:
        return os.path.lexists(folder)
    except OSError:
        return True
    return any(not name.startswith(".") and not name.endswith(_EXAMPLE) for name in names)


def _known() -> tuple[str, ...]:
    """All variables that Granny reads, as far as the model can be asked."""
    if absent(("pydantic_settings",)):
        return CONNECTING
    from granny.config.settings import VARIABLES as KNOWN  # noqa: PLC0415  it needs pydantic

    return KNOWN
