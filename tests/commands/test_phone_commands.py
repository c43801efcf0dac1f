"""`python -m granny phone setup` and `ring`, as whoever types them meets them."""

from __future__ import annotations

import asyncio
import functools
import importlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from livekit.protocol.models import ParticipantInfo

from alerts.post import SECRET
from fakes._livekit_api import LiveKitApi, Refusal, livekit_api, she, that_rings
from family import tell, with_people
from granny.config.paths import Mode, env_files
from granny.phone import ringing
from granny.preflight import checkup
from granny.preflight.checkup import LIVEKIT, Occasion
from granny.rehearsal.rig.services import Services
from granny.rooms.telephones import RING
from scenarios._scene import settings
from scenarios.phone import NUMBER, OTHER, RINGS, made, set_up

CALLEE = ParticipantInfo(sid="PA_callee", identity="callee", kind=ParticipantInfo.Kind.SIP)
ANNA = f'numbers = ["{OTHER}"]\nring_hours = "0:00-24:00"\nring_pause = 1\nring_tries = 1\n'


@dataclass(frozen=True)
class Typed:
    """What came of a command."""

    status: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.err
        for number in (NUMBER, OTHER):
            assert number[-4:] not in self.out + self.err, "a number is shown"


@dataclass
class Terminal:
    """Where somebody types: a house, and a LiveKit that answers as it is told to."""

    house: Path
    livekit: LiveKitApi
    environment: dict[str, str]
    output: pytest.CaptureFixture[str]

    async def typed(self, command: str, *arguments: str, **more: str) -> Typed:
        """The command, within this process: `import livekit` takes a while."""
        with mock.patch.dict(os.environ, self.environment | more, clear=True):
            status = await self._status(importlib.import_module(f"granny.commands.{command}"), arguments)
        told = self.output.readouterr()
        return Typed(status, told.out, told.err)

    async def _status(self, module: Any, arguments: tuple[str, ...]) -> int:
        options = module._options()
        occasion = Occasion(mode=Mode.DEVELOPMENT, env_file=self.house / ".env.local", probes=(LIVEKIT,))
        with mock.patch.object(checkup, "env_files", functools.partial(env_files, folder=self.house)):
            try:
                done: int = await module._run(options.parse_args(arguments), options, occasion)
            except SystemExit as end:
                return int(str(end.code))
        return done

    async def started(self, *arguments: str) -> asyncio.subprocess.Process:
        """The command in a process of its own."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "granny", *arguments),
            cwd=self.house,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_LOOKS_SECONDS", 0.01)
    monkeypatch.setattr(ringing, "_FOLLOWS_SECONDS", 0.01)


@pytest.fixture
async def terminal(
    home: Path, tmp_path: Path, bare_environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Terminal]:
    """All that is needed, and Anna has a file."""
    house = with_people(home, tmp_path / "Granny-voice", {"anna": ANNA})
    given = {"OPENAI_API_KEY": "sk-proj-" + "FAKE" * 10, "GRANNY_PREFLIGHT_WAIT": "0"}
    async with livekit_api() as livekit:
        yield Terminal(house, livekit, bare_environment | given | livekit.environment | RINGS, capsys)


async def test_setting_up_says_what_it_has_done(terminal: Terminal) -> None:
    trunk, rule, outbound = made(settings(**RINGS))
    assert outbound
    made_there = {"CreateSIPInboundTrunk": trunk, "CreateSIPOutboundTrunk": outbound, "CreateSIPDispatchRule": rule}
    terminal.livekit.answers |= made_there
    planned = await terminal.typed("phone", "setup", "--dry-run")
    assert planned.status == 0
    assert planned.out.splitlines()[0] == "Her telephone, whose number ends in 17, in LiveKit:"
    assert planned.out.count("  to be made ") == 3
    done = await terminal.typed("phone", "setup")
    assert done.status == 0
    assert done.out.count("  made ") == 3
    assert "docs/phone.md" in done.out


async def test_what_is_changed_is_named_and_not_shown(terminal: Terminal) -> None:
    trunk, _ = set_up(terminal.livekit, settings(**RINGS))
    terminal.livekit.answers["UpdateSIPInboundTrunk"] = trunk
    more = {"GRANNY_PHONE_IN_USER": "pbx", "GRANNY_PHONE_IN_PASSWORD": "hush-hush"}
    done = await terminal.typed("phone", "setup", **more)
    assert done.status == 0
    assert "  changed    trunk for calls to her: auth_username, auth_password\n" in done.out
    assert done.out.count("  as it was  ") == 2
    assert "hush" not in done.out + done.err
    assert "phone-setup-outdated" in done.err, "for this LiveKit has not kept it"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("phone", "python -m granny phone setup"),
        ("ring", "python -m granny ring NAME"),
        ("ring ana", "did you mean anna?"),
        ("ring anna", "phone-out-missing"),
    ],
)
async def test_what_must_be_put_right_first_is_said(terminal: Terminal, line: str, said: str) -> None:
    done = await terminal.typed(*line.split())
    assert (done.status, done.out) == (78, "")
    assert said in " ".join(done.err.split())


async def test_without_a_number_there_is_nothing_to_set_up(terminal: Terminal) -> None:
    done = await terminal.typed("phone", "setup", GRANNY_PHONE_NUMBER="")
    assert done.status == 78
    assert "phone-number-missing" in done.err


async def test_a_person_without_a_number_cannot_be_rung(terminal: Terminal) -> None:
    tell(terminal.house, "anna", 'called = "Anna"\n')
    done = await terminal.typed("ring", "anna", "--json")
    (finding,) = json.loads(done.out)["findings"]
    assert (done.status, finding["fault"], finding["where"]) == (78, "person-without-number", "people/anna.toml")


async def test_a_conversation_is_told_as_one(terminal: Terminal) -> None:
    set_up(terminal.livekit, settings(**RINGS))
    that_rings(terminal.livekit, looks=([she()], [she(), CALLEE], []))
    done = await terminal.typed("ring", "anna")
    assert done.status == 0
    first, last = done.out.splitlines()
    assert first.endswith("  answered, and talked with")
    assert last == "anna was reached."


@pytest.mark.parametrize("typed", ["käthe", "ka\u0308the", r"k\xc3\xa4the"], ids=["typed", "by macOS", "by systemd"])
async def test_whoever_has_an_umlaut_is_rung_too(terminal: Terminal, typed: str) -> None:
    """The names of systemd's units have none: `systemctl start granny-ring@käthe` starts what %i hands over."""
    set_up(terminal.livekit, settings(**RINGS))
    that_rings(terminal.livekit, looks=([she()], [she(), CALLEE], []))
    tell(terminal.house, "käthe", ANNA)
    tell(terminal.house, "anna", "")
    done = await terminal.typed("ring", typed)
    assert (done.status, done.out.splitlines()[-1:]) == (0, ["käthe was reached."]), done.err


