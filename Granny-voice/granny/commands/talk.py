"""`python -m granny talk` (`make talk`): talk to Granny on whatever this machine offers, and say which way and why."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from granny import faults
from granny.commands._options import Options
from granny.config.paths import AGENT, Mode
from granny.faults import ExitCode, Severity
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look
from granny.preflight.report import Report

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

_LIVEKIT = {"LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"}
REHEARSAL_KEY = "sk-rehearsal-this-is-not-a-key"
_RULE = "=" * 79

_WORKER = """\
Your keys and your LiveKit server are set, so Granny starts as a worker and joins the next call.
As soon as she says that she is ready, open this page in a browser to call her, within ten minutes (it is for one
caller and one call; keep it to yourself):

  {link}

For another call or another caller: python -m granny link --once, in the folder Granny-voice.
Ctrl+C stops her.
"""
_CONSOLE = """\
Your OpenAI key is set and no LiveKit server is, so you talk to Granny right here, with this machine's
microphone and loudspeaker. (For calls from a phone or a browser, set LIVEKIT_URL and its key and secret.)
Ctrl+C ends the call.
"""
_NO_MICROPHONE = """\
Your OpenAI key is set and no LiveKit server is, so you would talk to Granny right here; but that needs a terminal,
a microphone and a loudspeaker, and they are not to be had ({reason}).
  On Linux      the microphone needs PortAudio: sudo apt install libportaudio2
  Elsewhere     see that a microphone is plugged in and that this terminal may use it
  Or            set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, and call her from a browser or a phone
"""
_REHEARSAL = f"""\
{_RULE}
REHEARSAL: this is not OpenAI and not the real Granny.
OPENAI_API_KEY is not set, so nothing leaves this machine: a stand-in greets you, then repeats your own
voice back, as a telephone's echo test does. It shows that everything here works.
To meet the real Granny: copy .env.local.example to Granny-voice/.env.local and put your key in.
{_RULE}
"""
_WITH_MICROPHONE = "This terminal has a microphone: speak after the greeting. Ctrl+C ends the call.\n"
_RECORDED_CALLER = "There is no terminal with a microphone here ({reason}), so a recorded caller holds the call.\n"


def main(arguments: Sequence[str]) -> int:
    """Choose, say so, and talk; returns the exit status."""
    terminal.show_anything()
    Options("talk").parse_args(arguments)
    report, settings = look(Occasion(mode=Mode.DEVELOPMENT, needs_livekit=False, network=False))
    with contextlib.suppress(KeyboardInterrupt):  # the call is ended so, and all is well
        if settings is None and nothing_is_set(report):
            print(_REHEARSAL)
            return terminal.interruptible(rehearse(reason_without_microphone()))
        if settings is None or not settings.may_start(report.exit_code):
            print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
            return report.exit_code
        return talk(settings)
    return ExitCode.OK


def talk(settings: Settings) -> int:
    """With the real Granny: as a worker where there is a LiveKit server, else in the console."""
    if has_livekit(settings):
        from granny.rooms.tokens import join_link  # noqa: PLC0415  livekit takes its time

        print(_WORKER.format(link=join_link(settings)))
        return run_agent("dev")
    if reason := reason_without_microphone():
        print(_NO_MICROPHONE.format(reason=reason), file=sys.stderr)
        return ExitCode.CONFIG
    print(_CONSOLE)
    return run_agent("console")


def has_livekit(settings: Settings) -> bool:
    """Whether a LiveKit server is set: any but the example's, which whoever has copied it may leave as it is."""
    if not settings.has_livekit:
        return False
    report, _ = look(Occasion(mode=Mode.DEVELOPMENT, network=False))
    examples = {finding.variable for finding in report.findings if finding.fault is faults.VALUE_PLACEHOLDER}
    return not examples >= _LIVEKIT


def nothing_is_set(report: Report) -> bool:
    """Whether the only thing amiss is that there is no key yet, or the example's."""
    fatal = {finding.fault for finding in report.findings if finding.severity is Severity.FATAL}
    return fatal <= {faults.OPENAI_KEY_MISSING, faults.ENV_FILE_MISSING, faults.VALUE_PLACEHOLDER}


def run_agent(command: str, **environment: str) -> int:
    """agent.py in this terminal; its exit status. Ctrl+C reaches it as well, and it ends in its own time."""
    command_line = [sys.executable, str(AGENT), command]
    with subprocess.Popen(command_line, env=os.environ | environment) as agent:  # noqa: S603  our own agent.py
        try:
            return agent.wait()
        except KeyboardInterrupt:
            return ExitCode.OK


def reason_without_microphone() -> str | None:
    """Why there is no talking by microphone here; None if there is."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "no terminal"
    try:
        import sounddevice  # type: ignore[import-untyped]  # noqa: PLC0415  it ships no types, and needs PortAudio

        sounddevice.query_devices(kind="input")
        sounddevice.query_devices(kind="output")
    except Exception as error:  # noqa: BLE001  PortAudio missing, no device, a device that is busy: all mean no
        return f"no microphone: {type(error).__name__}"
    return None


async def rehearse(reason: str | None) -> int:
    """A call against the stand-in, with the microphone or, for the reason given, with the recorded caller."""
    from granny.commands._recorded_call import recorded_call  # noqa: PLC0415  it needs livekit, too
    from granny.rehearsal.openai.standin import StandIn  # noqa: PLC0415  were that missing, the report would have said so

    async with StandIn(api_key=REHEARSAL_KEY) as standin:
        environment = {
            "OPENAI_API_KEY": REHEARSAL_KEY,
            "OPENAI_BASE_URL": standin.base_url,
            "GRANNY_OWN_VOICE": "off",  # the stand-in's voice is not hers
        }
        if reason is None:
            print(_WITH_MICROPHONE)
            return await asyncio.to_thread(run_agent, "console", **environment)
        print(_RECORDED_CALLER.format(reason=reason))
        return await recorded_call(environment)
