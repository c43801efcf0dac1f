"""Whom she listens to: who speaks with her, not who was there first, and nobody takes her away from a talk."""

from __future__ import annotations

from granny.call.attention import HOLD_SECONDS, Attention, Scene

BOTH = {"first": True, "second": True}


def heard(*scenes: Scene, seconds: float = 1.0) -> list[str]:
    """Whom she listens to after each of the scenes, so many seconds apart."""
    attention, whom, now, turns = Attention(), "first", 0.0, []
    for scene in scenes:
        now += seconds
        whom = attention.turn_to(whom, scene, now)
        turns.append(whom)
    return turns


def test_whoever_speaks_first_is_listened_to() -> None:
    assert heard(Scene(BOTH), Scene(BOTH, ["second"])) == ["first", "second"]


def test_also_while_she_greets() -> None:
    assert heard(Scene(BOTH, ["second"], she_speaks=True)) == ["second"]


def test_who_has_a_microphone_comes_before_who_has_none() -> None:
    assert heard(Scene({"first": False, "second": False}), Scene({"first": False, "second": True})) == [
        "first",
        "second",
    ]


def test_who_speaks_comes_before_who_only_has_a_microphone() -> None:
    assert heard(Scene({"first": False, "second": True, "third": True}, ["third"])) == ["third"]


def test_who_talks_with_her_is_not_talked_over() -> None:
    """Nor in the pause for thought, nor while she answers, however long that is."""
    talk = (
        Scene(BOTH, ["first"]),
        Scene(BOTH, ["second", "first"]),
        Scene(BOTH, ["second"]),
        Scene(BOTH, ["second"], she_speaks=True),
        Scene(BOTH, ["second"], she_speaks=True),
        Scene(BOTH, ["second"]),
    )
    assert heard(*talk, seconds=HOLD_SECONDS - 1) == ["first"] * len(talk)


def test_after_a_long_silence_who_speaks_is_listened_to() -> None:
    assert heard(Scene(BOTH, ["first"]), Scene(BOTH, ["second"]), seconds=HOLD_SECONDS) == ["first", "second"]


def test_a_microphone_closed_for_a_moment_gives_nothing_away() -> None:
    closed = Scene({"first": False, "second": True}, ["second"])
    assert heard(Scene(BOTH, ["first"]), closed, Scene(BOTH, ["first"])) == ["first"] * 3


def test_who_has_been_turned_to_by_mistake_gives_way_to_the_first_word() -> None:
    """A stranger's microphone is open while the caller's browser still asks for leave."""
    waiting = Scene({"first": False, "second": True})
    assert heard(waiting, Scene(BOTH, ["first"])) == ["second", "first"]


def test_a_voice_without_a_microphone_is_nobody_s() -> None:
    """Music that somebody shares."""
    assert heard(Scene({"first": True, "second": False}, ["second"])) == ["first"]
