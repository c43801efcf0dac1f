"""Letters over real sockets: what a service says of them is told by its code alone, and nothing else gets out."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from granny.net import letters
from granny.net.letters import Letter, Outcome, send
from granny.rehearsal.rig.services import Services

HOME = Path(__file__).resolve().parents[2] / "Granny-voice"
SECRET = "FAKEtoken" * 3


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    async with Services() as services:
        yield services


class MailServer:
    """One that speaks enough of SMTP to take a letter, or to refuse it at a step."""

    def __init__(self) -> None:
        self.refuses: dict[bytes, str] = {}
        self.letters: list[bytes] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 stand-in\r\n")
        while command := (await reader.readline())[:4].upper():
            usual = {
                b"EHLO": "250-stand-in\r\n250 AUTH PLAIN",
                b"AUTH": "235 in",
                b"DATA": "354 go on",
                b"QUIT": "221 bye",
            }
            answer = self.refuses.get(command) or usual.get(command, "250 ok")
            writer.write(f"{answer}\r\n".encode())
            if command == b"DATA":
                self.letters.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 taken\r\n")
        writer.close()


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    mail = MailServer()
    server = await asyncio.start_server(mail.answer, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    yield mail
    server.close()


def by_mail(mail: MailServer) -> str:
    way = "mode=insecure&from=granny@example.org&to=anna@example.org"
    return f"mailto://granny:{SECRET}@127.0.0.1:{mail.port}?{way}"


async def test_a_web_service_takes_title_and_text(services: Services) -> None:
    letter = Letter.of(
        services.hook(SECRET), "Kein Guthaben.\nWas zu tun ist: Laden Sie auf.\nStörung: openai-out-of-credit"
    )
    assert await send([letter]) == [Outcome("sent", "JSON")]
    (taken,) = services.letters
    assert taken["title"] == "Kein Guthaben."
    assert taken["message"] == "Was zu tun ist: Laden Sie auf.\nStörung: openai-out-of-credit"


async def test_each_address_has_its_own_outcome_and_the_others_are_sent_to(
    services: Services, mail: MailServer
) -> None:
    mail.refuses = {b"AUTH": f"535 5.7.8 {SECRET} is wrong"}
    nobody = f"json://granny:{SECRET}@127.0.0.1:1/{SECRET}"
    wrong = (f"nosuch://{SECRET}", f"tgram://{SECRET}")
    addresses = (by_mail(mail), nobody, *wrong, services.hook(SECRET))
    assert await send([Letter.of(address, "one\ntwo") for address in addresses]) == [
        Outcome("refused", "E-Mail", "535"),
        Outcome("unreached", "JSON"),
        Outcome("unusable"),
        Outcome("unusable"),
        Outcome("sent", "JSON"),
    ]
    assert len(services.letters) == 1


async def test_a_service_that_refuses_is_told_by_its_status(services: Services) -> None:
    services.status = 401
    assert await send([Letter.of(services.hook(SECRET), "one\ntwo")]) == [Outcome("refused", "JSON", "401")]


async def test_a_mail_server_takes_a_letter_or_tells_why_not(mail: MailServer) -> None:
    assert await send([Letter.of(by_mail(mail), "Kein Guthaben.\nMehr.")]) == [Outcome("sent", "E-Mail")]
    assert b"Mehr." in mail.letters[0]
    mail.refuses = {b"RCPT": "550 nobody of this name"}
    assert await send([Letter.of(by_mail(mail), "one\ntwo")]) == [Outcome("refused", "E-Mail", "550")]


async def test_whether_an_address_can_be_used_is_seen_without_sending(services: Services) -> None:
    outcomes = await send([Letter(services.hook(SECRET)), Letter(f"nosuch://{SECRET}")])
    assert [outcome.is_usable for outcome in outcomes] == [True, False]
    assert (services.letters, services.refused) == ([], 0)


async def test_a_process_that_breaks_has_reached_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in (("-c", "raise SystemExit(1)"), ("-c", "print('[]')"), ("-c", "print('{}')"), ("-c", "print(7)")):
        monkeypatch.setattr(letters, "_PROGRAM", program)
        assert await send([Letter("json://nobody")]) == [letters.UNREACHED]


async def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_PROGRAM", ("-c", "import time; time.sleep(600)"))
    monkeypatch.setattr(letters, "_SECONDS", 0.0)
    assert await send([Letter("json://nobody")]) == [letters.UNREACHED]


def test_an_address_is_not_shown_where_a_letter_is_printed() -> None:
    assert SECRET not in repr(Letter.of(f"json://{SECRET}", "one\ntwo"))


def test_nothing_of_apprise_is_imported_by_who_sends() -> None:
    """It would cost a worker some 28 MB."""
    code = "import sys, granny.net.letters, granny.alerts._office; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
