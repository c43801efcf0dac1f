"""The links to her page, for callers and for the family: made, listed and revoked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timezone

from sqlalchemy import delete, or_, select

from granny.store.database import Database
from granny.store.inserting import inserting
from granny.store.link import Kind, Link, hash_of, id_in, new_secret
from granny.store.schema import LINKS

_L = LINKS.c


class Links:
    """Those of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, person: str = "", kind: Kind = Kind.CALL) -> str:
        """A new link's secret, which is shown this once.

        Args:
            person: the slug of the one who will call with it, or whose calls it will show; empty: nobody in particular.
            kind: what it is to be good for.

        Raises:
            StoreError: it cannot be kept.
        """
        secret, name = new_secret(), unicodedata.normalize("NFC", person)
        self.keep({hash_of(secret): Link("", name, datetime.now(timezone.utc), kind)})
        return secret

    def keep(self, links: Mapping[str, Link]) -> None:
        """Keep these, by their hashes; one that is there already stays as it is.

        Raises:
            StoreError: they cannot be kept.
        """
        rows = [
            {"hash": hash_, "kind": link.kind.value, "person": link.person, "made": link.made}
            for hash_, link in links.items()
        ]
        if rows:
            with self._database.writing() as connection:
                connection.execute(inserting(connection, LINKS).on_conflict_do_nothing(), rows)

    def by_hash(self) -> Mapping[str, Link]:
        """All of them by their hashes, the oldest first.

        Raises:
            StoreError: they cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(_L.hash, _L.person, _L.made, _L.kind).order_by(_L.made, _L.hash))
            return {hash_: Link(id_in(hash_), person, made, Kind(kind)) for hash_, person, made, kind in rows}

    def all(self) -> tuple[Link, ...]:
        """The oldest first.

        Raises:
            StoreError: they cannot be read.
        """
        return tuple(self.by_hash().values())

    def holder(self, secret: str) -> Link | None:
        """The link with this secret; None if there is none.

        Raises:
            StoreError: it cannot be told.
        """
        return self.by_hash().get(hash_of(secret))

    def revoke(self, id_or_person: str) -> tuple[str, ...]:
        """Take back the one with this id, or all of this person; returns the ids of what was taken back.

        Raises:
            StoreError: it cannot be done.
        """
        meant = unicodedata.normalize("NFC", id_or_person)
        found = {hash_: link.id for hash_, link in self.by_hash().items() if meant and meant in (link.id, link.person)}
        with self._database.writing() as connection:
            connection.execute(
                delete(LINKS).where(or_(*(_L.hash == hash_ for hash_ in found)) if found else _L.hash == "")
            )
        return tuple(found.values())
