"""The recorded lines: what is shipped is clear and kind, what a family adds is used or named, never fatal."""

import math
import re
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from granny import faults, lines
from granny.lines import Line, load, problems

ENGLISH = lines.SHIPPED / "en"
SHIPPED = [(line, language) for language in ("en", "de") for line in Line]
"""What is shipped whole: by a voice of 24,000 samples a second in English, of 16,000 in German."""
RATES = {"en": 24_000, "de": 16_000}
PACES = {"en": (130, 165), "de": (105, 130)}  # words a minute; German ones are longer
every_line = pytest.mark.parametrize(("line", "language"), SHIPPED)
QUIET = 10 ** (-45 / 20)  # of full scale: below it is silence
JARGON = re.compile(
    r"\b(api|app|account|bill\w*|card|code|config\w*|connect\w*|credential\w*|error|internet|key|log"
    r"|model|network|openai|password|pay\w*|quota|server|session|system|time ?out|token\w*|worker)\b",
    re.IGNORECASE,
)
LAST = [
    Line.GOODBYE,
    Line.TIME_IS_UP,
    Line.WORKER_STOPPING,
    Line.NOT_SET_UP,
    Line.NO_CREDIT,
    Line.CANNOT_REACH_VOICE,
    Line.SOMETHING_WENT_WRONG,
]


def windows(pcm: bytes, rate: int) -> list[float]:
    """The RMS of every 10 ms, of full scale."""
    samples, step = array("h", pcm), rate // 100
    parts = (samples[at : at + step] for at in range(0, len(samples) - step + 1, step))
    return [math.sqrt(sum(sample * sample for sample in part) / step) / 32768 for part in parts]


def decibel(ratio: float) -> float:
    return 20 * math.log10(ratio)


def write(path: Path, samples: list[int], *, rate: int = 16_000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        wav.writeframes(array("h", samples).tobytes())
    return path


@every_line
def test_a_shipped_line_is_mono_16_bit_at_its_voices_rate(line: Line, language: str) -> None:
    with wave.open(str(lines.SHIPPED / language / f"{line.value}.wav")) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (RATES[language], 1, 2)


@every_line
def test_a_shipped_line_is_level_and_not_clipped(line: Line, language: str) -> None:
    """Its speech is within 1 dB of the language's usual level, and its peaks stay below -1 dBFS.

    Both voices are at -19 LUFS, which weighs frequencies as ears do; by bare power the German one is stronger.
    """
    recording = load(line, language=language)
    speech = [level for level in windows(recording.pcm, recording.sample_rate) if level > 0.01]
    loudness = decibel(math.sqrt(sum(level * level for level in speech) / len(speech)))
    assert loudness == pytest.approx({"en": -18.2, "de": -16.5}[language], abs=1)
    assert decibel(max(map(abs, array("h", recording.pcm))) / 32768) < -1


@every_line
def test_a_shipped_line_is_spoken_slowly_and_is_short(line: Line, language: str) -> None:
    recording, (slowest, fastest) = load(line, language=language), PACES[language]
    assert slowest <= len(recording.text.split()) / recording.duration * 60 <= fastest
    assert recording.duration <= 13


@every_line
def test_a_shipped_line_starts_and_ends_promptly(line: Line, language: str) -> None:
    """Less than 60 ms of silence before the first word and 200 ms after the last."""
    recording = load(line, language=language)
    loud = [at for at, level in enumerate(windows(recording.pcm, recording.sample_rate)) if level > QUIET]
    assert loud[0] * 0.01 < 0.06
    assert recording.duration - (loud[-1] + 1) * 0.01 < 0.2


@every_line
def test_a_shipped_line_is_written_beside_its_recording_without_jargon(line: Line, language: str) -> None:
    text = (lines.SHIPPED / language / f"{line.value}.txt").read_text(encoding="utf-8")
    assert load(line, language=language).text == lines.words(line, language=language) == text.strip()
    assert text.strip()
    assert not JARGON.search(text)


@pytest.mark.parametrize("line", LAST)
def test_the_last_line_of_a_call_says_goodbye(line: Line) -> None:
    assert lines.words(line).endswith("Goodbye.")
    assert lines.words(line, language="de").endswith("Auf Wiederhören.")


def test_who_is_asked_to_wait_is_told_what_for() -> None:
    """And no name, for hers may be another."""
    for line in (Line.LINE_BUSY, Line.STILL_BUSY):
        assert "talking with somebody else" in lines.words(line)
        assert "Please stay on the line" in lines.words(line)
        assert "Granny" not in lines.words(line)
    assert lines.words(Line.LINE_BUSY).endswith("I will come as soon as they hang up.")


@pytest.mark.parametrize("line", [Line.NOT_SET_UP, Line.NO_CREDIT])
def test_what_only_the_family_can_mend_is_sent_to_them(line: Line) -> None:
    assert "Please tell the person who set me up." in lines.words(line)


@pytest.mark.parametrize("language", RATES)
def test_a_shipped_folder_holds_the_lines_and_nothing_else(language: str) -> None:
    """A WAV and its words for each line, the pieces of a number, 6 MiB together, and whose they are."""
    folder = lines.SHIPPED / language
    names = {f"{line.value}.{kind}" for line in Line for kind in ("wav", "txt")}
    assert {path.name for path in folder.iterdir()} == names | {"LICENSE.md", "number"}
    pieces = {"number.txt", "the-number-is.wav", "once-more.wav", *(f"{digit}.wav" for digit in range(10))}
    assert {path.name for path in (folder / "number").iterdir()} == pieces
    assert sum(path.stat().st_size for path in folder.rglob("*")) < 6 * 2**20
    assert problems(language=language) == []


def test_every_fault_that_is_spoken_names_a_line() -> None:
    assert {fault.spoken for fault in faults.CATALOGUE.values() if fault.spoken} <= {line.value for line in Line}


def test_every_line_is_explained_to_the_family() -> None:
    page = (lines.SHIPPED / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE)) == sorted(line.value for line in Line)


