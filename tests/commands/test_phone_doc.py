"""docs/phone.md holds: what it has one type exists, its rule is the one that is made, what it says is so."""

from __future__ import annotations

import json
import re

from google.protobuf.json_format import ParseDict
from livekit.protocol.sip import CreateSIPDispatchRuleRequest

from commands.test_page_doc import anchors
from granny.commands import COMMANDS
from granny.commands.docs import TOP
from granny.config.settings import VARIABLES
from granny.faults import CATALOGUE, ExitCode
from granny.people import FIELDS, Person
from granny.people._toml import Table, understand
from granny.phone import ringing
from granny.rooms import trunks
from granny.rooms.telephones import RingOutcome
from granny.rooms.trunks import Telephony
from scenarios._scene import settings

PAGE = (TOP / "docs" / "phone.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first of this language; within a list it is indented."""
    (found, *_) = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    indent, text = found
    return "\n".join(line.removeprefix(indent) for line in text.splitlines())


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(((?!http)[^)]+)\)", PAGE)
    assert targets
    for target in targets:
        path, _, anchor = target.partition("#")
        file = (TOP / "docs" / path).resolve() if path else TOP / "docs" / "phone.md"
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_every_command_setting_and_fault_exists() -> None:
    assert set(re.findall(r"python -m granny (\w+)", PAGE)) <= set(COMMANDS)
    named = set(re.findall(r"\bGRANNY_[A-Z_]+\b", PAGE)) - {"GRANNY_PHONE_OUT_"}
    assert named <= set(VARIABLES)
    assert set(re.findall(r"`(phone-[a-z-]+)`", PAGE)) <= set(CATALOGUE)
    assert set(re.findall(r"\bring_\w+|\bphone_hours\b", PAGE)) <= set(FIELDS)


def test_every_setting_of_the_telephone_is_told() -> None:
    missing = {name for name in VARIABLES if name.startswith("GRANNY_PHONE_") and name not in PAGE}
    assert missing == set()


def test_the_rule_for_a_number_of_livekits_is_the_one_that_is_made() -> None:
    """But for the trunk, which such a number has not."""
    told = ParseDict(json.loads(block("json")), CreateSIPDispatchRuleRequest())
    assert told.dispatch_rule == trunks.rule(settings(GRANNY_AGENT_NAME="granny"), Telephony(), None).after


def test_the_person_is_one() -> None:
    read = understand(block("toml"))
    assert isinstance(read, Table)
    anna = Person.model_validate(dict(read.values))
    assert set(read.values) <= set(FIELDS)
    assert (anna.ring_tries, anna.ring_pause) == (Person().ring_tries, Person().ring_pause)
    assert f"without it {Person().ring_hours}" in PAGE


def test_what_comes_of_a_call_is_told_whole() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE))
    assert set(rows) == {str(int(code)) for code in (ExitCode.OK, ExitCode.TEMPFAIL, ExitCode.CONFIG)}
    told = set(re.findall(r"`([a-z-]+)`", rows["75"]))
    assert told == {outcome.value for outcome in RingOutcome} - {RingOutcome.ANSWERED.value}


def test_how_long_it_rings_is_as_it_is_set_up() -> None:
    assert trunks.RINGING_SECONDS == 40
    assert "for longer than forty seconds" in " ".join(PAGE.split())
    assert ringing.RINGS_SECONDS == 30
    assert "which it does for half a minute" in " ".join(PAGE.split())
