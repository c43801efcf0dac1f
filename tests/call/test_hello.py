"""Whom she rings is heard out before she speaks, and never waits for her long."""

from __future__ import annotations

import pytest

from granny.call.hello import HELLO_SECONDS, LONGEST_SECONDS, WAIT_SECONDS, Due, Hello

STARTED, STOPPED = ({"type": f"input_audio_buffer.{what}"} for what in ("speech_started", "speech_stopped"))


def heard(*speech: tuple[float, float | None]) -> Hello:
    """Somebody who answered at 100 s, and has spoken since from … to …; None: still does."""
    hello = Hello(answered_at=100.0)
    for began, ended in speech:
        hello.take(STARTED, 100.0 + began)
        if ended is not None:
            hello.take(STOPPED, 100.0 + ended)
    return hello


@pytest.mark.parametrize(
    ("speech", "now", "due"),
    [
        ((), 0.0, Due.WAIT),
        ((), WAIT_SECONDS - 0.1, Due.WAIT),
        ((), WAIT_SECONDS, Due.GREET),
        (((0.5, None),), 1.0, Due.WAIT),
        (((0.5, 1.2),), 1.2, Due.GREET),
        (((1.9, None),), WAIT_SECONDS, Due.WAIT),
        (((1.9, 2.9),), 2.9, Due.GREET),
        (((0.5, 0.5 + HELLO_SECONDS),), 4.0, Due.GREET),
        (((0.5, 0.6 + HELLO_SECONDS),), 4.0, Due.LISTEN),
        (((0.5, None),), 0.4 + LONGEST_SECONDS, Due.WAIT),
        (((0.5, None),), 0.5 + LONGEST_SECONDS, Due.GREET),
    ],
)
def test_what_is_due(speech: tuple[tuple[float, float | None], ...], now: float, due: Due) -> None:
    assert heard(*speech).due(100.0 + now) is due


def test_who_goes_on_after_a_pause_is_heard_out_and_all_of_it_counts() -> None:
    """As the announcement of an answering machine does."""
    assert heard((0.5, 1.0), (1.2, None)).due(101.3) is Due.WAIT
    assert heard((0.5, 1.0), (1.2, 4.0)).due(104.0) is Due.LISTEN


def test_an_end_without_a_beginning_is_no_hello() -> None:
    hello = Hello(answered_at=100.0)
    hello.take(STOPPED, 100.5)
    assert hello.due(100.5) is Due.WAIT


def test_other_events_of_openais_are_no_hello() -> None:
    hello = Hello(answered_at=100.0)
    hello.take({"type": "session.updated"}, 100.5)
    hello.take({}, 100.5)
    assert hello.due(100.5) is Due.WAIT
