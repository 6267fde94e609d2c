"""English voices of synthesisers that do not tell phone times: SVOX Pico (py-nanotts) and Festival's diphone voice.

A network that has heard one synthesiser only learns its habits. These two share neither voices nor methods with it nor
with the one kept for measuring. Their times come from alignment.py.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asr.audio import HEAD_BYTES
from asr.resampling import resample
from asr.wav import read_form, samples_of

# Festival's one voice comes less often: it is the least like speech, and slow.
VOICES: dict[str, tuple[str, ...]] = {
    "en": ("pico en-US", "pico en-GB", "pico en-US", "pico en-GB", "pico en-US", "pico en-GB", "festival ked_diphone"),
    "hi": (),
    "pa": (),
}
# Named in the manifest, each with its licence.
ESPEAK = "espeak-ng (GPL-3.0-or-later)"
SYNTHESISERS = {
    "en": [ESPEAK, "SVOX Pico by py-nanotts (Apache-2.0)", "Festival 2.5 with festvox-kdlpc16k (MIT-like, CSTR)"],
    "hi": [ESPEAK],
    "pa": [ESPEAK],
}
PICO_HZ, RATE_HZ = 16_000, 8000


def voices(code: str) -> tuple[str, ...]:
    """Those that are installed here. Raises RuntimeError naming what to install when one is not."""
    wanted = VOICES[code]
    if wanted and shutil.which("text2wave") is None:
        raise RuntimeError("training en needs Festival: apt install festival festvox-kdlpc16k")
    return wanted


def say(text: str, voice: str, chance: random.Random) -> NDArray[np.float32]:
    """Samples in -1..1 at 8 kHz, at a speed and pitch of this utterance's own."""
    synthesiser, name = voice.split()
    speed, pitch = chance.uniform(0.8, 1.3), chance.uniform(0.75, 1.35)
    wave, hz = (_pico if synthesiser == "pico" else _festival)(text, name, speed, pitch)
    return np.asarray(resample(wave, hz, RATE_HZ), np.float32)


def _pico(text: str, name: str, speed: float, pitch: float) -> tuple[NDArray[np.float32], int]:
    from py_nanotts import NanoTTS  # type: ignore[import-not-found,unused-ignore]

    pcm = NanoTTS().speak(text, voice=name, speed=speed, pitch=pitch)
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768), PICO_HZ


def _festival(text: str, name: str, speed: float, pitch: float) -> tuple[NDArray[np.float32], int]:
    scheme = (
        f"(begin (voice_{name}) (Parameter.set 'Duration_Stretch {1 / speed:.3f})"
        f" (set! int_lr_params '((target_f0_mean {110 * pitch:.0f}) (target_f0_std 16)"
        " (model_f0_mean 170) (model_f0_std 34))))"
    )
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["text2wave", "-eval", scheme, "-o", file.name]
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)
        data = Path(file.name).read_bytes()
    form = read_form(data[:HEAD_BYTES])
    samples: NDArray[np.float32] = samples_of(data[form.start :], form).astype(np.float32)
    return samples, form.rate_hz
