"""A trigram language model with absolute discounting and backoff, as a finite-state acceptor.

Sentences of templates alone would make every other word order nearly impossible. So the lowest order mixes counted
words with the whole vocabulary, counting after how many words each came (Kneser-Ney, in Chen and Goodman 1998).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

START, END = "<s>", "</s>"
SENTENCE_SHARE = 0.1  # of all words; a sentence is some ten words long
History = tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """Probabilities by history and word, and the weight with which each history backs off."""

    probability: dict[History, dict[str, float]]
    backoff: dict[History, float]

    def of(self, history: History, word: str) -> float:
        """P(word | history), through backoff where the history never saw the word."""
        words = self.probability.get(history)
        if words is not None and word in words:
            return words[word]
        if not history:
            return 0.0
        return self.backoff.get(history, 1.0) * self.of(history[1:], word)

    def perplexity(self, sentences: Iterable[str]) -> float:
        """Per word and sentence end; words outside the vocabulary are skipped."""
        total, count = 0.0, 0
        for sentence in sentences:
            history: History = (START,)
            for word in [*sentence.split(), END]:
                p = self.of(history, word)
                if p > 0:
                    total, count = total - math.log(p), count + 1
                history = (*history, word)[-2:]
        return math.exp(total / max(count, 1))

    def settle(self, history: History) -> None:
        """Set the weight of backing off, so that the probabilities of ``history`` sum to 1."""
        words = self.probability[history]
        covered = sum(self.of(history[1:], word) for word in words)
        self.backoff[history] = (1 - sum(words.values())) / max(1 - covered, 1e-9)


def estimate(
    sentences: Iterable[str], vocabulary: Mapping[str, float], *, floor: float, least: tuple[int, int] = (2, 3),
    discount: float = 0.7,
) -> Model:  # fmt: skip
    """The model of ``sentences``. ``vocabulary`` says how likely each word is that was not seen, in proportion: by it
    ``floor``, a share of the lowest order, is given to all. Pairs and triples seen less often than ``least`` are left
    to backoff, those with a word that is not in the vocabulary are none."""
    counts = {order: Counter[tuple[str, ...]]() for order in (2, 3)}
    known = {*vocabulary, START, END}
    for sentence in sentences:
        words = [START, *sentence.split(), END]
        for order, grams in counts.items():
            found = (tuple(words[i : i + order]) for i in range(len(words) - order + 1))
            grams.update(gram for gram in found if known.issuperset(gram))
    unigram = _lowest(counts[2], {word: vocabulary[word] for word in sorted(vocabulary)}, floor)
    probability: dict[History, dict[str, float]] = {(): unigram}
    backoff: dict[History, float] = {}
    for order, often in zip(counts, least, strict=True):
        _add_order(counts[order], often, discount, probability, backoff)
    return Model(probability, backoff)


def _lowest(bigrams: Counter[tuple[str, ...]], vocabulary: Mapping[str, float], floor: float) -> dict[str, float]:
    """Continuation counts: after how many different words a word was seen."""
    continuations = Counter(pair[1] for pair in bigrams)
    total, whole = sum(continuations.values()), sum(vocabulary.values()) + 1
    seen = {word: (1 - floor) * continuations[word] / total for word in (*vocabulary, END)}
    return {word: share + floor * vocabulary.get(word, 1) / whole for word, share in seen.items()}


def _add_order(
    counts: Counter[tuple[str, ...]], least: int, discount: float,
    probability: dict[History, dict[str, float]], backoff: dict[History, float],
) -> None:  # fmt: skip
    totals: Counter[History] = Counter()
    kept: dict[History, dict[str, int]] = defaultdict(dict)
    for gram, count in sorted(counts.items()):
        totals[gram[:-1]] += count
        if count >= least and (len(gram) == 2 or gram[1:-1] in probability):
            kept[gram[:-1]][gram[-1]] = count
    lower = Model(probability, backoff)
    found: dict[History, dict[str, float]] = {}
    for history, words in kept.items():
        left = 1.0 - sum((count - discount) / totals[history] for count in words.values())
        found[history] = {
            word: (count - discount) / totals[history] + left * lower.of(history[1:], word)
            for word, count in words.items()
        }
    probability.update(found)
    for history in found:
        lower.settle(history)


def arcs(model: Model, ids: dict[str, int]) -> Iterator[str]:
    """Lines of an OpenFst text acceptor: states are histories, backoff is an epsilon arc. State 0 starts a sentence.

    A history whose pairs were all left out still is a state when longer ones end in it, as the n-gram type asks.
    """
    states: dict[History, int] = {(START,): 0, (): 1}
    for history in model.probability:
        for shorter in (history, history[1:]):
            states.setdefault(shorter, len(states))
    for history, here in states.items():
        for word, p in model.probability.get(history, {}).items():
            cost = -math.log(max(p, 1e-12))
            if word == END:
                yield f"{here} {cost:.4f}"
            elif word in ids:
                there = (*history, word)[-2:]
                while there not in states:
                    there = there[1:]
                yield f"{here} {states[there]} {ids[word]} {ids[word]} {cost:.4f}"
        if history:
            yield f"{here} {states[history[1:]]} 0 0 {-math.log(max(model.backoff.get(history, 1.0), 1e-9)):.4f}"
