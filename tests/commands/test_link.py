"""A link for a person: made, shown once, listed, taken back; and one to LiveKit's own page for a single call."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import segno

from commands.running import run
from family import with_people
from granny.commands import link as command
from granny.store.link import Kind
from granny.store.links import Links
from keeping import links_in, make_old_link

KEY = "sk-proj-" + "FAKE" * 10
LIVEKIT = {
    "LIVEKIT_URL": "wss://livekit.example",
    "LIVEKIT_API_KEY": "APIfakefake",
    "LIVEKIT_API_SECRET": "FAKE" * 9,
}
LINK = ("-m", "granny", "link")
PAGE = "https://granny.example"
MADE = re.compile(rf"{PAGE}/#([\w-]{{22}})\n")


@pytest.fixture(name="house")
def _house(home: Path, tmp_path: Path) -> Path:
    """In which Anna and Käthe have a file."""
    return with_people(home, tmp_path / "Granny-voice", {"anna": "", "Käthe": ""})


@pytest.fixture(name="environment")
def _environment(bare_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A key, an address of the page's, and a folder for the links; no LiveKit server."""
    ours = {"OPENAI_API_KEY": KEY, "GRANNY_PAGE_URL": PAGE, "GRANNY_DATA_FOLDER": str(tmp_path / "data")}
    return bare_environment | ours


@pytest.fixture(name="links")
def _links(tmp_path: Path) -> Links:
    return links_in(tmp_path / "data")


def test_the_link_alone_is_printed_and_the_rest_is_said_beside_it(
    house: Path, environment: dict[str, str], links: Links
) -> None:
    """So that it can be piped; behind a # no server is ever told it."""
    done = run(house, environment, *LINK, "anna")
    assert done.returncode == 0
    made = MADE.fullmatch(done.stdout)
    assert made
    held = links.holder(made[1])
    assert held
    assert held.person == "anna"
    assert f"python -m granny link --revoke {held.id}" in done.stderr
    assert made[1] not in done.stderr
    assert "\u2588" not in done.stderr  # no square where nobody looks


def test_a_link_need_not_be_a_person_s(house: Path, environment: dict[str, str], links: Links) -> None:
    assert run(house, environment, *LINK).returncode == 0
    assert [link.person for link in links.all()] == [""]


def test_a_name_is_the_same_whatever_form_its_letters_have(
    house: Path, environment: dict[str, str], links: Links
) -> None:
    assert run(house, environment, *LINK, "Ka\u0308the").returncode == 0
    assert [link.person for link in links.all()] == ["Käthe"]


def test_for_somebody_of_whom_there_is_no_file_there_is_no_link(
    house: Path, environment: dict[str, str], links: Links
) -> None:
    done = run(house, environment, *LINK, "ana")
    assert (done.returncode, done.stdout) == (78, "")
    assert "there is no file people/ana.toml; did you mean anna?" in done.stderr
    assert links.all() == ()


def test_who_has_set_no_address_is_told_that_the_link_opens_here_alone(
    house: Path, environment: dict[str, str]
) -> None:
    done = run(house, {**environment, "GRANNY_PAGE_URL": ""}, *LINK)
    assert done.stdout.startswith("http://127.0.0.1:8080/#")
    assert "on this machine alone" in done.stderr


def test_an_address_without_https_is_said_to_have_no_microphone(house: Path, environment: dict[str, str]) -> None:
    done = run(house, {**environment, "GRANNY_PAGE_URL": "http://192.168.178.20:8080"}, *LINK)
    assert done.returncode == 0
    assert "a browser gives no microphone to a page without https" in done.stderr


def test_a_link_for_the_family_opens_its_page_and_calls_nobody(
    house: Path, environment: dict[str, str], links: Links
) -> None:
    done = run(house, environment, *LINK, "anna", "--family")
    made = re.fullmatch(re.escape(PAGE) + r"/family#([\w-]{22})\n", done.stdout)
    assert made, done.stderr
    held = links.holder(made[1])
    assert held
    assert (held.person, held.kind) == ("anna", Kind.FAMILY)
    assert "how anna's calls went" in done.stderr
    assert f"python -m granny link --revoke {held.id}" in done.stderr
    assert "  for the family\n" in run(house, environment, *LINK, "--list").stdout


def test_a_link_for_everybody_s_family_names_nobody(house: Path, environment: dict[str, str], links: Links) -> None:
    done = run(house, {**environment, "GRANNY_PAGE_URL": ""}, *LINK, "--family")
    assert done.stdout.startswith("http://127.0.0.1:8080/family#")
    assert "how everybody's calls went" in done.stderr
    assert "on this machine alone" in done.stderr
    assert [(link.person, link.kind) for link in links.all()] == [("", Kind.FAMILY)]


