"""MFCC exactly as libvosk computes them from the conf/mfcc.conf we write, and frame labels beside them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE_HZ, DIMENSION, SHIFT_S, SUBSAMPLING = 8000, 40, 0.01, 3
LOWEST_HZ, HIGHEST_HZ = 20, RATE_HZ // 2 - 200
MFCC_CONF = f"""--sample-frequency={RATE_HZ}
--use-energy=false
--num-mel-bins={DIMENSION}
--num-ceps={DIMENSION}
--low-freq={LOWEST_HZ}
--high-freq={HIGHEST_HZ - RATE_HZ // 2}
--dither=0
"""


@cache
def options() -> Any:
    """The options of mfcc.conf for kaldi-native-fbank."""
    import kaldi_native_fbank as knf

    wanted = knf.MfccOptions()
    wanted.frame_opts.samp_freq, wanted.frame_opts.dither = RATE_HZ, 0.0
    wanted.mel_opts.num_bins, wanted.num_ceps, wanted.use_energy = DIMENSION, DIMENSION, False
    wanted.mel_opts.low_freq, wanted.mel_opts.high_freq = LOWEST_HZ, HIGHEST_HZ
    return wanted


def mfcc(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Frames by cepstra of samples in -1..1 at 8 kHz; scaled to 16 bit as Kaldi expects."""
    import kaldi_native_fbank as knf

    stream = knf.OnlineMfcc(options())
    stream.accept_waveform(RATE_HZ, (samples * 32768).tolist())
    stream.input_finished()
    return np.stack([stream.get_frame(i) for i in range(stream.num_frames_ready)])


def frame_labels(phones: list[tuple[str, float]], ids: dict[str, int], frames: int) -> NDArray[np.int16]:
    """The pdf of every third frame: 2p for the first one of phone p, 2p + 1 for those that follow."""
    starts = np.array([start for _, start in phones])
    at = np.arange(0, frames, SUBSAMPLING) * SHIFT_S + 0.0125  # the middle of a 25 ms window
    index = np.maximum(np.searchsorted(starts, at, side="right") - 1, 0)
    numbers = np.array([ids[name] for name, _ in phones])
    first = np.concatenate(([True], index[1:] != index[:-1]))
    return (2 * numbers[index] + np.where(first, 0, 1)).astype(np.int16)
