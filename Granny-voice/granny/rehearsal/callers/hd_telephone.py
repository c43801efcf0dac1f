"""A telephone with wide-band sound (G.722): baresip rings somebody, says nothing, and keeps what it hears."""

from __future__ import annotations

import shutil
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from granny.rehearsal.rig.program import start

PROGRAM = "baresip"
_MODULES = tuple(map(Path, ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")))
_CONFIG = """\
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
module_path {modules}
module account.so
module menu.so
module uuid.so
module g722.so
module sndfile.so
module aufile.so
module aubridge.so
audio_source aufile,{folder}/{silence}
audio_player aubridge,nowhere
snd_path {folder}
"""
_SILENCE = "silence.wav"
"""Sent all the time, as by a telephone into which nobody speaks: a line without a packet is begun anew."""
_RATE = 16_000
_ACCOUNT = "<sip:{number}@127.0.0.1>;regint=0;audio_codecs=G722/16000\n"
_ABOVE_A_TELEPHONES, _UP_TO = 3_600.0, 6_000.0
"""Hz: what G.722 carries and G.711 does not."""


@dataclass(frozen=True, slots=True)
class WideSound:
    """PCM16 mono, at `rate` Hz."""

    pcm: bytes
    rate: int

    @property
    def brightness(self) -> float:
        """How much is higher than a telephone of old could carry: its level against that of all below 6 kHz, in dB."""
        power = np.abs(np.fft.rfft(np.frombuffer(self.pcm, dtype="<i2").astype(np.float64))) ** 2
        pitch = np.fft.rfftfreq(len(self.pcm) // 2, 1 / self.rate)
        high = power[(pitch >= _ABOVE_A_TELEPHONES) & (pitch <= _UP_TO)].sum()
        return float(10 * np.log10(max(high, 1.0) / max(power[pitch <= _UP_TO].sum(), 1.0)))


def why_missing() -> str | None:
    """Why no such telephone can be had here; None if one can."""
    return None if shutil.which(PROGRAM) and _modules() else f"needs a telephone for HD: {PROGRAM} is not on PATH"


async def hd_call(folder: Path, bridge: str, *, own: str, called: str, seconds: int) -> WideSound:
    """Ring a number by the SIP service at host:port, and hang up after so many seconds.

    Args:
        folder: a new one, for what it needs and keeps.
        bridge: host:port.
        own: its own number.
        called: whose it rings.
        seconds: from its start.

    Raises:
        OSError: it is not installed.
        StopIteration: nothing was heard.
    """
    _prepare(folder, own, seconds)
    dial = f"d sip:{called}@{bridge}"
    program = await start(
        *(PROGRAM, "-4", "-f", str(folder), "-t", str(seconds), "-e", dial), log=folder / "baresip.log"
    )
    try:
        await program.process.wait()
    finally:
        await program.kill()
    return _heard(folder)


def _prepare(folder: Path, own: str, seconds: int) -> None:
    folder.mkdir()
    config = _CONFIG.format(modules=_modules(), folder=folder, silence=_SILENCE)
    (folder / "config").write_text(config, encoding="utf-8")
    with wave.open(str(folder / _SILENCE), "wb") as silence:
        silence.setparams((1, 2, _RATE, 0, "NONE", ""))
        silence.writeframes(bytes(2 * _RATE * seconds))
    (folder / "accounts").write_text(_ACCOUNT.format(number=own), encoding="utf-8")


def _heard(folder: Path) -> WideSound:
    with wave.open(str(next(folder.glob("dump-*-dec.wav")))) as heard:
        return WideSound(heard.readframes(heard.getnframes()), heard.getframerate())


def _modules() -> Path | None:
    return next((folder for folder in _MODULES if folder.is_dir()), None)
