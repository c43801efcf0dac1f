"""The site's files: a closed list, read once and kept in memory, so that no path of a request ever meets the disk."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

SITE = Path(__file__).with_name("site")
_PAGES = {"index.html": "/", "family.html": "/family"}
"""What is asked for by another name than the file's."""
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
"""What is served; anything else in the folder, as a licence, is not."""
_WORTH_PACKING = (".html", ".css", ".js", ".svg", ".webmanifest")


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file of the site.

    Attributes:
        kind: its media type.
        plain: its content.
        packed: the same by gzip; None where that saves nothing.
        tag: by which a browser asks whether it has changed.
    """

    kind: str
    plain: bytes = field(repr=False)
    packed: bytes | None = field(repr=False)
    tag: str

    @classmethod
    def read(cls, path: Path) -> SiteFile:
        """That on the disk."""
        plain = path.read_bytes()
        packed = gzip.compress(plain, mtime=0) if path.suffix in _WORTH_PACKING else None
        return cls(_TYPES[path.suffix], plain, packed, f'"{hashlib.sha256(plain).hexdigest()[:32]}"')

    def answer(self, request: web.BaseRequest) -> web.Response:
        """The file, or that the browser has it already."""
        headers = {"ETag": self.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if self.tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers["Content-Type"] = f"{self.kind}; charset=utf-8" if self.kind.startswith("text/") else self.kind
        if self.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self.packed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=self.plain, headers=headers)


def read(folder: Path = SITE) -> Mapping[str, SiteFile]:
    """The files of the site by the paths under which they are asked for."""
    return dict(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, SiteFile]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _TYPES:
            name = path.relative_to(folder).as_posix()
            yield _PAGES.get(name, f"/{name}"), SiteFile.read(path)
