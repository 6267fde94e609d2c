"""The acoustic network: a small TDNN.

First it learns frame by frame from exact labels and speech as it is recorded; then, with its batch norms melted in,
whole sequences of phones (sequence.py) from disturbed features of all speech.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .disturb import Noise, disturbed
from .features import DIMENSION, SUBSAMPLING
from .kaldi import Layer
from .sequence import competition
from .team import Member, together

# A third of a second on either side, in which a voice is to be told from the noise it stands in.
OFFSETS = ((-3, -2, -1, 0, 1, 2, 3), (-3, 0, 3), (-3, 0, 3), (-6, 0, 6), (-9, 0, 9), (-12, 0, 12))
LEFT = RIGHT = sum(offsets[-1] for offsets in OFFSETS)  # input frames
CHUNK = 150  # input frames of one training example besides its context
BATCH, PEAK_RATE, DROPOUT = 48, 4e-3, 0.05
LATER_RATE = 1e-3  # peak rate of a network that is taught further
Say = Callable[[str], None]
Disturb = Callable[[NDArray[np.float32], np.random.Generator], NDArray[np.float32]]
Lesson = Callable[[Any, NDArray[np.int64]], float]  # of scores and labels: the mean loss, its slope told to the scores
Corpus = list[tuple[NDArray[np.float16], NDArray[np.int16]]]


@dataclass(frozen=True)
class Course:
    """What a network is taught and how: each example disturbed or not, its scores judged by a lesson."""

    corpus: Corpus
    seed: int
    epochs: int
    rate: float
    disturb: Disturb | None
    lesson: Lesson
    say: Say

    def spread(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean of each feature and the inverse of its spread, in a sample."""
        chance = np.random.default_rng(self.seed)
        sample = [self.corpus[i][0] for i in chance.permutation(len(self.corpus))[:2000]]
        frames = np.concatenate(sample).astype(np.float32)
        return frames.mean(0), 1 / (frames.std(0) + 1e-3)


@dataclass(frozen=True)
class Tdnn:
    """Convolutions over time, each with its batch norm; the first strides by 3, so all others see every third frame.

    ``net`` is (convolution, perhaps a norm, ReLU, perhaps dropout) for each of OFFSETS and a last convolution. Features
    come scaled.
    """

    net: Any
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    def scaled(self, frames: NDArray[np.float32]) -> Any:
        """A batch of examples by frames by features, as the network takes it."""
        return torch.from_numpy((frames - self.mean) * self.scale).transpose(1, 2)

    def layers(self) -> list[Layer]:
        """For export: feature scaling goes into the first layer, each batch norm into the convolution before it."""
        found, parts = [], [part for part in self.net if isinstance(part, (nn.Conv1d, nn.BatchNorm1d))]
        for number, offsets in enumerate((*OFFSETS, (0,))):
            weight, bias = _numbers(parts[0].weight), _numbers(parts[0].bias)
            if number == 0:
                weight = weight * self.scale[None, :, None]
                bias = bias - (weight * self.mean[None, :, None]).sum((1, 2))
            if len(parts) > 1 and isinstance(parts[1], nn.BatchNorm1d):
                norm = parts.pop(1)
                gain = _numbers(norm.weight) / np.sqrt(_numbers(norm.running_var) + norm.eps)
                weight = weight * gain[:, None, None]
                bias = (bias - _numbers(norm.running_mean)) * gain + _numbers(norm.bias)
            parts.pop(0)
            found.append(_layer(offsets, weight, bias))
        return found


def new_network(width: int, pdfs: int) -> Any:
    parts: list[Any] = []
    for number, offsets in enumerate(OFFSETS):
        inputs, stride = (DIMENSION, SUBSAMPLING) if number == 0 else (width, 1)
        step = 1 if number == 0 else (offsets[1] - offsets[0]) // SUBSAMPLING
        parts.append(nn.Conv1d(inputs, width, len(offsets), stride=stride, dilation=step))
        parts += [nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(DROPOUT)]
    return nn.Sequential(*parts, nn.Conv1d(width, pdfs, 1))


