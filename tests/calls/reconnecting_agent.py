"""agent.py whose connection to LiveKit begins anew, with all that is in it, when somebody in the room says so."""

import asyncio

from livekit import rtc
from livekit.agents import cli

import agent
from granny.call import lifecycle

TOPIC = "test.begin-anew"
ANEW = rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT
_greet = lifecycle.Call.greet
_going_on: set[asyncio.Task[None]] = set()


async def greet(call: lifecycle.Call) -> object:
    room = call._ctx.room

    def on_data(packet: rtc.DataPacket) -> None:
        if packet.topic == TOPIC:
            _going_on.add(asyncio.create_task(room.simulate_scenario(ANEW)))

    room.on("data_received", on_data)
    return await _greet(call)


setattr(lifecycle.Call, "greet", greet)  # noqa: B010  to a type checker a method is no variable
server, answer = agent.server, agent.answer

if __name__ == "__main__":
    cli.run_app(server)
