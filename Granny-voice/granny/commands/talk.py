"""`make talk`: talk to Granny on whatever this machine offers, and say which way was chosen and why."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from granny import faults
from granny.config.paths import HOME, Mode, make_private
from granny.faults import Severity
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look
from granny.preflight.report import Report
from granny.rehearsal.callers.caller import Measured, Span, call, measure, save
from granny.rehearsal.callers.telephone import Recording
from granny.rehearsal.openai.standin import StandIn
from granny.rooms.tokens import join_link

RECORDINGS = HOME.parent / "recordings"
AGENT = HOME / "agent.py"
REHEARSAL_KEY = "sk-rehearsal-this-is-not-a-key"
_RULE = "=" * 79

_WORKER = """\
Your keys and your LiveKit server are set, so Granny starts as a worker and joins the next call.
To call her, open this page in a browser within ten minutes (it is for one caller and one call; keep it to yourself):

  {link}

For another call or another caller: python -m granny.commands.link, in the folder Granny-voice.
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
_RESULT = """\
REHEARSAL finished. (Levels are RMS of 16-bit sound.)
  recording   {file} (left: the caller, right: Granny)
  greeting    {greeting}
  question    {question}
  answer      {answer}
  silence     level {silence:.0f}
  first word  {to_first_word} after picking up
  answer      {to_answer} after the caller's last word (the pause that ends a turn included)
"""
_NOT_HEARD = "The call did not go as it should. What Granny's process said is in {log}"


def main() -> int:
    """Choose, say so, and talk; returns the exit status."""
    terminal.show_anything()
    occasion = Occasion(mode=Mode.DEVELOPMENT, needs_livekit=False, network=False)
    report, settings = look(occasion)
    if settings is None and nothing_is_set(report):
        print(_REHEARSAL)
        return asyncio.run(rehearse(reason_without_microphone()))
    if settings is None or not settings.may_start(report.exit_code):
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    if settings.livekit_url and settings.livekit_api_key and settings.livekit_api_secret:
        print(_WORKER.format(link=join_link(settings)))
        return run_agent("dev")
    if reason := reason_without_microphone():
        print(_NO_MICROPHONE.format(reason=reason), file=sys.stderr)
        return faults.ExitCode.CONFIG
    print(_CONSOLE)
    return run_agent("console")


def nothing_is_set(report: Report) -> bool:
    """Whether the only thing amiss is that there is no key yet, or the example's."""
    fatal = {finding.fault for finding in report.findings if finding.severity is Severity.FATAL}
    return fatal <= {faults.OPENAI_KEY_MISSING, faults.ENV_FILE_MISSING, faults.VALUE_PLACEHOLDER}


def run_agent(command: str, **environment: str) -> int:
    """agent.py in this terminal; its exit status."""
    with contextlib.suppress(KeyboardInterrupt):
        command_line = [sys.executable, str(AGENT), command]
        return subprocess.run(command_line, env=os.environ | environment, check=False).returncode  # noqa: S603  our own agent.py
    return 0


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


async def recorded_call(environment: dict[str, str]) -> int:
    """The recorded caller's call, kept as a WAV; 0 if greeting and answer were heard."""
    make_private(RECORDINGS)
    file = RECORDINGS / f"rehearsal-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.wav"
    log = file.with_suffix(".log")
    recording = await call(AGENT, log=log, environment=os.environ | environment)
    save(recording, file)
    measured = measure(recording)
    print(summary(recording, measured, file))
    if measured.greeting and measured.answer:
        return faults.ExitCode.OK
    print(_NOT_HEARD.format(log=log), file=sys.stderr)
    return faults.ExitCode.SOFTWARE


def summary(recording: Recording, measured: Measured, file: Path) -> str:
    """What was said and measured, for a person."""
    lines = [f"  {turn.speaker:<11} {turn.text}" for turn in recording.transcript]
    result = _RESULT.format(
        file=file,
        greeting=_span(measured.greeting),
        question=_span(measured.question),
        answer=_span(measured.answer),
        silence=measured.silence_rms,
        to_first_word=_seconds(measured.to_first_word),
        to_answer=_seconds(measured.to_answer),
    )
    return "\n".join(["What was said:", *lines, "", result])


def _span(span: Span | None) -> str:
    return f"{span.start:.1f} s to {span.end:.1f} s, level {span.rms:.0f}" if span else "not heard"


def _seconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
