"""Is everything installed? Asked without importing any of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

from granny.faults import DEPENDENCY_MISSING
from granny.net.answer import Answer

NEEDED = {
    "dotenv": "python-dotenv",
    "pydantic_settings": "pydantic-settings",
    "aiohttp": "aiohttp",
    "apprise": "apprise",
    "babel": "babel",
    "holidays": "holidays",
    "tzdata": "tzdata",
    "phonenumbers": "phonenumbers",
    "segno": "segno",
    "sqlalchemy": "sqlalchemy",
    "alembic": "alembic",
    "psycopg": "psycopg",
    "openai": "openai",
    "livekit.agents": "livekit-agents",
    "livekit.plugins.openai": "livekit-plugins-openai",
}
"""The modules that Granny imports, and the package that brings each."""


def ask_dependencies(modules: Sequence[str] = tuple(NEEDED)) -> Answer:
    """Look for modules where `import` would; one finding names all that are missing.

    Args:
        modules: keys of `NEEDED`.
    """
    missing = absent(modules)
    if not missing:
        return Answer(f"{len(modules)} packages are installed")
    packages = ", ".join(NEEDED[module] for module in missing)
    finding = DEPENDENCY_MISSING.found(f"Not found: {packages}. Looked with the Python in {sys.prefix}.")
    return Answer("not everything is installed", (finding,))


def absent(modules: Sequence[str]) -> tuple[str, ...]:
    """Those of the modules that cannot be found."""
    return tuple(module for module in modules if not _is_found(module))


def _is_found(module: str) -> bool:
    """Ask the finders, as `import` would; `importlib.util.find_spec` would import the packages above."""
    first, *between = module.split(".")[: module.count(".") or 1]
    top = _spec(first, None)
    if top is None or module == first:
        return top is not None
    folders = [str(Path(folder, *between)) for folder in top.submodule_search_locations or ()]
    return _spec(module, folders) is not None


def _spec(name: str, folders: Sequence[str] | None) -> ModuleSpec | None:
    if sys.modules.get(name, sys) is None:  # an import of it is forbidden
        return None
    try:
        return next((spec for finder in sys.meta_path if (spec := finder.find_spec(name, folders))), None)
    except (ImportError, KeyError):  # KeyError: an empty folder of that name below a package that is not imported
        return None
