"""Sound as numbers: WAV in and out, and the way down from any sampling rate to the telephone's 8 kHz."""

from __future__ import annotations

import io
import math
import wave
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from prompts.errors import AudioRejected

RATE_HZ = 8000
SAMPLE_BYTES = 2

# OpenBLAS wakes all its threads for a product of more multiplications than this, and they then spin, at three times the
# processor time, beside web and call workers that need it.
_ONE_THREAD = 250_000

Samples = NDArray[np.float64]

# A telephone passes about 300-3400 Hz. The filter is flat to 3.5 kHz and 70 dB down at 4 kHz, where sound would fold
# back: naive decimation from 22,050 Hz turns every "s" into a whistle.
_PASS_HZ = 3500.0
_STOP_HZ = 4000.0
_STOP_DB = 70.0
_PHASES_AT_ONCE = 16
_MOST_PHASES = 640  # 11,025 Hz needs 320; a rate without a common divisor would ask for gigabytes of filter


def wav_of(samples: Samples, rate_hz: int = RATE_HZ) -> bytes:
    """Return samples (full scale 32768) as a 16 bit mono WAV; louder ones are clipped."""
    return wav_of_pcm(np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes(), rate_hz)


def wav_of_pcm(pcm: bytes, rate_hz: int = RATE_HZ) -> bytes:
    """Return 16 bit little-endian mono samples with the plain 44 byte header, so that equal sound is equal bytes."""
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(SAMPLE_BYTES)
        writer.setframerate(rate_hz)
        writer.writeframes(pcm)
    return out.getvalue()


def pcm_of(wav: bytes) -> bytes:
    """Return the samples of a WAV that already is 8 kHz, 16 bit, mono. Raises AudioRejected for any other."""
    with _open(wav) as reader:
        shape = (reader.getframerate(), reader.getsampwidth(), reader.getnchannels())
        if shape != (RATE_HZ, SAMPLE_BYTES, 1):
            raise AudioRejected(
                f"expected 8000 Hz, 2 bytes, 1 channel, not {shape[0]} Hz, {shape[1]} bytes, {shape[2]}"
            )
        return reader.readframes(reader.getnframes())


