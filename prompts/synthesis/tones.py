"""A synthesiser that speaks in tones: for tests and benches that need sound of a known length but no voice."""

from __future__ import annotations

import hashlib

import numpy as np

from prompts.audio import RATE_HZ, wav_of

_SECONDS_PER_CHARACTER = 0.06  # near the pace of the real voices, so that durations stay plausible
_SILENCE_S = 0.1  # every synthesiser leaves silence at both ends; the mixer must cut it


class ToneSynthesiser:
    """Each text becomes one soft tone; its pitch comes from voice and text, its length from the text."""

    version = "tones-1"

    def __init__(self) -> None:
        self.spoken: list[tuple[str, str]] = []

    def speak(self, text: str, voice: str) -> bytes:
        self.spoken.append((text, voice))
        digest = hashlib.sha256(f"{voice}:{text}".encode()).digest()
        pitch_hz = 300 + int.from_bytes(digest[:2], "big") % 900
        at_s = np.arange(int(len(text) * _SECONDS_PER_CHARACTER * RATE_HZ)) / RATE_HZ
        silence = np.zeros(int(_SILENCE_S * RATE_HZ))
        return wav_of(np.concatenate([silence, 3000 * np.sin(2 * np.pi * pitch_hz * at_s), silence]))

    def close(self) -> None:
        self.spoken.clear()
