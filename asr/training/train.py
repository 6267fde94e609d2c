"""Makes the speech model of one language (``sunvai asr train``).

Corpus and network are kept in the scratch folder and used again when they are there, so after a change of the sentences
or the graph only the last steps run. Remove a file to make it anew. Wants the extra ``training`` and soundfile, and of
the system OpenFst's tools with the look-ahead plug-in (libfst-tools, libfst22-plugins-base); flite, if it is there, is
a second synthesiser to measure with.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import acoustics, assemble, card, corpus, lexicon, measure, sentences


@dataclass(frozen=True)
class Wanted:
    """What is asked for on the command line."""

    language: str
    scratch: Path
    into: Path
    utterances: int
    epochs: int
    width: int
    seed: int


def say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def corpus_of(wanted: Wanted) -> list[corpus.Utterance]:
    """The corpus, spoken now unless it is in the scratch folder."""
    path = wanted.scratch / f"{wanted.language}-corpus.npz"
    if not path.exists():
        say(f"{wanted.language}: speaking {wanted.utterances} utterances")
        corpus.save(corpus.gather(corpus.orders(wanted.language, wanted.utterances, wanted.seed), processes=2), path)
    return corpus.load(path)


def acoustics_of(utterances: list[corpus.Utterance], wanted: Wanted) -> acoustics.Acoustics:
    """The network, trained now unless it is in the scratch folder."""
    path = wanted.scratch / f"{wanted.language}-network.npz"
    if not path.exists():
        say(f"{wanted.language}: training on {corpus.hours(utterances):.1f} hours")
        made = acoustics.train(utterances, seed=wanted.seed, epochs=wanted.epochs, width=wanted.width, say=say)
        acoustics.save(made, path)
    return acoustics.load(path)


def make(wanted: Wanted) -> dict[str, float | None]:
    """The whole model in ``into``/language; returns what it measured."""
    wanted.scratch.mkdir(parents=True, exist_ok=True)
    language, folder = sentences.load(wanted.language), wanted.into / wanted.language
    utterances = corpus_of(wanted)
    heard = acoustics_of(utterances, wanted)
    words = lexicon.build(utterances, language.vocabulary(), wanted.language, heard.phones)
    say(f"{wanted.language}: {len(words)} words; left out: {' '.join(language.vocabulary_without(words)) or 'none'}")
    shutil.rmtree(folder, ignore_errors=True)
    assemble.write(folder, heard, words, assemble.grammar(language, wanted.seed))
    say(f"{wanted.language}: measuring")
    figures = measure.measure(wanted.language, folder)
    card.write(folder, wanted.language, _made(wanted, utterances, heard, len(words)), figures)
    return figures


def _made(wanted: Wanted, utterances: list[corpus.Utterance], heard: acoustics.Acoustics, words: int) -> dict[str, Any]:
    return {
        "vocabulary_words": words,
        "phones": len(heard.phones),
        "parameters": heard.parameters(),
        "width": len(heard.layers[0].bias),
        "utterances": len(utterances),
        "hours": round(corpus.hours(utterances), 1),
        "seed": wanted.seed,
        "made_on": datetime.now(UTC).date().isoformat(),
        "epochs": wanted.epochs,
    }
