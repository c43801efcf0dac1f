"""No secret and no word of the caller leaves through a log."""

import base64
import json
import logging
import pickle
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.agents.cli.log import ColoredFormatter, JsonFormatter
from multidict import CIMultiDict, CIMultiDictProxy
from openai.types.realtime import RealtimeError
from yarl import URL

from granny.logs.redaction import HIDDEN, PIECE, Redaction, redact_logs
from texts import ANY_TEXT

KEY = "sk-proj-" + "FAKEkey0" * 6 + "_-zYxW"
SECRET = "livekitFAKEsecret" * 2
TOKEN = "eyJhbGciOiJub25lIn0." + "eyJ2aWRlbyI6e319" + ".c2lnbmF0dXJl"
WORDS = "my knee hurts and I miss Harold"
FORMATTERS = (
    JsonFormatter(),
    ColoredFormatter("%(levelname)s %(name)s %(message)s %(extra)s"),
    logging.Formatter("%(message)s"),
)


def written(record: logging.LogRecord, *secrets: str) -> str:
    """A record through the filter and every formatter that the framework has, as one text."""
    assert Redaction(secrets or (KEY, SECRET)).filter(record)
    return "\n".join(formatter.format(record) for formatter in FORMATTERS)


def made(message: object, *args: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("livekit.agents").makeRecord(
        "livekit.agents", logging.ERROR, __file__, 1, message, args, None, extra=extra
    )


def pieces(secret: str) -> set[str]:
    return {secret[start : start + PIECE] for start in range(len(secret) - PIECE + 1)}


def shown(secret: str, text: str) -> set[str]:
    return {piece for piece in pieces(secret) if piece in text}


def handshake_error() -> aiohttp.WSServerHandshakeError:
    headers = CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {KEY}"}))
    url = URL("wss://api.openai.com/v1/realtime")
    info = aiohttp.RequestInfo(url=url, method="GET", headers=headers, real_url=url)
    return aiohttp.WSServerHandshakeError(info, (), status=401, message=f"Unauthorized {KEY}")


def test_openais_own_message_loses_both_ends_of_the_key() -> None:
    """The plugin logs `returned an error: {event.error}` at ERROR, with the error object beside it."""
    error = RealtimeError(
        message=f"Incorrect API key provided: {KEY[:8]}********{KEY[-4:]}. You can find …",
        type="invalid_request_error",
        code="invalid_api_key",
    )
    text = written(made(f"OpenAI Realtime API returned an error: {error}", error=error))
    assert KEY[-4:] not in text
    assert not shown(KEY, text)
    assert "invalid_api_key" in text


@pytest.mark.parametrize("words", [WORDS, f'"{WORDS}"', f"it's {WORDS}", f"""\\'"{WORDS}"\n"""])
def test_what_an_error_object_says_in_words_is_hidden(words: str) -> None:
    """OpenAI's may repeat what the caller said; its code and type tell the fault."""
    error = RealtimeError(message=words, type="invalid_request_error", code="bad_item")
    said = {"error": {"message": words, "code": "bad_item"}}
    for text in (
        written(made(f"returned an error: {error}", error=error)),
        written(made("failed", body=said, text=json.dumps(said))),
        written(made(f"Error code: 400 - {said}")),
    ):
        assert WORDS not in text
        assert "bad_item" in text


def test_an_exception_does_not_show_the_header_it_was_sent_with() -> None:
    """Its repr holds the Bearer token; some formatters and crash reporters print the repr."""
    error = handshake_error()
    record = made("failed to connect to livekit, retrying in %ss", 2, error=error)
    record.exc_info = (type(error), error, None)
    text = written(record)
    assert not shown(KEY, text + repr(vars(record)))
    assert "401" in text


def test_a_traceback_is_kept_without_its_secrets() -> None:
    try:
        message = f"no good: {SECRET}"
        raise RuntimeError(message) from handshake_error()
    except RuntimeError as error:
        record = made("worker failed")
        record.exc_info = (type(error), error, error.__traceback__)
    text = written(record)
    assert not shown(SECRET, text)
    assert not shown(KEY, text)
    assert "test_a_traceback_is_kept_without_its_secrets" in text
    assert f"no good: {HIDDEN}" in text


def test_an_event_of_the_conversation_is_not_written() -> None:
    """With LK_OPENAI_DEBUG the plugin logs whole events; speech is marked with a `pii` in its name."""
    event = {"type": "response.output_audio_transcript.done", "transcript": WORDS}
    record = made("<<<", **{"lk.pii.event": event, "seconds": 3})
    assert WORDS not in written(record)
    assert '"seconds": 3' in written(record)


@pytest.mark.parametrize("name", ["lk.pii.user_input", "lk.pii.transcript", "user_transcript", "chat_ctx"])
def test_speech_is_not_written_under_any_of_its_names(name: str) -> None:
    assert WORDS not in written(made("skipping user input", **{name: WORDS}))
    assert WORDS not in written(made("nested", details={"turn": [{name: WORDS}]}))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Bearer {TOKEN}", TOKEN),
        (f"joining with {TOKEN}", TOKEN),
        (f"ws://127.0.0.1:7880/rtc?access_token={'x1y2z3' * 4}&sdk=python", "x1y2z3" * 4),
        ("another key: sk-" + "OTHER" * 8, "sk-" + "OTHER" * 8),
        ("an ephemeral one: ek_" + "OTHER" * 8, "ek_" + "OTHER" * 8),
    ],
)
def test_what_looks_like_a_secret_is_hidden_though_nobody_named_it(text: str, secret: str) -> None:
    assert not shown(secret, written(made(text)))


