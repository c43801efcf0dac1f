"""`python -m granny backup`: copies the diary into a file, from either database, and brings it back into either."""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from granny.commands._at_store import at_store
from granny.commands._options import Options
from granny.faults import ExitCode
from granny.preflight import terminal

if TYPE_CHECKING:  # SQLAlchemy may be missing, and that is then the finding
    from granny.config.settings import Settings
    from granny.store.store import Store

_FILE = "the file, which is made, for this user alone"
_RESTORE = "bring the diary back from the file, into a store in which there are no calls"
_MADE = "Copied: {calls}, into {file}. It holds who called and when: keep it as you keep the diary."
_RESTORED = "Brought back: {calls}, from {file}."
_NO_FILE = "name the file"
_THERE = "{file} is there already; name one that is not"
_MISSING = "there is no file {file}"
_NOT_EMPTY = "there are calls in the diary already; move its database away first (docs/family.md), then bring this back"
_SYSTEM = "{file}: {reason}"


def main(arguments: Sequence[str]) -> int:
    """Copy it; returns the exit status."""
    terminal.show_anything()
    options = Options("backup")
    options.add_argument("file", nargs="?", type=Path, metavar="FILE", help=_FILE)
    options.add_argument("--restore", action="store_true", help=_RESTORE)
    options.add_files()
    chosen = options.parse_args(arguments)
    return at_store(chosen, functools.partial(_do, chosen=chosen, options=options))


def _do(store: Store, _settings: Settings, *, chosen: argparse.Namespace, options: Options) -> int:
    if chosen.file is None:
        options.error(_NO_FILE)
    work = _restore if chosen.restore else _back_up
    return work(store, chosen.file, options)


def _back_up(store: Store, file: Path, options: Options) -> int:
    from granny.store.copying import back_up  # noqa: PLC0415  as the store

    try:
        number = back_up(store.database, file)
    except FileExistsError:
        options.error(_THERE.format(file=file))
    except OSError as error:
        options.error(_SYSTEM.format(file=file, reason=os.strerror(error.errno or 0)))
    print(_MADE.format(calls=_calls(number), file=file), file=sys.stderr)
    return ExitCode.OK


def _restore(store: Store, file: Path, options: Options) -> int:
    from granny.store.copying import restore  # noqa: PLC0415  as the store

    try:
        number = restore(file, store.database)
    except FileExistsError:
        options.error(_NOT_EMPTY)
    except FileNotFoundError:
        options.error(_MISSING.format(file=file))
    except OSError as error:
        options.error(_SYSTEM.format(file=file, reason=os.strerror(error.errno or 0)))
    print(_RESTORED.format(calls=_calls(number), file=file), file=sys.stderr)
    return ExitCode.OK


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"
