"""How much speech there is: a recogniser is eager to hear words in silence, noise, tones, key presses and hold music.

The sound is looked at in windows of 64 ms, every 16 ms. A window is *tone* when nearly all its power stands in a few
narrow lines that stay where they are, as no voice does for long; *speech* when it is well above the line's own noise
and not tone. Thresholds come from synthetic voices over noisy lines against tones, DTMF, music and
noise (tests/unit/asr).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
WINDOW, HOP = 512, 128
HOP_S = HOP / RATE_HZ
# Quieter than this is a line's own noise (dB below full scale).
QUIET_DBFS = -50.0
ABOVE_NOISE_DB = 6.0
LEAST_SPEECH_S = 0.1
LINES, LINE_HALF_WIDTH = 2, 2
TONE_SHARE, TONE_DRIFT, SHORTEST_TONE = 0.95, 0, 5
VOICE_BAND = slice(300 * WINDOW // RATE_HZ, 3400 * WINDOW // RATE_HZ)


@dataclass(frozen=True)
class Sound:
    """Seconds of speech and of tones; `cleaned` is the PCM with the tones made silent, all times unchanged."""

    speech_s: float
    tone_s: float
    cleaned: bytes

    @property
    def what(self) -> str:
        """Say what there is instead of speech."""
        return "tones or music" if self.tone_s > LEAST_SPEECH_S else "silence or noise"


def listen(pcm: bytes) -> Sound:
    """Look for speech in 8 kHz 16-bit PCM."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)
    if len(samples) < WINDOW:
        return Sound(0.0, 0.0, pcm)
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    spectra = np.fft.rfft(windows * np.hanning(WINDOW).astype(np.float32), axis=1)
    power = (spectra.real**2 + spectra.imag**2).astype(np.float32)
    loudness = 10 * np.log10(np.mean(windows * windows, axis=1) + 1e-12)
    audible = loudness > QUIET_DBFS
    tones = audible & _steady(power)
    speech = audible & ~tones & _above_noise(power)
    cleaned = _silenced(pcm, tones) if tones.any() else pcm
    return Sound(_seconds(speech), _seconds(tones), cleaned)


def _seconds(windows: NDArray[np.bool_]) -> float:
    return round(float(np.count_nonzero(windows)) * HOP_S, 2)


def _above_noise(power: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Windows whose voice band is well above its tenth quietest one: steady noise never is."""
    band = 10 * np.log10(power[:, VOICE_BAND].sum(axis=1) + 1e-9)
    smooth = np.convolve(np.pad(band, 1, mode="edge"), np.full(3, 1 / 3), "valid")
    return np.asarray(smooth > np.percentile(smooth, 10) + ABOVE_NOISE_DB)


def _steady(power: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Windows of runs in which a few lines hold nearly everything and the strongest stays in its place."""
    left, strongest, held = power.copy(), power.argmax(axis=1), np.zeros(len(power), np.float32)
    rows, width = np.arange(len(power)), power.shape[1]
    for _ in range(LINES):
        peak = left.argmax(axis=1)
        for offset in range(-LINE_HALF_WIDTH, LINE_HALF_WIDTH + 1):
            at = np.clip(peak + offset, 0, width - 1)
            held += left[rows, at]
            left[rows, at] = 0
    pure = held > TONE_SHARE * power.sum(axis=1)
    stays = np.abs(np.diff(strongest, prepend=strongest[:1])) <= TONE_DRIFT
    return _runs(pure & stays, SHORTEST_TONE)


def _runs(flags: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """Keep only runs of at least `shortest`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    kept = np.zeros_like(flags)
    for start, end in edges.reshape(-1, 2):
        if end - start >= shortest:
            kept[start:end] = True
    return kept


def _silenced(pcm: bytes, tones: NDArray[np.bool_]) -> bytes:
    """Each tone becomes silence, a window's edge more on both sides; all else stays to the bit."""
    quiet = np.frombuffer(pcm, dtype="<i2").copy()
    edges = np.flatnonzero(np.diff(np.concatenate(([False], tones, [False]))))
    for start, end in edges.reshape(-1, 2):
        quiet[max(0, (start - 1) * HOP) : (end - 1) * HOP + WINDOW + HOP] = 0
    return quiet.tobytes()
