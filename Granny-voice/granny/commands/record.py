"""`python -m granny record`: Granny says the lines once, and her own voice is kept for the calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode
from granny.lines import Line, cache_folder
from granny.preflight.checkup import OPENAI_PROBES, Occasion, look
from granny.preflight.report import Passed, Report
from granny.preflight.terminal import asked, interruptible, show_anything, text

_LINES = "recorded lines"
_THERE = "{count} of {all} are there already, in the family's voice or hers"
_PLACE = "Her own recordings lie in {folder}; delete them, and callers hear the ones shipped with her again."


def main(arguments: Sequence[str]) -> int:
    """Record what is missing, and print the report; returns the exit status."""
    show_anything()
    options = Options("record")
    options.add_files()
    chosen = options.parse_args(arguments)
    occasion = Occasion(mode=Mode(chosen.mode), needs_livekit=False, env_file=chosen.env_file, probes=OPENAI_PROBES)
    return interruptible(recorded(occasion))


async def recorded(occasion: Occasion) -> int:
    """Record, and tell; the exit status."""
    report = await record(occasion)
    print(text(report, stream=sys.stdout))
    if report.exit_code is ExitCode.OK:
        print(_PLACE.format(folder=cache_folder()))
    return report.exit_code


async def record(occasion: Occasion) -> Report:
    """The check-up, then the recording; with nothing missing, nothing is asked of the network."""
    report, settings = look(occasion)
    if settings is None or report.exit_code is not ExitCode.OK:
        return report
    from granny.people import People  # noqa: PLC0415  they need what may be missing: the report would have said so
    from granny.worker import line_recorder  # noqa: PLC0415  as above
    from granny.worker.voices import voices  # noqa: PLC0415  as above

    everybody = voices(settings, People.read(occasion.people))
    wanted = [line for one in everybody for line in line_recorder.missing(one)]
    if wanted:
        report, _ = await asked(occasion)
    if report.exit_code is not ExitCode.OK:
        return report
    count = len(everybody) * len(Line)
    known = _THERE.format(count=count - len(wanted), all=count)
    recorded = [outcome for one in everybody async for outcome in line_recorder.record(one)]
    return Report((*report.outcomes, Passed(probe=_LINES, seconds=0.0, detail=known), *recorded))
