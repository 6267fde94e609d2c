"""From corpus to network, kept on disk: the trained layers without torch, so that a new graph needs no new training."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .disturb import Noise
from .features import frame_labels
from .kaldi import Layer
from .utterance import Utterance
from .widen import widened

LEAST_OFTEN = 30  # a phone heard less often cannot be learned


@dataclass(frozen=True)
class Acoustics:
    """Phones with SIL first, the network's layers and the priors of its pdfs, two a phone."""

    phones: list[str]
    layers: list[Layer]
    priors: NDArray[np.float32]

    def parameters(self) -> int:
        return sum(layer.matrix.size + layer.bias.size for layer in self.layers)


def phones_of(utterances: Sequence[Utterance]) -> list[str]:
    """SIL and every phone that was heard often enough, sorted."""
    counts: dict[str, int] = {}
    for utterance in utterances:
        for name, _ in utterance.phones:
            counts[name] = counts.get(name, 0) + 1
    return ["SIL", *sorted(name for name, count in counts.items() if name != "SIL" and count >= LEAST_OFTEN)]


def train(
    utterances: Sequence[Utterance], *, seed: int, epochs: int, width: int, say: Callable[[str], None]
) -> Acoustics:
    """A network for these utterances; those with a phone too rare to learn are left out."""
    from . import network

    phones = phones_of(utterances)
    corpus = labelled(utterances, phones)
    layers = network.fit(corpus, 2 * len(phones), seed=seed, epochs=epochs, width=width, say=say)
    return Acoustics(phones, layers, network.priors(corpus, 2 * len(phones)))


def harden(
    heard: Acoustics,
    utterances: Sequence[Utterance],
    *,
    seed: int,
    epochs: int,
    width: int,
    noise: Noise,
    say: Callable[[str], None],
) -> Acoustics:
    """The network, widened and taught further by sequences with every example disturbed, so that it hears what it never
    met. It then tells scores, which no prior is taken from."""
    from . import network

    corpus = labelled(utterances, heard.phones)
    layers = widened(heard.layers, max(width, len(heard.layers[0].bias)), seed)
    layers[-1] = replace(layers[-1], bias=layers[-1].bias - np.log(heard.priors))
    layers = network.resume(layers, corpus, seed=seed, epochs=epochs, noise=noise, say=say)
    return Acoustics(heard.phones, layers, np.full_like(heard.priors, 1 / len(heard.priors)))


def labelled(
    utterances: Sequence[Utterance], phones: Sequence[str]
) -> list[tuple[NDArray[np.float16], NDArray[np.int16]]]:
    """Features and the pdf of every third frame, of the utterances all of whose phones are known."""
    ids = {name: number for number, name in enumerate(phones)}
    return [
        (u.features, frame_labels(u.phones, ids, len(u.features)))
        for u in utterances
        if all(name in ids for name, _ in u.phones)
    ]


def save(acoustics: Acoustics, path: Path) -> None:
    """One npz file."""
    arrays = {"priors": acoustics.priors, "phones": np.array(json.dumps(acoustics.phones))}
    for number, layer in enumerate(acoustics.layers):
        arrays[f"offsets{number}"] = np.array(layer.offsets)
        arrays[f"matrix{number}"], arrays[f"bias{number}"] = layer.matrix, layer.bias
    np.savez(path, allow_pickle=False, **arrays)


def load(path: Path) -> Acoustics:
    """What ``save`` wrote."""
    file = np.load(path)
    count = sum(name.startswith("matrix") for name in file.files)
    layers = [
        Layer(tuple(int(o) for o in file[f"offsets{i}"]), file[f"matrix{i}"], file[f"bias{i}"]) for i in range(count)
    ]
    return Acoustics(json.loads(str(file["phones"])), layers, file["priors"])
