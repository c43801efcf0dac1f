"""The LiveKit server of a rehearsal is started without a word that others on the machine could use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from granny.rehearsal.rig.livekit_server import PROGRAM, own_livekit_server

KEY, SECRET = "APIFAKEfakeFAKE", "livekitFAKEsecret" * 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell's script in the program's place")
async def test_no_user_of_the_machine_reads_its_secret_among_the_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / PROGRAM
    told.write_text('#!/bin/sh\necho "arguments: $*"\necho "config: $LIVEKIT_CONFIG"\n', encoding="utf-8")
    told.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    log = tmp_path / "log"
    with pytest.raises(OSError, match="did not come up"):
        async with own_livekit_server(log=log, pair=(KEY, SECRET)):
            pytest.fail("it has come up")
    arguments, _, config = log.read_text(encoding="utf-8").partition("config: ")
    assert "--bind 127.0.0.1" in arguments
    assert SECRET not in arguments
    assert f"{KEY}: {SECRET}" in config
