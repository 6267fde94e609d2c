"""Finding when phones begin, where the synthesiser does not tell."""

from __future__ import annotations

import numpy as np
import pytest

from asr.training import alignment
from asr.training.acoustics import Acoustics
from asr.training.kaldi import Layer

PHONES = ["SIL", "a", "b", "c"]
SOUNDS = {"ab": {("a", "b"): 1.0}, "c": {("c",): 0.7, ("a",): 0.3}}


def scores(*frames: str) -> np.ndarray:
    """What a perfect network says of frames: a phone's first pdf and its further one, told by a capital letter."""
    found = np.full((len(frames), 2 * len(PHONES)), -10.0, np.float32)
    for row, frame in enumerate(frames):
        number = 0 if frame.lower() == "-" else PHONES.index(frame.lower())
        found[row, 2 * number + (0 if frame.isupper() else 1)] = 0.0
    return found


def names(path: alignment.Path, way: list[int]) -> list[tuple[str, int]]:
    return [(path.names[state], frame) for frame, state in enumerate(way) if path.names[state]]


def test_each_phone_begins_where_the_network_hears_it() -> None:
    path = alignment.path_of(["ab", "c"], SOUNDS, PHONES)
    heard = scores("-", "-", "A", "a", "a", "B", "C", "c", "-", "-", "-", "-")
    way, fit = alignment.best(path, heard)
    assert names(path, way) == [("SIL", 0), ("a", 2), ("b", 5), ("c", 6), ("SIL", 8)]
    assert fit > -3


def test_a_pause_between_words_is_found_but_none_where_a_stop_closes() -> None:
    path = alignment.path_of(["ab", "c"], SOUNDS, PHONES)
    paused, _ = alignment.best(path, scores("-", "A", "B", "b", "-", "-", "-", "-", "C", "-", "-", "-"))
    closed, _ = alignment.best(path, scores("-", "A", "B", "b", "-", "C", "c", "-", "-", "-"))
    assert [name for name, _ in names(path, paused)] == ["SIL", "a", "b", "SIL", "c", "SIL"]
    assert [name for name, _ in names(path, closed)] == ["SIL", "a", "b", "c", "SIL"]


def test_the_pronunciation_that_was_said_is_chosen() -> None:
    path = alignment.path_of(["c"], SOUNDS, PHONES)
    way, _ = alignment.best(path, scores("-", "A", "a", "-", "-", "-"))
    assert [name for name, _ in names(path, way)] == ["SIL", "a", "SIL"]


def test_other_words_than_were_said_fit_worse() -> None:
    heard = scores("-", "A", "a", "B", "b", "-", "-", "-")
    _, right = alignment.best(alignment.path_of(["ab"], SOUNDS, PHONES), heard)
    _, wrong = alignment.best(alignment.path_of(["c"], SOUNDS, PHONES), heard)
    assert right > wrong


def test_a_word_nobody_can_say_is_named() -> None:
    with pytest.raises(KeyError, match="unsaid"):
        alignment.path_of(["unsaid"], SOUNDS, PHONES)


def test_a_network_is_heard_as_libvosk_hears_it() -> None:
    """Every third frame, context beyond the edges repeated, a ReLU after every layer but the last."""
    mean = Layer((-1, 0, 1), np.ones((1, 3), np.float32) / 3, np.zeros(1, np.float32))
    step = Layer((-3, 0, 3), np.array([[-1.0, 0.0, 1.0]], np.float32), np.zeros(1, np.float32))
    rising = np.arange(9, dtype=np.float32)[:, None]
    acoustics = Acoustics(["SIL"], [mean, step], np.ones(2, np.float32))
    # Frames 0, 3 and 6 with their neighbours are 1/3, 3 and 6; beyond both edges the first and last frame stand.
    expected = [[3 - 0], [6 - 1 / 3], [8 - 3]]
    assert np.allclose(alignment.outputs(acoustics.layers, rising), expected, atol=1e-5)
