"""Sounds for the tests: a tone that counts as voice, and WAV files of any form."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carrier.exchange.audio import RATE_HZ, Samples


def tone(length_s: float, level: int = 5000) -> Samples:
    angle = np.arange(round(length_s * RATE_HZ)) * (2 * np.pi * 440 / RATE_HZ)
    return np.asarray(np.sin(angle) * level, dtype=np.int16)


def wav(samples: NDArray[Any], *, rate_hz: int = RATE_HZ, width: int = 2, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def write_tone(path: Path, length_s: float = 1.0, rate_hz: int = RATE_HZ) -> Path:
    path.write_bytes(wav(tone(length_s), rate_hz=rate_hz))
    return path
