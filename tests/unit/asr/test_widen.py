"""A wider network begins by saying what the narrow one says."""

from __future__ import annotations

import numpy as np
import pytest

from asr.training import alignment, widen
from asr.training.kaldi import Layer


@pytest.fixture
def narrow() -> list[Layer]:
    chance = np.random.default_rng(1)

    def layer(offsets: tuple[int, ...], inputs: int, outputs: int) -> Layer:
        matrix = chance.normal(0, 0.5, (outputs, inputs * len(offsets))).astype(np.float32)
        return Layer(offsets, matrix, chance.normal(0, 0.1, outputs).astype(np.float32))

    return [layer((-1, 0, 1), 40, 12), layer((-3, 0, 3), 12, 12), layer((-3, 0, 3), 12, 12), layer((0,), 12, 6)]


def test_it_says_nearly_what_the_narrow_one_says(narrow: list[Layer]) -> None:
    features = np.random.default_rng(2).normal(0, 1, (90, 40)).astype(np.float32)
    wide = widen.widened(narrow, 16, seed=3)
    assert [layer.matrix.shape for layer in wide] == [(16, 120), (16, 48), (16, 48), (6, 16)]
    before, after = alignment.outputs(narrow, features), alignment.outputs(wide, features)
    assert np.abs(after - before).max() < 0.1 * np.abs(before).max()
    assert not np.array_equal(before, after), "the doubles must differ, or they stay the same for ever"


def test_a_seed_repeats_it(narrow: list[Layer]) -> None:
    once, again = widen.widened(narrow, 16, seed=3), widen.widened(narrow, 16, seed=3)
    assert all(np.array_equal(a.matrix, b.matrix) for a, b in zip(once, again, strict=True))


def test_nothing_is_made_narrower(narrow: list[Layer]) -> None:
    with pytest.raises(ValueError, match="a layer of 12 outputs cannot be widened to 8"):
        widen.widened(narrow, 8, seed=3)
