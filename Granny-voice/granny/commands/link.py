"""`python -m granny link`: makes the links to her page, for who calls and for the family, lists and takes them back."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import DATA_FOLDER_UNUSABLE, PAGE_URL_INSECURE, ExitCode, Finding, Severity
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look
from granny.preflight.report import Failed, Report
from granny.store.link import Kind, id_of
from granny.store.trouble import StoreError

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.store.links import Links

_WHOM = "whom the link is for: anna, if there is a file people/anna.toml; without it, anybody"
_FAMILY = "a link to the family's page, which shows how she is and how the calls went: this person's, or everybody's"
_LIST = "list the links there are, or this person's; none of them can be shown a second time"
_REVOKE = "take back the link with this ID, or all of this person's; a page that runs knows it at once"
_ONCE = "a link to LiveKit's own meeting page instead: for one call, good for ten minutes"

_UNKNOWN = "there is no file people/{person}.toml{guess}"
_NO_LINK = "there is no link {name}{guess}"
_GUESS = "; did you mean {name}?"

_MADE = """
This link is for {whom}, and good until you take it back:
  python -m granny link --revoke {id}
On the tablet or the telephone point the camera at the square, or open the link
in the browser, while her page runs; docs/page.md tells the rest. Whoever has it
calls her at your expense, so keep it to yourself. It is not shown again.
What her page knows it by is kept in {folder}, where the page must look, too."""
_SERVER = "the database of GRANNY_DATABASE_URL"
_MADE_HERE = """
This link is for {whom}, and good until you take it back:
  python -m granny link --revoke {id}
It opens on this machine alone, while her page runs. For a tablet or a telephone
the page needs an address with https, GRANNY_PAGE_URL: docs/page.md tells how."""
_MADE_FOR_FAMILY = """
This link shows the family how Granny is, and how {whose} calls went; nothing
that was said, and nobody can call with it. It is good until you take it back:
  python -m granny link --revoke {id}
It is not shown again, and opens {where}."""
_EVERYBODYS, _PERSONS = "everybody's", "{person}'s"
_ANYWHERE, _HERE = "wherever her page does", "on this machine alone, while her page runs"
_MIND = "\nMind:"
_NOBODY = "nobody in particular"
_LISTED = "{id}  {person:<{width}}  made {made:%Y-%m-%d}{kind}"
_FOR_FAMILY = "  for the family"
_NONE = "There is no such link yet. This makes one: python -m granny link NAME"
_REVOKED = "Taken back: {ids}"

_BLOCKS = "\u2580\u2584\u2588"
_WHITE_ON_BLACK = "{line}" if sys.platform == "win32" else "\x1b[97;40m{line}\x1b[0m"
"""The square's light must be light, whatever colours the terminal has: not every camera reads it the other way.
Windows' old console would print the colours as signs; it is dark as it comes."""


def main(arguments: Sequence[str]) -> int:
    """Make a link, list or revoke; returns the exit status."""
    terminal.show_anything()
    options = _options()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), env_file=chosen.env_file, needs_livekit=chosen.once, network=False)
    report, settings = look(occasion)
    administers = chosen.list or chosen.revoke is not None  # which must go whatever else is wrong
    if settings is None or (report.exit_code is not ExitCode.OK and not administers):
        return _refuse(report)
    try:
        status = _do(chosen, options, settings, occasion.people)
    except StoreError as error:
        return _refuse(_cannot_be_kept(report, error.finding))
    except OSError as error:
        return _refuse(_cannot_be_kept(report, _unusable(settings, error)))
    for finding in report.findings:
        if finding.fault is PAGE_URL_INSECURE and not (administers or chosen.once):
            print(_MIND, finding.summary, *finding.remedy, sep="\n", file=sys.stderr)
    return status


def _options() -> Options:
    options = Options("link")
    options.add_argument("person", nargs="?", default="", help=_WHOM)
    instead = options.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help=_LIST)
    instead.add_argument("--revoke", metavar="NAME", help=_REVOKE)
    instead.add_argument("--once", action="store_true", help=_ONCE)
    instead.add_argument("--family", action="store_true", help=_FAMILY)
    options.add_files()
    return options


def _do(chosen: argparse.Namespace, options: Options, settings: Settings, people: Path) -> int:
    """What was asked for.

    Raises:
        StoreError: the links cannot be kept, or read.
        OSError: those of before the store cannot be taken over.
    """
    person = unicodedata.normalize("NFC", chosen.person)  # macOS writes an ä in two pieces
    if not (chosen.list or chosen.revoke is not None) and (problem := _unknown(person, people)):
        options.error(problem)
    if chosen.once:
        return _once(settings, person)
    with _opened(settings) as links:
        if chosen.list:
            return _list(links, person)
        if chosen.revoke is not None:
            return _revoke(links, chosen.revoke, options, settings.data_place)
        return (_make_for_family if chosen.family else _make)(links, person, settings)


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Links]:
    """The links, those of before the store among them.

    Raises:
        StoreError, OSError: as above.
    """
    from granny.store.old_links import take_over  # noqa: PLC0415  it needs pydantic; were that missing, the report would say so
    from granny.store.store import Store  # noqa: PLC0415  it needs SQLAlchemy; as above

    store = Store.open(settings)
    try:
        if settings.data_place:
            take_over(settings.data_place, store.links)
        yield store.links
    finally:
        store.close()


