"""Granny, from ring to goodbye. Run it here: `python agent.py dev`, in production `python agent.py start`."""

from livekit.agents import AgentSession, JobContext, cli

from granny import alerts, diary
from granny.call.lifecycle import Call, wind_up
from granny.call.persona import Granny
from granny.call.realtime_model import TURNS, realtime_model
from granny.call.room_doors import START, shut_doors
from granny.worker.server import GrannyServer, settings_of

# Before it takes calls the server checks itself: keys, network, account.
# What is wrong is reported, not met in a call, and the family is told.
server = GrannyServer(diary.subscribe, alerts.subscribe, refused=alerts.refused)


@server.rtc_session(on_session_end=wind_up)
async def answer(ctx: JobContext) -> None:
    """Answer one call: Granny joins the room, greets the caller and talks until one of them says goodbye."""
    settings = settings_of(ctx)
    with Call(ctx, settings) as call:  # never in silence: what goes wrong is said and told to the room
        shut_doors(ctx)  # nothing in the room reaches her but a voice
        greeting = await call.greet()  # recorded in her own voice, it is heard before the model is reached
        session = AgentSession[None](
            llm=realtime_model(settings),
            vad=None,
            turn_handling=TURNS,  # OpenAI hears when a turn ends
            aec_warmup_duration=call.echo_seconds,  # until the caller's device knows her voice
        )
        call.watch_over(session)
        await session.start(Granny(settings, greeting=greeting, opening=call.opening), room=ctx.room, **START)


if __name__ == "__main__":
    cli.run_app(server)
