"""A filter of any response, without delay: streaming, for pieces of any length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

Samples: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"

_LENGTH_SECONDS = 0.03
"""Of the filter: long enough for the lowest frequency of a response."""
_DESIGN = 16
"""So many times as long is the grid on which it is designed."""
_FLOOR_DB = -60.0


class Filter:
    """One stream through one filter."""

    def __init__(self, kernel: Samples) -> None:
        self._kernel = kernel
        self._history = np.zeros(len(kernel) - 1)
        self._spectra: dict[int, np.ndarray[tuple[int], np.dtype[np.complex128]]] = {}

    def forget(self) -> None:
        """What comes now follows on nothing."""
        self._history = np.zeros_like(self._history)

    def run(self, samples: Samples) -> Samples:
        """The samples filtered, as many as came."""
        with_history = np.concatenate([self._history, samples])
        size = _power_of_two(len(with_history))
        if size not in self._spectra:
            self._spectra[size] = np.fft.rfft(self._kernel, size)
        spectrum = np.fft.rfft(with_history, size) * self._spectra[size]
        past = len(self._history)
        self._history = with_history[len(with_history) - past :]
        return np.fft.irfft(spectrum, size)[past : past + len(samples)]


def kernel(response: Mapping[float, float], rate: int) -> Samples:
    """The filter with this response (dB by Hz), of minimum phase: its sound comes at once.

    By the cepstrum: Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd ed., 13.5.
    """
    length = _power_of_two(int(_LENGTH_SECONDS * rate))
    size = _DESIGN * length
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / rate), 1.0)
    gains = np.interp(np.log2(hertz), np.log2(list(response)), list(response.values()))
    lowest = min(response)  # below it the fall goes on, by as much an octave as it has come so far
    second = sorted(response)[1]
    slope = (response[second] - response[lowest]) / np.log2(second / lowest)
    gains = np.where(hertz < lowest, response[lowest] + slope * np.log2(hertz / lowest), gains)
    cepstrum = np.fft.irfft(np.maximum(gains, _FLOOR_DB) * np.log(10) / 20, size)
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    impulse = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), size)[:length]
    fade = np.ones(length)
    fade[length // 2 :] = np.cos(np.linspace(0, np.pi / 2, length - length // 2)) ** 2
    return impulse * fade


def _power_of_two(least: int) -> int:
    return 1 << max(0, least - 1).bit_length()