def _make(links: Links, person: str, settings: Settings) -> int:
    """The link alone on stdout, so that it can be piped; what is to be said of it on stderr."""
    secret = links.make(person)
    link = f"{settings.page_address}/#{secret}"
    words = _MADE if settings.page_url else _MADE_HERE
    if settings.page_url and _shows_blocks():
        print(*_square(link), sep="\n", end="\n\n", file=sys.stderr)
    print(link, flush=True)
    where = _SERVER if settings.database_url else settings.data_place
    print(words.format(whom=person or _NOBODY, id=id_of(secret), folder=where), file=sys.stderr)
    return ExitCode.OK


def _make_for_family(links: Links, person: str, settings: Settings) -> int:
    """Likewise; whoever is to have it has a telephone of their own, to which a link is sent."""
    secret = links.make(person, Kind.FAMILY)
    print(f"{settings.page_address}/family#{secret}", flush=True)
    whose = _PERSONS.format(person=person) if person else _EVERYBODYS
    where = _ANYWHERE if settings.page_url else _HERE
    print(_MADE_FOR_FAMILY.format(whose=whose, id=id_of(secret), where=where), file=sys.stderr)
    return ExitCode.OK


def _shows_blocks() -> bool:
    try:
        _BLOCKS.encode(sys.stderr.encoding)
    except UnicodeEncodeError:
        return False
    return sys.stderr.isatty()


def _square(link: str) -> Iterator[str]:
    """The link as a QR code, a line of the terminal each."""
    import segno  # noqa: PLC0415  were it missing, the report would say so

    drawn = io.StringIO()
    segno.make(link, micro=False).terminal(drawn, compact=True)
    yield from (_WHITE_ON_BLACK.format(line=line) for line in drawn.getvalue().splitlines())


def _once(settings: Settings, person: str) -> int:
    from granny.rooms.tokens import join_link  # noqa: PLC0415  it needs livekit; were that missing, the report would say so

    print(join_link(settings, person))
    return ExitCode.OK


def _list(links: Links, person: str) -> int:
    listed = [link for link in links.all() if person in ("", link.person)]
    width = max((len(link.person or _NOBODY) for link in listed), default=0)
    for link in listed:
        name, kind = link.person or _NOBODY, _FOR_FAMILY if link.kind is Kind.FAMILY else ""
        print(_LISTED.format(id=link.id, person=name, width=width, made=link.made.astimezone(), kind=kind))
    if not listed:
        print(_NONE, file=sys.stderr)
    return ExitCode.OK


def _revoke(links: Links, name: str, options: Options, place: Path | None) -> int:
    """One whose old file is spoilt has not come into the store, and is taken back all the same."""
    from granny.store.old_links import forget  # noqa: PLC0415  as in `_opened`

    there = [known for link in links.all() for known in (link.person, link.id) if known]
    revoked = (*links.revoke(name), *((name,) if place and forget(place, name) else ()))
    if not revoked:
        options.error(_NO_LINK.format(name=name, guess=_guess(name, there)))
    print(_REVOKED.format(ids=", ".join(revoked)))
    return ExitCode.OK


def _unknown(person: str, folder: Path) -> str:
    """That there is no such person, and who may have been meant; empty if there is, or nobody is named."""
    from granny.people import read  # noqa: PLC0415  it needs pydantic; were that missing, the report would have said so

    people = read(folder).people if person else {}
    if not person or person in people:
        return ""
    return _UNKNOWN.format(person=person, guess=_guess(person, people))


def _guess(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return _GUESS.format(name=close[0]) if close else "."


def _refuse(report: Report) -> int:
    print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
    return report.exit_code


def _unusable(settings: Settings, error: OSError) -> Finding:
    """What the system says of the data folder."""
    return DATA_FOLDER_UNUSABLE.found(
        f"{settings.data_place}: {os.strerror(error.errno or 0)}.", variable="GRANNY_DATA_FOLDER"
    )


def _cannot_be_kept(report: Report, finding: Finding) -> Report:
    """The report with why."""
    fatal = dataclasses.replace(finding, severity=Severity.FATAL)
    failed = Failed(probe="links", seconds=0.0, detail="they cannot be kept, or read", findings=(fatal,))
    return Report((*report.outcomes, failed), report.file)
