"""Throats and lines the network never met, made from features."""

from __future__ import annotations

import numpy as np
import pytest

from asr.training import disturb
from asr.training.features import DIMENSION


def test_features_turned_to_bands_and_back_are_the_same() -> None:
    bands = np.random.default_rng(1).normal(10, 3, (7, DIMENSION))
    there = bands @ disturb.TO_CEPSTRA.T
    assert np.allclose(there @ np.linalg.inv(disturb.TO_CEPSTRA).T, bands, atol=1e-6)


def test_a_longer_throat_moves_a_formant_down() -> None:
    bands = np.zeros(DIMENSION)
    bands[20] = 1.0
    assert disturb.warped(1.0) @ bands == pytest.approx(bands)
    assert int(np.argmax(disturb.warped(1.1) @ bands)) == 18
    assert int(np.argmax(disturb.warped(0.9) @ bands)) == 22


NOISE = disturb.Noise(share=0.8, loudest_db=-1)


def test_as_many_examples_get_more_noise_as_are_to_and_no_louder() -> None:
    chance, told = np.random.default_rng(4), []
    for _ in range(200):
        silent = np.full((150, DIMENSION), -20, np.float32)
        silent[:75] = 10  # a voice in one half
        noisy = silent.copy()
        disturb.drown(noisy, NOISE, chance)
        assert np.all(noisy >= silent)
        told.append(10 * np.log10(np.exp(noisy[75:]).sum(1).mean() / np.exp(silent).sum(1).mean()))
    drowned = [ratio for ratio in told if ratio > -60]
    assert 140 < len(drowned) < 180
    assert disturb.QUIETEST_DB - 1 < min(drowned) < max(drowned) < NOISE.loudest_db + 1


def test_each_example_is_disturbed_its_own_way_and_a_seed_repeats_it() -> None:
    batch = np.repeat(np.random.default_rng(2).normal(0, 5, (1, 60, DIMENSION)), 3, axis=0).astype(np.float32)
    once = disturb.disturbed(batch, np.random.default_rng(3), noise=NOISE)
    again = disturb.disturbed(batch, np.random.default_rng(3), noise=NOISE)
    assert once.shape == batch.shape
    assert once.dtype == np.float32
    assert np.array_equal(once, again)
    assert not np.allclose(once[0], once[1])
    assert not np.allclose(once[0], batch[0])
