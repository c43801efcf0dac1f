"""No secret, no telephone number and no word of the caller in any log, whoever writes it and at whatever level.

The libraries below mean well: the OpenAI plugin logs OpenAI's error message (which holds part of the key),
exceptions whose text holds a token, and at debug whole events with what was said; the framework marks speech
as `lk.pii.…`. So every record passes here on its way out, in the worker and in each job; a secret is found in
percent-encoding and in base64 too, and no record can be made to look like two.
"""

from __future__ import annotations

import base64
import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from granny.logs.numbers import names_number, without_numbers

UNSEEN = "granny.job_reports"
"""The logger by which jobs tell the worker how a call went; nobody reads it, and nothing in it is changed."""

HIDDEN = "[hidden]"
PIECE = 8
"""No run of so many characters of a secret is ever shown. Shorter secrets are words, and not looked for."""

_SECRET_SHAPES = re.compile(
    r"(?i:bearer)\s+[\w.~+/=*-]{8,}"
    r"|\beyJ[\w-]+(?:\.[\w-]*)*"  # a JSON Web Token: LiveKit's join tokens
    r"|\b(?:sk|ek|sess)[-_][\w.*…-]{4,}"  # OpenAI's keys, with stars where OpenAI hid the middle
    r"|(?<=token=)[^\s&'\"]+"  # in the query of a URL
)
_MESSAGE = re.compile(r"""\bmessage["']?\s*[=:]\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
"""An error object's words as repr and JSON write them: OpenAI's may repeat what the caller said."""
_PERCENT = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
"""One encoded character, however often its percent sign was encoded again."""
_BREAKS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]")
"""What a terminal or a log reader ends a line at, obeys, or turns round; not the tab, nor, here, the line feed."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"asctime", "taskName"}
_HARMLESS = (bool, int, float, type(None))
_SPEECH = frozenset({"transcript", "user_transcript", "user_input", "chat_ctx", "arguments"})
_UNREADABLE = "a log record whose values do not fit its text"


class Redaction(logging.Filter):
    """Cleans records, in place: handlers that come later in the chain get the clean one too. Drops none."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        forms = {form for secret in secrets if len(secret) >= PIECE for form in _forms(secret)}
        starts = {form: range(len(form) - PIECE + 1) for form in forms}
        self._pieces = frozenset(form[start : start + PIECE] for form in forms for start in starts[form])
        letters = "".join(re.escape(letter) for letter in sorted(set().union(*forms)))
        self._runs = re.compile(f"[{letters}]{{{PIECE},}}") if letters else None  # the only places to look for a piece

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record; one without secrets or speech stays as it is."""
        if record.name != UNSEEN:
            self._clean_message(record)
            self._clean_exception(record)
            self._clean_extras(record)
        return True

    def cleaned(self, text: str) -> str:
        """The text with every secret, every piece of one and every telephone number hidden."""
        spans = [*self._found(text)]
        if "%" in text:
            decoded, places = _decoded(text)
            spans += [(places[start], places[end]) for start, end in self._found(decoded)]
        return without_numbers(_without(spans, text) if spans else text)

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a secret, or a piece of one, begins and ends."""
        yield from (match.span() for match in _SECRET_SHAPES.finditer(text))
        yield from (match.span(1) for match in _MESSAGE.finditer(text))
        if not self._runs:
            return
        pieces = self._pieces
        for run in self._runs.finditer(text):
            first, end = run.span()
            for start in range(first, end - PIECE + 1):
                if text[start : start + PIECE] in pieces:
                    yield start, start + PIECE

    def _line(self, text: str) -> str:
        """The same, in one line."""
        return _unbroken(self.cleaned(text)).replace("\n", "\\n")

    def _lines(self, text: str) -> str:
        """The same for a traceback, whose line feeds are Python's own."""
        return _unbroken(self.cleaned(text))

    def _clean_message(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, Mapping):  # the framework's JSON formatter takes one for the whole line
            record.msg = self._clean_value(record.msg)
            return
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001  `logging` would print the values that do not fit
            record.msg, record.args = _UNREADABLE, None
            return
        clean = self._line(text)
        if clean != text:
            record.msg, record.args = clean, None

    def _clean_exception(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0] and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            clean = self._lines(record.exc_text)
            if clean != record.exc_text:
                record.exc_text, record.exc_info = clean, None  # a formatter would format it anew
        if record.stack_info:
            record.stack_info = self._lines(record.stack_info)

    def _clean_extras(self, record: logging.LogRecord) -> None:
        values = vars(record)
        for name in [name for name in values if name not in _STANDARD]:
            if _is_speech(name):
                del values[name]
            else:
                values[name] = self._clean_field(name, values[name])

    def _clean_field(self, name: object, value: Any) -> Any:  # noqa: ANN401  as below
        return HIDDEN if names_number(name) and value else self._clean_value(value)

    def _clean_value(self, value: Any) -> Any:  # noqa: ANN401  a log record holds anything
        if isinstance(value, _HARMLESS):
            return value
        if isinstance(value, str):
            return self._line(value)
        if isinstance(value, Mapping):
            return {
                self._clean_value(name): self._clean_field(name, inner)
                for name, inner in value.items()
                if not _is_speech(name) and not (name == "message" and "code" in value)
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean_value(inner) for inner in value]
        return self._clean_object(value)

    def _clean_object(self, value: object) -> object:
        """An object stays itself if neither of its two texts gives anything away."""
        try:
            text, code = str(value), repr(value)
        except Exception:  # noqa: BLE001  what cannot be looked at is not shown
            return HIDDEN
        clean = self._line(text)
        return value if clean == text and self.cleaned(code) == code else clean


def _forms(secret: str) -> Iterator[str]:
    """The secret as it stands, and what of its base64 is the same whatever stands before and after it."""
    octets = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield octets.decode("latin-1")  # as percent-encoding spells it
    for before in range(3):
        known = slice((0, 2, 3)[before], (before + len(octets)) * 8 // 6)
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(before) + octets).decode("ascii")[known]


def _decoded(text: str) -> tuple[str, list[int]]:
    """The text without percent-encoding, and where in the text each character of it begins; the last is the end."""
    parts: list[str] = []
    places: list[int] = []
    end = 0
    for match in _PERCENT.finditer(text):
        parts += [text[end : match.start()], chr(int(match[1], 16))]
        places += range(end, match.start() + 1)
        end = match.end()
    return "".join((*parts, text[end:])), [*places, *range(end, len(text) + 1)]


def _without(spans: Iterable[tuple[int, int]], text: str) -> str:
    kept: list[str] = []
    hidden_to = -1
    for start, end in sorted(spans):
        if start > hidden_to:
            kept += [text[max(hidden_to, 0) : start], HIDDEN]
        hidden_to = max(hidden_to, end)
    return "".join((*kept, text[hidden_to:]))


def _unbroken(text: str) -> str:
    return _BREAKS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def _is_speech(name: object) -> bool:
    """Whether the framework marked a value as a person's (`lk.pii.event`), or it is speech by its name."""
    return isinstance(name, str) and (name in _SPEECH or "pii" in name.split("."))


def redact_logs(secrets: Iterable[str]) -> None:
    """From now on nothing that this process logs shows these secrets; safe to call again."""
    redaction = Redaction(secrets)
    for handler in _all_handlers():
        handler.filters = [kept for kept in handler.filters if not isinstance(kept, Redaction)]
        handler.addFilter(redaction)


def _all_handlers() -> set[logging.Handler]:
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    found = {handler for one in loggers if isinstance(one, logging.Logger) for handler in one.handlers}
    return found | ({logging.lastResort} if logging.lastResort else set())
