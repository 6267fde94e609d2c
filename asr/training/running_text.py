"""How often each word is said: the lowest order of a Kneser-Ney model counts after how many words a word comes, and so
gives frequent words less than half of theirs."""

from __future__ import annotations

from .language_model import END, SENTENCE_SHARE, START, Model

ROUNDS = 40  # each half a step, so that words that come at the same places of every sentence settle too


def shares(model: Model) -> dict[str, float]:
    """The share of each word in what ``model`` says by its pairs, sentence ends among them; START has that of END."""
    lowest = model.probability[()]
    found = {**lowest, START: SENTENCE_SHARE}
    for _ in range(ROUNDS):
        said, left = dict.fromkeys(lowest, 0.0), sum(found.values()) - found[END]
        for history, words in model.probability.items():
            if len(history) == 1:
                share, backoff = found[history[0]], model.backoff[history]
                left -= share * (1 - backoff)
                for word, p in words.items():
                    said[word] += share * (p - backoff * lowest[word])
        for word, p in lowest.items():
            said[word] += left * p
        whole = sum(said.values())
        found = {word: (share / whole + found[word]) / 2 for word, share in said.items()}
        found[START] = found[END]
    return found
