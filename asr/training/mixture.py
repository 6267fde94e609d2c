"""One language model out of several, each believed most where it is at home.

With weights that never change, the sentences of templates take their share of the probability from every sentence that
is none: a history they would hardly ever make says already that this is another kind of sentence. So each part counts
by its weight and by how likely it finds the history (Allauzen and Riley, Bayesian Language Model Interpolation for
Mobile Speech Input, Interspeech 2011).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import running_text
from .language_model import START, History, Model

# The power of how likely a history is: 1 would be Bayes' rule, which trusts small parts too much about what they hardly
# saw, 0 trusts each alike everywhere. What it does is in docs/decisions/010-small-models.md.
TRUST = 0.6
Part = tuple[Model, float]


def mixed(parts: Sequence[Part]) -> Model:
    """A model of every history and word that one of ``parts`` kept; what none kept is left to backoff.

    ``parts`` are models of one vocabulary with their weights, which sum to 1.
    """
    grams: dict[History, set[str]] = defaultdict(set)
    for part, _ in parts:
        for history, words in part.probability.items():
            grams[history].update(words)
    beliefs = [Belief(part, weight, running_text.shares(part)) for part, weight in parts]
    probability: dict[History, dict[str, float]] = {}
    mixture = Model(probability, {})
    for history in sorted(grams, key=lambda history: (len(history), history)):
        believed = shares(beliefs, history)
        probability[history] = {
            word: sum(share * part.of(history, word) for share, (part, _) in zip(believed, parts, strict=True))
            for word in sorted(grams[history])
        }
        if history:
            mixture.settle(history)
    return mixture


@dataclass(frozen=True)
class Belief:
    """A part, its weight, and the share of each word in its running text."""

    part: Model
    weight: float
    running: Mapping[str, float]

    def after(self, history: History) -> float:
        """How much this part counts after ``history``. All parts begin sentences alike."""
        if not history:
            return self.weight
        likely = 1.0 if history[0] == START else self.running[history[0]]
        if len(history) == 2:
            likely *= self.part.of(history[:1], history[1])
        return float(self.weight * likely**TRUST)


def shares(beliefs: Sequence[Belief], history: History) -> list[float]:
    """How much each part is believed after ``history``; they sum to 1."""
    believed = [belief.after(history) for belief in beliefs]
    return [each / sum(believed) for each in believed]
