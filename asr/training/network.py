"""The acoustic network: a small TDNN, trained by cross-entropy on exact frame labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .features import DIMENSION, SUBSAMPLING
from .kaldi import Layer

OFFSETS = ((-3, -2, -1, 0, 1, 2, 3), (-3, 0, 3), (-3, 0, 3), (-3, 0, 3), (-3, 0, 3), (-6, 0, 6))
LEFT = RIGHT = 21
CHUNK = 150  # input frames of one training example besides its context
BATCH, PEAK_RATE, DROPOUT = 48, 4e-3, 0.05
Say = Callable[[str], None]
Corpus = list[tuple[NDArray[np.float16], NDArray[np.int16]]]


@dataclass(frozen=True)
class Tdnn:
    """Convolutions over time, each with its batch norm; the first strides by 3, so all others see every third frame.

    ``net`` is (convolution, norm, ReLU, dropout) for each of OFFSETS and a last convolution. Features come scaled.
    """

    net: Any
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    def scaled(self, frames: NDArray[np.float32]) -> Any:
        """A batch of examples by frames by features, as the network takes it."""
        return torch.from_numpy((frames - self.mean) * self.scale).transpose(1, 2)

    def layers(self) -> list[Layer]:
        """For export: feature scaling goes into the first layer, each batch norm into the convolution before it."""
        found, parts = [], list(self.net)
        for number, offsets in enumerate(OFFSETS):
            convolution, norm = parts[4 * number : 4 * number + 2]
            weight, bias = _numbers(convolution.weight), _numbers(convolution.bias)
            if number == 0:
                weight = weight * self.scale[None, :, None]
                bias = bias - (weight * self.mean[None, :, None]).sum((1, 2))
            gain = _numbers(norm.weight) / np.sqrt(_numbers(norm.running_var) + norm.eps)
            bias = (bias - _numbers(norm.running_mean)) * gain + _numbers(norm.bias)
            found.append(_layer(offsets, weight * gain[:, None, None], bias))
        return [*found, _layer((0,), _numbers(parts[-1].weight), _numbers(parts[-1].bias))]


def new_network(width: int, pdfs: int) -> Any:
    parts: list[Any] = []
    for number, offsets in enumerate(OFFSETS):
        inputs, stride = (DIMENSION, SUBSAMPLING) if number == 0 else (width, 1)
        step = 1 if number == 0 else (offsets[1] - offsets[0]) // SUBSAMPLING
        parts.append(nn.Conv1d(inputs, width, len(offsets), stride=stride, dilation=step))
        parts += [nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(DROPOUT)]
    return nn.Sequential(*parts, nn.Conv1d(width, pdfs, 1))


def _numbers(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64)


def _layer(offsets: tuple[int, ...], weight: NDArray[np.float64], bias: NDArray[np.float64]) -> Layer:
    matrix = weight.transpose(0, 2, 1).reshape(weight.shape[0], -1)
    return Layer(offsets, matrix.astype(np.float32), bias.astype(np.float32))


def chunks(corpus: Corpus, chance: np.random.Generator) -> Iterator[tuple[int, int]]:
    """(utterance, first frame) of every example of one pass, shuffled; the cut wanders from pass to pass."""
    places = []
    for number, (features, _) in enumerate(corpus):
        first = -SUBSAMPLING * int(chance.integers(0, CHUNK // SUBSAMPLING // 2))
        places += [(number, start) for start in range(first, len(features), CHUNK)]
    order = chance.permutation(len(places))
    yield from (places[i] for i in order)


def example(corpus: Corpus, number: int, start: int) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Input frames with context (edges repeated, as libvosk does) and labels, -1 where there is no frame."""
    features, labels = corpus[number]
    rows = np.clip(np.arange(start - LEFT, start + CHUNK + RIGHT), 0, len(features) - 1)
    wanted = np.arange(start // SUBSAMPLING, start // SUBSAMPLING + CHUNK // SUBSAMPLING)
    inside = (wanted >= 0) & (wanted < len(labels))
    return features[rows], np.where(inside, labels[np.clip(wanted, 0, len(labels) - 1)], -1).astype(np.int64)


def fit(corpus: Corpus, pdfs: int, *, seed: int, epochs: int, width: int, say: Say) -> Tdnn:
    """The trained network. One thread: with two on shared cores it was 5 to 7 times slower."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    sample = np.concatenate([corpus[i][0] for i in chance.permutation(len(corpus))[:2000]]).astype(np.float32)
    tdnn = Tdnn(new_network(width, pdfs), sample.mean(0), 1 / (sample.std(0) + 1e-3))
    steps = epochs * math.ceil(sum(1 for _ in chunks(corpus, chance)) * 1.03 / BATCH)
    descent = torch.optim.AdamW(tdnn.net.parameters(), lr=PEAK_RATE, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, PEAK_RATE, total_steps=steps + 10, pct_start=0.2)
    for epoch in range(epochs):
        loss, right = _one_pass(tdnn, corpus, chance, descent, pace)
        say(f"epoch {epoch + 1} of {epochs}: loss {loss:.3f}, {100 * right:.1f} % of frames right")
    tdnn.net.eval()
    return tdnn


def _one_pass(tdnn: Tdnn, corpus: Corpus, chance: np.random.Generator, descent: Any, pace: Any) -> tuple[float, float]:
    """Mean loss and share of frames right while learning."""
    order, total, right, seen = list(chunks(corpus, chance)), 0.0, 0, 0
    for at in range(0, len(order) - BATCH + 1, BATCH):
        pairs = [example(corpus, *place) for place in order[at : at + BATCH]]
        wanted = torch.from_numpy(np.stack([labels for _, labels in pairs]))
        scores = tdnn.net(tdnn.scaled(np.stack([frames for frames, _ in pairs]).astype(np.float32)))
        loss: Any = nn.functional.cross_entropy(scores, wanted, ignore_index=-1)
        descent.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tdnn.net.parameters(), 2.0)
        descent.step()
        pace.step()
        known = wanted >= 0
        total += float(loss.detach()) * int(known.sum())
        right += int(((scores.argmax(1) == wanted) & known).sum())
        seen += int(known.sum())
    return total / seen, right / seen


def priors(corpus: Corpus, pdfs: int) -> NDArray[np.float32]:
    """How often each pdf stands in the labels."""
    counts = np.bincount(np.concatenate([labels for _, labels in corpus]), minlength=pdfs) + 10.0
    return np.asarray(counts / counts.sum(), dtype=np.float32)
