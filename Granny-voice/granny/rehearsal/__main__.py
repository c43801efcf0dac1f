"""Run the stand-in by itself: `python -m granny.rehearsal` in the folder of agent.py, until Ctrl-C."""

import argparse
import asyncio
import contextlib
import sys

from granny.rehearsal.openai.script import Script
from granny.rehearsal.openai.standin import StandIn

DEFAULT_PORT = 8765
DEFAULT_KEY = "rehearsal"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m granny.rehearsal", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--api-key", default=DEFAULT_KEY, help="an invented key that it lets in, never a real one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before a response's first output")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    script = Script(latency=arguments.latency)
    async with StandIn(api_key=arguments.api_key, script=script, port=arguments.port) as standin:
        sys.stdout.write(f"OPENAI_BASE_URL={standin.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))
