"""The plain agent with a fixed delay: OpenAI ends a turn after FIXED_MS of silence, and only then is it answered.

Its load is none, so that it takes every call however busy this machine is.
"""

import os

from dotenv import load_dotenv
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli
from livekit.plugins import openai
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

load_dotenv(".env.local")
server = AgentServer(port=int(os.environ.get("PLAIN_PORT", "8081")), load_fnc=lambda _: 0.0)


@server.rtc_session(agent_name="fixed")
async def entry(ctx: JobContext) -> None:
    """Connect, greet, talk."""
    turns = ServerVad(type="server_vad", silence_duration_ms=int(os.environ["FIXED_MS"]))
    model = openai.realtime.RealtimeModel(model="gpt-realtime", voice="marin", turn_detection=turns)
    session = AgentSession[None](llm=model)
    await session.start(agent=Agent(instructions="You are a friendly assistant."), room=ctx.room)
    await ctx.connect()
    await session.generate_reply(instructions="Greet the caller.")


if __name__ == "__main__":
    cli.run_app(server)
