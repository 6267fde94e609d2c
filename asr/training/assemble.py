"""A model folder as libvosk wants it: network, graphs and the decoder's options."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from unicodedata import normalize

from asr.text import bare

from . import general, graph, kaldi, language_model, mixture, pruning
from .acoustics import Acoustics
from .everyday import Everyday
from .features import DIMENSION, MFCC_CONF
from .sentences import Language

# Scale, beams and rules of ending as measured on earlier models of this kind; a wider lattice beam makes lattices
# explode. The subsampling factor must be 3: libvosk counts times in steps of 0.03 s whatever is written here. Many
# frames at once are a third faster than the usual 20, and recordings need no answer while they last.
MODEL_CONF = """--min-active=200
--max-active=3000
--beam=10
--lattice-beam=2
--acoustic-scale={scale:g}
--frame-subsampling-factor=3
--frames-per-chunk=150
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
# By the development sentences, and for English by a synthesiser heard neither in training nor in the figures of the
# manifest (Festival with festvox-us-slt-hts): sounds that are little known ask for more trust in words. Networks taught
# frame by frame wanted half as much. Punjabi's is Hindi's, not measured yet.
ACOUSTIC_SCALE = {"en": 0.73, "hi": 0.8, "pa": 0.8}
SENTENCES = 30_000
# Shares of the language model: sentences of the templates, loose ones, everyday ones as they are, in many ways, and
# general English. Weighed on everyday sentences kept apart and on the development sentences (free_*.txt), the
# templates' share raised so that what they teach stays well heard.
SHARES = {"en": (0.3, 0.08, 0.36, 0.03, 0.23), "hi": (0.15, 0.2, 0.65, 0.0, 0.0), "pa": (0.2, 0.25, 0.55, 0.0, 0.0)}
FLOOR = 0.05  # share of the lowest order that the words of the vocabulary have, seen or not
LEAST_GAIN = {"en": 7.3e-7, "hi": 3e-7, "pa": 4e-7}  # so that a model stays below six million bytes
TWICE, ONCE = (2, 3), (1, 1)  # how often a pair and a triple must be seen; sentences as they are are few and true


def grammar(language: Language, everyday: Everyday, chosen: Mapping[str, str], seed: int) -> language_model.Model:
    """A mixture: no template makes the words of another kind of sentence impossible. ``chosen`` are spellings."""
    vocabulary = sorted(set(chosen.values()))
    shares = SHARES[language.code]
    models = [*_counted(language, everyday, chosen, seed), general.triples(vocabulary) if shares[-1] else None]
    parts = [(model, share) for model, share in zip(models, shares, strict=True) if model and share]
    whole = sum(share for _, share in parts)
    return pruning.slim(mixture.mixed([(model, share / whole) for model, share in parts]), LEAST_GAIN[language.code])


def _counted(
    language: Language, everyday: Everyday, chosen: Mapping[str, str], seed: int
) -> Iterator[language_model.Model | None]:
    """A model of each kind of sentence, None where there are none."""
    chance = random.Random(f"grammar {seed}")  # noqa: S311
    likely = {chosen[word]: count for word, count in everyday.forms.items() if word in chosen}
    weights = {word: min(likely.get(word, 1.0), 1.0) for word in sorted(set(chosen.values()))}
    kinds = (
        ([language.draw(chance) for _ in range(SENTENCES)], TWICE, 0.9),
        ([language.draw_any(chance, loose_share=1) for _ in range(SENTENCES)], TWICE, 0.9),
        (everyday.said, ONCE, 0.8),
        (everyday.drawn(chance), TWICE, 0.9),
    )
    for sentences, least, discount in kinds:
        spelt = [" ".join(chosen.get(word, word) for word in sentence.split()) for sentence in sentences]
        if spelt:
            yield language_model.estimate(spelt, weights, floor=FLOOR, least=least, discount=discount)
        else:
            yield None


def written(language: Language, everyday: Everyday) -> list[str]:
    """Every word as it is written anywhere, sorted."""
    return sorted({*language.vocabulary(), *everyday.vocabulary()})


def spellings(words: Iterable[str], sounded: Container[str] | None = None) -> dict[str, str]:
    """Each word with the spelling the model writes: of those that sound alike the one with most marks (ख़राब, हाँ).

    With ``sounded``, only a spelling in it is chosen, and words without one are left out: a mark may stand for a sound
    too rare to be learned (ਲ਼), where the plain letter's is known.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for word in words:
        alike[bare(word)].append(word)
    able = {plain: [word for word in group if sounded is None or word in sounded] for plain, group in alike.items()}
    return {word: max(able[plain], key=_marks) for plain, group in alike.items() if able[plain] for word in group}


def _marks(word: str) -> tuple[int, int, str]:
    return len(normalize("NFD", word)), word.count("ँ"), word


def write(folder: Path, code: str, acoustics: Acoustics, lexicon: graph.Lexicon, model: language_model.Model) -> None:
    """Everything libvosk reads."""
    pdfs = graph.pdfs(acoustics.phones)
    kaldi.write_model(folder / "am" / "final.mdl", acoustics.layers, acoustics.priors, pdfs, DIMENSION)
    graph.write_graphs(folder / "graph", lexicon, acoustics.phones, model)
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "mfcc.conf").write_text(MFCC_CONF)
    (folder / "conf" / "model.conf").write_text(MODEL_CONF.format(scale=ACOUSTIC_SCALE[code]))
