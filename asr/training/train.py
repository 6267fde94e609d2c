"""Makes the speech model of one language (``sunvai asr train``).

First a network for speech whose phone times are told; it finds those of other synthesisers' speech; then both together,
every example disturbed, teach it further. Corpora and networks are kept in the scratch folder and used again when they
are there, so after a change of everyday sentences or graph only the last steps run. Remove a file to make it anew.

Wants the extra ``training``; of the system OpenFst's tools with the look-ahead plug-in (libfst-tools,
libfst22-plugins-base) and, for English, festival with festvox-kdlpc16k. flite, if it is there, is a synthesiser to
measure with, never to train with.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import (
    PROCESSES,
    acoustics,
    assemble,
    card,
    corpus,
    everyday,
    lexicon,
    measure,
    sentences,
    unlabelled,
    utterance,
)
from .acoustics import Acoustics
from .disturb import Noise
from .utterance import Utterance

UNLABELLED_PART = 3  # a third as much speech of other synthesisers, where a language has some
# Passes by how loud the noise is: first so that other synthesisers are understood through it, then milder.
HARDENING = (("hardened", 6, Noise(share=0.8, loudest_db=-1)), ("settled", 3, Noise(share=0.7, loudest_db=-3)))
FIRST_WIDTH = 192  # at most; a wider network grows out of this one


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


def corpus_of(wanted: Wanted) -> list[Utterance]:
    """The corpus whose phone times are told, spoken now unless it is in the scratch folder."""
    path = wanted.scratch / f"{wanted.language}-corpus.npz"
    if not path.exists():
        say(f"{wanted.language}: speaking {wanted.utterances} utterances")
        orders = corpus.orders(wanted.language, wanted.utterances, wanted.seed)
        utterance.save(corpus.gather(orders, processes=PROCESSES), path)
    return utterance.load(path)


def network_of(utterances: list[Utterance], wanted: Wanted) -> Acoustics:
    """The network of the speech whose times are told, trained now unless it is in the scratch folder."""
    path = wanted.scratch / f"{wanted.language}-network.npz"
    if not path.exists():
        say(f"{wanted.language}: training on {utterance.hours(utterances):.1f} hours")
        width = min(FIRST_WIDTH, wanted.width)
        made = acoustics.train(utterances, seed=wanted.seed, epochs=wanted.epochs, width=width, say=say)
        acoustics.save(made, path)
    return acoustics.load(path)


def unlabelled_of(heard: Acoustics, sounds: lexicon.Shares, wanted: Wanted) -> list[Utterance]:
    """Speech of other synthesisers, aligned now unless it is in the scratch folder; none where a language has none."""
    path = wanted.scratch / f"{wanted.language}-unlabelled.npz"
    orders = corpus.orders_unlabelled(wanted.language, wanted.utterances // UNLABELLED_PART, wanted.seed)
    if orders and not path.exists():
        say(f"{wanted.language}: aligning {len(orders)} utterances")
        utterance.save(corpus.Aligner(heard, sounds).gather(orders, processes=PROCESSES), path)
    return utterance.load(path) if orders else []


def for_hardening(told: list[Utterance], unlabelled: list[Utterance]) -> list[Utterance]:
    """All of both, what is aligned twice: there is less of it and it is more like a person."""
    return told + 2 * unlabelled


def hardened(heard: Acoustics, utterances: list[Utterance], wanted: Wanted) -> Acoustics:
    """The network taught further by each of HARDENING, now unless it is in the scratch folder."""
    for number, (name, epochs, noise) in enumerate(HARDENING):
        path = wanted.scratch / f"{wanted.language}-{name}.npz"
        if not path.exists():
            say(f"{wanted.language}: {name} on {utterance.hours(utterances):.1f} hours")
            made = acoustics.harden(
                heard, utterances, seed=wanted.seed + number, epochs=epochs, width=wanted.width, noise=noise, say=say
            )
            acoustics.save(made, path)
        heard = acoustics.load(path)
    return heard


def make(wanted: Wanted) -> dict[str, float | None]:
    """The whole model in ``into``/language; returns what it measured."""
    wanted.scratch.mkdir(parents=True, exist_ok=True)
    language, said, folder = (
        sentences.load(wanted.language),
        everyday.load(wanted.language),
        wanted.into / wanted.language,
    )
    told = corpus_of(wanted)
    heard = network_of(told, wanted)
    written = assemble.written(language, said)
    sounds = lexicon.build(told, written, wanted.language, heard.phones)
    chosen = assemble.spellings(written, sounds)
    words = {word: sounds[word] for word in sorted(set(chosen.values()))}
    left_out = [word for word in written if word not in chosen]
    say(f"{wanted.language}: {len(words)} words; left out: {' '.join(left_out) or 'none'}")
    utterances = for_hardening(told, unlabelled_of(heard, sounds, wanted))
    heard = hardened(heard, utterances, wanted)
    shutil.rmtree(folder, ignore_errors=True)
    assemble.write(folder, wanted.language, heard, words, assemble.grammar(language, said, chosen, wanted.seed))
    say(f"{wanted.language}: measuring")
    figures = measure.measure(wanted.language, folder)
    card.write(folder, wanted.language, _made(wanted, utterances, heard, len(words)), figures)
    return figures


def _made(wanted: Wanted, utterances: list[Utterance], heard: Acoustics, words: int) -> dict[str, Any]:
    return {
        "vocabulary_words": words,
        "phones": len(heard.phones),
        "parameters": heard.parameters(),
        "width": len(heard.layers[0].bias),
        "utterances": len(utterances),
        "hours": round(utterance.hours(utterances), 1),
        "seed": wanted.seed,
        "made_on": datetime.now(UTC).date().isoformat(),
        "epochs": wanted.epochs,
        "hardening_epochs": sum(epochs for _, epochs, _ in HARDENING),
        "voices_of": unlabelled.SYNTHESISERS[wanted.language],
    }
