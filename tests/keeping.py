"""Links as the tests need them: in a store, as files of before it, or known by heart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from granny.config.settings import Settings
from granny.page.lines import Who
from granny.store.link import Link, hash_of, new_secret
from granny.store.links import Links
from granny.store.migrating import upgrade
from granny.store.old_links import FOLDER
from granny.store.place import place_of
from granny.store.store import Store


def kept_at(folder: Path) -> Settings:
    """The settings of an installation with this data folder."""
    return Settings.model_validate({"OPENAI_API_KEY": "none", "GRANNY_DATA_FOLDER": str(folder)})


def links_in(folder: Path) -> Links:
    """The links in the store of a data folder, which is made if it is not there."""
    place = place_of(kept_at(folder))
    assert place
    upgrade(place)
    return Store.open(kept_at(folder)).links


def make_old_link(folder: Path, person: str = "", **more: str) -> str:
    """A link as it was made before there was a store; its secret."""
    secret, place = new_secret(), folder / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = place / hash_of(secret)
    kept = {"person": person, "made": datetime.now(timezone.utc).isoformat(), **more}
    file.write_text(json.dumps(kept), encoding="utf-8")
    file.chmod(0o600)
    return secret


def by_heart(links: Mapping[str, Link]) -> Who:
    """Whose link a secret is, as these have it at the moment."""

    async def who(secret: str) -> Link | None:
        return links.get(secret)

    return who
