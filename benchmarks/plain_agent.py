"""The plain agent a user would write from the framework's docs: the baseline Granny is measured against."""

import math

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli
from livekit.plugins import openai

server = AgentServer(port=0, load_threshold=math.inf)  # measured beside others: never too busy to be asked


@server.rtc_session(agent_name="plain")
async def entry(ctx: JobContext) -> None:
    """Connect, greet, talk."""
    session = AgentSession[None](llm=openai.realtime.RealtimeModel(model="gpt-realtime", voice="marin"))
    await session.start(agent=Agent(instructions="You are a friendly assistant."), room=ctx.room)
    await ctx.connect()
    session.generate_reply(instructions="Greet the caller.")


if __name__ == "__main__":
    cli.run_app(server)
