"""How often one word follows another in general English, by the language model that the pocketsphinx wheel brings
(CMU Sphinx, BSD licence).

Sentences written for one purpose miss most pairs of ordinary words: on everyday ones kept apart, perplexity fell from
236 to 171 with these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .language_model import END, START, History, Model

KEPT_RATIO = 1.02  # a pair no likelier than this many times what backing off says of it is left to backing off
Floats = NDArray[np.float64]
Say = Callable[..., float]


def pairs(vocabulary: Sequence[str]) -> Model:
    """Word pairs over ``vocabulary``; a word the general model does not know is as rare as the rarest it knows."""
    words, say = [*vocabulary, END], _open()
    single = np.array([say(word) for word in words])
    known = single > 0
    single = np.where(known, single, single[known].min())
    single /= single.sum()
    probability: dict[History, dict[str, float]] = {(): _by_word(words, single, np.arange(len(words)))}
    backoff: dict[History, float] = {}
    for history in (*vocabulary, START):
        after = np.array([say(word, history) for word in words])
        if after.any():
            kept, after = split(after, single)
            probability[history,] = _by_word(words, after, kept)
            backoff[history,] = float((1 - after[kept].sum()) / max(1 - single[kept].sum(), 1e-9))
    return Model(probability, backoff)


def split(after: Floats, single: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Which words a history keeps for itself, and all their probabilities after it.

    Words that back off have one ratio to their single probability, and most do: the median is that ratio.
    """
    ratio = float(np.median((after / single)[after > 0]))
    kept = np.flatnonzero(after > KEPT_RATIO * ratio * single)
    after = np.where(after > 0, after, ratio * single)
    return kept, np.asarray(after / after.sum())


def _by_word(words: Sequence[str], values: Floats, places: NDArray[np.int64]) -> dict[str, float]:
    return {words[place]: float(values[place]) for place in places}


def _open() -> Say:
    """What gives P(word | history), 0 for a word or history that the model does not know."""
    import pocketsphinx as sphinx  # type: ignore[import-not-found,unused-ignore]

    base = sphinx.LogMath()
    path = Path(sphinx.get_model_path()) / "en-us" / "en-us.lm.bin"
    model = sphinx.NGramModel(sphinx.Config(hmm=None, lm=None, dict=None), base, str(path))

    def say(word: str, *history: str) -> float:
        found = model.prob([word, *history])
        return math.exp(base.log_to_ln(found)) if found > base.get_zero() else 0.0

    return say