def network_of(layers: Sequence[Layer], mean: NDArray[np.float32], scale: NDArray[np.float32]) -> Any:
    """Exported layers as a network again, without norms, for features scaled as told."""
    parts: list[Any] = []
    for number, layer in enumerate(layers):
        weight = layer.matrix.reshape(len(layer.bias), len(layer.offsets), -1).transpose(0, 2, 1)
        bias = layer.bias
        if number == 0:
            bias = bias + (weight * mean[None, :, None]).sum((1, 2))
            weight = weight / scale[None, :, None]
        step = 1 if number == 0 or len(layer.offsets) == 1 else (layer.offsets[1] - layer.offsets[0]) // SUBSAMPLING
        stride = SUBSAMPLING if number == 0 else 1
        convolution = nn.Conv1d(weight.shape[1], len(bias), len(layer.offsets), stride=stride, dilation=step)
        with torch.no_grad():
            convolution.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
            convolution.bias.copy_(torch.from_numpy(bias))  # type: ignore[union-attr,unused-ignore]
        parts += [convolution, nn.ReLU()]
    return nn.Sequential(*parts[:-1])


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


def fit(corpus: Corpus, pdfs: int, *, seed: int, epochs: int, width: int, say: Say) -> list[Layer]:
    """The layers of the trained network."""
    course = Course(corpus, seed, epochs, PEAK_RATE, None, framewise, say)
    torch.manual_seed(seed)
    return _taught(Tdnn(new_network(width, pdfs), *course.spread()), course)


def resume(
    layers: Sequence[Layer], corpus: Corpus, *, seed: int, epochs: int, noise: Noise, say: Say
) -> list[Layer]:  # fmt: skip
    """The layers of this network, taught further by sequences with every example disturbed."""
    rivals = competition([labels for _, labels in corpus], len(layers[-1].bias) // 2)

    def lesson(scores: Any, wanted: NDArray[np.int64]) -> float:
        loss, slope = rivals.lesson(scores.detach().numpy(), wanted)
        scores.backward(torch.from_numpy(slope))
        return loss

    course = Course(corpus, seed, epochs, LATER_RATE, partial(disturbed, noise=noise), lesson, say)
    mean, scale = course.spread()
    return _taught(Tdnn(network_of(layers, mean, scale), mean, scale), course)


def framewise(scores: Any, wanted: NDArray[np.int64]) -> float:
    """Cross-entropy of each frame alone."""
    loss: Any = nn.functional.cross_entropy(scores, torch.from_numpy(wanted), ignore_index=-1)
    loss.backward()
    return float(loss.detach())


def _taught(tdnn: Tdnn, course: Course) -> list[Layer]:
    """One thread for each of the team: with two on shared cores it was 5 to 7 times slower."""
    torch.set_num_threads(1)
    return together(lambda member: _learn(tdnn, course, member).layers())


def _learn(tdnn: Tdnn, course: Course, member: Member) -> Tdnn:
    """Loss, share of frames right and batch norms are of this member's part; the first member's are told and kept."""
    corpus, chance = course.corpus, np.random.default_rng(course.seed)
    torch.manual_seed(course.seed + member.number)
    noise = np.random.default_rng((course.seed, member.number))
    steps = course.epochs * math.ceil(sum(1 for _ in chunks(corpus, chance)) * 1.03 / BATCH)
    parameters = list(tdnn.net.parameters())
    descent = torch.optim.AdamW(parameters, lr=course.rate, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, course.rate, total_steps=steps + 10, pct_start=0.2)
    for epoch in range(course.epochs):
        order, total, right, seen = list(chunks(corpus, chance)), 0.0, 0, 0
        for at in range(0, len(order) - BATCH + 1, BATCH):
            pairs = [example(corpus, *place) for place in member.part(order[at : at + BATCH])]
            frames = np.stack([frames for frames, _ in pairs]).astype(np.float32)
            wanted = np.stack([labels for _, labels in pairs])
            descent.zero_grad()
            scores = tdnn.net(tdnn.scaled(course.disturb(frames, noise) if course.disturb else frames))
            loss, known = course.lesson(scores, wanted), int((wanted >= 0).sum())
            member.agree(parameters)
            nn.utils.clip_grad_norm_(parameters, 2.0)
            descent.step()
            pace.step()
            total, seen = total + loss * known, seen + known
            right += int((scores.detach().numpy().argmax(1) == wanted).sum())
        if member.number == 0:
            share = 100 * right / seen
            course.say(f"epoch {epoch + 1} of {course.epochs}: loss {total / seen:.3f}, {share:.1f} % of frames right")
    tdnn.net.eval()
    return tdnn


def priors(corpus: Corpus, pdfs: int) -> NDArray[np.float32]:
    """How often each pdf stands in the labels."""
    counts = np.bincount(np.concatenate([labels for _, labels in corpus]), minlength=pdfs) + 10.0
    return np.asarray(counts / counts.sum(), dtype=np.float32)
