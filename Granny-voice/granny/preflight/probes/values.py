"""Does every other setting have a value in its range?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from granny import lines
from granny.faults import BUDGET_WITHOUT_PRICES, GREETING_WITHOUT_DISCLOSURE, SETTING_INVALID, Finding, Severity
from granny.lines import suitable
from granny.net.answer import Answer, Unasked
from granny.preflight.probes._lines import not_in_language
from granny.preflight.probes._reading import CONNECTING, Reading

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from granny.config.settings import Settings

_CALLER_FILE, _LINES_FOLDER, _LANGUAGE = "GRANNY_CALLER_FILE", "GRANNY_LINES_FOLDER", "GRANNY_LANGUAGE"
_BUDGET, _PRICE_INPUT, _PRICE_OUTPUT = "GRANNY_MONTHLY_BUDGET", "GRANNY_PRICE_INPUT", "GRANNY_PRICE_OUTPUT"


def ask_values(
    reading: Reading, files: Sequence[Path], *, named: Sequence[Finding] = ()
) -> tuple[Answer | Unasked, Settings | None]:
    """Build the settings from `os.environ` and the files, as the worker will.

    Args:
        reading: to say where each value stands.
        files: the env files, the strongest first.
        named: what earlier probes found; what is explained there is not named again.

    Returns:
        The answer, and the settings if there are any.
    """
    from pydantic import ValidationError  # noqa: PLC0415  it may be missing, and that is then the finding

    from granny.config.settings import load  # noqa: PLC0415  as above

    try:
        settings = load(tuple(files))
    except ValidationError as error:
        findings = tuple(_not_named(_findings(error, reading), named))
        if not findings:
            return Unasked("not read: put right first what is said of the variables"), None
        return Answer("not all settings are in their range", findings), None
    problem = _caller_file_problem(settings, reading)
    told = (
        _lines_folder_problems(settings, reading),
        _line_problems(settings, reading),
        _budget_problems(settings, reading),
    )
    findings = (*((problem,) if problem else ()), *chain.from_iterable(told))
    return Answer("all settings are in their range", findings), settings


def _not_named(findings: Iterator[Finding], named: Sequence[Finding]) -> Iterator[Finding]:
    """Without the variables named before; a fatal finding about a file explains the absence of several."""
    known = {finding.variable for finding in named}
    if any(finding.severity is Severity.FATAL for finding in named):
        known.update(CONNECTING)
    return (finding for finding in findings if finding.variable not in known)


def _findings(error: ValidationError, reading: Reading) -> Iterator[Finding]:
    """In the order in which people read the settings; the model has its last group first."""
    from granny.config.settings import VARIABLES  # noqa: PLC0415  as in `ask_values`

    details = error.errors(include_input=False, include_url=False)
    order = (*VARIABLES, "")
    for detail in sorted(details, key=lambda detail: order.index(_variable(detail))):
        yield _invalid(_variable(detail), _allowed(detail), reading)


def _variable(detail: ErrorDetails) -> str:
    """Its name; none where several together are wrong."""
    return str(detail["loc"][0]) if detail["loc"] else ""


def _invalid(name: str, evidence: str, reading: Reading) -> Finding:
    value = reading.value(name)
    return SETTING_INVALID.found(evidence, variable=name, where=value.where if value else None)


def _allowed(detail: ErrorDetails) -> str:
    """What the setting may be, from the model itself."""
    from granny.config.settings import Settings, allowed  # noqa: PLC0415  as in `ask_values`

    fields = Settings.model_fields.values()
    field = next((field for field in fields if field.alias == next(iter(detail["loc"]), None)), None)
    return allowed(field, detail["type"]) if field else "Its value is not allowed."


def _caller_file_problem(settings: Settings, reading: Reading) -> Finding | None:
    if settings.caller_file is None:
        return None
    reason = _why_unreadable(settings.caller_file)
    return _invalid(_CALLER_FILE, reason, reading) if reason else None


def _lines_folder_problems(settings: Settings, reading: Reading) -> Iterator[Finding]:
    """Warnings: for each recording that cannot be used another one is heard."""
    if settings.lines_folder is None:
        return
    for error in lines.problems(folder=settings.lines_folder, language=settings.language):
        evidence = f"{error.path.name} {error.problem}."
        yield replace(_invalid(_LINES_FOLDER, evidence, reading), severity=Severity.WARNING)


def _line_problems(settings: Settings, reading: Reading) -> Iterator[Finding]:
    """What callers would hear that they should not: a greeting that hides what she is, lines in another language."""
    folder = settings.lines_folder
    value = reading.value(_LINES_FOLDER)
    for name in suitable.dishonest_greetings(folder=folder, language=settings.language) if folder else ():
        evidence = f"The words for {name} name no computer."
        yield GREETING_WITHOUT_DISCLOSURE.found(evidence, variable=_LINES_FOLDER, where=value.where if value else None)
    language = reading.value(_LANGUAGE)
    if finding := not_in_language(settings, variable=_LANGUAGE, where=language.where if language else None):
        yield finding


def _budget_problems(settings: Settings, reading: Reading) -> Iterator[Finding]:
    """A budget that cannot be kept, as nobody knows what is spent."""
    prices = {_PRICE_INPUT: settings.price_input, _PRICE_OUTPUT: settings.price_output}
    if settings.monthly_budget is not None and None in prices.values():
        value = reading.value(_BUDGET)
        missing = ", ".join(name for name, price in prices.items() if price is None)
        yield BUDGET_WITHOUT_PRICES.found(
            f"Not set: {missing}.", variable=_BUDGET, where=value.where if value else None
        )


def _why_unreadable(file: Path) -> str | None:
    from granny.config.family_notes import read_at_most  # noqa: PLC0415  as in `ask_values`
    from granny.config.settings import CALLER_FILE_LIMIT  # noqa: PLC0415  as in `ask_values`

    try:
        if not file.is_file():
            return f"There is no file {file.name} where it points."
        if file.stat().st_size > CALLER_FILE_LIMIT:
            return f"The file {file.name} is larger than {CALLER_FILE_LIMIT // 1024} kB."
        read_at_most(file, CALLER_FILE_LIMIT).decode("utf-8")
    except UnicodeDecodeError:
        return f"The file {file.name} is not UTF-8 text."
    except (OSError, ValueError):
        return f"The file {file.name} cannot be read."
    return None
