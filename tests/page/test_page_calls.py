"""A call asked for on the page, before a LiveKit that only answers: what it is asked, and what the browser is told."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any, cast

import jwt
import pytest

from granny.page import _open_calls, _taken_back
from granny.rooms import asking
from granny.rooms.tokens import room_of
from granny.store.link import Link
from page.only_answering import LIVEKIT_SECRET, LiveKit, call, calling, until
from page.visiting import ANNA, SECRET, Visitor


async def test_the_answer_is_livekits_standard_one(page: Visitor) -> None:
    status, told = await call(page)
    assert (status, set(told)) == (201, {"server_url", "participant_token"})
    assert told["server_url"] == "wss://granny.example/lk"
    assert (await call(page, origin=page.origin))[1]["server_url"] == f"ws://127.0.0.1:{page.port}/lk"


async def test_she_is_sent_for_before_the_answer_and_told_whom_the_call_is_for(page: Visitor, livekit: LiveKit) -> None:
    await call(page)
    (room,) = livekit.rooms.values()
    assert (room.max_participants, room.empty_timeout, room.metadata) == (1, 30, "")
    assert [(one.agent_name, one.metadata) for one in room.agents] == [("", '{"person": "anna"}')]


async def test_a_link_for_nobody_in_particular_sends_for_whoever_joins_every_room(
    page: Visitor, livekit: LiveKit
) -> None:
    page.links["for-all"] = replace(ANNA, person="")
    await call(page, "for-all")
    (room,) = livekit.rooms.values()
    assert not room.agents


async def test_the_token_is_for_two_minutes_one_room_and_a_microphone(page: Visitor, livekit: LiveKit) -> None:
    _, told = await call(page)
    claims = jwt.decode(told["participant_token"], LIVEKIT_SECRET, algorithms=["HS256"])
    assert claims["exp"] - claims["nbf"] == 120
    assert claims["video"].pop("room") in livekit.rooms
    assert claims["video"] == {
        "roomJoin": True,
        "canPublish": True,
        "canPublishSources": ["microphone"],
        "canPublishData": False,
        "canSubscribe": True,
    }


async def test_what_a_client_asks_for_itself_is_not_given(page: Visitor, livekit: LiveKit) -> None:
    wish = {
        "room_name": "hers",
        "participant_identity": "somebody",
        "participant_attributes": {"granny.agent": "call"},
        "room_config": {"agents": [{"agent_name": "other"}], "max_participants": 9},
    }
    status, _, body = await page.ask("POST", "/call", secret=SECRET, body=json.dumps(wish).encode())
    assert status == 201
    (room,) = livekit.rooms.values()
    assert (room.max_participants, room.name == "hers") == (1, False)
    claims = jwt.decode(json.loads(body)["participant_token"], LIVEKIT_SECRET, algorithms=["HS256"])
    assert "attributes" not in claims
    assert claims["sub"] != "somebody"


async def test_livekits_cloud_is_gone_to_by_itself() -> None:
    made = LiveKit(url="https://kitchen.livekit.cloud")
    async with calling(made) as page:
        assert (await page.ask("GET", "/lk/rtc/v1"))[0] == 404
        _, headers, _ = await page.ask("GET", "/")
        assert "wss://*.livekit.cloud" in headers["Content-Security-Policy"]


async def test_without_livekit_the_caller_is_told(page: Visitor, livekit: LiveKit) -> None:
    livekit.status = 503
    assert await call(page) == (503, {"fault": "livekit-unreachable"})
    livekit.status = 200
    assert (await call(page))[0] == 201


async def test_where_a_node_of_livekits_has_died_the_call_is_in_a_room_of_another(
    page: Visitor, livekit: LiveKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rooms that nobody gets into count for nothing."""
    monkeypatch.setattr(asking, "_A_NODE_SECONDS", (0.05,) * 4)
    livekit.dead = 2
    status, told = await call(page)
    _, _, third = livekit.rooms
    assert (status, room_of(told["participant_token"])) == (201, third)
    await call(page)
    assert livekit.ended == []


async def test_a_connection_that_livekit_has_just_given_up_costs_nobody_a_call(page: Visitor, livekit: LiveKit) -> None:
    assert (await call(page))[0] == 201
    livekit.breaks_off = 1
    assert (await call(page))[0] == 201
    livekit.breaks_off = 9
    assert await call(page) == (503, {"fault": "livekit-unreachable"})


