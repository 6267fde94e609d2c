"""Audio in: whatever file the carrier sent becomes PCM, or a verdict that says what it is instead. Never a crash.

What a telephone company sends (16-bit mono WAV) is read here and now. Anything else is doubtful and is decoded by
`decoding_process` in a process of its own, with limits and a deadline. The file itself is only read, never changed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from asr.errors import AudioUnreadable
from asr.wav import PCM, Form, read_form

RATE_HZ, WIDE_HZ, WIDTH_BYTES = 8000, 16_000, 2
LONGEST_S = 120
DEADLINE_S = 9.0
HEAD_BYTES = 1 << 16
# A minute of the widest WAV that we read has 92 MB; more than this is nothing that a telephone recorded.
MOST_BYTES = 64 << 20
ROOT = Path(__file__).resolve().parents[1]
NOT_AUDIO = (
    (b"#EXTM3U", "a playlist, which holds no sound; nothing in it was followed"),
    (b"<", "a page or a document, not audio"),
    (b"{", "JSON, not audio: the carrier answered with a message"),
    (b"PK\x03\x04", "a ZIP archive, not audio"),
    (b"%PDF", "a PDF, not audio"),
    (b"\x1f\x8b", "a gzip archive, not audio"),
    (b"OggS", "Ogg, which we do not read; record as WAV or MP3"),
    (b"fLaC", "FLAC, which we do not read; record as WAV or MP3"),
    (b"[playlist]", "a playlist, which holds no sound; nothing in it was followed"),
    (b"RIFX", "WAV in the other byte order, which no telephone writes"),
    (b"RF64", "WAV for more than 4 GB"),
)


@dataclass(frozen=True)
class Audio:
    """16-bit mono PCM, and what was done to get it."""

    pcm: bytes
    rate_hz: int
    note: str = ""

    @property
    def duration_s(self) -> float:
        return round(len(self.pcm) / WIDTH_BYTES / self.rate_hz, 2)


def read_audio(path: Path, *, deadline_s: float = DEADLINE_S) -> Audio:
    """Return what can be heard in a file of at most LONGEST_S seconds. Raises AudioUnreadable within `deadline_s`."""
    if not path.is_file():
        raise AudioUnreadable("there is no such file" if not path.exists() else "not a file")
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise AudioUnreadable("the file is empty")
        if head[:4] != b"RIFF":
            return _doubtful(path, _compressed_or_nothing(head, size), deadline_s)
        form = read_form(head)
        there = min(form.claimed_bytes, size - form.start)
        _check_length(form, there)
        if (form.coding, form.bits, form.channels) == (PCM, 16, 1) and form.rate_hz in (RATE_HZ, WIDE_HZ):
            file.seek(form.start)
            pcm = file.read(there // WIDTH_BYTES * WIDTH_BYTES)
            return Audio(pcm, form.rate_hz, _cut_short(form, size))
    return _doubtful(path, _cut_short(form, size), deadline_s)


def _check_length(form: Form, there: int) -> None:
    if there < form.frame_bytes:
        raise AudioUnreadable("a WAV header without samples")
    if there > form.rate_hz * form.frame_bytes * LONGEST_S:
        raise AudioUnreadable(f"longer than {LONGEST_S} s")
    if there > MOST_BYTES:
        raise AudioUnreadable(f"larger than {MOST_BYTES >> 20} MB")


def _cut_short(form: Form, size: int) -> str:
    # A writer that could not go back to its header leaves 0 or the greatest number there.
    missing = form.claimed_bytes - (size - form.start)
    return "cut short: the header promises more" if missing > 0 and form.claimed_bytes < 0x7FFFFFFF else ""


def _compressed_or_nothing(head: bytes, size: int) -> str:
    """Let MP3 through. Raises AudioUnreadable for everything else, saying what it looks like."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, what in NOT_AUDIO:
        if start.startswith(sign):
            raise AudioUnreadable(what)
    if size > MOST_BYTES:
        raise AudioUnreadable(f"larger than {MOST_BYTES >> 20} MB")
    if head[:3] == b"ID3" or (len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return ""
    if head[4:8] == b"ftyp":
        raise AudioUnreadable("MP4, which we do not read; record as WAV or MP3")
    printable = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in head[:512])
    raise AudioUnreadable("text, not audio" if printable > 0.95 * len(head[:512]) else "no kind of audio that we know")


def _doubtful(path: Path, note: str, deadline_s: float) -> Audio:
    """Decode in a process with limits; one that dies or is late is a verdict too."""
    command = [sys.executable, "-m", "asr.decoding_process", str(path.absolute()), str(RATE_HZ)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=deadline_s, check=False)
    except subprocess.TimeoutExpired:
        raise AudioUnreadable(f"could not be read within {deadline_s:g} s") from None
    answer, _, pcm = done.stdout.partition(b"\n")
    if done.returncode or not answer:
        raise AudioUnreadable("reading it needs more time or memory than a recording may take")
    told = json.loads(answer)
    if "problem" in told:
        raise AudioUnreadable(told["problem"])
    return Audio(pcm, RATE_HZ, "; ".join(filter(None, (told["note"], f"resampled to {RATE_HZ} Hz", note))))
