"""From raw speech to a clip: trimmed, levelled, limited, faded, and joined without holes.

Sounds travel as pydub segments of 8 kHz, 16 bit, mono. The same input gives the same bytes: gains are rounded to a
tenth of a decibel so that a last-digit difference between two machines' arithmetic does not reach the samples.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from prompts.audio import RATE_HZ, SAMPLE_BYTES, Samples, pcm_of, telephone_samples, wav_of_pcm
from prompts.errors import AudioRejected

with warnings.catch_warnings():
    # pydub looks for ffmpeg (needed for other formats than WAV, which we do not use) and for audioop (gone from
    # Python 3.13, where audioop-lts takes its place); both only matter to its maintainers. Without a PATH, as under
    # a bare supervisor, its look for ffmpeg fails.
    warnings.simplefilter("ignore")
    os.environ.setdefault("PATH", os.defpath)
    from pydub import AudioSegment

Sound: TypeAlias = AudioSegment

# -20 dBFS of active speech is 6 dB above the telephone's nominal -26 (ITU-T P.56 speech level, as ITU-T G.100.1
# recommends it): parents answer in the street, and what the exchange limits at -3 is then still whole.
TARGET_LEVEL_DBFS = -20.0
LEVEL_TOLERANCE_DB = 2.0
PEAK_DBFS = -2.0  # codecs overshoot; a peak at full scale comes back clipped
_MAX_GAIN_DB = 30.0  # more would be lifting a hiss, not a voice

_FRAME_MS = 10
_FRAME = RATE_HZ * _FRAME_MS // 1000
_SPEECH_BELOW_LOUDEST_DB = 25.0  # frames within this of the loudest are speech and are what the level is taken of
_SOUND_BELOW_LOUDEST_DB = 42.0  # frames within this are kept when trimming: the breath of an "s" is about -35
_TRIM_MARGIN_MS = 20
_FADE_MS = 5  # removes the click of a cut, too short to be heard as a fade
MAX_PAUSE_MS = 260  # inside a clip, between two sentences; 300 sounds like a lost line
_LOOK_AHEAD = RATE_HZ * 4 // 1000

# After a clip: what the ear expects before the next word. Inside a sentence the trimmed clips' own margins (20 ms on
# each side) already are most of a natural gap.
GAP_IN_SENTENCE_MS = 20
GAP_AFTER_SENTENCE_MS = 200


@dataclass(frozen=True)
class Measure:
    """What a meter shows for one clip. Levels are dB below full scale; silence has -120."""

    seconds: float
    level_dbfs: float
    peak_dbfs: float
    longest_pause_ms: int
    clipped: int
    """How many samples stand at full scale in runs of three or more: what clipping leaves behind."""


def sound_of(wav: bytes) -> Sound:
    """Return any PCM WAV as a telephone sound. Raises AudioRejected."""
    return _sound(telephone_samples(wav))


def finish(sound: Sound) -> Sound:
    """Return a sound as a parent should hear it: trimmed, no long pause inside, at our level, without clicks.

    Raises AudioRejected when there is nothing to hear.
    """
    samples = _level(_shorten_pauses(_trim(_samples(sound))))
    return _sound(samples).fade_in(_FADE_MS).fade_out(_FADE_MS)


def join(sounds: Sequence[Sound], gap_ms: int = GAP_IN_SENTENCE_MS) -> Sound:
    """Return finished sounds one after the other with `gap_ms` between them."""
    gap = silence(gap_ms)
    parts = [part for sound in sounds for part in (gap, sound)][1:]
    return parts[0]._spawn(b"".join(part.raw_data for part in parts))


def silence(duration_ms: int) -> Sound:
    return Sound.silent(duration=duration_ms, frame_rate=RATE_HZ)


def wav_from(sound: Sound) -> bytes:
    """Return the sound as WAV bytes. Equal sounds give equal bytes."""
    return wav_of_pcm(cast(bytes, sound.raw_data))


def measure(wav: bytes) -> Measure:
    """Return what a clip (8 kHz, 16 bit, mono) sounds like in figures. Raises AudioRejected for another format."""
    samples = np.frombuffer(pcm_of(wav), dtype="<i2").astype(np.float64)
    frames = _frames(samples)
    return Measure(
        seconds=len(samples) / RATE_HZ,
        level_dbfs=round(_speech_level_db(frames), 1),
        peak_dbfs=round(float(_db(np.abs(samples).max(initial=0.0))), 1) + 0.0,  # no -0.0 in a report
        longest_pause_ms=_longest_pause_ms(frames),
        clipped=_clipped(samples),
    )


def _sound(samples: Samples) -> Sound:
    pcm = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return Sound(data=pcm, sample_width=SAMPLE_BYTES, frame_rate=RATE_HZ, channels=1)


def _samples(sound: Sound) -> Samples:
    return np.frombuffer(sound.raw_data, dtype="<i2").astype(np.float64)


def _frames(samples: Samples) -> Samples:
    """Return the root mean square of each 10 ms."""
    whole = np.pad(samples, (0, -len(samples) % _FRAME)).reshape(-1, _FRAME)
    return cast(Samples, np.sqrt((whole**2).mean(axis=1)))


def _db(amplitude: Samples | float) -> Samples:
    return cast(Samples, 20 * np.log10(np.maximum(amplitude, 32768e-6) / 32768))


def _loud(frames: Samples, below_db: float) -> NDArray[np.bool_]:
    """Return which frames are within `below_db` of the loudest; none when all are as quiet as an open line."""
    levels = _db(frames)
    loudest = levels.max(initial=-120.0)
    return np.asarray((levels > loudest - below_db) & (levels > -70.0))


def _speech_level_db(frames: Samples) -> float:
    """Return the mean power of the frames that are speech: pauses must not make a calm speaker count as a quiet one."""
    speech = frames[_loud(frames, _SPEECH_BELOW_LOUDEST_DB)]
    return float(_db(np.sqrt((speech**2).mean()))) if len(speech) else -120.0


def _trim(samples: Samples) -> Samples:
    loud = np.flatnonzero(_loud(_frames(samples), _SOUND_BELOW_LOUDEST_DB))
    if not len(loud):
        raise AudioRejected("there is nothing to hear in this sound")
    margin = _TRIM_MARGIN_MS * RATE_HZ // 1000
    return samples[max(0, int(loud[0]) * _FRAME - margin) : (int(loud[-1]) + 1) * _FRAME + margin]


def _pauses(frames: Samples) -> list[tuple[int, int]]:
    """Return first and one-past-last frame of every stretch without sound inside the speech."""
    edges = np.flatnonzero(np.diff(_loud(frames, _SOUND_BELOW_LOUDEST_DB).astype(np.int8)))
    starts = [int(edge) + 1 for edge in edges]
    inside = starts[1:-1] if len(starts) > 2 else []
    return list(zip(inside[::2], inside[1::2], strict=False))


def _longest_pause_ms(frames: Samples) -> int:
    padded = np.concatenate([[0.0], frames, [0.0]])
    return max((end - start for start, end in _pauses(padded)), default=0) * _FRAME_MS


def _shorten_pauses(samples: Samples) -> Samples:
    """Cut the middle out of every pause longer than MAX_PAUSE_MS; both sides keep their natural ends."""
    kept = np.ones(len(samples), dtype=bool)
    frames = np.concatenate([[0.0], _frames(samples), [0.0]])
    for start, end in _pauses(frames):
        excess = end - start - MAX_PAUSE_MS // _FRAME_MS
        if excess > 0:
            first = start - 1 + (end - start - excess) // 2
            kept[first * _FRAME : (first + excess) * _FRAME] = False
    return samples[kept]


def _level(samples: Samples) -> Samples:
    """Bring the speech to the target; a few peaks that would stick out are pressed down rather than all the rest."""
    for _ in range(3):  # limiting takes a little of the level away again
        missing_db = TARGET_LEVEL_DBFS - _speech_level_db(_frames(samples))
        gain_db = round(min(missing_db, _MAX_GAIN_DB), 1)
        samples = _limit(samples * 10 ** (gain_db / 20))
        if gain_db == 0:
            break
    return samples


def _limit(samples: Samples) -> Samples:
    """Hold the peaks at PEAK_DBFS by a gain that dips smoothly, 4 ms ahead, instead of cutting the tops off."""
    ceiling = 32768 * 10 ** (PEAK_DBFS / 20)
    needed = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1.0))
    if needed.min(initial=1.0) >= 1.0:
        return samples
    span = 2 * _LOOK_AHEAD + 1
    padded = np.pad(needed, 2 * _LOOK_AHEAD, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, span).min(axis=1)
    smooth = np.lib.stride_tricks.sliding_window_view(lowest, span) @ (np.hanning(span + 2)[1:-1] / (_LOOK_AHEAD + 1))
    return np.clip(samples * smooth, -ceiling, ceiling)


def _clipped(samples: Samples) -> int:
    full = np.abs(samples) >= 32767
    runs = full[:-2] & full[1:-1] & full[2:]
    return int(runs.sum())
