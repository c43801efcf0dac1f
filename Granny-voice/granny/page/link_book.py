"""Whose link a secret is: as the store has it at each question, and while that cannot be asked, as it had it last.

So a link that is taken back is none from that moment, and callers come through while a database is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from granny.config.settings import Settings
from granny.page._crowd import Tally
from granny.store.clerk import Clerk
from granny.store.link import Link, hash_of
from granny.store.old_links import take_over
from granny.store.trouble import StoreError

if TYPE_CHECKING:
    from granny.store.store import Store

PATIENCE_SECONDS = 2.0
"""So long a visitor waits for the store, before what was known last is believed."""

logger = logging.getLogger("granny.page")


class LinkBook:
    """The links of an installation."""

    def __init__(self, settings: Settings) -> None:
        self._place = settings.data_place
        self._ask = Clerk(settings)
        self._known: Mapping[str, Link] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._unread = Tally("the links cannot be read, and are those of before")

    async def open(self) -> None:
        """Read them for the first time, which brings the store to its form and takes over links of before it.

        Raises:
            StoreError: it cannot be opened, or read.
            OSError: links of before it cannot be taken over.
        """
        self._known = await self._ask(self._taken_over)

    async def holder(self, secret: str) -> Link | None:
        """The link with this secret; None if there is none.

        Raises:
            StoreError, OSError: it could not be read since the page was started.
        """
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait([self._reading], timeout=PATIENCE_SECONDS)
        if self._known is None:
            await self._reading
        return (self._known or {}).get(hash_of(secret))

    def _taken_over(self, store: Store) -> Mapping[str, Link]:
        if self._place:
            take_over(self._place, store.links)
        return store.links.by_hash()

    async def _read(self) -> None:
        if self._known is None:
            await self.open()
            return
        try:
            self._known = await self._ask(lambda store: store.links.by_hash())
        except StoreError:
            self._unread.count()
