"""`python -m granny talk` (`make talk`): talk to Granny on whatever this machine offers, and say which way and why."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from granny import faults
from granny.commands._options import Options
from granny.config.paths import Mode
from granny.faults import ExitCode, Severity
from granny.preflight import terminal
from granny.preflight.checkup import Occasion, look
from granny.preflight.report import Report

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

_LIVEKIT = {"LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"}
REHEARSAL_KEY = "sk-rehearsal-this-is-not-a-key"
_RULE = "=" * 79
_NO_TERMINAL = "no terminal"
_NO_DESKTOP = "no desktop for a browser"

_BY_LIVEKIT = """\
Your keys and your LiveKit server are set: she takes calls there, and you talk to her on a page of this machine.
"""
_FOR_TABLETS = """\
Whoever has a link reaches her at {url}, too, for as long as this runs. This makes one: make link
"""
_NO_TABLETS = """
But no tablet reaches her now: another program has port {port}, to which their way leads. End it and begin again, or
set GRANNY_PAGE_PORT to another port, and lead the way there.
"""
_ON_THIS_MACHINE = """\
Your OpenAI key is set and no LiveKit server is, so you talk to her on a page of this machine, and nobody else can.
(For calls from a tablet or a phone, set LIVEKIT_URL and its key and secret.)
"""
_NEEDS_TERMINAL = """\
Your OpenAI key is set and no LiveKit server is, so you would talk to her on a page of this machine, whose address
would be shown here; but there is no terminal.
  To talk to her    type make talk in a terminal
  To have her run   set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET
"""
_REHEARSAL = f"""\
{_RULE}
REHEARSAL: this is not OpenAI and not the real Granny.
OPENAI_API_KEY is not set, so nothing leaves this machine: a stand-in greets you, then repeats your own
voice back, as a telephone's echo test does. It shows that everything here works.
To meet the real Granny: copy .env.local.example to Granny-voice/.env.local and put your key in.
{_RULE}
"""
_RECORDED_CALLER = "There is {reason} here, so a recorded caller holds the call.\n"
_ADDRESS = """
Talk to her on this page{opened}. It is for you alone; Ctrl+C stops her, and then its address is good for nothing.

  {address}
"""
_OPENED = ", which opens in your browser"
_ELSEWHERE = """
This machine seems to have no desktop. From one that has a browser, type this there, and open the address there:

  ssh -L {port}:127.0.0.1:{port} and how you reach this machine
"""


def main(arguments: Sequence[str]) -> int:
    """Choose, say so, and talk; returns the exit status."""
    terminal.show_anything()
    Options("talk").parse_args(arguments)
    report, settings = look(Occasion(mode=Mode.DEVELOPMENT, needs_livekit=False, network=False))
    with contextlib.suppress(KeyboardInterrupt):  # the call is ended so, and all is well
        if settings is None and nothing_is_set(report):
            print(_REHEARSAL, flush=True)
            return terminal.interruptible(rehearse(reason_without_page()))
        if settings is None or not settings.may_start(report.exit_code):
            print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
            return report.exit_code
        return talk(settings)
    return ExitCode.OK


def talk(settings: Settings) -> int:
    """With the real Granny: by the LiveKit server that is set, else by what this machine has."""
    if has_livekit(settings):
        print(_BY_LIVEKIT, flush=True)
        if settings.page_url:
            print(_FOR_TABLETS.format(url=settings.page_url), flush=True)
        return terminal.interruptible(on_page(by_livekit=True, for_tablets=True))
    if not is_terminal():
        print(_NEEDS_TERMINAL, file=sys.stderr)
        return ExitCode.CONFIG
    print(_ON_THIS_MACHINE, flush=True)
    return terminal.interruptible(on_this_machine())


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


def is_terminal() -> bool:
    """Whether somebody reads along, and can end it."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def has_desktop() -> bool:
    """Whether a browser can open here, for who sits at this machine."""
    if sys.platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def reason_without_page() -> str | None:
    """Why nobody here would talk to her on a page; None if somebody would."""
    if not is_terminal():
        return _NO_TERMINAL
    return None if has_desktop() else _NO_DESKTOP


async def rehearse(reason: str | None) -> int:
    """A call against the stand-in, on her page or, for the reason given, with the recorded caller."""
    from granny.commands._recorded_call import recorded_call  # noqa: PLC0415  it needs livekit, too
    from granny.rehearsal.openai.standin import StandIn  # noqa: PLC0415  were that missing, the report would have said so

    async with StandIn(api_key=REHEARSAL_KEY) as standin:
        environment = {
            "OPENAI_API_KEY": REHEARSAL_KEY,
            "OPENAI_BASE_URL": standin.base_url,
            "GRANNY_OWN_VOICE": "off",  # the stand-in's voice is not hers
            "GRANNY_LINES_FOLDER": "",  # nor is it the family's, which would greet in its place
        }
        if reason is None:
            os.environ.update(environment)
            return await on_this_machine(is_rehearsal=True)
        print(_RECORDED_CALLER.format(reason=reason), flush=True)
        return await recorded_call(environment)


async def on_this_machine(*, is_rehearsal: bool = False) -> int:
    """By a LiveKit server of this run's own, where the program is installed; else by the page's own server."""
    async with _own_livekit() as environment:
        os.environ.update(environment)
        return await on_page(by_livekit=bool(environment), is_rehearsal=is_rehearsal)


async def on_page(*, by_livekit: bool, for_tablets: bool = False, is_rehearsal: bool = False) -> int:
    """With a worker and a page in this process; for tablets, too, where somebody has said how they reach it."""
    from granny.commands._page_here import Way, hold  # noqa: PLC0415  livekit takes its time
    from granny.page.link_book import LinkBook  # noqa: PLC0415  it needs pydantic
    from granny.people import People  # noqa: PLC0415  as above

    occasion = Occasion(mode=Mode.DEVELOPMENT, needs_livekit=by_livekit, network=False)
    report, settings = look(occasion)
    if settings is None:
        print(terminal.text(report, stream=sys.stderr), file=sys.stderr)
        return report.exit_code
    people = People.read(occasion.people)
    others = LinkBook(settings).holder if for_tablets and settings.page_url else None

    def told(address: str) -> None:
        tell(address)
        if others and settings.page_port not in (0, urlsplit(address).port):
            print(_NO_TABLETS.format(port=settings.page_port), flush=True)

    return await hold(Way(settings, people, by_livekit=by_livekit, is_rehearsal=is_rehearsal, tell=told, others=others))


@contextlib.asynccontextmanager
async def _own_livekit() -> AsyncIterator[dict[str, str]]:
    """The variables that lead to it; none where there is no such program."""
    from granny.rehearsal.rig.livekit_server import PROGRAM, own_livekit_server  # noqa: PLC0415  it is seldom needed

    if not shutil.which(PROGRAM):
        yield {}
        return
    pair = (f"API{secrets.token_hex(8)}", secrets.token_hex(32))
    with tempfile.TemporaryDirectory(prefix="granny-") as folder:
        async with own_livekit_server(log=Path(folder) / "livekit.log", pair=pair) as livekit:
            yield livekit.environment


def tell(address: str) -> None:
    """Where she is; a browser shows it, where there is one."""
    from granny.commands._browser import show  # noqa: PLC0415  it needs aiohttp

    if has_desktop():
        print(_ADDRESS.format(address=address, opened=_OPENED), flush=True)
        show(address)
    else:
        print(_ADDRESS.format(address=address, opened=""), flush=True)
        print(_ELSEWHERE.format(port=urlsplit(address).port), flush=True)
