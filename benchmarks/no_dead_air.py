"""What a caller meets when something goes wrong, Granny's and the plain agent's caller side by side.

Run by hand: `python -m benchmarks.no_dead_air`, with `Granny-voice` and `tests` on PYTHONPATH; a quarter of an hour.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.rig import AGENTS, GRANNY, PLAIN
from calls.scenes import SCENES, Scene
from calls.stage import Met, seconds, stage, stage_of
from granny.rehearsal.rig.worker import bare

PATIENCE = 12.0
"""How many seconds the plain agent's caller holds on."""
_ROW = "{:<52} {:>5}  {:>7} {:>7}  {:>7} {:>7}  {}"


async def main() -> None:
    """Play every scene with both, and print."""
    with tempfile.TemporaryDirectory(prefix="granny-bench-") as folder:
        places = {agent: Path(folder) / agent for agent in (GRANNY, PLAIN)}
        for place in places.values():
            place.mkdir()
        async with stage(AGENTS[GRANNY].parent, places[GRANNY], bare()) as ours:
            granny = {scene.name: await ours.play(scene) for scene in SCENES}
        plain = {scene.name: await _play_plain(scene, places[PLAIN]) for scene in SCENES}
    print(_ROW.format("", "", GRANNY, "", PLAIN, "", ""))
    print(_ROW.format("seconds from the fault on the wire to:", "aim", "line", "gone", "voice", "gone", "fault"))
    for scene in SCENES:
        mine, its = granny[scene.name], plain[scene.name]
        aim = f"{scene.aim:.1f}" if scene.lines else ""
        gone = seconds(its.off_the_line) or "never"
        voice = "yes" if its.voice_after else "never"
        fault = mine.attribute or ", ".join(mine.told) or "none"
        line = seconds(mine.first_line) or ("voice" if mine.voice_after else "never")
        print(_ROW.format(scene.name, aim, line, seconds(mine.off_the_line), voice, gone, fault))


async def _play_plain(scene: Scene, folder: Path) -> Met:
    """With a worker of its own: a job of the plain agent that has met a fault may stay for ever."""
    async with stage_of(
        AGENTS[PLAIN], folder, {**bare(), "PLAIN_PORT": "0"}, agent_name=PLAIN, patience=PATIENCE
    ) as here:
        return await here.play(scene)


if __name__ == "__main__":
    asyncio.run(main())
