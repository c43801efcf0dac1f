"""Is every needed variable set to something that can be right?"""

from __future__ import annotations

from collections.abc import Iterator

from granny.faults import (
    OPENAI_AZURE_LEFTOVER,
    PROXY_IGNORED,
    VALUE_DUPLICATED,
    VALUE_EMPTY,
    VALUE_SHADOWED,
    Finding,
    Severity,
)
from granny.net.answer import Answer
from granny.preflight.probes._absence import explain_absence
from granny.preflight.probes._addresses import judge_base_url, judge_encryption, judge_livekit_url, leads_near
from granny.preflight.probes._keys import judge_livekit_key, judge_openai_key, judge_pair
from granny.preflight.probes._reading import (
    LIVEKIT_KEY,
    LIVEKIT_SECRET,
    LIVEKIT_URL,
    OPENAI_KEY,
    OPENAI_URL,
    PROXIES,
    Reading,
    Value,
)
from granny.preflight.probes._shapes import is_placeholder

_AZURE_VERSION = "OPENAI_API_VERSION"
_ALL_PROXY = "ALL_PROXY"
_AZURE_ENDPOINT = "AZURE_OPENAI_ENDPOINT"
_MOST_LINES = 5


def ask_variables(reading: Reading) -> Answer:
    """All that is wrong with the needed variables and with OPENAI_BASE_URL, one finding for each cause."""
    judged = tuple(finding for name in reading.needed if (finding := _judge(name, reading)))
    base_url = tuple(filter(None, (judge_base_url(reading),)))
    findings = (
        *explain_absence(reading).of_variables,
        *judged,
        *_swapped(reading, judged),
        *_azure(reading),
        *base_url,
        *_in_the_clear(reading, (*judged, *base_url)),
        *_duplicated(reading, judged),
        *shadows(reading),
    )
    return Answer(_detail(reading), findings)


def shadows(reading: Reading) -> tuple[Finding, ...]:
    """What the environment sets otherwise than a file: the usual reason for a 401 after a change."""
    return tuple(finding for name in reading.known if (finding := shadow(reading, name)))


def shadow(reading: Reading, name: str) -> Finding | None:
    """Whether the environment outranks another value in a file; to be said again beside a 401."""
    winner = reading.value(name)
    beaten = reading.value_in_files(name)
    if not winner or not beaten or winner.assignment or winner.text == beaten.text:
        return None
    if not winner.text.strip() or not beaten.text.strip() or is_placeholder(beaten):
        return None
    return winner.found(VALUE_SHADOWED, f"The environment outranks {beaten.where}, and the two differ.")


def ignored_proxy(reading: Reading, address: str) -> Finding | None:
    """A proxy under a name that neither she nor livekit-agents reads; to be said where nothing answers."""
    asked = reading.value(address)
    if asked and leads_near(asked):
        return None
    if any(value and value.text for value in map(reading.value, PROXIES)):
        return None
    names = sorted({*reading.environ, *(item.name for file in reading.sources for item in file.content.assignments)})
    found = (reading.value(name) for name in names if name.upper() in (*PROXIES, _ALL_PROXY) and name not in PROXIES)
    value = next((one for one in found if one and one.text), None)
    return value.found(PROXY_IGNORED, f"{value.name} is set, and not HTTPS_PROXY.") if value else None


def _detail(reading: Reading) -> str:
    """Which value comes from where."""
    values = [value for name in reading.known if (value := reading.value(name))]
    return ", ".join(f"{value.name} from {value.where}" for value in values) or "nothing is set"


def _judge(name: str, reading: Reading) -> Finding | None:
    value = reading.value(name)
    if not value:
        return None
    if name == OPENAI_KEY:
        return _emptied(value, reading) or judge_openai_key(value, reading)
    if name == LIVEKIT_URL:
        return _emptied(value, reading) or judge_livekit_url(value)
    return _emptied(value, reading) or judge_livekit_key(value, reading)


def _emptied(value: Value, reading: Reading) -> Finding | None:
    """An empty value that outranks a good one: the sentence says which beats which."""
    if value.text.strip():
        return None
    beaten = reading.value_in_files(value.name) if not value.assignment else _earlier(value, reading)
    if not beaten or not beaten.text.strip():
        return None
    return value.found(VALUE_EMPTY, f"It is empty here, and that outranks the value at {beaten.where}.")


def _earlier(value: Value, reading: Reading) -> Value | None:
    """Another assignment of the same variable, in any file, that is not empty."""
    return next((other for other in _all(value.name, reading) if other.text.strip()), None)


def _all(name: str, reading: Reading) -> Iterator[Value]:
    for file in reading.sources:
        for item in file.content.assignments:
            if item.name == name and item.value is not None:
                yield Value(name, item.value, file.where(item.line), item)


def _swapped(reading: Reading, judged: tuple[Finding, ...]) -> Iterator[Finding]:
    pair = {LIVEKIT_KEY, LIVEKIT_SECRET}
    fatal = {finding.variable for finding in judged if finding.severity is Severity.FATAL}
    finding = judge_pair(reading) if pair <= set(reading.needed) and not pair & fatal else None
    if finding:
        yield finding


def _in_the_clear(reading: Reading, judged: tuple[Finding, ...]) -> Iterator[Finding]:
    """Addresses that are not encrypted; of one that cannot be used at all nothing more is said."""
    fatal = {finding.variable for finding in judged if finding.severity is Severity.FATAL}
    for name in {*reading.needed, OPENAI_URL} & {LIVEKIT_URL, OPENAI_URL} - fatal:
        value = reading.value(name)
        if value and (finding := judge_encryption(value)):
            yield finding


def _azure(reading: Reading) -> Iterator[Finding]:
    value = reading.value(_AZURE_VERSION)
    if value:
        also = f" So is {_AZURE_ENDPOINT}: the key would be sent there." if reading.value(_AZURE_ENDPOINT) else ""
        yield value.found(OPENAI_AZURE_LEFTOVER, f"It is set, and even empty it would count.{also}")


def _duplicated(reading: Reading, judged: tuple[Finding, ...]) -> Iterator[Finding]:
    emptied = {finding.variable for finding in judged if finding.fault is VALUE_EMPTY}
    for file in reading.files:
        for name in reading.known:
            items = [item for item in file.content.assignments if item.name == name and item.value is not None]
            if len({item.value for item in items}) > 1 and name not in emptied:
                lines = ", ".join(str(item.line) for item in items[:_MOST_LINES])
                lines += ", …" if items[_MOST_LINES:] else ""
                evidence = f"Lines {lines} of {file.path.name}; line {items[-1].line} counts."
                yield VALUE_DUPLICATED.found(evidence, variable=name, where=file.where(items[-1].line))
