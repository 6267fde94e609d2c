"""One language model out of several, each believed most where it is at home.

With weights that never change, the sentences of templates take their share of the probability from every sentence that
is none: a history they would hardly ever make says already that this is another kind of sentence. So each part counts
by its weight and by how likely it finds the history (Allauzen and Riley, Bayesian Language Model Interpolation for
Mobile Speech Input, Interspeech 2011).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .language_model import START, History, Model

# The power of how likely a history is. 1 would be Bayes' rule, which trusts small parts too much about what they hardly
# saw. English perplexity on development sentences of others and on templates: 0 gives 93 and 13, 0.5 92 and 8.5, 1 101
# and 7.5, at equal weights.
TRUST = 0.4
Part = tuple[Model, float]


def mixed(parts: Sequence[Part]) -> Model:
    """A model of every history and word that one of ``parts`` kept; what none kept is left to backoff.

    ``parts`` are models of one vocabulary with their weights, which sum to 1.
    """
    grams: dict[History, set[str]] = defaultdict(set)
    for part, _ in parts:
        for history, words in part.probability.items():
            grams[history].update(words)
    probability: dict[History, dict[str, float]] = {}
    mixture = Model(probability, {})
    for history in sorted(grams, key=lambda history: (len(history), history)):
        believed = shares(parts, history)
        probability[history] = {
            word: sum(share * part.of(history, word) for share, (part, _) in zip(believed, parts, strict=True))
            for word in sorted(grams[history])
        }
        if history:
            mixture.settle(history)
    return mixture


def shares(parts: Sequence[Part], history: History) -> list[float]:
    """How much each part is believed after ``history``; they sum to 1."""
    believed = [weight * likely(part, history) ** TRUST for part, weight in parts]
    return [each / sum(believed) for each in believed]


def likely(part: Model, history: History) -> float:
    """P(history): every part begins sentences alike."""
    if not history:
        return 1.0
    first = 1.0 if history[0] == START else part.of((), history[0])
    return first * part.of(history[:1], history[1]) if len(history) == 2 else first
