"""How each word sounds: pronunciations counted in the corpus, and single words spoken for those it does not hold."""

from __future__ import annotations

import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from . import PROCESSES
from .synthesis import speech
from .utterance import Utterance
from .voices import ACCENTS

LEAST_SHARE, MOST = 0.04, 6
AT_ONCE = 100  # words of one request
Counts = dict[str, Counter[tuple[str, ...]]]
Shares = dict[str, dict[tuple[str, ...], float]]


def heard(utterances: Iterable[Utterance], phones: list[str]) -> Counts:
    """Pronunciations of words where the synthesiser told which phones belong to which word."""
    counts: Counts = defaultdict(Counter)
    known = set(phones)
    for utterance in utterances:
        for word, sounds in utterance.words:
            if sounds and known.issuperset(sounds):
                counts[word][sounds] += 1
    return counts


def spoken_alone(words: Sequence[str], code: str, phones: list[str]) -> Counts:
    """Each word said alone in every accent, by several speakers side by side."""
    counts: Counts = defaultdict(Counter)
    known = set(phones[1:])
    batches = [words[at : at + AT_ONCE] for at in range(0, len(words), AT_ONCE)]
    with multiprocessing.Pool(PROCESSES) as pool:
        for batch, ways in zip(batches, pool.imap(partial(_alone, code=code), batches), strict=True):
            for accent in ways:
                for word, sounds in zip(batch, accent, strict=True):
                    if sounds and known.issuperset(sounds):
                        counts[word][sounds] += 1
    return counts


def _alone(words: Sequence[str], code: str) -> list[list[tuple[str, ...]]]:
    return [speech().sounds(words, accent) for accent in ACCENTS[code]]


def shares(counts: Counts) -> Shares:
    """The usual pronunciations of each word without rare ones (slips of the alignment); shares sum to 1."""
    found = {}
    for word, sounds in counts.items():
        total = sum(sounds.values())
        kept = {each: n for each, n in sounds.most_common(MOST) if n / total >= LEAST_SHARE}
        found[word] = {each: n / sum(kept.values()) for each, n in kept.items()}
    return found


def build(utterances: Iterable[Utterance], vocabulary: list[str], code: str, phones: list[str]) -> Shares:
    """The lexicon of ``vocabulary`` without the few words that have a phone too rare to be learned."""
    counts = heard(utterances, phones)
    alone = spoken_alone(vocabulary, code, phones)
    merged = {word: counts.get(word, Counter()) + alone.get(word, Counter()) for word in vocabulary}
    return shares({word: sounds for word, sounds in merged.items() if sounds})
