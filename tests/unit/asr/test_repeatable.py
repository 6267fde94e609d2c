"""The same seed and the same sentences give the same network, byte for byte: a tiny one, made twice (the long proof).

Wants the extra ``training``. Word graphs are checked without it: the language model of a seed is always the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.training import assemble, everyday, graph, sentences
from asr.training.disturb import Noise

UTTERANCES, WIDTH, WIDER, SEED = 240, 16, 24, 5


def made(into: Path) -> bytes:
    from asr.training import acoustics, corpus, kaldi

    told = list(corpus.gather(corpus.orders("hi", UTTERANCES, SEED), processes=2))
    first = acoustics.train(told, seed=SEED, epochs=1, width=WIDTH, say=str)
    heard = acoustics.harden(first, told, seed=SEED, epochs=1, width=WIDER, noise=Noise(0.5, -5), say=str)
    assert len(heard.layers[0].bias) == WIDER
    kaldi.write_model(into, heard.layers, heard.priors, graph.pdfs(heard.phones), 40)
    return into.read_bytes()


@pytest.mark.long
def test_a_seed_gives_the_same_network_again(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="wants the extra `training`")
    assert made(tmp_path / "once" / "final.mdl") == made(tmp_path / "again" / "final.mdl")


@pytest.mark.long
def test_a_seed_gives_the_same_language_model_again() -> None:
    language, said = sentences.load("hi"), everyday.load("hi")
    chosen = assemble.spellings(assemble.written(language, said))
    once, again = (assemble.grammar(language, said, chosen, SEED) for _ in range(2))
    assert once == again
    vocabulary = sorted(set(chosen.values()))
    for history in [(), ("मेरा",), ("मेरा", "बेटा")]:
        assert sum(once.of(history, word) for word in [*vocabulary, "</s>"]) == pytest.approx(1.0, abs=1e-3)
