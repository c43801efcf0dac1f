"""Text into assignments, as python-dotenv sees them, and the lines that a person sees and it does not."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from granny.config.env_file._halves import is_second_half
from granny.config.env_file._names import nearest
from granny.config.env_file._references import resolve

if TYPE_CHECKING:
    from dotenv.parser import Binding

_FORMS = (
    (re.compile(r"\s*(<{7}|={7}|>{7}|\|{7})"), "a mark that git leaves where two versions collide"),
    (re.compile(r"\s*\$env:", re.IGNORECASE), "a command of PowerShell ($env:NAME=…)"),
    (re.compile(r"\s*setx?\s", re.IGNORECASE), "a command of the Windows prompt (set NAME=…)"),
    (re.compile(r"\s*(const|let|var)\s"), "a line of JavaScript (const NAME=…)"),
    (re.compile(r"\s*\[[\w .-]+\]\s*$"), "a heading in square brackets"),
    (re.compile(r"\s*([{}\[\]]|\"[^\"]*\"\s*:)"), "JSON"),
    (re.compile(r"\s*(wss?|https?)://"), "an address without a name and an equals sign before it"),
    (re.compile(r"\s*sk-"), "a key without a name and an equals sign before it"),
    (re.compile(r"\s*(-\s+)?[A-Za-z_]\w*\s*:"), "a colon where the equals sign should be"),
    (re.compile(r"[^=]*=\s*(\"[^\"]*\"|'[^']*')\s*\S"), "text after the closing quote"),
    (re.compile(r"\s*(os\.environ|process\.env|Environment=)"), "a line of a program"),
    (re.compile(r"[^=]*=\s*[\"'][^\"']*$"), "a quote that is never closed"),
)
_NOT_CLOSED = "a quote that is not closed, which takes the lines below it with it"
_NO_EQUALS = "a name without an equals sign"
_OTHER = "not NAME=value"

_CUT = re.compile(r"\s+#(.*)")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_INSIDE = re.compile(r"[A-Za-z][:.\[]+[\"']?([A-Z_]+)[\"'\]]*$")
_HOLDS_KEY = ("_KEY", "_SECRET")

_LONGEST_RUN = 500
_MOST_REFERENCES = 1000
"""Beyond these python-dotenv takes minutes: quadratic time."""


@dataclass(frozen=True, slots=True, repr=False)
class Assignment:
    """One NAME=value that python-dotenv finds.

    Attributes:
        name: as written.
        line: the first is 1.
        value: what python-dotenv makes of it, references resolved; None if the line loses it.
        quoted: whether quotes stood round it.
        dangling: whether it refers to something (`${NAME}`) that is not set.
        filled_in: whether a reference inside it (`${NAME:-x}`) stands for its default.
        cut: the text that was taken for a comment, without its `#`; empty if there is none.
    """

    name: str
    line: int
    value: str | None
    quoted: bool = False
    dangling: bool = False
    filled_in: bool = False
    cut: str = ""


@dataclass(frozen=True, slots=True)
class LostLine:
    """A line that sets something for a person and nothing for python-dotenv.

    Attributes:
        line: the first is 1.
        form: what it is, in our own words.
        names: the known names that it would have set.
    """

    line: int
    form: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Content:
    """All that the text says.

    Attributes:
        assignments: in the order of the file; the last of a name counts.
        lost: the lines that say nothing to python-dotenv.
        broken: for a name whose value seems to go on in the next line, that line.
        remarks: for a known name that is set in a comment, that line.
        endless: reading it would take python-dotenv too long; nothing else is said then.
    """

    assignments: tuple[Assignment, ...] = ()
    lost: tuple[LostLine, ...] = ()
    broken: tuple[tuple[str, int], ...] = ()
    remarks: tuple[tuple[str, int], ...] = ()
    endless: bool = False


def understand(text: str, *, environ: Mapping[str, str], known: Sequence[str]) -> Content:
    """Read text as a person and as python-dotenv do.

    Args:
        text: as `decode` gives it.
        environ: what `${NAME}` may refer to besides the file itself.
        known: the names that matter.

    Raises:
        ImportError: python-dotenv is not installed.
    """
    from dotenv.parser import parse_stream  # noqa: PLC0415  it may be missing, and that is then the finding

    if _is_tangled(text):
        return Content(endless=True)
    reader = _Reader(environ, known)
    for binding in parse_stream(io.StringIO(text)):
        reader.take(binding)
    return reader.content()


def _is_tangled(text: str) -> bool:
    if text.count("${") > _MOST_REFERENCES:
        return True
    return any(len(run) > _LONGEST_RUN for run in re.findall(r"[^\S\n]+", text))


class _Reader:
    """Takes python-dotenv's bindings one by one."""

    def __init__(self, environ: Mapping[str, str], known: Sequence[str]) -> None:
        self._known = known
        self._environ: dict[str, str | None] = dict(environ)
        self._word = re.compile(rf"(?<![A-Z0-9_])({'|'.join(map(re.escape, known)) or '(?!)'})(?![A-Z0-9_])")
        self._remark = re.compile(rf"[ \t]*#[#\s]*(?:export\s+)?({'|'.join(map(re.escape, known)) or '(?!)'})\s*=")
        self._assignments: list[Assignment] = []
        self._lost: list[LostLine] = []
        self._broken: list[tuple[str, int]] = []
        self._remarks: list[tuple[str, int]] = []
        self._endless = False

    def content(self) -> Content:
        if self._endless:
            return Content(endless=True)
        return Content(tuple(self._assignments), tuple(self._lost), tuple(self._broken), tuple(self._remarks))

    def take(self, binding: Binding) -> None:
        """Sort one binding into what is set and what is lost."""
        written = binding.original.string.lstrip()
        line = binding.original.line + binding.original.string[: -len(written) or None].count("\n")
        if binding.error:
            self._lose(line, written)
        elif binding.key is None:
            self._remember_remark(line, written)
        elif binding.value is None:
            self._take_bare(line, binding.key)
        elif self._is_code(binding.key, binding.value):
            self._lose(line, written)
        elif binding.key in self._known or not self._goes_on(line, written.strip()):
            self._assign(line, binding.key, binding.value, written)

    def _is_code(self, name: str, value: str) -> bool:
        """Whether a known name is inside the name (`$env:NAME`, `process.env.NAME`) or begins the value."""
        if name in self._known:
            return False
        inside = _INSIDE.search(name)
        word = self._word.match(value)
        return bool(inside and inside.group(1) in self._known) or bool(word and value[word.end() :][:1] == "=")

    def _assign(self, line: int, name: str, value: str, written: str) -> None:
        resolved = resolve(value, self._environ)
        self._endless = self._endless or resolved.endless
        self._environ[name] = resolved.text
        swallowed = self._names(written.split("\n")[1:])
        if swallowed:
            mine = (name,) if name in self._known else ()
            self._lost.append(LostLine(line, _NOT_CLOSED, tuple(dict.fromkeys((*mine, *swallowed)))))
            self._assignments.append(Assignment(name, line, None))
            return
        text = written.partition("=")[2].strip()
        quoted = text[:1] in {"'", '"'}
        cut = None if quoted else _CUT.search(text)
        self._assignments.append(
            Assignment(
                name,
                line,
                resolved.text,
                quoted=quoted,
                dangling=resolved.dangling,
                filled_in=resolved.filled_in,
                cut=cut.group(1) if cut and value else "",
            )
        )

    def _take_bare(self, line: int, name: str) -> None:
        """A word without an equals sign: part of a key, a mark of git, JSON, or `export NAME` of a shell."""
        names = self._names([name])
        if names:
            form = _NO_EQUALS if name in self._known else _form(name)
            self._lost.append(LostLine(line, form, names))
        elif not self._goes_on(line, name) and not _IDENTIFIER.fullmatch(name):
            self._lost.append(LostLine(line, _form(name)))
        if names or self._environ.get(name) is not None:
            self._assignments.append(Assignment(name, line, None))
            self._environ[name] = None

    def _goes_on(self, line: int, piece: str) -> bool:
        """Whether a line is the second half of the secret in the line before; if it is, it is noted."""
        previous = self._assignments[-1] if self._assignments else None
        if not previous or previous.line != line - 1 or previous.quoted or previous.value is None:
            return False
        if previous.name not in self._known or not previous.name.endswith(_HOLDS_KEY):
            return False
        if not is_second_half(previous.value, piece):
            return False
        self._broken.append((previous.name, line))
        return True

    def _lose(self, line: int, written: str) -> None:
        lines = written.rstrip().split("\n")
        form = _NOT_CLOSED if len(lines) > 1 else _form(lines[0])
        self._lost.append(LostLine(line, form, self._names(lines) or self._almost(lines[0])))

    def _names(self, lines: Sequence[str]) -> tuple[str, ...]:
        """The known names that stand in lines, each once."""
        return tuple(dict.fromkeys(name for line in lines for name in self._word.findall(line)))

    def _almost(self, line: str) -> tuple[str, ...]:
        """The known name that an unreadable line seems to begin with: `OPENAI API KEY=…`."""
        name = nearest(re.split("[=:]", line)[0], self._known)
        return (name,) if name else ()

    def _remember_remark(self, line: int, written: str) -> None:
        remark = self._remark.match(written)
        if remark:
            self._remarks.append((remark.group(1), line))


def _form(line: str) -> str:
    return next((form for pattern, form in _FORMS if pattern.match(line)), _OTHER)
