"""How much speech there is: silence must not reach the recogniser, which is eager to hear words in anything."""

from __future__ import annotations

import numpy as np

RATE_HZ = 8000
FRAME = RATE_HZ // 50
# Quieter than this is a line's own noise; speech on a telephone peaks 20 dB and more above it (dB below full scale).
QUIET_DBFS = -50.0
LEAST_SPEECH_S = 0.3


def loud_s(pcm: bytes) -> float:
    """Return for how many seconds the audio is loud enough to be speech."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.mean(frames * frames, axis=1) + 1e-12
    return round(float(np.count_nonzero(10 * np.log10(power) > QUIET_DBFS)) * FRAME / RATE_HZ, 2)
