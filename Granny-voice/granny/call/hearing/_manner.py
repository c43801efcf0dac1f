"""What `soft` and `strong` mean, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CEILING_DBFS = -1.0
"""No sample is louder."""
LOUDNESS_LUFS = -20.0
"""What she says is as loud as this, whoever recorded it; speech on telephones and tablets commonly is."""


@dataclass(frozen=True, slots=True)
class Manner:
    """One manner of processing.

    Attributes:
        response: gain in dB by frequency in Hz; between two of them it is a straight line over octaves.
        threshold: from this level on, in dBFS, loud becomes less loud; before the levels are made alike.
        ratio: of so many dB more one is left.
    """

    response: Mapping[float, float]
    threshold: float
    ratio: float


MANNERS: Mapping[str, Manner] = MappingProxyType(
    {
        "soft": Manner({60: -14, 120: -3, 250: 0, 1000: 0, 2000: 2, 4000: 4, 8000: 4}, threshold=-24, ratio=1.5),
        "strong": Manner({60: -18, 120: -6, 250: -1, 1000: 0, 2000: 4, 4000: 8, 8000: 8}, threshold=-28, ratio=2.0),
    }
)
