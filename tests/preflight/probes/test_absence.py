"""Why something needed is not set, to the letter: one finding for each cause, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from granny.config.settings import VARIABLES
from granny.faults import Finding, Severity
from granny.preflight.probes._absence import Absence, explain_absence
from granny.preflight.probes._reading import Reading, take_reading

KEY, URL, ID, SECRET = "OPENAI_API_KEY", "LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"
FATAL, WARNING = Severity.FATAL, Severity.WARNING
VALUE = "sk-proj-" + "FAKE" * 10
ELSEWHERE = "By its looks the value is that of {}; it stands under another name."


def reading(folder: Path, text: str | bytes | None, *, needed: tuple[str, ...] = (KEY,), **environ: str) -> Reading:
    file = folder / ".env.local"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    files = (folder / ".env.production.local", file)
    return take_reading(files, environ=environ, needed=needed, known=VARIABLES)


def of_variables(absence: Absence) -> list[tuple[str, str, str | None, str | None]]:
    return [told(finding) for finding in absence.of_variables]


def told(finding: Finding) -> tuple[str, str, str | None, str | None]:
    return finding.fault.slug, finding.evidence, finding.variable, finding.where


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        (KEY, "openai-key-missing"),
        (URL, "livekit-url-missing"),
        (ID, "livekit-key-missing"),
        (SECRET, "livekit-secret-missing"),
    ],
)
def test_what_nobody_set_is_said_with_where_it_was_looked_for(tmp_path: Path, name: str, slug: str) -> None:
    first = explain_absence(reading(tmp_path, None, needed=(name,)))
    assert of_variables(first) == [(slug, "It is not in the environment.", name, None)]
    (tmp_path / ".env.production.local").write_text("A=b\n")
    both = explain_absence(reading(tmp_path, "A=b\n", needed=(name,)))
    evidence = "It is neither in the environment nor in .env.production.local, .env.local."
    assert (both.of_files, of_variables(both)) == ((), [(slug, evidence, name, None)])
    remark = explain_absence(reading(tmp_path, f"A=b\n# {name}=x\n", needed=(name,)))
    evidence = "The line begins with #, which makes it a remark."
    assert of_variables(remark) == [(slug, evidence, name, ".env.local:2")]


def test_without_any_file_it_is_said_which_was_looked_for(tmp_path: Path) -> None:
    absence = explain_absence(reading(tmp_path, None, needed=(KEY, URL, ID), LIVEKIT_API_KEY="x"))
    (finding,) = absence.of_files
    looked = f"Looked for {tmp_path / '.env.local'}. Not set: {KEY}, {URL}."
    assert told(finding) == ("env-file-missing", looked, None, None)
    (tmp_path / ".env.local.example").write_text(f"{KEY}=sk-your-openai-key\n{ID}={VALUE}\n{URL}=\n")
    assert explain_absence(reading(tmp_path, None, needed=(KEY, URL))).of_files[0].evidence == looked
    (tmp_path / ".env.local.example").write_text(f"{URL}=\n{KEY}={VALUE}\n")
    (finding,) = explain_absence(reading(tmp_path, None, needed=(KEY, URL))).of_files
    assert finding.evidence == f"{looked} .env.local.example holds values of your own: copy it."


@pytest.mark.parametrize(
    ("text", "name", "evidence"),
    [
        (f"OPENAI_KEY={VALUE}", KEY, f"OPENAI_KEY is set. Did you mean {KEY}?"),
        (
            f"\u041ePENAI_API_KEY={VALUE}",
            KEY,
            f"One letter of the name is not what it looks like (U+041E); meant is {KEY}.",
        ),
        (f'"{KEY}"={VALUE}', KEY, f"There is more to the name than {KEY}, such as quotes or a sign."),
        (f"MY_VOICE={VALUE}", KEY, ELSEWHERE.format(KEY)),
        (f"MY_VOICE=sk-svcacct-{'x' * 20}", KEY, ELSEWHERE.format(KEY)),
        ("THE_SERVER=wss://granny.livekit.cloud/", URL, ELSEWHERE.format(URL)),
        (f"THE_ID=API{'a1B2' * 3}", ID, ELSEWHERE.format(ID)),
    ],
)
def test_a_slip_in_the_name_takes_the_place_of_is_required(tmp_path: Path, text: str, name: str, evidence: str) -> None:
    absence = explain_absence(reading(tmp_path, f"A=b\n{text}\n", needed=(name,)))
    assert absence.of_files == ()
    assert of_variables(absence) == [("env-name-misspelt", evidence, name, ".env.local:2")]
    assert absence.of_variables[0].severity is FATAL


def test_a_slip_in_the_environment_is_told_as_the_environments(tmp_path: Path) -> None:
    """An empty one is nobody's slip."""
    (slip,) = explain_absence(reading(tmp_path, "A=b\n", OPENAI_TOKEN=VALUE)).of_variables
    assert told(slip)[1:] == (f"OPENAI_TOKEN is set. Did you mean {KEY}?", KEY, "environment")
    (missing,) = explain_absence(reading(tmp_path, "A=b\n", OPENAI_TOKEN="")).of_variables
    assert missing.fault.slug == "openai-key-missing"


