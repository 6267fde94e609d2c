"""What a telephone line carries in these tests: a synthetic voice with noise, and everything that is no voice."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prompts.synthesis.espeak import EspeakSynthesiser

RATE_HZ = 8000
Samples = NDArray[np.float64]


def pcm_of(samples: Samples) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def samples_of(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2").astype(np.float64) / 32768


def over_the_line(samples: Samples) -> bytes:
    """Noise 20 dB below the voice, a quarter of a second of it before and after, through 8 bit mu-law."""
    noise = np.random.default_rng(1).standard_normal(len(samples) + RATE_HZ // 2)
    noisy = np.pad(samples, RATE_HZ // 4) + 0.1 * np.sqrt(np.mean(samples**2)) * noise
    squeezed = np.round(np.sign(noisy) * np.log1p(255 * np.abs(noisy)) / np.log(256) * 127) / 127
    return pcm_of(np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log(256)) / 255)


def called(synthesiser: EspeakSynthesiser, language: str, text: str) -> bytes:
    """The PCM of somebody saying `text` on a telephone."""
    with wave.open(io.BytesIO(synthesiser.speak(text, language))) as file:
        assert file.getframerate() == RATE_HZ
        return over_the_line(samples_of(file.readframes(file.getnframes())))


def wav(pcm: bytes, rate_hz: int = RATE_HZ) -> bytes:
    box = io.BytesIO()
    with wave.open(box, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm)
    return box.getvalue()


def write_wav(path: Path, pcm: bytes, rate_hz: int = RATE_HZ) -> Path:
    path.write_bytes(wav(pcm, rate_hz))
    return path


def seconds(length_s: float) -> Samples:
    return np.arange(int(length_s * RATE_HZ)) / RATE_HZ


def silence(t: Samples, seed: int) -> Samples:
    return 1e-4 * np.random.default_rng(seed).standard_normal(len(t)) * (seed % 2)


def hiss(t: Samples, seed: int) -> Samples:
    return 10 ** (-(1 + seed % 4) / 2) * 0.3 * np.random.default_rng(seed).standard_normal(len(t))


def tone(t: Samples, seed: int) -> Samples:
    return np.asarray(0.2 * np.sin(2 * np.pi * (250 + 97 * (seed % 32)) * t))


def keys(t: Samples, seed: int) -> Samples:
    """DTMF: a key after the other, pressed for a while each."""
    low, high = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
    every = 0.2 + 0.1 * (seed % 5)
    number = (t / every).astype(int) * 7 + seed
    pair = np.sin(2 * np.pi * np.choose(number % 4, low) * t) + np.sin(2 * np.pi * np.choose(number // 4 % 4, high) * t)
    return np.asarray(0.15 * pair * (t % every < every * 0.6))


KINDS = {"silence": silence, "white noise": hiss, "tone": tone, "DTMF": keys}
