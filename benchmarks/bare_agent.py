"""A bare job that only connects and plays a tone: the floor that dispatch and WebRTC set."""

import math
from array import array

from livekit import rtc
from livekit.agents import AgentServer, JobContext, cli

RATE = 24_000
TONE = array("h", (int(8000 * math.sin(2 * math.pi * 440 * n / RATE)) for n in range(RATE))).tobytes()

server = AgentServer(port=0)
server.load_fnc = lambda _: (
    0.0
)  # LiveKit asks no worker of a full machine, whatever its threshold; the floor is always there


@server.rtc_session(agent_name="bare")
async def entry(ctx: JobContext) -> None:
    """Connect and play one second of 440 Hz."""
    await ctx.connect()
    source = rtc.AudioSource(RATE, 1)
    await ctx.room.local_participant.publish_track(rtc.LocalAudioTrack.create_audio_track("tone", source))
    await source.capture_frame(rtc.AudioFrame(TONE, RATE, 1, RATE))


if __name__ == "__main__":
    cli.run_app(server)
