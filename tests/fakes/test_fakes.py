"""The fakes cannot drift from the framework: what they override is there, and is called and awaited alike."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cached_property

import pytest

import fakes

FAKES = [one for one in vars(fakes).values() if isinstance(one, type)]
OF_THEIR_OWN = {
    fakes.Person: {"publish", "mute", "is_sent", "breaks_when_asked", "times_asked"},
    fakes.Herself: {"track", "publication"},
    fakes.Room: {"come", "leave", "end", "tell"},
    fakes.Session: {"note_in"},
}
"""What a test does with them."""


def overridden() -> Iterator[tuple[type, str]]:
    for fake in FAKES:
        for name in vars(fake):
            if not name.startswith("_") and name not in OF_THEIR_OWN.get(fake, set()):
                yield fake, name


def shape(of: type, name: str) -> object:
    """How an attribute of a class is used."""
    found = inspect.getattr_static(of, name)
    if isinstance(found, property | cached_property):
        return "a property"
    parameters = inspect.signature(getattr(of, name)).parameters.values()
    return (
        "awaited" if inspect.iscoroutinefunction(getattr(of, name)) else "called",
        [(one.name, one.kind, one.default is one.empty) for one in parameters],
    )


@pytest.mark.parametrize(("fake", "name"), list(overridden()))
def test_a_fake_is_used_as_the_framework_is(fake: type, name: str) -> None:
    [real, *_] = [base for base in fake.__mro__[1:] if hasattr(base, name)]
    assert real.__module__.startswith("livekit.")
    assert shape(fake, name) == shape(real, name)


@pytest.mark.parametrize("fake", FAKES)
def test_a_test_s_own_means_are_no_name_of_the_framework(fake: type) -> None:
    own = OF_THEIR_OWN.get(fake, set())
    assert own <= vars(fake).keys()
    assert not [name for name in own if hasattr(fake.__base__, name)]