def test_the_greeting_says_no_name_that_is_not_hers() -> None:
    assert lines.greeting("Granny") is Line.GREETING
    assert lines.greeting("Rosa") is Line.HELLO
    assert "Granny" in lines.words(Line.GREETING)
    assert "Granny" not in lines.words(Line.HELLO)


def test_a_recording_of_the_familys_is_heard_instead(tmp_path: Path) -> None:
    """Stereo becomes mono, the sample rate stays, and the other lines are the shipped ones."""
    write(tmp_path / "goodbye.wav", [1000, 3000, -1000, -3000] * 4000, rate=8000, channels=2)
    ours = load(Line.GOODBYE, folder=tmp_path)
    assert (ours.pcm, ours.sample_rate, ours.duration) == (
        array("h", [2000, -2000] * 4000).tobytes(),
        8000,
        1.0,
    )
    assert ours.text == lines.words(Line.GOODBYE)
    assert load(Line.HELLO, folder=tmp_path) == load(Line.HELLO)
    assert problems(folder=tmp_path) == []


def test_the_family_may_put_their_own_words_beside(tmp_path: Path) -> None:
    """A byte order mark, as Notepad writes it, is no word."""
    write(tmp_path / "goodbye.wav", [5000, -5000] * 50)
    (tmp_path / "goodbye.txt").write_bytes("Bye, Mum!\n".encode("utf-8-sig"))
    assert load(Line.GOODBYE, folder=tmp_path).text == "Bye, Mum!"


def test_a_wav_whose_header_does_not_know_its_length_is_read_to_its_end(tmp_path: Path) -> None:
    """Programs that write into a pipe leave 0xFFFFFFFF there."""
    path = write(tmp_path / "goodbye.wav", [5000, -5000] * 500)
    data = path.read_bytes()
    path.write_bytes(data[:40] + b"\xff" * 4 + data[44:])
    assert load(Line.GOODBYE, folder=tmp_path).duration == 1000 / 16_000


