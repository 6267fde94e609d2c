"""A wider network that says what the narrow one says: teaching it further is cheaper than beginning anew.

Some outputs of each layer are doubled and what reads them is halved (Net2Net; Chen, Goodfellow and Shlens 2015); a
little noise lets the doubles go their own ways.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .kaldi import Layer

NOISE = 0.02  # of a weight's own size
Chosen = NDArray[np.int64]


def widened(layers: Sequence[Layer], width: int, seed: int) -> list[Layer]:
    """Every layer but the last with ``width`` outputs. Raises ValueError for a width that is narrower."""
    chance = np.random.default_rng(seed)
    found: list[Layer] = []
    read: Chosen | None = None
    for layer in layers[:-1]:
        outputs = len(layer.bias)
        if width < outputs:
            raise ValueError(f"a layer of {outputs} outputs cannot be widened to {width}")
        layer = layer if read is None else reading(layer, read)
        read = np.concatenate([np.arange(outputs), chance.choice(outputs, width - outputs)])
        noise = (
            1 + NOISE * chance.standard_normal((width, layer.matrix.shape[1])) * (np.arange(width) >= outputs)[:, None]
        )
        found.append(Layer(layer.offsets, (layer.matrix[read] * noise).astype(np.float32), layer.bias[read]))
    return [*found, layers[-1] if read is None else reading(layers[-1], read)]


def reading(layer: Layer, read: Chosen) -> Layer:
    """The layer for inputs ``read``, some of them the same: each shares the weight with its doubles."""
    doubles = np.bincount(read)[read]
    by_offset = layer.matrix.reshape(len(layer.bias), len(layer.offsets), -1)[:, :, read] / doubles
    return Layer(layer.offsets, by_offset.reshape(len(layer.bias), -1).astype(np.float32), layer.bias)
