"""Where alerts go: what may stand there, what of it nothing may show, and what is read of settings that are wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from granny.config import hours
from granny.config.settings import Settings, load_what_can_be
from granny.config.settings._addresses import secret_parts
from granny.logs.redaction import Redaction

TOKEN = "FAKEtoken0123"
BASE = {"OPENAI_API_KEY": "invented"}


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("ntfys://ntfy.sh/TOPIC", ("ntfys://ntfy.sh/TOPIC",)),
        ("  json://a/b\tmailto://u:p@gmail.com  ", ("json://a/b", "mailto://u:p@gmail.com")),
        ("", ()),
    ],
)
def test_addresses_stand_with_blanks_between(value: str, addresses: tuple[str, ...]) -> None:
    assert Settings.model_validate({**BASE, "GRANNY_ALERTS": value}).alert_addresses == addresses


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRANNY_ALERTS", f"{TOKEN}@example.org"),
        ("GRANNY_ALERTS", f"json://a, {TOKEN}"),
        ("GRANNY_HEARTBEAT_URL", f"hc-ping.com/{TOKEN}"),
        ("GRANNY_HEARTBEAT_URL", f"ftp://hc-ping.com/{TOKEN}"),
        ("GRANNY_HEARTBEAT_URL", f"https:///{TOKEN}"),
        ("GRANNY_ALERT_QUIET_HOURS", "21-8"),
        ("GRANNY_ALERT_NO_CALL_DAYS", "-1"),
        ("GRANNY_ALERT_DANGER", "yes"),
    ],
)
def test_what_is_none_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate({**BASE, name: value})
    assert TOKEN not in str(error.value)


def test_they_are_not_shown_where_the_settings_are_printed() -> None:
    given = {"GRANNY_ALERTS": f"json://{TOKEN}", "GRANNY_HEARTBEAT_URL": f"https://hc-ping.com/{TOKEN}"}
    assert TOKEN not in repr(Settings.model_validate({**BASE, **given}))


@pytest.mark.parametrize(
    ("secret", "parts"),
    [
        ("sk-proj-FAKE", ["sk-proj-FAKE"]),
        ("a secret with blanks", ["a secret with blanks"]),
        ("https://hc-ping.com/abc", ["/abc"]),
        ("ntfys://user:pass@ntfy.example.org:8443/topic?x=1", ["user:pass@", "/topic?x=1"]),
        ("tgram://123:ABC/456", ["123:ABC/456"]),
        ("json://localhost", []),
        ("mailto://u:p@gmail.com discord://id/token", ["u:p@", "id/token"]),
        ("postgresql://granny:pw@127.0.0.1:5432/granny", ["granny:pw@", "/granny"]),
        ("json://u:p@[::1]:80/x", ["u:p@", "/x"]),
        ("http://", ["http://"]),
        ("json://u:p/ss@host.example/x", ["u:p/ss@host.example/x"]),
    ],
)
def test_of_an_address_all_is_secret_but_its_scheme_and_its_server(secret: str, parts: list[str]) -> None:
    assert list(secret_parts(secret)) == parts


@given(
    st.from_regex(r"[a-z]{2,8}://([a-z]{8,12}:[a-z]{8,12}@)?[a-z]{1,9}(\.[a-z]{2,9}){0,2}/[a-z/]{8,30}", fullmatch=True)
)
def test_no_piece_of_what_stands_behind_the_server_gets_into_a_log(address: str) -> None:
    hidden = Redaction(secret_parts(address)).cleaned(f"could not send to {address}!")
    behind = address.partition("://")[2].partition("/")[2]
    assert not [piece for piece in (behind[start : start + 8] for start in range(len(behind) - 7)) if piece in hidden]


def test_an_ordinary_address_is_still_read_in_a_log() -> None:
    """Were the scheme a part of the secret, no https:// could be."""
    secrets = Settings.model_validate({**BASE, "GRANNY_HEARTBEAT_URL": f"https://hc-ping.com/{TOKEN}"}).secrets
    assert Redaction(secrets).cleaned("see https://example.org") == "see https://example.org"


def test_settings_of_which_some_are_missing_or_wrong_are_read_as_far_as_they_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that somebody can be told."""
    file = tmp_path / ".env.local"
    file.write_text("GRANNY_ALERTS=json://127.0.0.1/x\nGRANNY_SPEED=fast\nGRANNY_LANGUAGE=de\n", encoding="utf-8")
    monkeypatch.setenv("GRANNY_TIMEZONE", "Nowhere")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = load_what_can_be((file,))
    assert settings
    assert (settings.alert_addresses, settings.language) == (("json://127.0.0.1/x",), "de")
    assert (settings.speed, settings.timezone, settings.openai_api_key.get_secret_value()) == (1.0, None, "")


def test_of_a_file_that_cannot_be_read_nothing_is_known(tmp_path: Path) -> None:
    file = tmp_path / ".env.local"
    file.write_bytes(b"\xff\xfeO\x00")
    assert load_what_can_be((file,)) is None


@pytest.mark.parametrize(
    ("told", "now", "end"),
    [
        ("21:00-8:00", "2026-11-27T07:59", "2026-11-27T08:00"),
        ("21:00-8:00", "2026-11-27T08:00", "2026-11-28T08:00"),
        ("0:00-24:00", "2026-11-27T12:00", "2026-11-28T00:00"),
        ("22:00-23:30", "2026-11-27T12:00", "2026-11-27T23:30"),
        ("21:00-8:00, 12:00-14:00", "2026-11-27T09:00", "2026-11-27T14:00"),
    ],
)
def test_the_next_end_of_hours_is_later_than_now(told: str, now: str, end: str) -> None:
    assert hours.next_end(told, datetime.fromisoformat(now)) == datetime.fromisoformat(end)
