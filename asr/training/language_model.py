"""A trigram language model with absolute discounting and backoff, as a finite-state acceptor.

Sentences of templates alone would make every other word order nearly impossible. So the lowest order mixes counted
words with the whole vocabulary; bigrams and trigrams back off to it (interpolated Kneser-Ney, Chen and Goodman 1998).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

START, END = "<s>", "</s>"
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


def estimate(
    sentences: Iterable[str], vocabulary: Mapping[str, float], *, floor: float, least: tuple[int, int] = (2, 3),
    discount: float = 0.7,
) -> Model:  # fmt: skip
    """The model of ``sentences``. ``vocabulary`` says how likely each word is that was not seen, in proportion: by it
    ``floor``, a share of the lowest order, is given to all. Pairs and triples seen less often than ``least`` are left
    to backoff."""
    counts = [Counter[tuple[str, ...]]() for _ in range(3)]
    for sentence in sentences:
        words = [START, *sentence.split(), END]
        for order in (1, 2, 3):
            counts[order - 1].update(tuple(words[i : i + order]) for i in range(len(words) - order + 1))
    unigram = _lowest(counts[1], {word: vocabulary[word] for word in sorted(vocabulary)}, floor)
    probability: dict[History, dict[str, float]] = {(): unigram}
    backoff: dict[History, float] = {}
    for order in (2, 3):
        _add_order(counts[order - 1], least[order - 2], discount, probability, backoff)
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
        covered = sum(lower.of(history[1:], word) for word in words)
        backoff[history] = (1 - sum(found[history].values())) / max(1 - covered, 1e-9)
    probability.update(found)


def mixed(parts: Sequence[tuple[Model, float]]) -> Model:
    """One model whose probabilities are those of ``parts`` by their weights, for every history and word that one of
    them kept; what none kept is left to backoff as before. Weights sum to 1."""
    grams: dict[History, set[str]] = defaultdict(set)
    for part, _ in parts:
        for history, words in part.probability.items():
            grams[history].update(words)
    probability: dict[History, dict[str, float]] = {}
    backoff: dict[History, float] = {}
    for history in sorted(grams, key=lambda history: (len(history), history)):
        words = {
            word: sum(weight * part.of(history, word) for part, weight in parts) for word in sorted(grams[history])
        }
        if history:
            lower = Model(probability, backoff)
            covered = sum(lower.of(history[1:], word) for word in words)
            backoff[history] = (1 - sum(words.values())) / max(1 - covered, 1e-9)
        probability[history] = words
    return Model(probability, backoff)


SENTENCE_SHARE = 0.1  # of all words; a sentence is some ten words long


def slim(model: Model, least_gain: float) -> Model:
    """Without the triples, then pairs, that hardly say more than their last words do (Stolcke 1998).

    ``least_gain`` is what one must tell, in nats a word of running text. A pair that leads to kept triples stays.
    """
    probability = {history: dict(words) for history, words in model.probability.items()}
    slimmer = Model(probability, dict(model.backoff))
    for order in (2, 1):
        for history in [history for history in probability if len(history) == order]:
            _thin(slimmer, history, least_gain / _share(model, history))
    for history in probability:
        if history:
            _settle(slimmer, history)
    return slimmer


def _share(model: Model, history: History) -> float:
    """How often a history stands before a word of running text."""
    first = SENTENCE_SHARE if history[0] == START else model.of((), history[0])
    return max(first * (model.of(history[:1], history[1]) if len(history) == 2 else 1.0), 1e-30)


def _thin(model: Model, history: History, least_gain: float) -> None:
    """Leave out what backing off says nearly as well."""
    weight = model.backoff[history]
    kept = {
        word: p
        for word, p in model.probability[history].items()
        if (*history, word) in model.probability
        or p * math.log(p / max(weight * model.of(history[1:], word), 1e-30)) >= least_gain
    }
    model.probability[history] = kept
    if not kept:
        del model.probability[history], model.backoff[history]


def _settle(model: Model, history: History) -> None:
    """The weight of backing off, so that the probabilities of a history sum to 1."""
    words = model.probability[history]
    covered = sum(model.of(history[1:], word) for word in words)
    model.backoff[history] = (1 - sum(words.values())) / max(1 - covered, 1e-9)


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
