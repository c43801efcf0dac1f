"""The probes side by side, into one report: which are asked, and what their findings mean together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from granny import faults
from granny.config.paths import PEOPLE_FOLDER, Mode, env_files
from granny.faults import Severity
from granny.preflight import patience
from granny.preflight.one_probe import BLOCKING, ask, ask_now, ask_until, broken
from granny.preflight.patience import NetworkProbe
from granny.preflight.probes.offline import PEOPLE, Offline
from granny.preflight.probes.port import Port as Port  # noqa: PLC0414  an occasion's, for those who know no probe
from granny.preflight.report import USUAL_FILE, Crashed, Failed, Outcome, Report, Skipped

if TYPE_CHECKING:  # pydantic may be missing, and that is then the finding
    from granny.config.settings import Settings

_NOTICE_SECONDS = 3.0
LIVEKIT, OPENAI, MODEL, PHONE, STORE = "LiveKit", "OpenAI", "OpenAI model", "telephone", "store"
ALERTS = "alerts"
OPENAI_PROBES = (OPENAI, MODEL)
_ADDRESSES = {LIVEKIT: "LIVEKIT_URL", OPENAI: "OPENAI_BASE_URL", MODEL: "OPENAI_BASE_URL"}
_NOBODY_ANSWERS = (
    faults.LIVEKIT_HOST_UNKNOWN,
    faults.LIVEKIT_NOT_LISTENING,
    faults.LIVEKIT_SILENT,
    faults.LIVEKIT_UNREACHABLE,
    faults.OPENAI_HOST_UNKNOWN,
    faults.OPENAI_SILENT,
    faults.OPENAI_UNREACHABLE,
)
"""What is met where the internet can only be reached through a proxy."""

_LIVEKIT_VARIABLES = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")

_READS = {
    LIVEKIT: ("LIVEKIT_",),
    OPENAI: ("OPENAI_", "GRANNY_MODEL"),
    MODEL: ("OPENAI_", "GRANNY_MODEL"),
    PHONE: ("LIVEKIT_", "GRANNY_PHONE_", "GRANNY_AGENT_NAME"),
    STORE: ("GRANNY_DATABASE_URL",),
    ALERTS: ("GRANNY_ALERTS",),
}
"""The variables of a network probe, by their beginning: a fault in another one does not keep it from asking."""

_OFFLINE = "not asked: offline"
_FIRST = "not asked: put right first what is said below"
_CONSOLE = "not asked: a call in the console needs no LiveKit server"
_OFF = "not asked: GRANNY_PREFLIGHT=off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a check-up is for.

    Attributes:
        mode: which env files are read beside `.env.local`.
        needs_livekit: False for the console, which meets no LiveKit server.
        env_file: read instead of `.env.local` beside agent.py.
        network: False asks nothing beyond this machine.
        probes: the network probes to ask, by name; empty means all.
        opens: the port that will be opened.
        join: how she is called after it, where whoever starts her knows.
    """

    mode: Mode
    needs_livekit: bool = True
    env_file: Path | None = None
    network: bool = True
    probes: tuple[str, ...] = ()
    opens: Port | None = None
    join: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The env files that are read, the strongest first."""
        return env_files(self.mode, local=self.env_file)

    @property
    def people(self) -> Path:
        """The folder of the people who call, whether it is there or not."""
        return self.files[-1].with_name(PEOPLE_FOLDER)

    @property
    def file_named(self) -> str:
        """The env file, as the remedies name it."""
        return str(self.env_file) if self.env_file else USUAL_FILE

    @property
    def needed(self) -> tuple[str, ...]:
        """The variables without which she cannot take a call."""
        return ("OPENAI_API_KEY", *(_LIVEKIT_VARIABLES if self.needs_livekit else ()))


Notice = Callable[[tuple[str, ...], int], None]


def look(occasion: Occasion) -> tuple[Report, Settings | None]:
    """The half that asks nothing of the network: files and values. No settings where they cannot be read."""
    outcomes, offline = _examine(occasion)
    skipped = (
        ()
        if occasion.network
        else (Skipped(probe=name, detail=_OFFLINE) for name in _names(occasion, offline.settings))
    )
    return Report((*outcomes, *_unneeded(occasion), *skipped), occasion.file_named), offline.settings


async def check_up(
    occasion: Occasion, *, notice: Notice, meanwhile: Callable[[Settings], None] | None = None
) -> tuple[Report, Settings | None]:
    """All the questions, into one report.

    Args:
        occasion: what it is for.
        notice: told the probes that are being asked, at once (0) and when they take long (1).
        meanwhile: called once with the settings, before the network is asked and only if nothing on this machine
            is wrong: it begins work that goes on while the network is waited for.
    """
    outcomes, offline = _examine(occasion)
    settings = offline.settings
    reasons = {name: _why_not_ask(name, outcomes, settings) for name in _names(occasion, settings)}
    names = tuple(name for name, reason in reasons.items() if not reason)
    failed = any(isinstance(outcome, Failed | Crashed) for outcome in outcomes)
    if meanwhile and settings and not failed:
        meanwhile(settings)
    waits = {} if failed else _waits(occasion, settings, names)
    asked = await _ask_all(names, settings, occasion, waits=waits, notice=notice)
    found = {outcome.probe: outcome for outcome in _placed(asked, offline)}
    network = (found.get(name) or Skipped(probe=name, detail=reason) for name, reason in reasons.items())
    return Report((*outcomes, *_unneeded(occasion), *network), occasion.file_named), settings


def _examine(occasion: Occasion) -> tuple[tuple[Outcome, ...], Offline]:
    offline = Offline(
        files=occasion.files,
        environ=os.environ,
        needed=occasion.needed,
        local=occasion.env_file,
        people=occasion.people,
    )
    probes = offline.probes(opens=occasion.opens)
    return tuple(ask_now(name, probe) for name, probe in probes), offline


def _placed(asked: Iterable[Outcome], offline: Offline) -> Iterator[Outcome]:
    """The findings with the place of each variable, and beside them what may be behind them.

    Beside a refused value that the environment hides the file's: the commonest reason for a key that is still refused
    after it was put right. Beside a silence that a proxy is set which nobody reads.
    """
    for result in asked:
        found = tuple(replace(one, where=one.where or offline.where(one.variable)) for one in result.findings)
        blocked = {one.variable for one in found if one.severity in BLOCKING}
        shadows = tuple(one for name in sorted(filter(None, blocked)) if (one := offline.shadow(name)))
        silent = any(one.fault in _NOBODY_ANSWERS for one in found)
        ignored = offline.ignored_proxy(_ADDRESSES[result.probe]) if silent else None
        yield replace(result, findings=(*found, *shadows, *((ignored,) if ignored else ())))


def _waits(occasion: Occasion, settings: Settings | None, names: Iterable[str]) -> dict[str, float]:
    """How many seconds a passing fault is given to pass, by the probe that meets it."""
    return {name: patience.seconds(occasion.mode, settings, asks_openai=name in OPENAI_PROBES) for name in names}


async def _ask_all(
    names: tuple[str, ...], settings: Settings | None, occasion: Occasion, *, waits: Mapping[str, float], notice: Notice
) -> Iterable[Outcome]:
    if not names or settings is None:
        return ()
    try:
        probes = probes_named(names)
    except Exception as error:  # noqa: BLE001  a package that is there and broken must not end the check-up
        return [broken(name, error, seconds=0.0) for name in names]
    if occasion.opens and occasion.mode is Mode.PRODUCTION:
        probes = {name: patience.patient(probe) for name, probe in probes.items()}
    asking = {name: ask_until(name, probe, settings, wait=waits.get(name, 0.0)) for name, probe in probes.items()}
    tasks = {name: asyncio.create_task(question) for name, question in asking.items()}
    notice(tuple(tasks), 0)
    _, pending = await asyncio.wait(tasks.values(), timeout=_NOTICE_SECONDS)
    if pending:
        notice(tuple(name for name, task in tasks.items() if task in pending), 1)
    return [await task for task in tasks.values()]


def _why_not_ask(name: str, outcomes: tuple[Outcome, ...], settings: Settings | None) -> str:
    """Why this probe would learn nothing; empty: ask."""
    if settings is None or any(isinstance(outcome, Crashed) for outcome in outcomes):
        return _FIRST
    if settings.preflight == "off":
        return _OFF
    asked = (outcome for outcome in outcomes if outcome.probe != PEOPLE)  # who calls is no concern of the network
    fatal = (finding for outcome in asked for finding in outcome.findings if finding.severity is Severity.FATAL)
    concerns = (finding.variable is None or finding.variable.startswith(_READS[name]) for finding in fatal)
    return _FIRST if any(concerns) else ""


def _names(occasion: Occasion, settings: Settings | None) -> tuple[str, ...]:
    """The network probes of this occasion; the telephone's only where she has a number, the store's where it is far.

    Alerts are looked at by who opens no port: a worker that is about to serve does it later, for nobody waits for it.
    """
    phone = (PHONE,) if settings and settings.phone_number else ()
    store = (STORE,) if settings and settings.database_url else ()
    alerts = (ALERTS,) if settings and settings.alerts and not occasion.opens else ()
    return occasion.probes or (*((LIVEKIT, *phone) if occasion.needs_livekit else ()), *OPENAI_PROBES, *store, *alerts)


def _unneeded(occasion: Occasion) -> tuple[Outcome, ...]:
    """LiveKit, where a whole check-up leaves it out."""
    left_out = not occasion.needs_livekit and not occasion.probes
    return (Skipped(probe=LIVEKIT, detail=_CONSOLE),) if left_out else ()


def probes_named(names: tuple[str, ...]) -> dict[str, NetworkProbe]:
    """Network probes, imported only now: aiohttp takes its time, and may be missing."""
    from granny.preflight.probes import livekit, model, openai  # noqa: PLC0415  for that reason

    known: dict[str, NetworkProbe] = {LIVEKIT: livekit.ask, OPENAI: openai.ask, MODEL: model.ask}
    if PHONE in names:
        from granny.preflight.probes import phone  # noqa: PLC0415  livekit takes its time, and few have a telephone

        known[PHONE] = phone.ask
    if STORE in names:
        from granny.preflight.probes import store  # noqa: PLC0415  few have a server for it

        known[STORE] = store.ask
    if ALERTS in names:
        from granny.preflight.probes import alerts  # noqa: PLC0415  few have set an address

        known[ALERTS] = alerts.ask
    return {name: known[name] for name in names}


async def ask_alone(name: str, settings: Settings) -> Outcome:
    """Ask the network probe of this name once."""
    return await ask(name, probes_named((name,))[name], settings)
