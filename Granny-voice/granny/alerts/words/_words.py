"""The sentences that every language has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All that an alert says beside a fault's own two sentences.

    Attributes:
        leads: by topic, what it means that it is so.
        abouts: by slug, what else is named; of the others `about`.
    """

    leads: Mapping[str, str]
    still: str
    well_again: str
    it_was: str
    span: str
    who: str
    nobody: str
    about: str
    abouts: Mapping[str, str]
    what_to_do: str
    when: str
    since: str
    more: str
    held: str
    besides: str
    fault: str
    digest: str
    trial: str
