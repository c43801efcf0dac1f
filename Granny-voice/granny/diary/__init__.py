"""Her diary: what became of each call, for the family and for nobody else; never a word that was said.

    _entry      a call that has ended, as a row of the store
    _writing    writes it down while calls go on, and keeps it in memory while the store is away

`import granny.diary` costs nothing: the store is opened when the first call has ended.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from granny.diary._writing import Writing
from granny.store.place import place_of

if TYPE_CHECKING:
    from granny.config.settings import Settings
    from granny.worker.hooks import Hooks

logger = logging.getLogger("granny.diary")


def subscribe(hooks: Hooks, settings: Settings) -> None:
    """Write down each call that has ended, unless no diary is wanted, or this user has no place for one."""
    if settings.diary_days == 0:
        return
    if place_of(settings) is None:
        logger.info("no diary is kept: this user has no folder that can be written to, and none is set")
        return
    writing = Writing(hooks, settings)
    hooks.on_danger(writing.mark)
    hooks.on_call_ended(writing.take_down)
    hooks.on_stop(writing.finish)
