"""Sound on the line: 8 kHz, 16 bit. Reading what a carrier can play, and writing what was heard and said."""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
_FRAME = RATE_HZ // 50  # 20 ms, the packet of a telephone line
_VOICED_RMS = 200.0  # about -44 dBFS: above line noise, below the quietest speech
_BEEP_HZ = 700
_BEEP_S = 0.3

Samples = NDArray[np.int16]


class UnplayableAudio(Exception):
    """These bytes are not a WAV that the exchange can play."""


def read_wav(content: bytes) -> Samples:
    """Decode PCM WAV bytes of any rate and number of channels to one channel at 8 kHz. Raises UnplayableAudio."""
    try:
        with wave.open(io.BytesIO(content)) as wav:
            width, channels, rate_hz = wav.getsampwidth(), wav.getnchannels(), wav.getframerate()
            frames = wav.readframes(wav.getnframes())
    except (wave.Error, EOFError) as error:
        raise UnplayableAudio(f"not a PCM WAV: {error}") from None
    if not channels or not rate_hz:
        raise UnplayableAudio("a WAV without channels or rate")
    if width not in (1, 2):
        raise UnplayableAudio(f"{8 * width}-bit samples; the exchange plays 8 and 16 bit")
    samples = _as_int16(frames, width)
    whole = len(samples) - len(samples) % channels
    mono = samples[:whole].reshape(-1, channels).mean(axis=1).astype(np.int16) if channels > 1 else samples
    return mono if rate_hz == RATE_HZ else _resample(mono, rate_hz)


def _as_int16(frames: bytes, width: int) -> Samples:
    if width == 1:
        centred: Samples = (np.frombuffer(frames, dtype=np.uint8).astype(np.int16) - 128) * 256
        return centred
    samples: Samples = np.frombuffer(frames[: len(frames) - len(frames) % 2], dtype="<i2").astype(np.int16)
    return samples


def _resample(samples: Samples, rate_hz: int) -> Samples:
    length = int(len(samples) * RATE_HZ / rate_hz)
    positions = np.arange(length) * (rate_hz / RATE_HZ)
    resampled: Samples = np.interp(positions, np.arange(len(samples)), samples).astype(np.int16)
    return resampled


def wav_bytes(*channels: Samples) -> bytes:
    """Encode one or two channels of equal length as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as wav:
        wav.setnchannels(len(channels))
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(np.column_stack(channels).astype("<i2").tobytes())
    return out.getvalue()


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_bytes(content)
    draft.replace(path)


def duration_s(samples: Samples) -> float:
    return len(samples) / RATE_HZ


def beep() -> Samples:
    """Return the tone that asks a person to speak."""
    angle = np.arange(int(_BEEP_S * RATE_HZ)) * (2 * np.pi * _BEEP_HZ / RATE_HZ)
    tone: Samples = (np.sin(angle) * 8000).astype(np.int16)
    return tone


def ringback(length_s: float) -> Samples:
    """Return what a caller hears while the other phone rings: the Indian cadence."""
    period_s, on = 3.0, ((0.0, 0.4), (0.6, 1.0))
    at_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    phase_s = at_s % period_s
    sounds = ((phase_s >= on[0][0]) & (phase_s < on[0][1])) | ((phase_s >= on[1][0]) & (phase_s < on[1][1]))
    tone: Samples = (np.sin(2 * np.pi * 400 * at_s) * sounds * 3000).astype(np.int16)
    return tone


class Track:
    """One direction of a call's sound: pieces laid at their times, in seconds from the answer."""

    def __init__(self) -> None:
        self.noise_rms = 0.0  # what is always on the line
        self._pieces: list[tuple[float, Samples]] = []
        self._voiced: list[tuple[float, float]] = []

    def lay(self, at_s: float, samples: Samples) -> None:
        self._pieces.append((at_s, samples))

    def say(self, at_s: float, samples: Samples) -> None:
        """Lay speech, and remember where in it there is voice."""
        self.lay(at_s, samples)
        self._voiced.extend((at_s + begin, at_s + end) for begin, end in voiced_s(samples))
        self._voiced.sort()

    def cut(self, at_s: float) -> None:
        """Silence everything from `at_s` on: the speaker was interrupted or hung up."""
        kept = [(start, piece[: max(0, round((at_s - start) * RATE_HZ))]) for start, piece in self._pieces]
        self._pieces = [(start, piece) for start, piece in kept if len(piece)]
        self._voiced = [(begin, min(end, at_s)) for begin, end in self._voiced if begin < at_s]

    def silent_at_s(self, since_s: float, silence_s: float) -> float:
        """Return when the first silence of `silence_s` seconds after `since_s` is complete."""
        if self.noise_rms > _VOICED_RMS:
            return math.inf
        heard_s = since_s
        for begin, end in self._voiced:
            if begin - heard_s >= silence_s:
                break
            heard_s = max(heard_s, end)
        return heard_s + silence_s

    def samples(self, begin_s: float, end_s: float) -> Samples:
        """Return the sound between two times, silence where nothing was laid."""
        length = max(0, round((end_s - begin_s) * RATE_HZ))
        mixed = self._noise(begin_s, length)
        for at_s, piece in self._pieces:
            _add(mixed, round((at_s - begin_s) * RATE_HZ), piece)
        return np.clip(mixed, -32768, 32767).astype(np.int16)

    def _noise(self, begin_s: float, length: int) -> NDArray[np.int32]:
        if not self.noise_rms:
            return np.zeros(length, dtype=np.int32)
        # Seeded by its place, so that a recording can be made again bit by bit.
        hiss = np.random.default_rng(round(begin_s * 1000)).normal(0.0, self.noise_rms, length)
        return np.asarray(hiss, dtype=np.int32)


def _add(mixed: NDArray[np.int32], start: int, piece: Samples) -> None:
    skipped = max(0, -start)
    start = max(0, start)
    room = len(mixed) - start
    if room > 0 and skipped < len(piece):
        part = piece[skipped : skipped + room]
        mixed[start : start + len(part)] += part


def voiced_s(samples: Samples) -> list[tuple[float, float]]:
    """Return the stretches with voice in them, as (begin, end) in seconds, from the energy of 20 ms frames."""
    whole = len(samples) // _FRAME
    if not whole:
        return []
    frames = samples[: whole * _FRAME].reshape(whole, _FRAME).astype(np.float64)
    loud = np.sqrt((frames**2).mean(axis=1)) > _VOICED_RMS
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False]))))
    return list(_pairs(edges.tolist()))


def _pairs(edges: list[int]) -> Iterable[tuple[float, float]]:
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        yield begin * _FRAME / RATE_HZ, end * _FRAME / RATE_HZ
