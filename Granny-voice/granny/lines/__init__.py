"""The recorded sentences that Granny can say without OpenAI and without the network.

A folder of lines holds NAME.wav (the recording) and NAME.txt (its words), NAME being a line's slug. The
folders beside this file are shipped, one a language; a family may keep one of their own. The worker's line recorder has
her say the lines in her own voice, and keeps those recordings where `own_voice` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path

from granny.lines import numbers
from granny.lines.own_voice import OwnVoice as OwnVoice
from granny.lines.own_voice import cache_folder as cache_folder
from granny.lines.wav import LineError as LineError
from granny.lines.wav import read

SHIPPED = Path(__file__).parent
LANGUAGE = "en"
"""Shipped whole; what another language lacks is heard in this one."""

NAME = "Granny"
"""Who she says she is in the shipped `Line.GREETING`."""


class Line(str, Enum):
    """A sentence she may have to say when OpenAI cannot say it for her; the value is its slug."""

    GREETING = "greeting"
    HELLO = "hello"
    """The greeting without a name, for when hers is not `NAME`."""
    ONE_MOMENT = "one-moment"
    ARE_YOU_STILL_THERE = "are-you-still-there"
    NO_ANSWER = "no-answer"
    """An answer was lost; the call goes on."""
    TIME_NEARLY_UP = "time-nearly-up"
    """A minute before the longest call ends."""
    LINE_BUSY = "line-busy"
    """All places are taken; the caller is asked to stay on the line."""
    STILL_BUSY = "still-busy"
    """The same, said again and again to whoever stays."""
    COMPUTER_COMPANION = "computer-companion"
    """What she is: said again in a call of hours, and first of all where there is no greeting."""
    EMERGENCY = "emergency"
    """Somebody is in danger, hurt or very ill, and no answer is heard; the number follows it."""
    CRISIS = "crisis"
    """The same for who speaks of ending their life."""

    GOODBYE = "goodbye"
    TIME_IS_UP = "time-is-up"
    WORKER_STOPPING = "worker-stopping"
    NOT_SET_UP = "not-set-up"
    """The key, the model or another setting was refused."""
    NO_CREDIT = "no-credit"
    CANNOT_REACH_VOICE = "cannot-reach-voice"
    SOMETHING_WENT_WRONG = "something-went-wrong"


GREETINGS = (Line.GREETING, Line.HELLO)
"""What the model says in its own words when there is no recording."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A line, ready to be played.

    Attributes:
        pcm: mono samples, 16 bit, signed, little-endian.
        sample_rate: in Hz.
        text: the words.
    """

    pcm: bytes
    sample_rate: int
    text: str

    @property
    def duration(self) -> float:
        """In seconds."""
        return len(self.pcm) / 2 / self.sample_rate


def greeting(name: str, *, folder: Path | None = None, own: OwnVoice | None = None) -> Line:
    """The greeting that is true for a Granny of this name: with a name, if it is hers."""
    has_own = name == NAME or personal(Line.GREETING, folder=folder, own=own)
    return Line.GREETING if has_own else Line.HELLO


def load(line: Line, *, folder: Path | None = None, language: str = LANGUAGE, own: OwnVoice | None = None) -> Recording:
    """The best recording of a line: the family's, else her own, else the language's, else the English one.

    A recording that cannot be used is passed over, so that a call never dies of it; `problems` tells of it.

    Args:
        line: what to say.
        folder: the family's own recordings.
        language: as in en, de, pt-BR; pt-BR looks into pt too.
        own: how she sounds, if her own recordings are to be looked for.

    Raises:
        LineError: the English recording shipped with Granny is damaged.
    """
    if recording := personal(line, folder=folder, language=language, own=own):
        return recording
    *places, last = _shipped(language)
    for place in places:
        with suppress(LineError):
            return _recorded(line, place, language)
    return _recorded(line, last, language)


def number_after(line: Line, recording: Recording, own: OwnVoice, *, language: str = LANGUAGE) -> Recording | None:
    """The number to ring, where this recording of a line should name one and does not; None if there is none to say."""
    number = _number(line, own)
    if number is None or numbers.holds(recording.text, number):
        return None
    for place in _shipped(language):
        with suppress(LineError):
            pcm, sample_rate = numbers.recorded(number, place)
            return Recording(pcm, sample_rate, numbers.words(number, place))
    return None


def _number(line: Line, own: OwnVoice) -> str | None:
    """Whom to ring: who speaks of ending their life is in danger, too, where no line for them is known."""
    if line is Line.CRISIS:
        return own.crisis_line or own.emergency_number
    return own.emergency_number if line is Line.EMERGENCY else None


def personal(
    line: Line, *, folder: Path | None = None, language: str = LANGUAGE, own: OwnVoice | None = None
) -> Recording | None:
    """The family's recording or hers, as `load` finds it; None if there is only the shipped one."""
    if folder:
        with suppress(LineError):
            return _recorded(line, folder, language)
    text = own_words(line, own, folder=folder) if own else ""
    file = own.file(line.value, text) if own else None
    if file:
        with suppress(LineError):
            return Recording(*read(file), text)
    return None


