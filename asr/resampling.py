"""From one sampling rate to another, once and on purpose: what Vosk would refuse or do behind our back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Return the same sound at `to_hz`: its spectrum cut off, or padded with nothing, at the lower half rate."""
    if from_hz == to_hz or not len(samples):
        return samples
    count = max(1, round(len(samples) * to_hz / from_hz))
    spectrum = np.fft.rfft(samples)
    wanted = np.zeros(count // 2 + 1, spectrum.dtype)
    common = min(len(spectrum), len(wanted))
    wanted[:common] = spectrum[:common]
    return np.asarray(np.fft.irfft(wanted, count) * (count / len(samples)), dtype=np.float32)


def resample_pcm(pcm: bytes, from_hz: int, to_hz: int) -> bytes:
    """Return 16-bit PCM at `to_hz`; louder than full scale is clipped."""
    if from_hz == to_hz:
        return pcm
    samples = resample(np.frombuffer(pcm, "<i2").astype(np.float32), from_hz, to_hz)
    return np.clip(np.round(samples), -32768, 32767).astype("<i2").tobytes()
