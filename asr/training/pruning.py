"""A language model without the grams that hardly matter.

What each tells is reckoned as Stolcke does (Entropy-based Pruning of Backoff Language Models, 1998), but over words as
they are in running text, and against the bytes they take.
"""

from __future__ import annotations

import math

from .language_model import SENTENCE_SHARE, START, History, Model

HISTORY_COST = 2.25  # grams: a state of OpenFst's const type and its arc of backing off have 36 bytes, any arc 16
ROUNDS = 3  # in which the shares of words in running text are found
LEAST = 1e-9


def slim(model: Model, least_gain: float) -> Model:
    """Without the triples, then pairs, that tell less than ``least_gain`` nats a word of running text, and without
    histories whose grams together do not pay for their state. A pair that leads to kept triples stays."""
    slimmer = Model({history: dict(words) for history, words in model.probability.items()}, dict(model.backoff))
    running = in_running_text(model)
    for order in (2, 1):
        for history in [history for history in slimmer.probability if len(history) == order]:
            share = running[history[0]] * (model.of(history[:1], history[1]) if order == 2 else 1.0)
            _thin(slimmer, history, least_gain / max(share, 1e-30))
    for history in slimmer.probability:
        if history:
            slimmer.settle(history)
    return slimmer


def in_running_text(model: Model) -> dict[str, float]:
    """The share of each word, START too, in what the model would say: of its lowest order, which counts after how many
    words a word comes, frequent words have less than half of theirs."""
    shares = {**model.probability[()], START: SENTENCE_SHARE}
    for _ in range(ROUNDS):
        found, left = dict.fromkeys(model.probability[()], 0.0), 1.0
        for history, words in model.probability.items():
            if len(history) == 1:
                share = shares[history[0]]
                left -= share * (1 - model.backoff[history])
                for word, p in words.items():
                    found[word] += share * p
        for word, p in model.probability[()].items():
            found[word] += left * p
        whole = sum(found.values())
        shares = {word: share / whole for word, share in found.items()} | {START: SENTENCE_SHARE}
    return shares


def _thin(model: Model, history: History, least_gain: float) -> None:
    """Leave out the words of ``history``, or all of it, that tell less than ``least_gain`` nats a time it is heard."""
    words = model.probability[history]
    gains = {word: math.inf if (*history, word) in model.probability else 0.0 for word in words}
    shorter = {word: max(model.of(history[1:], word), 1e-30) for word in words}
    left, of_shorter = max(1 - sum(words.values()), LEAST), max(1 - sum(shorter.values()), LEAST)
    for word, p in words.items():
        backoff = math.log((left + p) / (of_shorter + shorter[word]))
        gains[word] += p * (math.log(p / shorter[word]) - backoff) + left * (math.log(left / of_shorter) - backoff)
    kept = {word: p for word, p in words.items() if gains[word] >= least_gain}
    if sum(gains[word] for word in kept) >= least_gain * (len(kept) + HISTORY_COST):
        model.probability[history] = kept
    else:
        del model.probability[history], model.backoff[history]
