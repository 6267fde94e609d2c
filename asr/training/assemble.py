"""A model folder as libvosk wants it: network, graphs and the decoder's options."""

from __future__ import annotations

import random
from pathlib import Path

from . import graph, kaldi, language_model
from .acoustics import Acoustics
from .features import DIMENSION, MFCC_CONF
from .sentences import Language

# Scale, beams and rules of ending as measured on earlier models of this kind; a wider lattice beam makes lattices
# explode. The subsampling factor must be 3: libvosk counts times in steps of 0.03 s whatever is written here.
MODEL_CONF = """--min-active=200
--max-active=3000
--beam=12
--lattice-beam=2
--acoustic-scale=0.3
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
SENTENCES, CHANCE_SHARE, LOOSE_SHARE = 40_000, 0.25, 0.5
FLOOR = 0.1  # share of the lowest order that all words of the vocabulary have alike
DISCOUNT = 0.95  # templates make their own word orders look far too certain: much is left to backoff


def grammar(language: Language, seed: int) -> language_model.Model:
    """Sentences of the language file, some with a word replaced by chance, so that no order of words is impossible."""
    chance = random.Random(f"grammar {seed}")  # noqa: S311
    vocabulary = language.vocabulary()
    drawn = []
    for _ in range(SENTENCES):
        words = language.draw_any(chance, loose_share=LOOSE_SHARE).split()
        if chance.random() < CHANCE_SHARE:
            words[chance.randrange(len(words))] = chance.choice(vocabulary)
        drawn.append(" ".join(words))
    return language_model.estimate(drawn, vocabulary, floor=FLOOR, discount=DISCOUNT)


def write(folder: Path, acoustics: Acoustics, lexicon: graph.Lexicon, model: language_model.Model) -> None:
    """Everything libvosk reads."""
    pdfs = graph.pdfs(acoustics.phones)
    kaldi.write_model(folder / "am" / "final.mdl", acoustics.layers, acoustics.priors, pdfs, DIMENSION)
    graph.write_graphs(folder / "graph", lexicon, acoustics.phones, model)
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "mfcc.conf").write_text(MFCC_CONF)
    (folder / "conf" / "model.conf").write_text(MODEL_CONF)
