"""The training corpus: sentences spoken by many voices over many telephone lines, as features with phone times."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import sentences
from .augment import RATE_HZ, Chance, Wave, coloured_noise, formant_shift, not_speech, telephone
from .features import mfcc
from .synthesis import Speech, Spoken, random_manner
from .voices import voices

NOT_SPEECH_SHARE = 0.06
CHANCE_WORDS = (1, 6)  # as many words has a sentence of words drawn by chance


@dataclass(frozen=True)
class Utterance:
    """Frames by 40, phones as (name, start_s), and (word, its phones) where the synthesiser told them."""

    features: NDArray[np.float16]
    phones: list[tuple[str, float]]
    words: list[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Order:
    """What to record: an empty text is something else than speech."""

    seed: int
    text: str
    voice: str


def orders(code: str, count: int, seed: int) -> list[Order]:
    """Half sentences of the language file, half words by chance: the network must hear words in any company."""
    language = sentences.load(code)
    chance = random.Random(seed)  # noqa: S311
    vocabulary, speakers = language.vocabulary(), voices(code)
    found = []
    for number in range(count):
        text = language.draw_any(chance)
        if chance.random() < NOT_SPEECH_SHARE:
            text = ""
        elif number % 2:
            text = " ".join(chance.choice(vocabulary) for _ in range(chance.randint(*CHANCE_WORDS)))
        found.append(Order(seed * 1_000_003 + number, text, chance.choice(speakers)))
    return found


@cache
def speech() -> Speech:
    """The speaker of this process."""
    return Speech()


def record(order: Order) -> Utterance:
    """One order fulfilled; the same order gives the same utterance."""
    chance = np.random.default_rng(order.seed)
    if not order.text:
        wave = telephone(not_speech(chance.uniform(1, 5), chance), chance, clean_share=0.5)
        return Utterance(mfcc(wave).astype(np.float16), [("SIL", 0.0)], [])
    manner = random_manner(random.Random(order.seed))  # noqa: S311
    spoken = speech().say(order.text, order.voice, **manner)
    words = list(zip(order.text.split(), spoken.words, strict=True)) if spoken.words else []
    wave, phones = surrounded(spoken, chance)
    return Utterance(mfcc(telephone(wave, chance)).astype(np.float16), phones, words)


def surrounded(spoken: Spoken, chance: Chance) -> tuple[Wave, list[tuple[str, float]]]:
    """The voice with a smaller or larger head and something before and after it: silence, noise, sometimes a beep."""
    wave, stretch = formant_shift(spoken.samples, chance)
    before, after = _edge(chance), _edge(chance)
    loudness = float(np.sqrt(np.mean(wave**2)))
    whole = np.concatenate([before * loudness, wave, after * loudness]).astype(np.float32)
    shift_s, end_s = len(before) / RATE_HZ, (len(before) + len(wave)) / RATE_HZ
    phones = [(name, shift_s + start * stretch) for name, start in spoken.phones[1:]]
    if phones[-1][0] != "SIL":
        phones.append(("SIL", end_s))
    return whole, [("SIL", 0.0), *phones]


def _edge(chance: Chance) -> Wave:
    seconds = float(chance.choice([0.05, 0.2, 0.5, 1.0])) * float(chance.uniform(0.5, 1.5))
    if chance.random() < 0.15:
        return not_speech(max(seconds, 0.2), chance)
    return coloured_noise(int(seconds * RATE_HZ), chance) * np.float32(10 ** (-chance.uniform(15, 60) / 20))


def gather(wanted: Iterable[Order], *, processes: int) -> Iterator[Utterance]:
    """All of them in order, spoken by ``processes`` speakers side by side."""
    with multiprocessing.Pool(processes) as pool:
        yield from pool.imap(record, wanted, chunksize=20)


def save(utterances: Iterable[Utterance], path: Path) -> None:
    """Everything in one file, so that another network or graph needs no new voices."""
    all_ = list(utterances)
    notes = json.dumps([[u.phones, u.words] for u in all_], ensure_ascii=False)
    lengths = np.array([len(u.features) for u in all_])
    np.savez(path, features=np.concatenate([u.features for u in all_]), lengths=lengths, notes=np.array(notes))


def load(path: Path) -> list[Utterance]:
    """What ``save`` wrote."""
    file = np.load(path)
    cuts = np.cumsum(file["lengths"])[:-1]
    pieces = np.split(file["features"], cuts)
    return [
        Utterance(piece, [(n, s) for n, s in phones], [(word, tuple(sounds)) for word, sounds in words])
        for piece, (phones, words) in zip(pieces, json.loads(str(file["notes"])), strict=True)
    ]


def hours(utterances: Iterable[Utterance]) -> float:
    return sum(len(u.features) for u in utterances) / 360_000
