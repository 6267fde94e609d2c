"""The training corpus: sentences spoken by many voices over many telephone lines, as features with phone times."""

from __future__ import annotations

import multiprocessing
import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from . import alignment, everyday, made_voices, sentences, unlabelled
from .acoustics import Acoustics
from .augment import RATE_HZ, Chance, Wave, coloured_noise, formant_shift, not_speech, telephone
from .features import mfcc
from .synthesis import Spoken, random_manner, speech
from .utterance import Utterance
from .voices import ACCENTS, voices

KINDS, KIND_SHARES = ("sentence", "everyday", "words", "made", "nothing"), (0.25, 0.19, 0.26, 0.24, 0.06)
MADE_VOICES_SHARE = 0.5
REAL_KINDS = ("sentence", "words", "everyday")
CHANCE_WORDS = (1, 6)  # as many words has a sentence of words drawn by chance
WORST_FIT = 0.8  # aligned speech that fits less well was said otherwise than its words tell


@dataclass(frozen=True)
class Order:
    """What to record: an empty text is something else than speech."""

    seed: int
    text: str
    voice: str


def orders(code: str, count: int, seed: int) -> list[Order]:
    """Sentences of the language file and everyday ones, their words by chance, and words made of two: whatever is said,
    the network must have heard its sounds in any company."""
    chance = random.Random(seed)  # noqa: S311
    text_of, speakers = texts(code, chance), voices(code)
    made = [f"{accent}+{name}" for accent in ACCENTS[code] for name in made_voices.names()]
    found = []
    for number in range(count):
        text = text_of(chance.choices(KINDS, KIND_SHARES)[0])
        voice = chance.choice(made if chance.random() < MADE_VOICES_SHARE else speakers)
        found.append(Order(seed * 1_000_003 + number, text, voice))
    return found


def texts(code: str, chance: random.Random) -> Callable[[str], str]:
    """What draws a text of one of KINDS."""
    language, said = sentences.load(code), everyday.load(code)
    vocabulary = sorted({*language.vocabulary(), *said.vocabulary()})

    def text(kind: str) -> str:
        if kind == "sentence":
            return language.draw_any(chance)
        if kind == "everyday":
            return chance.choice(said.said)
        if kind == "nothing":
            return ""
        word = chance.choice if kind == "words" else partial(made_word, chance=chance)
        return " ".join(word(vocabulary) for _ in range(chance.randint(*CHANCE_WORDS)))

    return text


def made_word(vocabulary: Sequence[str], chance: random.Random) -> str:
    """The beginning of one word and the end of another, both cut before a letter (never before a vowel sign)."""
    front, back = (_cut(chance.choice(vocabulary), chance) for _ in range(2))
    return front[0] + back[1]


def _cut(word: str, chance: random.Random) -> tuple[str, str]:
    places = [place for place in range(1, len(word)) if unicodedata.category(word[place]).startswith("L")]
    place = chance.choice(places) if places else len(word)
    return word[:place], word[place:]


def orders_unlabelled(code: str, count: int, seed: int) -> list[Order]:
    """The same for the synthesisers that tell no phone times; only real words, whose sounds are known."""
    chance = random.Random(f"unlabelled {seed}")  # noqa: S311
    text_of, speakers = texts(code, chance), unlabelled.voices(code)
    return [
        Order(seed * 2_000_003 + number, text_of(REAL_KINDS[number % len(REAL_KINDS)]), chance.choice(speakers))
        for number in range(count if speakers else 0)
    ]


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


@dataclass(frozen=True)
class Aligner:
    """Records speech that comes without phone times: a network and the sounds of words tell them."""

    acoustics: Acoustics
    pronunciations: alignment.Pronunciations

    def record(self, order: Order) -> Utterance | None:
        """None when a word has no known sounds or the voice said something else."""
        words = order.text.split()
        if not all(word in self.pronunciations for word in words):
            return None
        samples = unlabelled.say(order.text, order.voice, random.Random(order.seed))  # noqa: S311
        phones, fit = alignment.align(samples, words, self.acoustics, self.pronunciations)
        if fit < WORST_FIT:
            return None
        chance = np.random.default_rng(order.seed)
        wave, phones = surrounded(Spoken(samples, phones), chance)
        return Utterance(mfcc(telephone(wave, chance)).astype(np.float16), phones, [])

    def gather(self, wanted: Iterable[Order], *, processes: int) -> Iterator[Utterance]:
        """Those that fit their words, in order."""
        with multiprocessing.Pool(processes) as pool:
            yield from filter(None, pool.imap(self.record, wanted, chunksize=20))
