"""What settings and libraries get from an env file: python-dotenv's own values, at a cost that grows as the file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import dotenv
import pytest
from dotenv import variables
from hypothesis import given
from hypothesis import strategies as st

from granny.config.env_file import values
from granny.config.paths import HOME
from granny.config.settings import VARIABLES, export, load

_NAMES = ("A", "B", "HOME_OF_MINE", "OPENAI_API_KEY", "NOWHERE", "")
_LINES = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(("", "export ", "# ", " ", "'")),
    st.sampled_from(_NAMES),
    st.sampled_from(("=", " = ", "", "'=", ":")),
    st.lists(
        st.sampled_from(
            (
                *(f"${{{name}}}" for name in _NAMES),
                *(f"${{{name}:-x}}" for name in _NAMES),
                *"'\"\\$${}:-# \t\ufeffé",
                "\\n",
                "\\'",
                "$A",
                "${",
                "plain",
            )
        ),
        max_size=6,
    ).map("".join),
    st.sampled_from(("\n", "\r\n", "\r", "")),
)


@given(
    text=st.lists(_LINES, max_size=12).map("".join),
    around=st.dictionaries(st.sampled_from(_NAMES[:-1]), st.sampled_from(("", "around", "${A}"))),
)
def test_values_are_those_of_python_dotenv(
    text: str, around: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """References, quotes, escapes, names that come again or bare, and the environment: the same, in the same order."""
    path = tmp_path_factory.getbasetemp() / "values.env"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        for name in _NAMES[:-1]:
            patch.delenv(name, raising=False)
        for name, value in around.items():
            patch.setenv(name, value)
        assert list(values(path).items()) == list(dotenv.dotenv_values(path, encoding="utf-8").items())


def test_a_file_is_utf_8_whatever_the_machine_writes_itself(tmp_path: Path) -> None:
    """As on a Windows of western Europe."""
    path = tmp_path / ".env.local"
    path.write_text("GRANNY_NAME=f\u00fcr Oma\n", encoding="utf-8")
    program = (
        "import pathlib, sys; from granny.config.env_file import values\n"
        "print(ascii(values(pathlib.Path(sys.argv[1]))['GRANNY_NAME']))"
    )
    plain = {**os.environ, "PYTHONPATH": str(HOME), "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-X", "utf8=0", "-c", program, str(path)]
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == r"'f\xfcr Oma'"


@pytest.mark.parametrize("read", [load, export])
def test_the_work_grows_as_the_file_does(read: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a value with a reference is looked at again, and nothing that came before is copied for it."""
    looked_in: list[Mapping[str, str | None]] = []
    taken_apart: list[str] = []
    resolve, take_apart = variables.Variable.resolve, variables.parse_variables

    def noted(variable: variables.Variable, env: Mapping[str, str | None]) -> str:
        looked_in.append(env)
        return resolve(variable, env)

    def counted(value: str) -> object:
        taken_apart.append(value)
        return take_apart(value)

    monkeypatch.setattr(variables.Variable, "resolve", noted)
    monkeypatch.setattr(variables, "parse_variables", counted)
    monkeypatch.setattr(dotenv.main, "parse_variables", counted)
    monkeypatch.setattr(os, "environ", dict(os.environ, OPENAI_API_KEY="sk-proj-" + "FAKE" * 10))
    path = tmp_path / ".env.local"
    path.write_text("".join(f"N{n}=1\n" for n in range(300)) + "".join(f"R{n}=${{N{n}}}\n" for n in range(20)))
    assert callable(read)
    read((path,))
    assert len(taken_apart) == len(looked_in) == 20
    assert all(env is looked_in[0] for env in looked_in)


def test_only_what_granny_knows_reaches_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment outranks the strong file, and that one the weak; a bare name leaves the default."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRANNY_NAME", "Environment")
    strong, weak = tmp_path / ".env.start", tmp_path / ".env.local"
    strong.write_text("GRANNY_NAME=Strong\nGRANNY_LANGUAGE=de\nGRANNY_VOICE\nSERVICE=1\n")
    weak.write_text(
        "OPENAI_API_KEY=sk-proj-FAKEFAKE\nGRANNY_LANGUAGE=fr\nGRANNY_VOICE=cedar\nGRANNY_SPEED=1.1\ngranny_speed=1.2\n"
    )
    settings = load((strong, weak, tmp_path / "none"))
    assert (settings.name, settings.language, settings.voice, settings.speed) == ("Environment", "de", "marin", 1.1)
    assert settings.model_extra is None


def test_only_what_a_library_reads_reaches_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's key in a file is in no process's environment; what Granny does not know may be a library's."""
    monkeypatch.setattr(os, "environ", {"HTTP_PROXY": "http://environment:1", "SSL_CERT_DIR": ""})
    below = {
        "LIVEKIT_URL": "wss://livekit.invalid",
        "LIVEKIT_API_KEY": "APIFAKE",
        "LIVEKIT_API_SECRET": "FAKE",
        "HTTPS_PROXY": "http://file:2",
        "SSL_CERT_FILE": "/certificates.pem",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.invalid:4318",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector.invalid:4318/v1/traces",
        "OTEL_SERVICE_NAME": "granny",
        "TZ": "Europe/Berlin",
        "LK_OPENAI_DEBUG": "1",
    }
    beaten = {"HTTP_PROXY": "http://file:3", "SSL_CERT_DIR": "/certificates"}
    passed_on = dict.fromkeys(set(VARIABLES) - set(below) - set(beaten), "1")
    assert {"OPENAI_API_KEY", "OPENAI_BASE_URL", "GRANNY_NAME", "GRANNY_MODEL"} <= set(passed_on)
    file, weak = tmp_path / ".env.start", tmp_path / ".env.local"
    file.write_text("".join(f"{name}={value}\n" for name, value in (below | beaten | passed_on).items()))
    weak.write_text("TZ=UTC\nOPENAI_API_KEY\nBARE\n")
    export((file, weak, tmp_path / "none"))
    assert os.environ == below | {"HTTP_PROXY": "http://environment:1", "SSL_CERT_DIR": ""}
