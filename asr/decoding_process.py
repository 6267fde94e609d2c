"""A program that decodes one doubtful file in a process with limits: whatever the file does, it does it to this one.

Run as ``python -m asr.decoding_process FILE RATE_HZ``. Answers one JSON line and, when it could read the file, 16-bit
mono PCM at RATE_HZ. It opens no other file and no connection; a compressed file goes through ffmpeg's own pipe, which
may open nothing else either.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from asr.audio import HEAD_BYTES, LONGEST_S
from asr.errors import AudioUnreadable
from asr.resampling import resample
from asr.wav import read_form, samples_of

MOST_CPU_S, MOST_MEMORY_BYTES = 8, 2 << 30
FFMPEG_CPU_S = "6"


def limit() -> None:
    """Take away processor time, memory and the right to write files, for this process and all it starts."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def from_wav(path: Path, rate_hz: int) -> tuple[bytes, str]:
    with path.open("rb") as file:
        form = read_form(file.read(HEAD_BYTES))
        file.seek(form.start)
        raw = file.read(form.rate_hz * form.frame_bytes * LONGEST_S)
    samples = resample(samples_of(raw, form), form.rate_hz, rate_hz)
    return np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), f"was {form}"


def from_compressed(path: Path, rate_hz: int) -> tuple[bytes, str]:
    """MP3 by ffmpeg, when there is one."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise AudioUnreadable("MP3, and there is no ffmpeg here to read it: install ffmpeg, or record as WAV")
    command = [
        ffmpeg, "-v", "error", "-nostdin", "-protocol_whitelist", "pipe", "-timelimit", FFMPEG_CPU_S, "-f", "mp3",
        "-i", "pipe:0", "-t", str(LONGEST_S), "-ac", "1", "-ar", str(rate_hz), "-f", "s16le", "pipe:1",
    ]  # fmt: skip
    with path.open("rb") as file:
        done = subprocess.run(command, stdin=file, capture_output=True, check=False)
    if not done.stdout:
        raise AudioUnreadable("called MP3, but no sound can be read from it")
    return done.stdout, "was MP3"


def main(path: Path, rate_hz: int) -> None:
    limit()
    try:
        with path.open("rb") as file:
            is_wav = file.read(4) == b"RIFF"
        pcm, note = (from_wav if is_wav else from_compressed)(path, rate_hz)
    except AudioUnreadable as error:
        sys.stdout.write(json.dumps({"problem": str(error)}) + "\n")
        return
    sys.stdout.buffer.write(json.dumps({"note": note}).encode() + b"\n" + pcm)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
