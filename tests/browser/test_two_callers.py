"""Two people call from two tablets at once: each meets her own Granny, in her own language."""

from __future__ import annotations

from browser.rig import Rig
from granny.rehearsal.openai.record import ConnectionRecord


def told(here: Rig) -> list[str]:
    """What she has been told, in each of the calls so far."""
    return [instructions(one) for one in here.granny.standin.connections if instructions(one)]


def instructions(connection: ConnectionRecord) -> str:
    session = connection.session
    return (session.instructions or "") if session and session.tools else ""


async def test_each_meets_her_own_granny(here: Rig) -> None:
    before = len(told(here))
    async with here.opened("anna") as anna, here.opened("berta") as berta:
        assert await berta.text("hello") == "Guten Tag, Berta."
        await anna.press("talk")
        await berta.press("talk")
        await anna.until_heard()
        await berta.until_heard()
        await anna.until_state("speaking", "listening")
        await berta.until_state("speaking", "listening")
        assert await berta.page.title() == "Mit Oma sprechen"
        shown = await anna.page.content() + await berta.page.content()
    hers, others = sorted(told(here)[before:], key=lambda text: "roses" not in text)
    assert "The caller is called Anna." in hers
    assert "The caller is called Berta." in others
    assert "You are Oma" in others
    assert "organ" not in hers
    assert [word for word in ("roses", "organ") if word in shown] == []