@pytest.mark.parametrize(
    ("dialled", "looks", "outcome"),
    [
        (Refusal.by_telephone(486), ([she()], []), "busy"),
        (Refusal.by_telephone(603), ([she()], []), "declined"),
        (Refusal("canceled", status=408), ([she()], []), "not-answered"),
        (None, ([she()], [she(**{RING: "machine"}), CALLEE], []), "machine"),
        (None, ([she()], [she(**{RING: "no-conversation"}), CALLEE], []), "no-conversation"),
    ],
)
async def test_who_was_not_reached_may_be_rung_later(
    terminal: Terminal, dialled: Refusal | None, looks: tuple[list[ParticipantInfo], ...], outcome: str
) -> None:
    set_up(terminal.livekit, settings(**RINGS))
    that_rings(terminal.livekit, dialled=dialled, looks=looks)
    done = await terminal.typed("ring", "anna", "--json")
    told = json.loads(done.out)
    assert (done.status, told["exit_code"], told["reached"], told["person"]) == (75, 75, False, "anna")
    assert [one["outcome"] for one in told["tries"]] == [outcome]


async def test_a_quiet_hour_is_said(terminal: Terminal) -> None:
    set_up(terminal.livekit, settings(**RINGS))
    there = datetime.now(timezone(timedelta(hours=1)))
    later = f"{(there.hour + 2) % 24}:00-{(there.hour + 3) % 24}:00"
    tell(terminal.house, "anna", f'numbers = "{OTHER}"\nring_hours = "{later}"\ntimezone = "Etc/GMT-1"\n')
    done = await terminal.typed("ring", "anna")
    assert done.status == 75
    assert "no hour to ring" in done.out
    assert not terminal.livekit.bodies("CreateRoom")


async def test_a_provider_that_refuses_her_must_be_put_right(terminal: Terminal) -> None:
    set_up(terminal.livekit, settings(**RINGS))
    that_rings(terminal.livekit, dialled=Refusal.by_telephone(403), looks=([she()], []))
    done = await terminal.typed("ring", "anna")
    assert done.status == 78
    assert "phone-out-refused" in done.err


async def test_and_the_family_is_told_for_a_timer_has_no_reader(terminal: Terminal) -> None:
    set_up(terminal.livekit, settings(**RINGS))
    that_rings(terminal.livekit, dialled=Refusal.by_telephone(403), looks=([she()], []))
    async with Services() as services:
        told = {"GRANNY_ALERTS": services.hook(SECRET), "GRANNY_DATA_FOLDER": str(terminal.house.parent / "data")}
        done = await terminal.typed("ring", "anna", **told)
        (letter,) = services.letters
    assert done.status == 78
    assert "Whom it concerns: anna\nWhy: phone-out-refused\n" in letter["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=str)
async def test_whoever_ends_it_while_it_rings_hangs_up(terminal: Terminal, number: int, status: int) -> None:
    set_up(terminal.livekit, settings(**RINGS))
    that_rings(terminal.livekit, looks=([she()],))
    del terminal.livekit.answers["CreateSIPParticipant"]
    process = await terminal.started("ring", "anna")
    await terminal.livekit.hangs.wait()
    process.send_signal(number)
    _, err = await process.communicate()
    assert process.returncode == status, err
    assert b"Traceback" not in err
    assert terminal.livekit.asked[-1][0] == "DeleteRoom"