def problems(*, folder: Path | None = None, language: str = LANGUAGE) -> list[LineError]:
    """Every file that `load` would pass over, and every WAV in the family's folder that is no line's."""
    found = list(_no_folder(folder))
    for place in _places(folder, language):
        found += _unknown(place)
        found += _unusable(place)
    return found


def words(line: Line, *, language: str = LANGUAGE, folder: Path | None = None) -> str:
    """The words of a line: the family's, else the shipped ones in the language, else the English ones."""
    return _words(line, _places(folder, language))


def shipped_in(language: str) -> list[Path]:
    """The shipped folders of a language, the strongest first; English is no other language's."""
    return _shipped(language)[:-1]


def own_words(line: Line, own: OwnVoice, *, folder: Path | None = None) -> str:
    """What she says in her own voice: the family's words or the shipped ones; her name, and the number to ring."""
    text = _words(line, _places(folder, own.language))
    if line is Line.GREETING:
        return text.replace(NAME, own.name)
    number = _number(line, own)
    if number is None or numbers.holds(text, number):
        return text
    sentences = (numbers.words(number, place) for place in _places(folder, own.language))
    return f"{text} {next(filter(None, sentences), '')}".rstrip()


def is_in_language(line: Line, own: OwnVoice, *, folder: Path | None = None) -> bool:
    """Whether the words that she would say, the number in them, are in the call's language; else some are English."""
    places = _places(folder, own.language)[:-1]
    is_said = bool(_words(line, places)) and names_number(line, own, folder=folder, places=places)
    return own.language.partition("-")[0] == LANGUAGE or is_said


def names_number(line: Line, own: OwnVoice, *, folder: Path | None, places: Iterable[Path]) -> bool:
    """Whether the number to ring is in the words of a line, or one of these folders has a sentence for it."""
    number = _number(line, own)
    if number is None or numbers.holds(words(line, language=own.language, folder=folder), number):
        return True
    return any(numbers.words(number, place) for place in places)


def _places(folder: Path | None, language: str) -> list[Path]:
    """The folders to look into, the strongest first; one that does not exist holds no line."""
    return [folder, *_shipped(language)] if folder else _shipped(language)


def _shipped(language: str) -> list[Path]:
    return [SHIPPED / name for name in dict.fromkeys((language, language.partition("-")[0], LANGUAGE))]


def _recorded(line: Line, place: Path, language: str) -> Recording:
    pcm, sample_rate = read(place / f"{line.value}.wav")
    return Recording(pcm, sample_rate, _words(line, _places(place, language)))


def _words(line: Line, places: Iterable[Path]) -> str:
    """The first words found; a recording of the family's without words keeps the shipped ones."""
    for place in places:
        with suppress(OSError):
            return (place / f"{line.value}.txt").read_text("utf-8-sig", "replace").strip()
    return ""


def _no_folder(folder: Path | None) -> Iterable[LineError]:
    if not folder:
        return
    try:
        list(folder.iterdir())
    except OSError as error:
        yield LineError(folder, f"cannot be read as a folder ({error.strerror})")


def _unknown(place: Path) -> Iterable[LineError]:
    slugs = [line.value for line in Line]
    for path in sorted(place.glob("*.[wW][aA][vV]")):
        if path.name not in {f"{slug}.wav" for slug in slugs}:
            likely = get_close_matches(path.stem.lower(), slugs, n=1, cutoff=0)[0]
            yield LineError(path, f"is no line's name; did you mean {likely}.wav?")


def _unusable(place: Path) -> Iterable[LineError]:
    for line in Line:
        problem = _problem(place / f"{line.value}.wav")
        if problem:
            yield problem


def _problem(path: Path) -> LineError | None:
    """What is wrong with a recording; nothing is when there is none."""
    try:
        read(path)
    except LineError as error:
        return None if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError) else error
    return None