@pytest.mark.parametrize("text", [f"OPENROUTER={VALUE[:27]}", "OPENAI_KEY=", "A=wss://granny.livekit.cloud"])
def test_what_could_be_anything_is_no_slip(tmp_path: Path, text: str) -> None:
    (missing,) = explain_absence(reading(tmp_path, f"{text}\n")).of_variables
    assert missing.fault.slug == "openai-key-missing"


def test_a_slip_in_a_setting_is_only_warned_of(tmp_path: Path) -> None:
    """Once, in a file and not in the environment, and only while the setting itself is not there."""
    slips = "GRANNY_VOCIE=a\nGRANNY_VOIC=b\nGRANNY_SPEEED=1\nHTTP_PROX=c\nGRANNY_LANGUAGES=de\nLIVEKIT_UR=d\n"
    text = f"{KEY}={VALUE}\n{slips}"
    absence = explain_absence(reading(tmp_path, text, GRANNY_NAM="x", GRANNY_LANGUAGE="de"))
    assert [(*told(one)[1:], one.severity) for one in absence.of_variables] == [
        ("GRANNY_VOCIE is set. Did you mean GRANNY_VOICE?", "GRANNY_VOICE", ".env.local:2", WARNING),
        ("GRANNY_SPEEED is set. Did you mean GRANNY_SPEED?", "GRANNY_SPEED", ".env.local:4", WARNING),
    ]


def test_a_file_that_is_not_read_is_named_with_its_folder(tmp_path: Path) -> None:
    """Where Granny lives also one folder up and one down; of the file that is read nothing is said."""
    home = tmp_path / "Granny-voice"
    (home / "granny").mkdir(parents=True)
    for folder in (home, tmp_path, home / "granny"):
        (folder / ".env").write_text(f"{KEY}={VALUE}\n")
    alone = explain_absence(reading(home, "A=b\n", needed=(KEY, URL)))
    assert [told(one) for one in alone.of_files] == [
        ("env-file-misnamed", f"Found: .env. Granny reads {home / '.env.local'}.", None, ".env")
    ]
    assert [one.variable for one in alone.of_variables] == [URL]
    (home / "agent.py").touch()
    (finding,) = explain_absence(reading(home, "A=b\n")).of_files
    assert finding.evidence == (
        f"Found: .env, .env in the folder above, .env in the folder granny. Granny reads {home / '.env.local'}."
    )


def test_a_file_that_is_not_read_explains_that_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "env.local").write_text(f"{KEY}={VALUE}\n")
    absence = explain_absence(reading(tmp_path, None))
    assert [one.fault.slug for one in absence.of_files] == ["env-file-misnamed"]
    assert absence.of_variables == ()


@pytest.mark.parametrize(
    "text",
    [f"set {KEY}={VALUE}\n", f"{URL}=wss://a.test{KEY}={VALUE}\n", b"\xff\xfe", f"{KEY}={VALUE}\n"],
    ids=["a line that is lost", "two lines glued", "a file that cannot be read", "set"],
)
def test_what_is_explained_elsewhere_is_not_said_twice(tmp_path: Path, text: str | bytes) -> None:
    assert explain_absence(reading(tmp_path, text)) == Absence()


def test_of_two_that_are_not_set_each_has_its_own_reason(tmp_path: Path) -> None:
    text = f"set {KEY}={VALUE}\nLIVEKIT_HOST=ws://a\n"
    absence = explain_absence(reading(tmp_path, text, needed=(KEY, URL, ID)))
    assert [(one.fault.slug, one.variable) for one in absence.of_variables] == [
        ("env-name-misspelt", URL),
        ("livekit-key-missing", ID),
    ]
