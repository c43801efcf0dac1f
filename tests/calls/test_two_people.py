"""Two people call at once, and each meets her own Granny; what the family wrote goes to her ear and nowhere else.

Of either call the diary has for whom it was, and no word.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from livekit import api

from calls.house import House, house
from calls.serving import KEY
from family import with_people
from granny.config.settings import Settings
from granny.rehearsal.callers.room_caller import RoomCaller, joined
from granny.rehearsal.openai.record import ConnectionRecord
from granny.rehearsal.rig.livekit_server import why_missing
from granny.rooms.dispatch import job_metadata
from granny.rooms.tokens import join_link
from granny.store.place import FILE

pytestmark = [
    pytest.mark.livekit,
    pytest.mark.skipif(why_missing() is not None, reason=why_missing() or ""),
    pytest.mark.asyncio(loop_scope="module"),
]

ANNA = 'called = "Anna"\nlanguage = "de"\ngranny = "Oma"\nspeed = 0.8\neagerness = "low"\nnotes = "She grows roses."\n'
BERTA = 'called = "Berta"\nlanguage = "fr"\neagerness = "high"\nnotes = "She plays the organ."\n'
OF_ANNA = ("You are Oma", "You speak German.", "The caller is called Anna.", "roses")
OF_BERTA = ("You are Nana", "You speak French.", "The caller is called Berta.", "organ")
OF_NOBODY = ("You are Nana", "You speak English.")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(home: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house of its own with a file each for Anna and Berta."""
    folder = tmp_path_factory.mktemp("two")
    own = with_people(home, folder / "Granny-voice", {"anna": ANNA, "berta": BERTA})
    async with house(own / "agent.py", folder, GRANNY_NAME="Nana", GRANNY_DATA_FOLDER=str(folder / "data")) as it:
        yield it


def token(here: House, person: str) -> str:
    """The token of a link as `python -m granny link` prints it with --once."""
    link = join_link(Settings.model_validate({"OPENAI_API_KEY": KEY, **here.livekit.environment}), person)
    return parse_qs(urlsplit(link).query)["token"][0]


def told(here: House) -> list[str]:
    """What she has been told, in each of the calls so far."""
    return [instructions(one) for one in here.standin.connections if instructions(one)]


def instructions(connection: ConnectionRecord) -> str:
    """Those of a call; the check-up's conversation has none."""
    session = connection.session
    return (session.instructions or "") if session and session.tools else ""


def manner(connection: ConnectionRecord) -> tuple[float | None, str | None, str | None]:
    """Speed, patience and the language that is listened to, as OpenAI was asked for them."""
    audio = connection.session.audio if connection.session else None
    assert audio
    assert audio.input
    assert audio.output
    turns, words = audio.input.turn_detection, audio.input.transcription
    return audio.output.speed, getattr(turns, "eagerness", None), words.language if words else None


def in_the_room(caller: RoomCaller) -> str:
    """All that can be read in a caller's room, but for what is said aloud."""
    room = caller.room
    everybody = (room.local_participant, *room.remote_participants.values())
    read = [room.metadata, *(f"{one.identity} {one.name} {one.metadata} {one.attributes}" for one in everybody)]
    return f"{read} {caller.heard.data} {caller.heard.attributes}"


def data(here: House) -> Path:
    return here.running.worker.log.parent / "data"


def diary(here: House) -> list[tuple[str, str]]:
    """For whom each call was that is written down, and by which way it came."""
    uri = f"{(data(here) / FILE).as_uri()}?mode=ro"
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        return connection.execute("SELECT person, by FROM calls ORDER BY person").fetchall()
    return []


def said(here: House) -> list[str]:
    """All that the model was told, heard and said."""
    return told(here) + [text for call in here.standin.connections for text in call.texts]


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_each_meets_her_own_granny(here: House) -> None:
    async with (
        joined(here.livekit.url, token(here, "anna")) as anna,
        joined(here.livekit.url, token(here, "berta")) as berta,
    ):
        await here.until(lambda: len(told(here)) == 2, "two calls")
        calls = [one for one in here.standin.connections if instructions(one)]
        hers, others = sorted(calls, key=lambda one: "roses" not in instructions(one))
        for line, own, foreign in ((hers, OF_ANNA, OF_BERTA), (others, OF_BERTA, OF_ANNA)):
            assert [words for words in own if words not in instructions(line)] == []
            assert [words for words in foreign if words in instructions(line)] == []
        assert (manner(hers), manner(others)) == ((0.8, "low", "de"), (1.0, "high", "fr"))
        await here.until_greeted(anna)
        await here.until_greeted(berta)
        _, registered, since = here.running.log.partition("registered worker")
        assert registered  # before, the check-up says whose file asks for a language that she has no lines in
        read = in_the_room(anna) + in_the_room(berta) + since
    assert [word for word in ("Anna", "Berta", "roses", "organ", "anna", "berta") if word in read] == []
    await here.until(lambda: diary(here) == [("anna", "web"), ("berta", "web")], "both in the diary")
    kept = everything_in(data(here))
    for words in (*OF_ANNA, *OF_BERTA, "Anna", "Berta", anna.room.name, *said(here)):
        assert words.encode() not in kept, words


async def test_nobody_becomes_another_by_what_a_client_may_write(here: House) -> None:
    """Attributes, metadata and a name, in a token of the most lenient kind, and again in the room."""
    before = len(told(here))
    claim = {"granny.person": "anna", "person": "anna"}
    lenient = (
        api.AccessToken(here.livekit.key, here.livekit.secret)
        .with_identity("anna")
        .with_name("anna")
        .with_metadata(job_metadata("anna"))
        .with_attributes(claim)
        .with_grants(api.VideoGrants(room_join=True, room="stranger", can_update_own_metadata=True))
    )
    async with joined(here.livekit.url, lenient.to_jwt()) as stranger:
        await stranger.room.local_participant.set_metadata(job_metadata("anna"))
        await stranger.room.local_participant.set_attributes(claim)
        await here.until(lambda: len(told(here)) == before + 1, "a call")
    text = told(here)[-1]
    assert [words for words in OF_NOBODY if words not in text] == []
    assert "<notes>" not in text


@pytest.mark.full
async def test_a_person_of_whom_there_is_no_file_is_answered_all_the_same(here: House) -> None:
    before = len(told(here))
    async with joined(here.livekit.url, token(here, "nobody")):
        await here.until(lambda: len(told(here)) == before + 1, "a call")
    assert "<notes>" not in told(here)[-1]
    assert len(here.running.lines("this call is for a person of whom there is no file")) == 1


@pytest.mark.full
async def test_what_the_family_changes_counts_in_the_next_call(here: House) -> None:
    file = here.running.worker.log.parent / "Granny-voice" / "people" / "anna.toml"
    file.write_text(ANNA.replace("roses", "dahlias"), encoding="utf-8")
    before = len(told(here))
    async with joined(here.livekit.url, token(here, "anna")):
        await here.until(lambda: len(told(here)) == before + 1, "a call")
    assert "dahlias" in told(here)[-1]
