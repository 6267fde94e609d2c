"""Silence, noise, tones and key presses are no speech and give no words; a voice passes whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asr.listening import LEAST_SPEECH_S, listen
from asr.model_store import load_recognisers
from asr.pipeline import transcribe
from prompts.synthesis.espeak import EspeakSynthesiser
from tests.unit.asr.sounds import KINDS, RATE_HZ, called, hiss, keys, pcm_of, samples_of, seconds, tone, write_wav

MODELS = Path(__file__).parents[3] / "asr" / "models"
CLIPS_A_KIND = 50


def test_two_hundred_clips_without_a_voice_give_no_words(tmp_path: Path) -> None:
    recognisers = load_recognisers({language: MODELS / language for language in ("en", "hi", "pa")})
    heard = {}
    for kind, make in KINDS.items():
        for number in range(CLIPS_A_KIND):
            path = write_wav(tmp_path / "clip.wav", pcm_of(make(seconds(3), number)))
            language = ("en", "hi", "pa")[number % 3]
            heard[kind, number] = transcribe(path, language, recognisers)
    assert len(heard) == 200
    assert {key: one.text for key, one in heard.items() if one.words} == {}
    assert {one.verdict for one in heard.values()} == {"no_speech"}


@pytest.mark.parametrize(("language", "said"), [("en", "yes"), ("hi", "नहीं"), ("pa", "ਹਾਂ ਜੀ"), ("en", "good morning")])
def test_even_one_word_is_speech(synthesiser: EspeakSynthesiser, language: str, said: str) -> None:
    sound = listen(called(synthesiser, language, said))
    assert sound.speech_s >= LEAST_SPEECH_S
    assert sound.tone_s == 0


def test_a_tone_is_told_and_cut_out_and_the_voice_stays_where_it_was(synthesiser: EspeakSynthesiser) -> None:
    voice = samples_of(called(synthesiser, "en", "please repair the fans in the class"))
    whole = pcm_of(np.concatenate([tone(seconds(1), 8), voice]))
    sound = listen(whole)
    assert sound.tone_s == pytest.approx(1.0, abs=0.1)
    cleaned = samples_of(sound.cleaned)
    assert len(cleaned) * 2 == len(whole)
    assert np.max(np.abs(cleaned[: RATE_HZ * 9 // 10])) == 0
    assert np.array_equal(cleaned[RATE_HZ * 5 // 4 :], samples_of(whole)[RATE_HZ * 5 // 4 :])


def test_what_there_is_instead_of_speech_is_said() -> None:
    assert listen(pcm_of(tone(seconds(2), 5))).what == "tones or music"
    assert listen(pcm_of(keys(seconds(2), 4))).what == "tones or music"
    assert listen(pcm_of(hiss(seconds(2), 1))).what == "silence or noise"
    assert listen(b"").what == "silence or noise"
