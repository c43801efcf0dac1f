"""What the mere shape of a value tells: empty, an example, in quotes, with spaces, too much of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from granny.faults import (
    VALUE_EMPTY,
    VALUE_EXPANDED,
    VALUE_INVISIBLE_CHARACTER,
    VALUE_PASTED_WRONG,
    VALUE_PLACEHOLDER,
    VALUE_QUOTED,
    VALUE_WHITESPACE,
    VALUE_WRAPPED,
    Finding,
    Severity,
)
from granny.preflight.probes._reading import (
    CONNECTING,
    ENVIRONMENT,
    KEYS,
    LIVEKIT_KEY,
    LIVEKIT_SECRET,
    OPENAI_KEY,
    Value,
)

_QUOTES = "\"'`´‘’‚‛“”„‟«»‹›′″"  # noqa: RUF001  look-alikes are the point
_NOT_IN_ADDRESSES = ("Cf", "Cn", "Co", "Pd")
"""Unicode's categories of invisible characters, of those without a meaning, and of dashes; blanks and controls are
found before."""

_FREE_TEXT = (LIVEKIT_KEY, LIVEKIT_SECRET)
"""On a server of one's own these can be any text."""

_PLACEHOLDERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(sk-)?(proj-)?your([-_ ]|openai|livekit|api|key|secret|own).*",
        r"(wss?|https?)://your[-_.]?(project|livekit|domain|server|host|app|company|url|name|subdomain|proxy|endpoint|gateway)\b.*",
        r"(sk-)?(proj-)?(insert|enter|put|paste|replace|add)[-_ ](your|me|with|here|the|this|key|api)\b.*",
        r"(sk-)?(proj-)?(replace|change)[-_ ]?(me|this)([-_ !.].*)?",
        r".*(key|secret|token|value|url)[-_ ](goes[-_ ])?here",
        r"(sk-)?(proj-)?(todo|tbd|fixme|placeholder|undefined|null|none|nil|n/a|dummy)",
        r"sk-(proj-)?(my[-_]|example|sample|placeholder|dummy).*",
        r"(sk-(proj-|svcacct-)?|API)?[x*.•●…_0-]{3,}",
        r".*(\.{3}|…|\*{3}|•{2}|●{2}|x{8}).*",
        r".*<[a-z][a-z _.-]+>.*",
        r"[\[{(]+\s*[a-z][\w .-]{0,30}[\]})]+",
        r"(op|vault|sm|bws|aws-sm|gcp-sm|keyvault|ref\+\w+)://.*",
        r"(arn:aws|secretref):.*|@microsoft\.keyvault\(.*",
        r"(os\.(getenv|environ)|process\.env|import\.meta\.env)\b.*",
        r"(.*[-_ ])?placeholder([-_ ].*)?",
        r"\$\{\w+([:?+=-][^}]*)?\}|\$?\{\{.*\}\}|%\w+%|\$\(.*\)",
        r"sk-((proj|svcacct|admin)-?)?",
        r"(?-i:\$[A-Z][A-Z0-9_]+)",
        "|".join(CONNECTING),
    )
)
"""What stands for a value: the example file's own words, masked copies, references nothing has resolved."""

_NO_KEY = re.compile(r"(sk-)?(dummy|none|null|nil|n/a|placeholder|change[-_]?me|x+)", re.IGNORECASE)
_NAME = r"(?:export\s+|set\s+)?[A-Z][A-Z0-9_]*"
_PASTED = (
    (re.compile(rf"{_NAME}(KEY|URL|SECRET|TOKEN)\s*="), "it begins with the name of a variable"),
    (re.compile(rf".*({'|'.join(CONNECTING)}|GRANNY_[A-Z_]+)="), "another assignment stands in it"),
    (re.compile(rf"({'|'.join(CONNECTING)})\s*:"), "it begins with the name of a variable"),
    (re.compile(r"[\w -]*(key|token|secret)[\"']?\s*[:=]\s*[\"']?sk-", re.IGNORECASE), "a word stands before the key"),
    (re.compile(r"([*_]{1,3})(sk-|API|wss?:|https?:).*\1$"), "it is marked as bold or slanted text"),
    (re.compile(r"(authorization\b|bearer\s).*", re.IGNORECASE), "it begins with a piece of an HTTP header"),
    (re.compile(r"curl\s"), "it is a command"),
    (re.compile(r"=\s*\S"), "it begins with a second equals sign"),
    (re.compile(r">\s*(sk-|API|wss?:|https?:)"), "it begins with a piece of an arrow (=>)"),
    (re.compile(r"[<(\[{]+\s*(sk-|API|wss?:|https?:).{20,}[>)\]}]$"), "it stands in brackets"),
    (re.compile(r".*[;,]$"), "it ends in a comma or semicolon"),
)
_ADDRESS = re.compile(r"(wss?|https?)://", re.IGNORECASE)
_TWICE = re.compile(r"sk-.{17,}sk-(proj|svcacct|admin)-.*")
_LINE_END = re.compile(r"\r\n?|\n")
_PASSPHRASE = re.compile(r"[A-Za-z]+( [A-Za-z]+){2,}")
_LONG_ENOUGH = 12

Check = Callable[[Value], "Finding | None"]


def judge_shape(value: Value) -> Finding | None:
    """The first thing that is wrong with the shape of a value, or None."""
    return next((finding for check in _CHECKS if (finding := check(value))), None)


def is_placeholder(value: Value) -> bool:
    """Whether a value only stands for one."""
    core = value.text.strip().strip(_QUOTES)
    return any(pattern.fullmatch(core) for pattern in _PLACEHOLDERS)


