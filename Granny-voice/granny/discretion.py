"""No secret and no word of the caller in any log, whoever writes it and at whatever level.

The libraries below mean well: the OpenAI plugin logs OpenAI's error message (which holds part of the key),
exceptions whose text holds a token, and at debug whole events with what was said; the framework marks speech
as `lk.pii.…`. So every record passes here on its way out, in the worker and in each job.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

UNSEEN = "granny.ledger"
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
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"asctime", "taskName"}
_HARMLESS = (bool, int, float, type(None))
_SPEECH = frozenset({"transcript", "user_transcript", "user_input", "chat_ctx", "arguments"})
_UNREADABLE = "a log record whose values do not fit its text"


class Discretion(logging.Filter):
    """Cleans records, in place: handlers that come later in the chain get the clean one too. Drops none."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._pieces = frozenset(
            secret[start : start + PIECE] for secret in set(secrets) for start in range(len(secret) - PIECE + 1)
        )

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record; one without secrets or speech stays as it is."""
        if record.name != UNSEEN:
            self._clean_message(record)
            self._clean_exception(record)
            self._clean_extras(record)
        return True

    def cleaned(self, text: str) -> str:
        """The text with every secret, and every piece of one, hidden."""
        return self._without_pieces(_SECRET_SHAPES.sub(HIDDEN, text))

    def _without_pieces(self, text: str) -> str:
        pieces = self._pieces
        starts = [start for start in range(len(text) - PIECE + 1) if text[start : start + PIECE] in pieces]
        if not starts:
            return text
        kept: list[str] = []
        end = 0
        for start in starts:
            if start > end or not kept:
                kept += [text[end:start], HIDDEN]
            end = start + PIECE
        return "".join((*kept, text[end:]))

    def _clean_message(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, Mapping):  # the framework's JSON formatter takes one for the whole line
            record.msg = self._clean_value(record.msg)
            return
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001  `logging` would print the values that do not fit
            record.msg, record.args = _UNREADABLE, None
            return
        clean = self.cleaned(text)
        if clean != text:
            record.msg, record.args = clean, None

    def _clean_exception(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0] and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            clean = self.cleaned(record.exc_text)
            if clean != record.exc_text:
                record.exc_text, record.exc_info = clean, None  # a formatter would format it anew
        if record.stack_info:
            record.stack_info = self.cleaned(record.stack_info)

    def _clean_extras(self, record: logging.LogRecord) -> None:
        values = vars(record)
        for name in [name for name in values if name not in _STANDARD]:
            if _is_speech(name):
                del values[name]
            else:
                values[name] = self._clean_value(values[name])

    def _clean_value(self, value: Any) -> Any:  # noqa: ANN401  a log record holds anything
        if isinstance(value, _HARMLESS):
            return value
        if isinstance(value, str):
            return self.cleaned(value)
        if isinstance(value, Mapping):
            return {
                self._clean_value(name): self._clean_value(inner)
                for name, inner in value.items()
                if not _is_speech(name)
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
        clean = self.cleaned(text)
        return value if clean == text and self.cleaned(code) == code else clean


def _is_speech(name: object) -> bool:
    """Whether the framework marked a value as a person's (`lk.pii.event`), or it is speech by its name."""
    return isinstance(name, str) and (name in _SPEECH or "pii" in name.split("."))


def be_discreet(secrets: Iterable[str]) -> None:
    """From now on nothing that this process logs shows these secrets; safe to call again."""
    discretion = Discretion(secrets)
    for handler in _all_handlers():
        handler.filters = [kept for kept in handler.filters if not isinstance(kept, Discretion)]
        handler.addFilter(discretion)


def _all_handlers() -> set[logging.Handler]:
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    found = {handler for one in loggers if isinstance(one, logging.Logger) for handler in one.handlers}
    return found | ({logging.lastResort} if logging.lastResort else set())
