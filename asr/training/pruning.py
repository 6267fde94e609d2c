"""A language model without the grams that hardly matter.

What each tells is reckoned as Stolcke does (Entropy-based Pruning of Backoff Language Models, 1998), but over words as
they are in running text, and against the bytes they take.
"""

from __future__ import annotations

import math

from . import running_text
from .language_model import END, History, Model

HISTORY_COST = 2.25  # grams: a state of OpenFst's const type and its arc of backing off have 36 bytes, any arc 16
LEAST = 1e-9


def slim(model: Model, least_gain: float) -> Model:
    """Without the triples, then pairs, that tell less than ``least_gain`` nats a word of running text, and without
    histories whose grams together do not pay for their state. A pair that leads to kept triples stays."""
    slimmer = Model({history: dict(words) for history, words in model.probability.items()}, dict(model.backoff))
    running = running_text.shares(model)
    for order in (2, 1):
        for history in [history for history in slimmer.probability if len(history) == order]:
            share = running[history[0]] * (model.of(history[:1], history[1]) if order == 2 else 1.0)
            _thin(slimmer, history, least_gain / max(share, 1e-30))
    for history in slimmer.probability:
        if history:
            slimmer.settle(history)
    return slimmer


def _thin(model: Model, history: History, least_gain: float) -> None:
    """Leave out the words of ``history``, or all of it, that tell less than ``least_gain`` nats a time it is heard."""
    words = model.probability[history]
    gains = {word: math.inf if (*history, word) in model.probability else 0.0 for word in words}
    shorter = {word: max(model.of(history[1:], word), 1e-30) for word in words}
    left, of_shorter = max(1 - sum(words.values()), LEAST), max(1 - sum(shorter.values()), LEAST)
    for word, p in words.items():
        backoff = math.log((left + p) / (of_shorter + shorter[word]))
        gains[word] += p * (math.log(p / shorter[word]) - backoff) + left * (math.log(left / of_shorter) - backoff)
    costs = {word: 0.0 if word == END else least_gain for word in words}  # an end is in the state itself
    kept = {word: p for word, p in words.items() if gains[word] >= costs[word]}
    if sum(gains[word] - costs[word] for word in kept) >= least_gain * HISTORY_COST:
        model.probability[history] = kept
    else:
        del model.probability[history], model.backoff[history]