def telephone_samples(wav: bytes) -> Samples:
    """Return any PCM WAV as mono samples at 8 kHz (full scale 32768). Raises AudioRejected with a reason."""
    with _open(wav) as reader:
        width, channels, rate_hz = reader.getsampwidth(), reader.getnchannels(), reader.getframerate()
        data = reader.readframes(reader.getnframes())
    if rate_hz < RATE_HZ:
        raise AudioRejected(f"the sound has {rate_hz} samples a second; a telephone needs at least {RATE_HZ}")
    samples = _decode(data, width)
    if _ratio(rate_hz)[0] > _MOST_PHASES:
        raise AudioRejected(f"{rate_hz} samples a second is an unusual rate; save the sound with 16000 or 44100")
    whole = samples[: len(samples) // channels * channels].reshape(-1, channels)
    return resample(whole.mean(axis=1), rate_hz)


def clipped_share(wav: bytes) -> float:
    """Return how much of a PCM WAV stands at full scale in runs of three or more, which is what cut tops look like."""
    with _open(wav) as reader:
        samples = _decode(reader.readframes(reader.getnframes()), reader.getsampwidth())
    full = np.abs(samples) >= 0.999 * 32768
    runs = full[:-2] & full[1:-1] & full[2:]
    return float(runs.mean()) if len(runs) else 0.0


def resample(samples: Samples, rate_hz: int) -> Samples:
    """Return samples taken at `rate_hz` as they sound at 8 kHz, in time with the original to within a sample.

    Polyphase: with rate_hz / 8000 = down / up in lowest terms, `up` outputs come from every `down` inputs by one fixed
    matrix of windowed sincs. Each output sees only the inputs around it, so the matrix is taken in narrow bands, whose
    products stay in the processor's nearest cache.
    """
    if rate_hz == RATE_HZ or not len(samples):
        return samples
    up, down = _ratio(rate_hz)
    half = math.ceil(_kaiser_taps(rate_hz) / 2)
    blocks = math.ceil(len(samples) / down)
    padded = np.pad(samples, (half, blocks * down - len(samples) + half))
    out = np.empty((blocks, up))
    column = 0
    for first, band in _bands(rate_hz):
        windows = np.lib.stride_tricks.sliding_window_view(padded[first:], len(band))[::down]
        rows = max(1, _ONE_THREAD // band.size)
        for at in range(0, blocks, rows):
            out[at : at + rows, column : column + band.shape[1]] = windows[at : min(at + rows, blocks)] @ band
        column += band.shape[1]
    return out.reshape(-1)[: math.ceil(len(samples) * up / down)]


def _ratio(rate_hz: int) -> tuple[int, int]:
    common = math.gcd(RATE_HZ, rate_hz)
    return RATE_HZ // common, rate_hz // common


@lru_cache(maxsize=8)
def _bands(rate_hz: int) -> tuple[tuple[int, Samples], ...]:
    """Return the matrix of `_filter_bank` a few columns at a time, without the rows in which these have nothing."""
    bank = _filter_bank(rate_hz)
    bands = []
    for at in range(0, bank.shape[1], _PHASES_AT_ONCE):
        columns = bank[:, at : at + _PHASES_AT_ONCE]
        used = np.flatnonzero(columns.any(axis=1))
        bands.append((int(used[0]), np.ascontiguousarray(columns[used[0] : used[-1] + 1])))
    return tuple(bands)


def _filter_bank(rate_hz: int) -> Samples:
    """Return the matrix that turns `down` inputs and their surroundings into `up` outputs: one column per output."""
    up, down = _ratio(rate_hz)
    half = math.ceil(_kaiser_taps(rate_hz) / 2)
    cutoff = (_PASS_HZ + _STOP_HZ) / rate_hz  # twice the middle of the slope, as sinc wants it
    beta = 0.1102 * (_STOP_DB - 8.7)
    inputs = np.arange(-half, down + half)[:, None]
    centres = np.arange(up)[None, :] * down / up
    away = inputs - centres
    inside = np.sqrt(np.clip(1 - (away / half) ** 2, 0, None))
    bank = cutoff * np.sinc(cutoff * away) * np.i0(beta * inside) / np.i0(beta) * (np.abs(away) <= half)
    return cast(Samples, bank / bank.sum(axis=0))


def _kaiser_taps(rate_hz: int) -> int:
    """Kaiser's rule of thumb: how long a filter must be for our slope and depth."""
    slope = 2 * math.pi * (_STOP_HZ - _PASS_HZ) / rate_hz
    return math.ceil((_STOP_DB - 7.95) / (2.285 * slope))


def _open(wav: bytes) -> wave.Wave_read:
    try:
        return wave.open(io.BytesIO(wav), "rb")
    except (wave.Error, EOFError) as problem:
        what = "it is damaged, or packed" if wav[:4] == b"RIFF" else "it is of another kind, as MP3 and M4A are"
        raise AudioRejected(
            f"this is not a plain (PCM) WAV file: {what}. Save it from the recorder or an audio program as WAV, 16 bit"
        ) from problem


def _decode(data: bytes, width: int) -> Samples:
    """Return interleaved PCM of 1 to 4 bytes a sample as floats with full scale 32768."""
    data = data[: len(data) // width * width]
    if width == 1:  # the one WAV width that is unsigned
        return (np.frombuffer(data, dtype=np.uint8).astype(np.float64) - 128) * 256
    if width == 2:
        return np.frombuffer(data, dtype="<i2").astype(np.float64)
    if width == 3:
        wide = np.zeros((len(data) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
        return wide.reshape(-1).view("<i4").astype(np.float64) / 65536
    if width == 4:
        return np.frombuffer(data, dtype="<i4").astype(np.float64) / 65536
    raise AudioRejected(f"samples of {width} bytes are not supported; save the sound as 16 bit WAV")