def test_they_are_listed_without_their_secrets_and_taken_back(
    house: Path, environment: dict[str, str], links: Links
) -> None:
    secrets = [links.make(person) for person in ("anna", "anna", "")]
    of_anna, _, of_nobody = links.all()
    listed = run(house, environment, *LINK, "--list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [link.id for link in links.all()]
    assert not [secret for secret in secrets if secret in listed.stdout]
    assert run(house, environment, *LINK, "--list", "anna").stdout.count("\n") == 2
    assert run(house, environment, *LINK, "--revoke", of_nobody.id).returncode == 0
    revoked = run(house, environment, *LINK, "--revoke", "anna")
    assert (revoked.returncode, revoked.stderr) == (0, "")
    assert of_anna.id in revoked.stdout
    assert links.all() == ()
    assert "There is no such link yet" in run(house, environment, *LINK, "--list").stderr


def test_a_slip_in_taking_back_is_asked_back_and_takes_nothing(
    house: Path, environment: dict[str, str], links: Links
) -> None:
    links.make("anna")
    done = run(house, environment, *LINK, "--revoke", "ana")
    assert (done.returncode, done.stdout) == (78, "")
    assert "there is no link ana; did you mean anna?" in done.stderr
    assert len(links.all()) == 1


def test_one_can_be_taken_back_whatever_else_is_wrong(house: Path, environment: dict[str, str], links: Links) -> None:
    """A tablet is lost on the day on which a person's file is broken, too."""
    links.make("anna")
    (house / "people" / "anna.toml").write_text("called = Anna\n", encoding="utf-8")
    assert run(house, environment, *LINK, "anna").returncode == 78
    assert run(house, environment, *LINK, "--revoke", "anna").returncode == 0
    assert links.all() == ()


def test_links_of_before_the_store_are_listed_and_go_on_being_good(
    house: Path, environment: dict[str, str], links: Links, tmp_path: Path
) -> None:
    secret = make_old_link(tmp_path / "data", "anna")
    assert "  anna  " in run(house, environment, *LINK, "--list").stdout
    held = links.holder(secret)
    assert held
    assert held.person == "anna"
    assert not (tmp_path / "data" / "links").exists()


def test_a_spoilt_one_of_before_the_store_can_be_taken_back(
    house: Path, environment: dict[str, str], links: Links, tmp_path: Path
) -> None:
    make_old_link(tmp_path / "data", "anna")
    (file,) = (tmp_path / "data" / "links").iterdir()
    file.write_bytes(b"")
    done = run(house, environment, *LINK, "--revoke", file.name[:8])
    assert (done.returncode, done.stdout) == (0, f"Taken back: {file.name[:8]}\n")
    assert (links.all(), file.exists()) == ((), False)


def test_where_none_can_be_kept_the_report_says_why(house: Path, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    done = run(house, environment, *LINK, "anna")
    assert (done.returncode, done.stdout) == (78, "")
    assert "store-unavailable (fatal)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_without_a_home_is_told_what_to_set(house: Path, environment: dict[str, str]) -> None:
    if sys.platform != "linux":
        pytest.skip("elsewhere a user always has a place")
    nowhere = {"GRANNY_DATA_FOLDER": "", "XDG_DATA_HOME": "", "HOME": "nowhere"}
    done = run(house, environment | nowhere, *LINK)
    assert (done.returncode, done.stdout) == (78, "")
    assert "store-unavailable (fatal)" in done.stderr
    assert "GRANNY_DATA_FOLDER is not set" in done.stderr


def test_the_square_holds_the_link_light_on_dark() -> None:
    """Read back from what the terminal is given: a blank is two dark modules, one above the other."""
    link = f"{PAGE}/#{'a' * 22}"
    if sys.platform != "win32":
        assert all(line.startswith("\x1b[97;40m") and line.endswith("\x1b[0m") for line in command._square(link))
    modules = {" ": (1, 1), "\u2580": (0, 1), "\u2584": (1, 0), "\u2588": (0, 0)}
    lines = [re.fullmatch("(?:\x1b\\[97;40m)?([^\x1b]+)(?:\x1b\\[0m)?", line) for line in command._square(link)]
    read = [[modules[character][half] for character in line[1]] for line in lines if line for half in (0, 1)]
    expected = [list(row) for row in segno.make(link, micro=False).matrix_iter(border=4)]
    assert read[: len(expected)] == expected
    assert len(lines[0][1] if lines[0] else "") < 80


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_at_a_terminal_there_is_a_square_to_point_a_camera_at(house: Path, environment: dict[str, str]) -> None:
    status, shown = at_terminal(house, environment | {"PYTHONIOENCODING": "utf-8"})
    assert (status, shown.count("\u2588" * 30)) == (0, 3)
    status, shown = at_terminal(house, environment | {"PYTHONIOENCODING": "ascii"})
    assert (status, "\u2588" in shown, "\\u2588" in shown) == (0, False, False)


def at_terminal(house: Path, environment: dict[str, str]) -> tuple[int, str]:
    if sys.platform == "win32":
        raise NotImplementedError
    shown, terminal = os.openpty()
    with subprocess.Popen(
        [sys.executable, *LINK], cwd=house, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        text = b""
        with contextlib.suppress(OSError):  # so a terminal ends on Linux
            while data := os.read(shown, 65536):
                text += data
    os.close(shown)
    return process.returncode, text.decode()


def test_one_for_a_single_call_is_livekit_s_own_page(house: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """All that is printed; the keys come from wherever the options say."""
    file = tmp_path / "granny.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in LIVEKIT.items()), encoding="utf-8")
    file.chmod(0o600)
    done = run(house, environment, *LINK, "--once", "--env-file", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"https://meet\.livekit\.io/\S+\n", done.stdout)
    assert not (tmp_path / "data").exists()  # nothing is kept


def test_a_single_call_s_link_says_for_whom_where_livekit_alone_can_have_signed_it(
    house: Path, environment: dict[str, str]
) -> None:
    done = run(house, environment | LIVEKIT, *LINK, "--once", "anna")
    assert (done.returncode, done.stderr) == (0, "")
    (token,) = parse_qs(urlsplit(done.stdout.strip()).query)["token"]
    claims = jwt.decode(token, LIVEKIT["LIVEKIT_API_SECRET"], algorithms=["HS256"])
    assert claims["roomConfig"]["agents"] == [{"metadata": '{"person": "anna"}'}]


def test_without_a_server_there_is_no_link_for_a_single_call_but_a_report(
    house: Path, environment: dict[str, str]
) -> None:
    done = run(house, environment, *LINK, "--once")
    assert (done.returncode, done.stdout) == (78, "")
    assert "LIVEKIT_URL" in done.stderr
