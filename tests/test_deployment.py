"""What is promised about running her elsewhere: in a container, with Compose."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

from granny.commands import COMMANDS
from granny.config import user_folders
from granny.config.paths import HOME
from granny.config.settings import Settings

TOP = HOME.parent
DRAIN_SECONDS: int = Settings.model_fields["drain_seconds"].default


def _read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found, pattern
    return int(found[1])


def test_calls_may_end_before_she_is_killed() -> None:
    """Compose and `docker run` each wait longer than she lets running calls go on."""
    assert 60 * _number(r"stop_grace_period: (\d+)m", _read("compose.yaml")) > DRAIN_SECONDS
    assert _number(r"--stop-timeout (\d+)", _read("README.md")) > DRAIN_SECONDS


def test_the_health_check_asks_the_default_port() -> None:
    """A container that sets no port is asked where she answers."""
    port = _number(r"os\.environ\.get\('GRANNY_HEALTH_PORT'\) or (\d+)", _read("Dockerfile"))
    assert port == Settings.model_fields["health_port"].default


def test_the_health_check_restarts_nobody_in_mid_call() -> None:
    """A full or stopping worker is live; in a container its neighbours may ask."""
    assert "page.request('GET', '/live')" in _read("Dockerfile")
    assert "GRANNY_HEALTH_HOST=::" in _read("Dockerfile")


def test_the_image_takes_only_what_is_named() -> None:
    """Everything is left out but what is let in by name, and env files are left out last."""
    rules = [line for line in _read(".dockerignore").splitlines() if line and not line.startswith("#")]
    let_in = [rule for rule in rules if rule.startswith("!")]
    assert rules[0] == "*"
    assert rules.index("**/.env*") > max(map(rules.index, let_in))


def test_git_and_the_image_leave_out_what_families_write() -> None:
    """All but the example, of which there is nothing to hide."""
    ignored = _read(".gitignore").splitlines()
    assert ignored.index("Granny-voice/people/*") < ignored.index("!Granny-voice/people/*.example")
    assert not [rule for rule in _read(".dockerignore").splitlines() if "people" in rule]
    assert "./Granny-voice/people:/app/Granny-voice/people:ro" in _read("compose.yaml")


DIGEST = r"@sha256:[0-9a-f]{64}$"


def test_images_are_the_very_ones_that_were_looked_at() -> None:
    """By digest, beside a tag of a full version that a person can read."""
    base = re.findall(r"^ARG PYTHON_IMAGE=(.*)$", _read("Dockerfile"), re.MULTILINE)
    others = [
        image for image in re.findall(r"^ +image: (.*)$", _read("compose.yaml"), re.MULTILINE) if image != "granny"
    ]
    assert len(base) == len(others) == 1
    for image in (*base, *others):
        assert re.search(r":v?\d+\.\d+\.\d+[\w-]*" + DIGEST, image), image


def test_nothing_is_installed_that_could_have_been_exchanged() -> None:
    """That is uv with its hashes, in make and in the image; the packages come from the lock file, which has theirs."""
    pinned = _read("requirements-uv.txt")
    assert len(re.findall(r"^uv==\d+\.\d+\.\d+ ", pinned, re.MULTILINE)) == 1
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pinned)) > 10, "a hash for the wheel of each platform"
    assert "://" not in pinned
    for name in ("Makefile", "Dockerfile"):
        installs = [line for line in _read(name).splitlines() if "pip install" in line]
        assert [line for line in installs if "--require-hashes" not in line] == []
        syncs = [line for line in _read(name).splitlines() if re.search(r"uv\S* sync|UV\) sync", line)]
        assert syncs
        assert [line for line in syncs if "--frozen" not in line] == []


COMPOSE = yaml.safe_load(_read("compose.yaml"))


@pytest.mark.parametrize("name", ["livekit", "granny", "page"])
def test_each_service_of_compose_is_bounded(name: str) -> None:
    """Memory, processes, rights and what can be written: a fault in one takes nothing else with it."""
    assert set(COMPOSE["services"]) == {"livekit", "granny", "page"}
    service = COMPOSE["services"][name]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"


PHONE = yaml.safe_load(_read("compose.phone.yaml"))


@pytest.mark.parametrize("name", ["redis", "sip"])
def test_what_her_telephone_needs_besides_is_bounded_too(name: str) -> None:
    assert set(PHONE["services"]) == {"livekit", "redis", "sip"}
    service = PHONE["services"][name]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r":v?\d+\.\d+\.\d+[\w-]*$", service["image"])


def test_livekit_and_its_sip_service_have_one_redis_which_remembers() -> None:
    """Trunks and rules are kept there and nowhere else."""
    livekit, redis, sip = (PHONE["services"][name] for name in ("livekit", "redis", "sip"))
    config = yaml.safe_load(re.sub(r"\$\{.*\}", "127.0.0.1", sip["environment"]["SIP_CONFIG_BODY"]))
    (address,) = {livekit["command"][-1], config["redis"]["address"]}
    assert address.partition(":")[0] in PHONE["services"]
    assert redis["command"][1:3] == ["--appendonly", "yes"]
    assert [volume.partition(":")[0] for volume in redis["volumes"]] == list(PHONE["volumes"])


def test_livekit_is_the_same_with_a_telephone() -> None:
    """But for the redis; Compose puts a command in the place of the other."""
    assert PHONE["services"]["livekit"]["command"][:-2] == COMPOSE["services"]["livekit"]["command"]


def test_the_sip_service_is_reached_where_it_listens() -> None:
    config = yaml.safe_load(
        re.sub(r"\$\{.*\}", "127.0.0.1", PHONE["services"]["sip"]["environment"]["SIP_CONFIG_BODY"])
    )
    ports = {port.split(":", 1)[1].partition("}:")[2] for port in PHONE["services"]["livekit"]["ports"]}
    ringing, sound = str(config["sip_port"]), config["rtp_port"]
    assert ports == {f"{ringing}:{ringing}/udp", f"{ringing}:{ringing}/tcp", f"{sound}:{sound}/udp"}


@pytest.mark.parametrize("name", ["voice", "data"])
def test_what_compose_keeps_is_hers(name: str) -> None:
    """A volume takes over owner and mode of the folder that the image has in its place."""
    assert name in COMPOSE["volumes"]
    kept = (volume for service in ("granny", "page") for volume in COMPOSE["services"][service]["volumes"])
    (place,) = {Path(volume.partition(":")[2]) for volume in kept if volume.startswith(f"{name}:")}
    (made,) = re.findall(r"install --directory --owner granny --group granny --mode 700 ([^&\n]+)", _dockerfile())
    assert {str(place), str(place.parent)} <= set(made.split())
    assert re.search(rf"docker run [^\n]*-v \S+:{re.escape(str(place))} ", _read("README.md"))


def _dockerfile() -> str:
    """With its long lines in one."""
    return re.sub(r"\\\n\s*", "", _read("Dockerfile"))


def test_her_recordings_and_links_are_kept_where_she_looks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container, where no variable names another place."""
    if sys.platform != "linux":
        pytest.skip("as a container of Linux has it")
    for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", "/home/granny")
    assert f"voice:{user_folders.cache_folder()}" in COMPOSE["services"]["granny"]["volumes"]
    for service in ("granny", "page"):  # the family's page shows the diary that the worker keeps
        assert f"data:{user_folders.data_folder()}" in COMPOSE["services"][service]["volumes"]


