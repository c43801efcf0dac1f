"""The process that takes calls."""

from __future__ import annotations

from pydantic import Field

from granny.config.settings._group import Group
from granny.config.settings._kinds import Address, DispatchName, named


class WorkerSettings(Group):
    """The worker that takes calls: how many, under which name, how it stops, and its health page."""

    max_calls: int = Field(
        default=8,
        ge=1,
        le=1000,
        alias="GRANNY_MAX_CALLS",
        description="How many calls one worker takes at once; about 4 for each core.",
    )
    call_memory_mb: float = Field(
        default=500,
        ge=200,
        alias="GRANNY_CALL_MEMORY_MB",
        description="The most memory, in MB, that one call may take; the process of one that takes more is ended, and "
        "another goes on with the call.",
    )
    agent_name: DispatchName = Field(
        default="",
        alias="GRANNY_AGENT_NAME",
        description="Her name for LiveKit's dispatch; empty: she joins every room for which no other agent was asked.",
    )
    room_watch_seconds: float = Field(
        default=2.0,
        ge=1.0,
        le=60.0,
        alias="GRANNY_ROOM_WATCH_SECONDS",
        description="How many seconds somebody may be alone in one of her rooms before a worker with a free place goes "
        "to them; longer than it takes to answer a call.",
    )
    drain_seconds: int = Field(
        default=1800,
        ge=1,
        alias="GRANNY_DRAIN_SECONDS",
        description="When start is told to stop: how many seconds calls may go on before she says goodbye.",
    )
    health_port: int = Field(
        default=8081,
        ge=0,
        le=65535,
        alias="GRANNY_HEALTH_PORT",
        description="The port of the health page in start; 0 takes any free one.",
    )
    health_host: Address = Field(
        default="127.0.0.1",
        alias="GRANNY_HEALTH_HOST",
        description="The address of the health page in start: 127.0.0.1 is this machine alone, :: every address.",
    )

    @property
    def health_address(self) -> str:
        """Where the health page is asked for in start, from the machine that it is on."""
        return f"http://{named(self.health_host)}:{self.health_port}/"
