"""Root without its power over files, so that a mode counts for it as for everybody else."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

import pytest

_VERSION = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3`; source: capget(2)."""
_OVER_FILES = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; source: capabilities(7)."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Powers(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextlib.contextmanager
def powerless() -> Iterator[None]:
    """For the length of a `with`; another user would do, if the packages did not lie where only root may enter."""
    if sys.platform != "linux":
        pytest.skip("root reads everything here")
    libc = ctypes.CDLL(None, use_errno=True)
    header, powers = _Header(_VERSION, 0), (_Powers * 2)()

    def ask(call: str) -> None:
        if getattr(libc, call)(ctypes.byref(header), powers):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    ask("capget")
    before = powers[0].effective
    powers[0].effective &= ~_OVER_FILES
    ask("capset")
    try:
        yield
    finally:
        powers[0].effective = before
        ask("capset")
