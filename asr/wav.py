"""WAV, read by its own description: bounded, without trusting a length that the file claims.

The chunks and formats are those of Multimedia Programming Interface and Data Specifications 1.0 (1991) and of
WAVEFORMATEXTENSIBLE. Companded formats are G.711, as telephone companies store them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asr.errors import AudioUnreadable

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
NAMES = {PCM: "PCM", FLOAT: "float", A_LAW: "A-law", MU_LAW: "mu-law"}
MOST_CHANNELS, MOST_RATE_HZ, LEAST_RATE_HZ = 8, 192_000, 4_000
MOST_CHUNKS = 64


@dataclass(frozen=True)
class Form:
    """What the fmt chunk says, and where the samples are."""

    coding: int
    channels: int
    rate_hz: int
    bits: int
    start: int
    claimed_bytes: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8

    def __str__(self) -> str:
        return f"{self.rate_hz} Hz, {self.bits} bit {NAMES[self.coding]}, {self.channels} channel(s)"


def read_form(head: bytes) -> Form:
    """Parse the beginning of a file (64 kB are plenty). Raises AudioUnreadable naming what is wrong."""
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise AudioUnreadable("not a WAV file")
    at, fmt = 12, b""
    for _ in range(MOST_CHUNKS):
        if at + 8 > len(head):
            break
        name, size = struct.unpack_from("<4sI", head, at)
        if name == b"fmt ":
            fmt = head[at + 8 : at + 8 + min(size, 64)]
        elif name == b"data":
            return _form(fmt, at + 8, size)
        at += 8 + size + size % 2
    raise AudioUnreadable("a WAV header without samples")


def _form(fmt: bytes, start: int, size: int) -> Form:
    if len(fmt) < 16:
        raise AudioUnreadable("a WAV header without its format")
    coding, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", fmt)
    if coding == EXTENSIBLE and len(fmt) >= 26:
        coding = struct.unpack_from("<H", fmt, 24)[0]
    if coding not in NAMES:
        raise AudioUnreadable(f"WAV with coding {coding}, which we do not read; ask for 16-bit PCM")
    if not 1 <= channels <= MOST_CHANNELS:
        raise AudioUnreadable(f"{channels} channels")
    if not LEAST_RATE_HZ <= rate_hz <= MOST_RATE_HZ:
        raise AudioUnreadable(f"{rate_hz} samples a second")
    if bits not in {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}.get(coding, (8,)):
        raise AudioUnreadable(f"{bits} bit {NAMES[coding]}")
    return Form(coding, channels, rate_hz, bits, start, size)


def samples_of(raw: bytes, form: Form) -> NDArray[np.float32]:
    """Return the mean of the channels, in -1..1. An incomplete last frame is dropped."""
    raw = raw[: len(raw) // form.frame_bytes * form.frame_bytes]
    flat = _decoded(raw, form.coding, form.bits)
    flat = np.nan_to_num(flat, nan=0.0, posinf=1.0, neginf=-1.0)
    mono = flat.reshape(-1, form.channels).mean(axis=1)
    return np.asarray(np.clip(mono, -1, 1), dtype=np.float32)


def _decoded(raw: bytes, coding: int, bits: int) -> NDArray[np.float32]:
    if coding in _TABLES:
        flat = _TABLES[coding][np.frombuffer(raw, "u1")]
    elif coding == FLOAT:
        with np.errstate(over="ignore", invalid="ignore"):
            flat = np.frombuffer(raw, f"<f{bits // 8}").astype(np.float32)
    elif bits == 8:
        flat = (np.frombuffer(raw, "u1").astype(np.float32) - 128) / 128
    elif bits == 24:
        three = np.frombuffer(raw, "u1").reshape(-1, 3).astype(np.int32)
        whole = three[:, 0] | three[:, 1] << 8 | three[:, 2] << 16
        flat = np.where(whole >= 1 << 23, whole - (1 << 24), whole) / (1 << 23)
    else:
        flat = np.frombuffer(raw, f"<i{bits // 8}") / (1 << (bits - 1))
    return np.asarray(flat, dtype=np.float32)


def _mu_law_table() -> NDArray[np.float32]:
    code = ~np.arange(256) & 0xFF
    loud = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return (np.where(code & 0x80, -loud, loud) / 32768).astype(np.float32)


def _a_law_table() -> NDArray[np.float32]:
    code = np.arange(256) ^ 0x55
    step, loud = (code & 0x70) >> 4, ((code & 0x0F) << 4) + 8
    loud = np.where(step > 0, (loud + 0x100) << np.maximum(step - 1, 0), loud)
    return (np.where(code & 0x80, loud, -loud) / 32768).astype(np.float32)


_TABLES = {MU_LAW: _mu_law_table(), A_LAW: _a_law_table()}