@pytest.mark.parametrize(
    ("sound", "problem"),
    [
        ({"samples": []}, "holds no sound"),
        ({"samples": [3, -3] * 8000}, "is silent"),
        ({"samples": [5000, -5000] * 16 * 8000, "rate": 8000}, "is longer than 30 seconds"),
        ({"samples": [5000, -5000] * 50, "rate": 4000}, "has 4000 samples a second"),
        ({"samples": [5000, -5000] * 50, "width": 1}, "has 8-bit samples"),
        ({"samples": [5000, -5000] * 60, "channels": 6}, "has 6 channels"),
    ],
)
def test_an_unusable_recording_is_named_and_the_shipped_one_heard(
    tmp_path: Path, sound: dict[str, object], problem: str
) -> None:
    path = write(tmp_path / "no-credit.wav", **sound)  # type: ignore[arg-type]  # the table above holds its arguments
    (found,) = problems(folder=tmp_path)
    assert str(found).startswith(f"{path}: {problem}")
    assert load(Line.NO_CREDIT, folder=tmp_path) == load(Line.NO_CREDIT)


@pytest.mark.parametrize("data", [b"", b"ID3\x04 an mp3 under another name", b"RIFF\x24\0\0\0WAVEfmt "])
def test_a_file_that_is_no_wav_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "goodbye.wav").write_bytes(data)
    (found,) = problems(folder=tmp_path)
    assert found.problem == "is not a WAV file of plain 16-bit PCM"
    assert load(Line.GOODBYE, folder=tmp_path) == load(Line.GOODBYE)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.binary(max_size=60), at=st.integers(0, 44))
def test_no_file_whatever_can_break_a_call(tmp_path: Path, head: bytes, at: int) -> None:
    path = write(tmp_path / "goodbye.wav", [5000, -5000] * 50)
    data = path.read_bytes()
    path.write_bytes(data[:at] + head + data[at + len(head) :])
    assert load(Line.GOODBYE, folder=tmp_path).pcm
    assert len(problems(folder=tmp_path)) <= 1


def test_a_misspelt_name_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    write(tmp_path / "Good bye.wav", [5000, -5000] * 50)
    (found,) = problems(folder=tmp_path)
    assert found.problem == "is no line's name; did you mean goodbye.wav?"


@pytest.mark.parametrize("kind", ["absent", "a file"])
def test_a_folder_that_is_none_is_named_and_the_shipped_lines_heard(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "recordings"
    if kind == "a file":
        folder.touch()
    (found,) = problems(folder=folder)
    assert str(found).startswith(f"{folder}: cannot be read as a folder")
    assert load(Line.GOODBYE, folder=folder) == load(Line.GOODBYE)


def test_who_is_in_danger_is_told_what_to_do_and_that_she_cannot_do_it() -> None:
    for language, words in (("en", "I cannot ring for you"), ("de", "Ich kann nicht für Sie anrufen")):
        assert words in lines.words(Line.EMERGENCY, language=language)
        assert "larm" not in lines.words(Line.CRISIS, language=language)


@pytest.mark.parametrize("language", ["xx", "en-GB", "zh-Hant"])
def test_an_unknown_language_is_heard_in_english(language: str) -> None:
    assert load(Line.GOODBYE, language=language) == load(Line.GOODBYE)
    assert problems(language=language) == []


def test_another_language_is_a_matter_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lacks is heard in English; pt-BR looks into pt."""
    (tmp_path / "en").symlink_to(ENGLISH)
    (tmp_path / "pt").mkdir()
    write(tmp_path / "pt" / "goodbye.wav", [5000, -5000] * 50)
    (tmp_path / "pt" / "goodbye.txt").write_text("Até logo.\n", encoding="utf-8")
    english = load(Line.HELLO)
    monkeypatch.setattr(lines, "SHIPPED", tmp_path)
    assert load(Line.GOODBYE, language="pt-BR").text == "Até logo."
    assert load(Line.HELLO, language="pt-BR") == english
