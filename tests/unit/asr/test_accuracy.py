"""How much our models understand of voices they never heard, over a noisy telephone line: the long proof.

The same measurement with more accents and another synthesiser stands in each model's manifest (`sunvai asr train`);
this one needs neither torch nor a system package.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import jiwer
import numpy as np
import pytest

from asr.menus import YES_NO, key_said, listener
from asr.text import spelling
from asr.training import sentences
from asr.training.synthesis import Speech, random_manner
from asr.training.voices import voices
from asr.vosk_recogniser import VoskRecogniser
from tests.unit.asr.sounds import RATE_HZ, Samples, pcm_of

MODELS = Path(__file__).parents[3] / "asr" / "models"
LANGUAGES = ("en", "hi", "pa")
DOMAIN, ANSWERS, SEED = 200, 60, 11
# At most this share of words wrong: in sentences like those taught, and in two hundred by somebody who had seen nothing
# here.
MOST_WRONG = {"en": (0.02, 0.12), "hi": (0.05, 0.18), "pa": (0.08, 0.22)}


@pytest.fixture(scope="module")
def speech() -> Iterator[Speech]:
    with Speech() as speech:
        yield speech


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def whole(language: str) -> VoskRecogniser:
    return VoskRecogniser(MODELS / language)


class Caller:
    """Somebody with a voice that was kept apart, on a line with 8 to 30 dB between voice and noise."""

    def __init__(self, speech: Speech, language: str) -> None:
        self._speech, self._voices = speech, voices(language, held_out=True)
        self._chance, self._noise = random.Random(SEED), np.random.default_rng(SEED)

    def say(self, text: str) -> bytes:
        voice = self._chance.choice(self._voices)
        samples = np.pad(self._speech.say(text, voice, **random_manner(self._chance)).samples, RATE_HZ // 4)
        return pcm_of(self._line(samples.astype(np.float64)))

    def _line(self, samples: Samples) -> Samples:
        """A telephone's band, falling off as a filter of second order does, then noise and level."""
        hertz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ) + 1e-9
        band = 1 / np.sqrt((1 + (200 / hertz) ** 4) * (1 + (hertz / 3400) ** 4))
        voice = np.fft.irfft(np.fft.rfft(samples) * band, len(samples))
        loudness = np.sqrt(np.mean(voice**2))
        noise = self._noise.standard_normal(len(voice)) * loudness * 10 ** (-self._noise.uniform(8, 30) / 20)
        return np.asarray((voice + noise) * 10 ** (self._noise.uniform(-35, -18) / 20) / loudness)


def wrong(whole: VoskRecogniser, caller: Caller, said: Sequence[str]) -> float:
    heard = [spelling(whole.hear(caller.say(text)).text) for text in said]
    return float(jiwer.wer([spelling(text) for text in said], heard))


@pytest.mark.long
def test_sentences_like_those_taught_are_understood(speech: Speech, language: str, whole: VoskRecogniser) -> None:
    known, chance = sentences.load(language), random.Random(SEED)
    said = [known.draw(chance) for _ in range(DOMAIN)]
    share = wrong(whole, Caller(speech, language), said)
    assert share <= MOST_WRONG[language][0]


@pytest.mark.long
def test_sentences_written_apart_are_mostly_understood(speech: Speech, language: str, whole: VoskRecogniser) -> None:
    share = wrong(whole, Caller(speech, language), sentences.load_unseen(language))
    assert share <= MOST_WRONG[language][1]


@pytest.mark.long
@pytest.mark.parametrize(("or_else", "least"), [(False, 0.95), (True, 0.90)])
def test_yes_and_no_are_told_apart(
    speech: Speech, language: str, whole: VoskRecogniser, *, or_else: bool, least: float
) -> None:
    menu, caller = listener(whole, "yes_no", language, or_else=or_else), Caller(speech, language)
    said = [list(YES_NO[language])[number % 2] for number in range(ANSWERS)]
    right = sum(key_said(menu, caller.say(word), "yes_no", language) == YES_NO[language][word] for word in said)
    assert right / ANSWERS >= least