def stands_for_none(value: Value) -> bool:
    """Whether a value says that there is no key: right for a server that asks for none."""
    return bool(_NO_KEY.fullmatch(value.text))


def _refers_to_nothing(value: Value) -> Finding | None:
    if value.assignment and value.assignment.dangling:
        return value.found(VALUE_EXPANDED, "It has ${…} in it, and what that refers to is not set.")
    if value.assignment and value.assignment.filled_in and value.name in KEYS:
        return value.found(VALUE_EXPANDED, "It has ${…:-…} in it, and a part of that took its place.")
    return None


def _is_empty(value: Value) -> Finding | None:
    text = value.text.strip().strip("\"'")
    remark = text.startswith("#") and (" " in text or value.name not in _FREE_TEXT)
    if text and not remark:
        return None
    return value.found(VALUE_EMPTY, _why_empty(value, remark=text))


def _why_empty(value: Value, *, remark: str) -> str:
    if remark:
        return "There is only a remark (#) after the equals sign."
    if value.where == ENVIRONMENT:
        return "An empty variable of the environment, which outranks whatever the file says."
    return "There is nothing in the file." if value.has_own_file else "There is nothing after the equals sign."


def _is_example(value: Value) -> Finding | None:
    if not is_placeholder(value):
        return None
    return value.found(VALUE_PLACEHOLDER, f"It is an example, a masked copy or an open reference ({value.size}).")


def _is_pasted_wrong(value: Value) -> Finding | None:
    text = value.text.strip().strip(_QUOTES)
    reason = next((reason for pattern, reason in _PASTED if pattern.match(text)), None)
    if not reason and value.name in KEYS and _ADDRESS.match(text):
        reason = "it is an address, not a key"
    if not reason and value.name == OPENAI_KEY and (_TWICE.fullmatch(text) or _is_doubled(text)):
        reason = "it holds two keys in a row"
    return value.found(VALUE_PASTED_WRONG, f"{reason[0].upper()}{reason[1:]}.") if reason else None


def _is_doubled(text: str) -> bool:
    middle = len(text) // 2
    return text.startswith("sk-") and text[:middle] == text[middle:]


def _has_quotes(value: Value) -> Finding | None:
    text = value.text.strip()
    if text[0] not in _QUOTES and text[-1] not in _QUOTES:
        return None
    quote = text[0] if text[0] in _QUOTES else text[-1]
    return value.found(VALUE_QUOTED, f"It begins or ends with a quote (U+{ord(quote):04X}), as part of the value.")


def _is_wrapped(value: Value) -> Finding | None:
    """A line break inside a secret that is one word but for it; a key in PEM has spaces, too."""
    pieces = [piece.split() for piece in _LINE_END.split(value.text.strip())]
    if value.name not in KEYS or not pieces[1:] or any(piece[1:] for piece in pieces):
        return None
    return value.found(VALUE_WRAPPED, f"There is a line break inside it ({value.size}).")


def _has_space(value: Value) -> Finding | None:
    spaces = [place for place, letter in enumerate(value.text, start=1) if letter.isspace() or _is_control(letter)]
    if not spaces:
        return None
    letter = value.text[spaces[0] - 1]
    kind = "a space" if letter == " " else f"a blank or control character (U+{ord(letter):04X})"
    passphrase = value.name in _FREE_TEXT and _PASSPHRASE.fullmatch(value.text)
    severity = Severity.WARNING if passphrase else None
    evidence = f"Character {spaces[0]} of {len(value.text)} is {kind}."
    return value.found(VALUE_WHITESPACE, evidence, severity=severity)


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) == "Cc"


def _has_strange_character(value: Value) -> Finding | None:
    strange = [place for place, letter in enumerate(value.text, start=1) if _is_strange(letter, value.name)]
    if not strange:
        return None
    letter = value.text[strange[0] - 1]
    name = unicodedata.name(letter, "a character without a name").lower()
    can_be_meant = value.name in _FREE_TEXT and all(value.text[place - 1].isalpha() for place in strange)
    severity = Severity.WARNING if can_be_meant else None
    evidence = f"Character {strange[0]} of {len(value.text)} is U+{ord(letter):04X} ({name})."
    return value.found(VALUE_INVISIBLE_CHARACTER, evidence, severity=severity)


def _is_strange(letter: str, name: str) -> bool:
    """In a key everything but ASCII; in an address letters of other alphabets are allowed."""
    if letter.isascii():
        return False
    return name in KEYS or unicodedata.category(letter) in _NOT_IN_ADDRESSES


def _is_cut(value: Value) -> Finding | None:
    """A remark after a key is common, and so is a space after its #; else it may be a piece of the key."""
    cut = value.assignment.cut if value.assignment else ""
    if value.name not in KEYS or not cut or cut[0].isspace() or cut[0] == "#":
        return None
    severity = None if _looks_secret(cut.rstrip()) else Severity.WARNING
    return value.found(VALUE_EXPANDED, "What follows a space and a # was taken for a remark.", severity=severity)


def _looks_secret(text: str) -> bool:
    mixed = any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return len(text) >= _LONG_ENOUGH and mixed and not any(map(str.isspace, text))


_CHECKS: tuple[Check, ...] = (
    _refers_to_nothing,
    _is_empty,
    _is_example,
    _is_pasted_wrong,
    _has_quotes,
    _is_wrapped,
    _has_space,
    _has_strange_character,
    _is_cut,
)
"""The most telling first: what an earlier one finds explains what a later one would."""
