"""The plain agent a user would write from the framework's docs: the baseline Granny is measured against.

It does what such an agent does and no more: it keeps the framework's defaults, among them the load above which it
refuses a call. A refused call counts as one in which nothing was heard; on a machine that is busy with something else
that is every call.
"""

import os

from dotenv import load_dotenv
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli
from livekit.plugins import openai

load_dotenv(".env.local")
server = AgentServer(port=int(os.environ.get("PLAIN_PORT", "8081")))  # a port of its own when measured beside others


@server.rtc_session(agent_name="plain")
async def entry(ctx: JobContext) -> None:
    """Connect, greet, talk."""
    session = AgentSession[None](llm=openai.realtime.RealtimeModel(model="gpt-realtime", voice="marin"))
    await session.start(agent=Agent(instructions="You are a friendly assistant."), room=ctx.room)
    await ctx.connect()
    await session.generate_reply(instructions="Greet the caller.")


if __name__ == "__main__":
    cli.run_app(server)
