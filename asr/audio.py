"""Audio in: a strict reader of what the carrier sends. Anything else is a verdict, never a crash."""

from __future__ import annotations

import wave
from pathlib import Path

from asr.errors import AudioUnreadable

RATE_HZ, WIDTH_BYTES = 8000, 2
LONGEST_S = 120


def read_pcm(path: Path) -> bytes:
    """Return the samples of an 8 kHz, 16-bit, mono WAV of at most LONGEST_S seconds. Raises AudioUnreadable."""
    try:
        with wave.open(str(path), "rb") as file:
            shape = (file.getframerate(), file.getsampwidth(), file.getnchannels())
            if shape != (RATE_HZ, WIDTH_BYTES, 1):
                raise AudioUnreadable(f"{shape[0]} Hz, {8 * shape[1]} bit, {shape[2]} channel(s): not telephone audio")
            if file.getnframes() > RATE_HZ * LONGEST_S:
                raise AudioUnreadable(f"longer than {LONGEST_S} s")
            pcm = file.readframes(RATE_HZ * LONGEST_S)
    except (wave.Error, EOFError) as error:
        raise AudioUnreadable(f"not a WAV file: {error or 'it is empty'}") from None
    return pcm[: len(pcm) // WIDTH_BYTES * WIDTH_BYTES]
