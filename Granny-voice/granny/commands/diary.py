"""`python -m granny diary`: what became of her calls, everybody's or one person's; of what was said nothing is kept."""

from __future__ import annotations

import argparse
import functools
import sys
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from granny.commands._at_store import at_store
from granny.commands._options import Options
from granny.faults import ExitCode
from granny.preflight import terminal

if TYPE_CHECKING:  # SQLAlchemy may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.store.store import Store

DAYS = 30
_PERSON = "whose calls: anna, as in people/anna.toml; without it, everybody's"
_SINCE = f"from this day on, as in 2026-11-01; without it, the last {DAYS} days"
_JSON = "print all of them as JSON: calls, days, and what went wrong"
_NO_DAY = "a day is written as 2026-11-01"
_NOT_KEPT = "No diary is kept: GRANNY_DIARY_DAYS=0."


def main(arguments: Sequence[str]) -> int:
    """Read it and print it; returns the exit status."""
    terminal.show_anything()
    options = Options("diary")
    options.add_argument("person", nargs="?", help=_PERSON)
    options.add_argument("--since", type=_day, metavar="DAY", help=_SINCE)
    options.add_argument("--json", action="store_true", help=_JSON)
    options.add_files()
    chosen = options.parse_args(arguments)
    return at_store(chosen, functools.partial(_tell, chosen=chosen))


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise argparse.ArgumentTypeError(_NO_DAY) from None


def _tell(store: Store, settings: Settings, *, chosen: argparse.Namespace) -> int:
    from granny.commands._diary_pages import LINES, as_json, as_text, read  # noqa: PLC0415  as the store, which it knows

    zone = ZoneInfo(settings.timezone) if settings.timezone else None
    now = datetime.now(zone).astimezone(zone)
    first = chosen.since or (now - timedelta(days=DAYS - 1)).date()
    since = datetime.combine(first, time(), zone).astimezone(zone)
    person = None if chosen.person is None else unicodedata.normalize("NFC", chosen.person)
    pages = read(store.calls, person, since, settings, latest=None if chosen.json else LINES)
    print(as_json(pages) if chosen.json else as_text(pages), flush=True)
    if settings.diary_days == 0:
        print(_NOT_KEPT, file=sys.stderr)
    return ExitCode.OK