async def test_a_link_that_is_not_known_begins_no_call(page: Visitor, livekit: LiveKit) -> None:
    assert await call(page, "guessed") == (403, {"fault": "link-unknown"})
    assert not livekit.asked


async def test_who_calls_again_is_never_refused_for_the_calls_left_behind(page: Visitor, livekit: LiveKit) -> None:
    """The oldest ends for the newest, and another link's is left alone."""
    page.links["toms"] = replace(ANNA, id="7e577e57", person="tom")
    assert (await call(page, "toms"))[0] == 201
    (toms,) = livekit.rooms
    begun = []
    for _ in range(_open_calls.A_LINK + 2):
        assert (await call(page))[0] == 201
        begun.append(list(livekit.rooms)[-1])
    await until(lambda: len(livekit.ended) == 2)
    assert livekit.ended == begun[:2]
    assert set(livekit.rooms) == {toms, *begun[2:]}


async def test_of_calls_begun_in_one_moment_no_more_are_left_than_of_those_one_after_another(
    page: Visitor, livekit: LiveKit
) -> None:
    asked = await asyncio.gather(*(call(page) for _ in range(6)))
    assert [status for status, _ in asked] == [201] * 6
    await until(lambda: len(livekit.ended) == 6 - _open_calls.A_LINK)
    assert len(livekit.rooms) == _open_calls.A_LINK


async def test_nobody_begins_more_than_twenty_calls_a_minute(page: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    """That somebody tries is told once, and not as often as they do."""
    answers = [(await call(page))[0] for _ in range(22)]
    assert answers == [*[201] * 20, 429, 429]
    assert [vars(record)["link"] for record in caplog.records if record.message == "too many calls"] == [ANNA.id]
    assert await call(page) == (429, {"fault": "too-many-calls"})
    page.links["toms"] = replace(ANNA, id="7e577e57")
    assert (await call(page, "toms"))[0] == 201


async def test_a_minute_later_they_may_call_again(page: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_open_calls, "_MINUTE_SECONDS", 0.0)
    assert [(await call(page))[0] for _ in range(22)] == [201] * 22


async def test_there_is_a_bound_to_all_calls_together_until_some_have_ended(
    livekit: LiveKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"IN_ALL": 2, "_LOOK_SECONDS": 0.01, "_NEW_SECONDS": 0.0}.items():
        monkeypatch.setattr(_open_calls, name, value)
    async with calling(livekit) as page:
        page.links |= {f"link {number}": replace(ANNA, id=str(number)) for number in range(3)}
        assert (await call(page, "link 0"))[0] == (await call(page, "link 1"))[0] == 201
        assert (await call(page, "link 2"))[0] == 429
        livekit.rooms.popitem()
        livekit.asked.clear()
        await until(lambda: len(livekit.asked) > 1)
        assert (await call(page, "link 2"))[0] == 201


async def test_a_call_whose_link_is_taken_back_ends_and_another_links_goes_on(
    livekit: LiveKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, though LiveKit may have to be asked again."""
    monkeypatch.setattr(_taken_back, "_LOOK_SECONDS", 0.01)
    async with calling(livekit) as page:
        page.links["toms"] = replace(ANNA, id="7e577e57", person="tom")
        assert (await call(page))[0] == (await call(page, "toms"))[0] == 201
        annas, toms = livekit.rooms
        livekit.status = 503
        del page.links[SECRET]
        await until(lambda: livekit.asked[-1].endswith("DeleteRoom"))
        livekit.status = 200
        await until(lambda: toms in livekit.rooms and annas not in livekit.rooms)
        del page.links["toms"]
        await until(lambda: not livekit.rooms)
    assert livekit.ended == [annas, toms]


async def test_while_it_cannot_be_told_whether_a_link_is_good_its_call_goes_on() -> None:
    async def who(_: str) -> Link | None:
        raise OSError

    watch = _taken_back.TakenBack(who, cast("Any", None), cast("Any", None))
    assert await watch._is_good(SECRET)


async def test_neither_link_nor_token_is_logged(page: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _, told = await call(page)
        await call(page, "guessed-FAKE")
        async with page.joining(told["participant_token"]) as socket:
            await socket.send_str("go")
    ours = [str(vars(record)) for record in caplog.records if not record.name.startswith("asyncio")]
    assert any("a call begins" in line for line in ours)
    for secret in (SECRET, told["participant_token"], "guessed-FAKE", LIVEKIT_SECRET):
        assert not [line for line in ours if secret in line]
