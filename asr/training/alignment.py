"""When each phone begins, where the synthesiser does not tell: the likeliest path of a network through the words.

The words' pronunciations are those of the synthesiser that does tell, so that all labels mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .acoustics import Acoustics
from .features import SHIFT_S, SUBSAMPLING, mfcc
from .kaldi import Layer

Floats = NDArray[np.float32]
Pronunciations = Mapping[str, Mapping[tuple[str, ...], float]]
Times = list[tuple[str, float]]
IMPOSSIBLE = np.float32(-1e30)


def outputs(layers: Sequence[Layer], features: Floats) -> Floats:
    """What the network says of every third frame, before any softmax; edges are repeated, as libvosk does."""
    margin = sum(max(map(abs, layer.offsets)) for layer in layers[1:]) // SUBSAMPLING
    times = SUBSAMPLING * np.arange(-margin, -(-len(features) // SUBSAMPLING) + margin)
    value = features
    for number, layer in enumerate(layers):
        at, step = (times, 1) if number == 0 else (np.arange(len(times)), SUBSAMPLING)
        rows = np.clip(at[:, None] + np.array(layer.offsets) // step, 0, len(value) - 1)
        value = value[rows].reshape(len(times), -1) @ layer.matrix.T + layer.bias
        value = np.maximum(value, 0) if number < len(layers) - 1 else value
    return np.asarray(value[margin : len(times) - margin], np.float32)


def likelihoods(acoustics: Acoustics, features: Floats) -> Floats:
    """Log-likelihood of each pdf up to a constant of the frame."""
    said = outputs(acoustics.layers, features)
    said = said - np.logaddexp.reduce(said, axis=1, keepdims=True)
    return np.asarray(said - np.log(acoustics.priors), np.float32)


@dataclass
class Path:
    """A phone is two states, its first frame and any further ones; ``before`` holds what may come before each state."""

    names: list[str] = field(default_factory=list)
    pdfs: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)

    def phone(self, name: str, number: int, after: Sequence[int]) -> list[int]:
        """Adds a phone behind the states ``after`` (none: it may begin); returns the states it may end in."""
        here = len(self.names)
        self.names += [name, ""]
        self.pdfs += [2 * number, 2 * number + 1]
        self.before += [list(after), [here, here + 1]]
        return [here, here + 1]

    def pause(self, name: str, after: Sequence[int]) -> list[int]:
        """A silence of three frames or more: the closure of a stop is none."""
        here = len(self.names)
        self.names += [name, "", ""]
        self.pdfs += [0, 1, 1]
        self.before += [list(after), [here], [here + 1, here + 2]]
        return [here + 2]


def path_of(words: Sequence[str], pronunciations: Pronunciations, phones: Sequence[str]) -> Path:
    """Silence, the words with perhaps a pause after each, the last one's ending the path.

    Raises KeyError for a word without sounds.
    """
    ids = {name: number for number, name in enumerate(phones)}
    path = Path()
    ends = path.phone(phones[0], 0, [])
    for word in words:
        here, ends = ends, []
        for sounds in sorted(pronunciations[word]):
            there = here
            for name in sounds:
                there = path.phone(name, ids[name], there)
            ends += there
        ends = ends + path.pause(phones[0], ends)
    return path


def best(path: Path, scores: Floats) -> tuple[list[int], float]:
    """The state of each frame on the likeliest way from the first state to the last silence, and its mean score."""
    states, widest = len(path.names), max(len(before) for before in path.before)
    before = np.full((states, widest), states)
    for state, earlier in enumerate(path.before):
        before[state, : len(earlier)] = earlier
    said = scores[:, path.pdfs]
    score = np.full(states + 1, IMPOSSIBLE, np.float32)
    score[0] = said[0, 0]
    came = np.zeros((len(said), states), np.int32)
    everyone = np.arange(states)
    for frame in range(1, len(said)):
        choices = score[before]
        chosen = choices.argmax(1)
        came[frame] = before[everyone, chosen]
        score[:states] = choices[everyone, chosen] + said[frame]
    state = states - 1
    way, total = [state], float(score[state])
    for frame in range(len(said) - 1, 0, -1):
        way.append(int(came[frame, way[-1]]))
    return way[::-1], total / len(said)


def align(
    samples: Floats, words: Sequence[str], acoustics: Acoustics, pronunciations: Pronunciations
) -> tuple[Times, float]:
    """Phones with their start in seconds, and how well they fit (mean log-likelihood ratio of a frame)."""
    path = path_of(words, pronunciations, acoustics.phones)
    way, fit = best(path, likelihoods(acoustics, mfcc(samples)))
    entered = [(frame, state) for frame, state in enumerate(way) if path.names[state]]
    return [(path.names[state], frame * SUBSAMPLING * SHIFT_S) for frame, state in entered], fit
