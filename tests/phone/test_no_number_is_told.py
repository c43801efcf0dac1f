"""Of no telephone number more than two digits stands in anything that she writes: log, figures, traces, commands."""

from __future__ import annotations

import asyncio
from pathlib import Path

from livekit import api
from livekit.protocol.room import RoomConfiguration

from calls.collecting import Collector, collecting
from commands.running import run
from family import with_people
from granny.rehearsal.rig.livekit_server import LiveKit
from phone.exchange import AGENT, CALLEE, HERS, Exchange, exchange, within
from phone.people import ANNA, AS_WRITTEN, BERTA, FILES, STRANGER

OTHER_OF_HERS = "+493012345699"
"""A number of hers for which somebody has made a rule by hand, which writes who calls into the room's name."""
NUMBERS = (ANNA, BERTA, STRANGER, HERS, CALLEE, OTHER_OF_HERS)
_SHOWN = 6
"""No run of so many digits of a number."""


async def test_neither_the_log_nor_a_figure_nor_a_trace_nor_a_command_tells_a_number(
    home: Path, tmp_path: Path
) -> None:
    """Whatever happens to the call, at the lowest level of the log, and in the rooms of a rule that is made by hand."""
    async with (
        collecting() as collector,
        exchange(
            with_people(home, tmp_path / "Granny-voice", FILES),
            tmp_path,
            GRANNY_TIMEZONE="Europe/Berlin",
            LIVEKIT_LOG_LEVEL="debug",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        ) as here,
    ):
        await somebodys_rule(here.livekit)
        await calls(here)
        commands = await typed(here)
        figures = await here.running.get("/metrics") + await here.running.get("/")
        await here.until(lambda: "job_entrypoint" in collector.spans, "the last traces")
        log = here.running.log
    assert "a telephone calls" in log
    assert "anna was reached" in commands
    for what in (log, figures, traces(collector), commands):
        assert shown(what) == []


async def calls(here: Exchange) -> None:
    """One is held, one goes dead in its middle, others are turned away, one has hung up before she comes."""
    for called in (HERS, OTHER_OF_HERS):
        for number in (ANNA, AS_WRITTEN["berta"]):
            async with here.ringing(number, called=called) as call:
                assert await within(call.answered())
                await here.until_quiet(call)
        for number in (STRANGER, "anonymous"):
            async with here.ringing(number, called=called) as call:
                assert not await within(call.answered())
        async with here.ringing(ANNA, called=called) as call:
            call.cancel()
            await within(call.settled.wait())
    await here.until(lambda: len(here.running.lines("call ended")) >= _calls_told(here), "the end of all calls")


def _calls_told(here: Exchange) -> int:
    return len(here.running.lines("a telephone calls"))


async def typed(here: Exchange) -> str:
    """What her commands print, while Anna's telephone is rung by one of them."""
    told = ""
    for command in ("check", "phone setup --dry-run", "phone setup", "check --json", "ring nobody", "ring anna"):
        typing = asyncio.to_thread(run, here.home, here.settings, "-m", "granny", *command.split())
        done = (await asyncio.gather(typing, answering(here)))[0] if command == "ring anna" else await typing
        told += f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return told


async def answering(here: Exchange) -> None:
    call = await within(here.callee.rung())
    call.ring()
    call.answer()
    await here.until_quiet(call)
    call.hang_up()


async def somebodys_rule(livekit: LiveKit) -> None:
    """Made by hand, as LiveKit's own first steps have it: a room for each caller, named after the number."""
    async with api.LiveKitAPI(livekit.url, livekit.key, livekit.secret) as admin:
        trunk = await admin.sip.create_inbound_trunk(
            api.CreateSIPInboundTrunkRequest(
                trunk=api.SIPInboundTrunkInfo(
                    name="by hand", numbers=[OTHER_OF_HERS], include_headers=api.SIPHeaderOptions.SIP_ALL_HEADERS
                )
            )
        )
        rule = api.SIPDispatchRuleInfo(
            rule=api.SIPDispatchRule(dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix="call")),
            trunk_ids=[trunk.sip_trunk_id],
            room_config=RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=AGENT)]),
        )
        await admin.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=rule))


def traces(collector: Collector) -> str:
    return b"".join(collector.sent).decode("latin-1")


def shown(text: str) -> list[str]:
    """Where pieces of a number stand, with what is around them."""
    pieces = {number[start : start + _SHOWN] for number in NUMBERS for start in range(1, len(number) - _SHOWN + 1)}
    return [text[max(0, at - 60) : at + 60] for piece in pieces if (at := text.find(piece)) >= 0]
