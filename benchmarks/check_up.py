"""`python -m benchmarks.check_up`: what the check-up costs, each figure paired with what it is measured against.

Each worker is started alone, in turn first and second, with the settings of a user who has set none; Granny has no
recorded line yet, so that whatever her own voice adds to a start would be seen. All bytecode is compiled by then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measures import memory
from benchmarks.rig import AGENTS, GRANNY, KEY, PLAIN, SETTLING_SECONDS, environment_of, until_recorded
from granny.rehearsal.openai.script import Script
from granny.rehearsal.openai.standin import StandIn
from granny.rehearsal.rig.livekit_server import livekit_server
from granny.rehearsal.rig.worker import bare, worker

SCRIPT = AGENTS[GRANNY].parent / "check_env.py"
NETWORK = ("LiveKit", "OpenAI", "OpenAI model")
FAST = Script(pace=1000.0)
"""She may record while she is measured; nobody listens."""
_ROW = "{:<52} {:>8} {:>8} {:>16} {:>10}"

OFFLINE_LIMIT = 1.5
"""`check_env.py --offline` against `import pydantic_settings`, as a ratio."""
ONLINE_LIMIT_SECONDS = 0.3
"""The online check-up beyond its slowest probe, without what the offline one takes."""
START_LIMIT = 1.1
"""Granny's start to registered against the plain agent's and the slowest probe, as a ratio."""


async def main(rounds: int) -> None:
    """Measure, and print as it goes."""
    with tempfile.TemporaryDirectory(prefix="granny-bench-") as name:
        folder = Path(name)
        async with livekit_server(log=folder / "livekit.log") as livekit, StandIn(api_key=KEY, script=FAST) as standin:
            environment = {**environment_of(standin.base_url, folder / "cache"), **livekit.environment}
            file = _env_file(folder, environment)
            print(_ROW.format("median", "ours", "theirs", "ratio (p95)", "allowed"))
            pairs = [(_seconds(_offline(file)), _seconds(_import())) for _ in range(rounds)]
            _print("check_env.py --offline / import pydantic_settings", pairs, allowed=f"{OFFLINE_LIMIT} x")
            await _print_online(file, rounds)
            await _print_start(folder, environment, rounds)
            await _print_memory(folder, environment)


def _env_file(folder: Path, environment: dict[str, str]) -> Path:
    file = folder / ".env.local"
    names = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    file.write_text("".join(f"{name}={environment[name]}\n" for name in names), encoding="utf-8")
    file.chmod(0o600)
    return file


def _offline(file: Path) -> tuple[str, ...]:
    return (sys.executable, str(SCRIPT), "--offline", "--env-file", str(file))


def _import() -> tuple[str, ...]:
    return (sys.executable, "-c", "import pydantic_settings")


def _seconds(command: tuple[str, ...]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=bare())
    return time.monotonic() - started


async def _print_online(file: Path, rounds: int) -> None:
    """Beyond the slowest probe: the network half of the run, from the difference to an offline run beside it."""
    pairs = []
    for _ in range(rounds):
        offline = await asyncio.to_thread(_seconds, _offline(file))
        started = time.monotonic()
        slowest = await _slowest_probe(file)
        pairs.append((time.monotonic() - started - offline, slowest))
    beyond = statistics.median(ours - theirs for ours, theirs in pairs)
    _print("online less offline / slowest probe", pairs, allowed=f"{beyond:+.2f} s")
    print(f"  beyond the slowest probe: {beyond:.2f} s, allowed {ONLINE_LIMIT_SECONDS} s")


async def _slowest_probe(file: Path) -> float:
    """Run the online check-up; the seconds that its slowest network probe took."""
    arguments = (sys.executable, str(SCRIPT), "--json", "--env-file", str(file))
    process = await asyncio.create_subprocess_exec(
        *arguments, env=bare(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    out, _ = await process.communicate()
    record = json.loads(out)
    if process.returncode:
        msg = f"the check-up failed: {[finding['fault'] for finding in record['findings']]}"
        raise OSError(msg)
    return max(float(probe["seconds"]) for probe in record["probes"] if probe["name"] in NETWORK)


async def _print_start(folder: Path, environment: dict[str, str], rounds: int) -> None:
    slowest = await _slowest_probe(folder / ".env.local")
    pairs = []
    for number in range(rounds):
        agents = (GRANNY, PLAIN) if number % 2 else (PLAIN, GRANNY)
        took = {agent: await _start(agent, folder, environment, cache=folder / f"cache-{number}") for agent in agents}
        pairs.append((took[GRANNY], took[PLAIN] + slowest))
    _print("start to registered / plain agent + slowest probe", pairs, allowed=f"{START_LIMIT} x")


async def _start(agent: str, folder: Path, environment: dict[str, str], *, cache: Path) -> float:
    first = environment | {"XDG_CACHE_HOME": str(cache)}
    async with worker(AGENTS[agent], log=folder / agent, environment=first) as running:
        return running.seconds_to_register


async def _print_memory(folder: Path, environment: dict[str, str]) -> None:
    """Of a worker that is alone on the machine, at rest, with her lines recorded."""
    for agent in (GRANNY, PLAIN):
        async with worker(AGENTS[agent], log=folder / agent, environment=environment) as running:
            if agent == GRANNY:
                await until_recorded(running)
            await asyncio.sleep(SETTLING_SECONDS)
            print(f"idle worker alone, PSS: {agent} {memory(running.process.pid):.0f} MB", flush=True)


def _print(label: str, pairs: list[tuple[float, float]], *, allowed: str) -> None:
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = sorted(_ratios(pairs))
    ratio = f"{statistics.median(ratios):.2f} ({ratios[int(0.95 * (len(ratios) - 1))]:.2f})"
    print(_ROW.format(label, f"{ours:.2f} s", f"{theirs:.2f} s", ratio, allowed), flush=True)


def _ratios(pairs: list[tuple[float, float]]) -> Iterator[float]:
    return (ours / theirs for ours, theirs in pairs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="pairs of each kind")
    asyncio.run(main(parser.parse_args().rounds))