@pytest.mark.parametrize(
    "text",
    [
        "registered worker",
        "task-force and risk-taking",
        "bearer of news",
        "token is expired",
        "a desk-job",
        "eyJ",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    record = made(text, room="granny", number=3)
    before = dict(vars(record))
    Redaction((KEY, SECRET)).filter(record)
    assert vars(record) == before


def test_values_that_do_not_fit_their_text_are_not_printed() -> None:
    """`logging` would print the text and the values to stderr."""
    record = made("%d seconds", f"not a number: {KEY}")
    text = written(record)
    assert not shown(KEY, text + repr(vars(record)))


def test_an_object_that_cannot_be_looked_at_is_hidden() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError(KEY)

    record = made("here is one", thing=Shy())
    Redaction((KEY,)).filter(record)
    assert vars(record)["thing"] == HIDDEN


def test_a_job_process_can_still_pickle_what_it_logged() -> None:
    record = made("told", told={"outcome": "ok"}, error=handshake_error())
    Redaction((KEY,)).filter(record)
    assert not shown(KEY, repr(vars(pickle.loads(pickle.dumps(record)))))  # noqa: S301  made here


def test_a_dictionary_as_the_message_is_cleaned_too() -> None:
    """The framework's JSON formatter takes it for the whole line."""
    record = made({"note": f"key {KEY}", "lk.pii.event": WORDS})
    Redaction((KEY,)).filter(record)
    line = JsonFormatter().format(record)
    assert not shown(KEY, line)
    assert WORDS not in line


ALPHABET = st.sampled_from("abcXYZ019-_.")
SECRETS = st.text(ALPHABET, min_size=PIECE, max_size=40)


@given(
    secret=SECRETS,
    data=st.data(),
    before=st.text(ALPHABET, max_size=12),
    after=st.text(ALPHABET, max_size=12),
)
def test_no_eight_characters_of_a_secret_survive(secret: str, data: Any, before: str, after: str) -> None:
    start = data.draw(st.integers(0, len(secret) - PIECE))
    end = data.draw(st.integers(start + PIECE, len(secret)))
    text = f"{before}{secret[start:end]}{after}{secret}"
    record = made("%s " + text.replace("%", "%%"), text, value=text, nested={"deep": [text, {text: (text,)}]})
    record.exc_text = f"ValueError: {text}"
    record.stack_info = f"Stack: {text}"
    out = written(record, secret)
    assert not shown(secret, out + json.dumps(str(vars(record))))


def percent_encoded(text: str, encoded: list[bool], times: int) -> str:
    """Some of its characters percent-encoded, over and over again."""
    for _ in range(times):
        text = "".join(f"%{ord(one):02x}" if doit else one for one, doit in zip(text, encoded, strict=True))
        encoded = [one == "%" for one in text]
    return text


@given(secret=SECRETS, data=st.data(), times=st.integers(1, 3))
def test_a_percent_encoded_secret_is_found_however_much_of_it_is_encoded(secret: str, data: Any, times: int) -> None:
    """Wholly, in part, or again and again; `shown` would not see it, so it is decoded for it."""
    encoded = data.draw(st.lists(st.booleans(), min_size=len(secret), max_size=len(secret)))
    text = f"GET /?key={percent_encoded(secret, encoded, times)}&next=%41"
    out = written(made(text), secret)
    assert HIDDEN in out
    assert "&next=%41" in out, "what is no secret stays as it was"


@pytest.mark.parametrize("spelt", [quote(KEY), "".join(f"%{ord(one):02X}" for one in KEY), f"Bearer%20{KEY}"])
def test_a_percent_encoded_key_is_hidden(spelt: str) -> None:
    assert f"GET /?q={HIDDEN}&r=1" in written(made(f"GET /?q={spelt}&r=1"))


def test_a_key_that_nobody_named_is_found_in_percent_encoding_too() -> None:
    other = "sk-" + "OTHER" * 8
    assert "OTHEROTHER" not in written(made(f"GET /?authorization=Bearer%20{other.replace('-', '%2D')}"))


def octets_in(text: str) -> Iterator[bytes]:
    """What the base64 in a text says, in either alphabet, read from each of its characters on."""
    for run in re.findall(r"[\w+/-]{4,}", text, re.ASCII):
        for start in range(len(run) - 3):
            whole = run[start : start + (len(run) - start) // 4 * 4]
            yield base64.b64decode(whole.translate(str.maketrans("-_", "+/")))


@given(secret=SECRETS, before=st.binary(max_size=5), after=st.binary(max_size=5), data=st.data())
def test_no_eight_characters_of_a_secret_survive_in_base64(secret: str, before: bytes, after: bytes, data: Any) -> None:
    """Whatever stands before it, which moves it by one or two octets; with either alphabet, and percent-encoded."""
    encode = data.draw(st.sampled_from([base64.standard_b64encode, base64.urlsafe_b64encode]))
    spelt = encode(before + secret.encode() + after).decode()
    for text in (spelt, quote(spelt, safe="")):
        cleaned = Redaction((secret,)).cleaned(text)
        assert HIDDEN in cleaned
        left = [octets for part in cleaned.split(HIDDEN) for octets in octets_in(part)]
        assert not [octets for octets in left if shown(secret, octets.decode("latin-1"))]


BREAKS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x202E, 0x2066) if chr(code) != "\t"]


@pytest.mark.parametrize("character", BREAKS, ids=lambda character: f"U+{ord(character):04X}")
def test_no_character_makes_one_record_look_like_two(character: str) -> None:
    """A caller's name, a server's text: they cannot write a line of the log, nor command a terminal."""
    text = f"refused{character}INFO all is well"
    record = made("%s", text, value=text, nested={text: [text]}, thing=RuntimeError(text))
    assert Redaction((KEY,)).filter(record)
    for formatter in FORMATTERS:
        line = formatter.format(record).replace("\x1b[0m", "")  # the colour's end is the formatter's own
        assert character not in line
        assert len(line.splitlines()) == 1


def test_a_traceback_keeps_its_lines_and_only_those() -> None:
    try:
        message = "no good\u2028INFO all is well\x1b[2K"
        raise RuntimeError(message)
    except RuntimeError as error:
        record = made("worker failed")
        record.exc_info = (type(error), error, error.__traceback__)
    text = written(record)
    assert not [character for character in "\u2028\x1b" if character in text.replace("\x1b[0m", "")]
    assert r"no good\u2028INFO all is well\x1b[2K" in text
    assert "\n  File " in text


@given(text=ANY_TEXT, secret=SECRETS)
def test_no_text_breaks_it(text: str, secret: str) -> None:
    cleaned = Redaction((secret,)).cleaned(text)
    assert not shown(secret, cleaned)
    assert cleaned == text or HIDDEN in cleaned or "\u2026" in cleaned


@pytest.fixture
def handler() -> Iterator[logging.Handler]:
    handler = logging.StreamHandler()
    logging.getLogger().addHandler(handler)
    filters = {one: list(one.filters) for one in (*logging.getLogger().handlers, logging.lastResort) if one}
    yield handler
    for one, kept in filters.items():
        one.filters = kept
    logging.getLogger().removeHandler(handler)


def test_every_handler_of_the_process_becomes_discreet_once(handler: logging.Handler) -> None:
    redact_logs((KEY,))
    redact_logs((KEY, SECRET))
    [redaction] = [one for one in handler.filters if isinstance(one, Redaction)]
    assert redaction.cleaned(SECRET) == HIDDEN


class Collecting(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.met: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.met.append(record)


@pytest.mark.usefixtures("handler")
def test_a_handler_that_comes_later_gets_the_clean_record() -> None:
    """LiveKit's cloud recording adds its own when a call begins."""
    redact_logs((KEY,))
    late = Collecting()
    root = logging.getLogger()
    root.addHandler(late)
    try:
        root.error("refused: %s", KEY)
    finally:
        root.removeHandler(late)
    [record] = late.met
    assert not shown(KEY, record.getMessage())
