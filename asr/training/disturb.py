"""Features of the same words as another throat and another line would give them, drawn anew for every pass.

With as many cepstra as mel bands MFCC can be turned back: in the mel domain a longer throat is a warped axis, more
noise is a sum of powers, a line is a curve added to every frame, and a hidden band or moment keeps the network from
leaning on one cue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import DIMENSION, HIGHEST_HZ, LOWEST_HZ, RATE_HZ

LIFTER = 22.0  # the usual cepstral lifter, which mfcc.conf leaves as it is
WARPS = np.linspace(0.88, 1.12, 25)
CURVE, LEVEL = 0.5, 1.0  # spread of a line's curve and of the whole level, in natural logarithms of power
QUIETEST_DB = -30  # more noise, by the mean power of the example
NOISE_FREEDOM = 2.0  # half the degrees of freedom of a band's power in one frame: some two bins of the spectrum
HIDDEN_SHARE, HIDDEN_BANDS, HIDDEN_FRAMES = 0.5, 6, 14
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Noise:
    """How many of the examples get more noise, and how loud it is at most, by the mean power of the example."""

    share: float
    loudest_db: float


def cepstra() -> NDArray[np.float64]:
    """Kaldi's orthonormal cosine transform with its lifter: 40 cepstra from 40 mel bands."""
    rows, bands = np.arange(DIMENSION)[:, None], np.arange(DIMENSION)[None, :]
    table = np.sqrt(2 / DIMENSION) * np.cos(np.pi / DIMENSION * (bands + 0.5) * rows)
    table[0] = np.sqrt(1 / DIMENSION)
    return np.asarray((1 + 0.5 * LIFTER * np.sin(np.pi * rows / LIFTER)) * table)


def warped(factor: float) -> NDArray[np.float64]:
    """Mel bands read at ``factor`` times their place, between neighbours; beyond the edge the edge is read."""
    places = np.clip(np.arange(DIMENSION) * factor, 0, DIMENSION - 1)
    low = np.minimum(places.astype(int), DIMENSION - 2)
    table = np.zeros((DIMENSION, DIMENSION))
    table[np.arange(DIMENSION), low] = 1 - (places - low)
    table[np.arange(DIMENSION), low + 1] = places - low
    return table


def white_noise() -> NDArray[np.float64]:
    """White noise's share of power in each mel band, as its natural logarithm: wider bands and Kaldi's pre-emphasis of
    0.97 give the high ones more."""
    lowest, highest = (np.log1p(hertz / 700) for hertz in (LOWEST_HZ, HIGHEST_HZ))
    width = (highest - lowest) / (DIMENSION + 1)
    hertz = 700 * np.expm1(lowest + width * np.arange(1, DIMENSION + 1))
    emphasis = 1 + 0.97**2 - 2 * 0.97 * np.cos(2 * np.pi * hertz / RATE_HZ)
    power = (700 + hertz) * emphasis
    return np.asarray(np.log(power / power.sum()))


TO_CEPSTRA = cepstra()
WHITE_NOISE = white_noise().astype(np.float32)
TO_WARPED_BANDS = np.stack([warped(factor) @ np.linalg.inv(TO_CEPSTRA) for factor in WARPS]).astype(np.float32)


def curve(chance: np.random.Generator) -> Floats:
    """A line's smooth curve over the mel bands: a level and three slow waves."""
    at = (np.arange(DIMENSION) + 0.5) / DIMENSION
    waves = [chance.normal(0, CURVE) * np.cos(np.pi * number * at) for number in (1, 2, 3)]
    return np.asarray(chance.normal(0, LEVEL) + sum(waves), np.float32)


def drown(bands: Floats, noise: Noise, chance: np.random.Generator) -> None:
    """Perhaps some more noise, of any colour, steady but for what chance does to steady noise."""
    if chance.random() >= noise.share:
        return
    colour = WHITE_NOISE + curve(chance)
    level = np.log(np.exp(bands).sum(1).mean()) + chance.uniform(QUIETEST_DB, noise.loudest_db) * np.log(10) / 10
    colour += level - np.log(np.exp(colour).sum())
    moment = chance.standard_gamma(NOISE_FREEDOM, bands.shape, np.float32) / NOISE_FREEDOM
    np.logaddexp(bands, colour + np.log(np.maximum(moment, 1e-6)), out=bands)


def hide(bands: Floats, chance: np.random.Generator) -> None:
    """In half the examples a few neighbouring bands, in half a moment, are no more than their mean."""
    if chance.random() < HIDDEN_SHARE:
        width = int(chance.integers(1, HIDDEN_BANDS + 1))
        first = int(chance.integers(0, DIMENSION - width))
        bands[:, first : first + width] = bands[:, first : first + width].mean()
    if chance.random() < HIDDEN_SHARE:
        length = int(chance.integers(1, HIDDEN_FRAMES + 1))
        first = int(chance.integers(0, max(len(bands) - length, 1)))
        bands[first : first + length] = bands.mean(0)


def disturbed(batch: Floats, chance: np.random.Generator, *, noise: Noise) -> Floats:
    """Examples by frames by cepstra, each example with a throat, a noise and a line of its own."""
    warps = chance.integers(0, len(WARPS), len(batch))
    bands = np.matmul(batch, TO_WARPED_BANDS[warps].transpose(0, 2, 1))
    for example in bands:
        drown(example, noise, chance)
        example += curve(chance)
        hide(example, chance)
    return np.asarray(np.matmul(bands, TO_CEPSTRA.T.astype(np.float32)), np.float32)
