"""Is everything installed? Asked without importing any of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from granny.faults import DEPENDENCY_MISSING
from granny.probes._answer import Answer

NEEDED = {
    "dotenv": "python-dotenv",
    "pydantic_settings": "pydantic-settings",
    "aiohttp": "aiohttp",
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
    """Find the first part as `import` would, the rest by its folder: `find_spec` would import the parents."""
    first, *rest = module.split(".")
    spec = find_spec(first)
    if spec is None or not rest:
        return spec is not None
    folders = spec.submodule_search_locations or ()
    return any(Path(folder, *rest, "__init__.py").is_file() for folder in folders)
