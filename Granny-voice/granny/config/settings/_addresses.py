"""What of a secret address nothing may show: all of it but its scheme, and a host that others have, too."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SCHEME = "://"
_HOST = re.compile(
    r"(?P<user>[^/?#]*@)?(?:localhost|\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)+)(?::[0-9]+)?(?P<rest>[/?#].*)?", re.ASCII
)
"""A name with a dot in it, or a number; a word in its place may be the secret itself, as in tgram://TOKEN/CHAT."""


def secret_parts(secret: str) -> Iterator[str]:
    """A secret as it stands; of addresses, each by itself, what is neither `https://` nor the name of a server.

    Were those hidden, too, no address of that kind could be read in a log any more.
    """
    if _SCHEME not in secret:
        yield secret
        return
    for word in secret.split():
        address = word.partition(_SCHEME)[2]
        parts = _HOST.fullmatch(address)
        yield from filter(None, parts.groups()) if parts else (address or word,)
