"""Voices drawn by chance speak as well as espeak-ng's own, and each otherwise than the rest."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest

from asr.training import made_voices
from asr.training.synthesis import Speech
from asr.training.voices import HELD_OUT, TRAINED

TEXT = "my daughter likes her school"


@pytest.fixture(scope="module")
def speech() -> Iterator[Speech]:
    with Speech() as speech:
        yield speech


@pytest.mark.parametrize("accent", ["en-us", "hi", "pa"])
def test_a_made_voice_says_every_word_aloud(speech: Speech, accent: str) -> None:
    said = speech.say(TEXT, f"{accent}+{made_voices.names()[-1]}")
    assert len(said.words) == len(TEXT.split())
    assert float(np.sqrt(np.mean(said.samples**2))) > 0.01


def test_many_words_at_once_sound_as_each_alone(speech: Speech) -> None:
    words = ["school", "the", "water", "a"]
    alone = [tuple(name for name, _ in speech.say(word, "en-gb-scotland").phones if name != "SIL") for word in words]
    assert speech.sounds(words, "en-gb-scotland") == alone
    assert speech.sounds([], "en-us") == []


def test_made_voices_differ(speech: Speech) -> None:
    heard = {speech.say(TEXT, f"en-us+{name}").samples.tobytes() for name in made_voices.names()[:8]}
    assert len(heard) == 8


def test_espeaks_own_voices_stay(speech: Speech) -> None:
    assert len(speech.say(TEXT, "en-us+m3").samples)


def test_made_voices_are_nobodys_that_is_measured_with() -> None:
    assert not set(made_voices.names()) & {*TRAINED.split(), *HELD_OUT.split()}


def test_a_voice_is_the_same_again() -> None:
    once, again = (made_voices.variant("made0", random.Random(3)) for _ in range(2))
    assert once == again
    assert once.startswith("language variant\nname made0\npitch ")