def test_the_page_of_compose_is_for_this_machine_and_its_proxy() -> None:
    """In its container it listens to all, so that it can be published; published it is to this machine alone."""
    page = COMPOSE["services"]["page"]
    settings = Settings.model_validate({"OPENAI_API_KEY": "sk-FAKE"} | page["environment"])
    port = settings.page_port
    assert settings.page_host == "0.0.0.0"  # noqa: S104  in the container
    assert settings.page_address == f"http://127.0.0.1:{port}"
    assert [where for where in COMPOSE["services"]["livekit"]["ports"] if str(port) in where] == [
        f"127.0.0.1:{port}:{port}"
    ]
    assert page["command"] == ["python", "-m", "granny", "page"]
    assert "page" in COMMANDS
    assert f'("127.0.0.1", {port}, ' in page["healthcheck"]["test"][-1]


SOUNDS = sorted(HOME.rglob("*.wav"))


@pytest.mark.parametrize("sound", SOUNDS, ids=lambda sound: str(sound.relative_to(HOME)))
def test_beside_every_sound_stands_whose_it_is(sound: Path) -> None:
    licences = (folder / "LICENSE.md" for folder in (sound.parent, sound.parent.parent))
    text = next(licence for licence in licences if licence.exists()).read_text(encoding="utf-8")
    assert sound.name in text
    assert "licence" in text.lower() or "license" in text.lower()


def test_who_found_a_hole_knows_what_is_promised_and_whom_to_tell() -> None:
    """And that no key belongs into a report."""
    text = _read("SECURITY.md")
    for heading in ("## What is promised", "## What is not promised", "## How to report"):
        assert heading in text
    assert "Leave out your own keys" in text
    named = set(re.findall(r"`(GRANNY_[A-Z_]+|OPENAI_[A-Z_]+|LIVEKIT_[A-Z_]+)`", text))
    assert named <= {field.alias for field in Settings.model_fields.values()}
    assert all((TOP / name).exists() for name in ("uv.lock", "requirements-uv.txt", "CHANGELOG.md"))


_TOLD = ("README.md", "CONTRIBUTING.md", "docs/page.md")


def test_every_make_target_that_is_documented_exists() -> None:
    """They name commands that work; `make test` is one of them."""
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", "".join(map(_read, _TOLD)), re.MULTILINE))
    assert "test" in named
    assert named <= targets
