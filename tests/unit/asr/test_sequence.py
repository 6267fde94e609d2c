"""A phone sequence's lesson: against counting every way by hand, and that it teaches."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from asr.training.sequence import FORBIDDEN, Competition, competition

PHONES, FRAMES = 3, 4
LABELS = [np.array(states, np.int16) for states in ([0, 1, 2, 3, 4, 0], [4, 5, 5, 0, 1, 2], [2, 4, 0, 1, 1, 4])]


@pytest.fixture
def rivals() -> Competition:
    return competition(LABELS, PHONES)


@pytest.fixture
def scores() -> np.ndarray:
    return np.random.default_rng(5).normal(0, 2, (2, 2 * PHONES, FRAMES)).astype(np.float32)


WANTED = np.stack([LABELS[0][:FRAMES], LABELS[1][1 : FRAMES + 1]]).astype(np.int64)


def test_every_way_counts_by_its_scores_and_by_what_follows_what(rivals: Competition, scores: np.ndarray) -> None:
    occupied, total = rivals.occupied(scores)
    for example in range(len(scores)):
        by_hand, whole = np.zeros((2 * PHONES, FRAMES)), 0.0
        for way in itertools.product(range(2 * PHONES), repeat=FRAMES):
            if weight := chance_of(rivals, way):
                weight *= math.exp(sum(float(scores[example, state, frame]) for frame, state in enumerate(way)))
                whole += weight
                by_hand[way, range(FRAMES)] += weight
        assert total[example] == pytest.approx(math.log(whole), abs=1e-4)
        assert occupied[example] == pytest.approx(by_hand / whole, abs=1e-5)


def chance_of(rivals: Competition, way: tuple[int, ...]) -> float:
    """How likely a way is before anything was heard: staying in a phone is free."""
    found = float(rivals.begins[way[0] // 2])
    for before, after in itertools.pairwise(way):
        if after % 2 == 0:
            found *= float(rivals.follows[before // 2, after // 2])
        elif before // 2 != after // 2:
            return 0.0
    return found


def test_a_phone_may_begin_a_frame_early_or_late_and_no_more(rivals: Competition) -> None:
    allowed = rivals.allowed(np.array([[0, 1, 1, 2, 3, -1, 4]]))
    phones = [{state // 2 for state in np.flatnonzero(allowed[0, :, frame])} for frame in range(7)]
    assert phones == [{0}, {0}, {0, 1}, {0, 1}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}]


def test_the_slope_is_that_of_the_loss(rivals: Competition, scores: np.ndarray) -> None:
    _, slope = rivals.lesson(scores, WANTED)
    for place in [(0, 0, 0), (0, 5, 2), (1, 3, 1), (1, 4, 3)]:
        nudged = [scores.copy(), scores.copy()]
        nudged[0][place] -= 0.01
        nudged[1][place] += 0.01
        lower, upper = (rivals.lesson(each, WANTED)[0] for each in nudged)
        assert slope[place] == pytest.approx((upper - lower) / 0.02, abs=2e-3)


def test_following_the_slope_makes_what_was_said_win(rivals: Competition, scores: np.ndarray) -> None:
    first, _ = rivals.lesson(scores, WANTED)
    for _ in range(60):
        loss, slope = rivals.lesson(scores, WANTED)
        scores = scores - 4 * slope
    assert loss < first / 4
    said = np.where(rivals.allowed(WANTED), scores, FORBIDDEN).astype(np.float32)
    assert np.exp(rivals.occupied(said)[1] - rivals.occupied(scores)[1]).min() > 0.8


def test_frames_without_a_label_teach_nothing(rivals: Competition, scores: np.ndarray) -> None:
    wanted = WANTED.copy()
    wanted[0, -2:] = -1
    loss, slope = rivals.lesson(scores, wanted)
    assert not slope[0, :, -2:].any()
    scores[0, :, -2:] = 7
    assert rivals.lesson(scores, wanted)[0] == pytest.approx(loss)
