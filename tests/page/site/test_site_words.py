"""Every language of the page has every sentence, and each is short enough to be read by somebody who is 85."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from granny import faults
from granny.config.paths import HOME
from granny.page import _asking

SITE = HOME / "granny" / "page" / "site"
LONGEST = 12
"""Words of a sentence."""
NAMES = {"granny": "Granny", "called": "Anna"}
WITHOUT_A_LINE = (faults.JOB_DIED,)
"""What a caller hears no line for, and the room is told all the same."""

FILES = sorted((SITE / "words").glob("*.js"))
every_language = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def words(file: Path) -> dict[str, Any]:
    """What follows `export default`: plain JSON."""
    _, _, body = file.read_text(encoding="utf-8").partition("export default ")
    read = json.loads(body.rstrip().removesuffix(";"))
    assert isinstance(read, dict)
    return read


def sentences(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text and where it stands; a trouble has two, and the name of a button."""
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, list):
        yield path, " ".join(part)
    else:
        for name, inner in part.items():
            yield from sentences(inner, f"{path}.{name}")


def is_text(path: str) -> bool:
    return not (path.startswith(".trouble.") and path.endswith(".button"))


@every_language
def test_no_language_lacks_a_sentence(file: Path) -> None:
    """Nor has one that English has not: nobody would ever read it."""
    assert {path for path, _ in sentences(words(file))} == {path for path, _ in sentences(words(SITE / "words/en.js"))}


@every_language
def test_every_sentence_has_a_text_and_knows_only_the_two_names(file: Path) -> None:
    for path, text in sentences(words(file)):
        assert text.strip(), path
        assert set(re.findall(r"\{(\w*)\}", text)) <= set(NAMES), path


@every_language
def test_no_sentence_is_longer_than_twelve_words(file: Path) -> None:
    for path, text in sentences(words(file)):
        for sentence in re.split(r"(?<=[.?!])\s", text.format(**NAMES)):
            assert len(sentence.split()) <= LONGEST, f"{path}: {sentence}"


@every_language
def test_a_trouble_says_what_is_wrong_and_what_to_do_and_has_one_button(file: Path) -> None:
    read = words(file)
    for slug, advice in read["trouble"].items():
        assert len(advice["says"]) == 2, slug
        assert advice["button"] in read["button"], slug


@every_language
def test_no_sentence_speaks_of_what_only_a_technician_knows(file: Path) -> None:
    for path, text in sentences(words(file)):
        if is_text(path):
            assert not re.search(r"error|fehler|token|server|livekit|openai|webrtc|\d{3}", text, re.IGNORECASE), path


def test_a_language_is_known_to_the_page() -> None:
    """Its file is read by words.js."""
    known = (SITE / "words.js").read_text(encoding="utf-8")
    assert {file.stem for file in FILES} == set(
        re.findall(r'^import \w+ from "\./words/(\w+)\.js";', known, re.MULTILINE)
    )


@every_language
@pytest.mark.parametrize("slug", sorted(faults.CATALOGUE))
def test_every_fault_that_a_caller_hears_has_its_sentence(slug: str, file: Path) -> None:
    """Its own, or that of the line by which she tells it."""
    fault = faults.CATALOGUE[slug]
    if fault.spoken or fault in WITHOUT_A_LINE:
        assert {slug, fault.spoken} & set(words(file)["trouble"])


def test_what_the_page_itself_finds_wrong_has_its_sentence() -> None:
    """Whatever its code names; what it does not know is told in general words, which must be there."""
    named = {"something-went-wrong", "sound-blocked", "microphone-lost", "nobody-yet", "nobody-came"}
    for file in SITE.glob("*.js"):
        if file.name != "livekit-client.umd.js":
            named |= set(re.findall(r'new Trouble\("([\w-]+)"\)', file.read_text(encoding="utf-8")))
    named |= set(re.findall(r'"((?:microphone|browser|in-app|insecure)[\w-]*)"', (SITE / "trouble.js").read_text()))
    assert named - {"microphone"} <= set(words(SITE / "words/en.js")["trouble"])


def test_what_the_page_s_server_refuses_has_its_sentence() -> None:
    """Its own, or, of what is a fault of hers too, that of the line by which she tells it."""
    known = {*words(SITE / "words/en.js")["trouble"], *faults.CATALOGUE}
    assert set(_asking._STATUSES) <= known


def test_every_state_of_a_call_has_its_sentence() -> None:
    """Those that call_state.js names, and those that come with an event."""
    told = re.search(r"export function sentence.*?\n}", (SITE / "call_state.js").read_text(encoding="utf-8"), re.DOTALL)
    assert told
    named = set(re.findall(r'(?<!mend === )"([\w-]+)"', told[0])) | {
        "listening",
        "thinking",
        "speaking",
        "hung-up",
        "ended",
        "opening",
    }
    assert named == set(words(SITE / "words/en.js")["state"])
