"""What our models are taught: enough words, real letters, sound language files, probabilities that add up."""

from __future__ import annotations

import random
import struct
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from asr.text import words_of
from asr.training import assemble, kaldi, sentences
from asr.training.voices import HELD_OUT, TRAINED, voices

SCRIPT = {"en": ("LATIN",), "hi": ("DEVANAGARI",), "pa": ("GURMUKHI",)}


@pytest.fixture(params=["en", "hi", "pa"])
def language(request: pytest.FixtureRequest) -> sentences.Language:
    return sentences.load(str(request.param))


def test_a_language_knows_fifteen_hundred_words_in_its_own_script(language: sentences.Language) -> None:
    vocabulary = language.vocabulary()
    assert len(vocabulary) >= 1500
    for word in vocabulary:
        assert word == unicodedata.normalize("NFC", word)
        letters = [unicodedata.name(letter) for letter in word if letter != "'"]
        assert all(name.startswith(SCRIPT[language.code]) for name in letters), word


def test_sentences_are_drawn_from_known_words_and_a_seed_repeats_them(language: sentences.Language) -> None:
    drawn = [language.draw_any(random.Random(number)) for number in range(200)]
    assert drawn == [language.draw_any(random.Random(number)) for number in range(200)]
    assert len(set(drawn)) > 150
    assert {word for sentence in drawn for word in sentence.split()} <= set(language.vocabulary())


def test_hundreds_of_sentences_stand_apart_from_the_templates(language: sentences.Language) -> None:
    free = [*sentences.load_free(language.code), *sentences.load_unseen(language.code)]
    assert len(set(free)) >= 600
    drawn = {language.draw_any(random.Random(number)) for number in range(3000)}
    assert not drawn & {sentence for sentence in free if len(sentence.split()) > 4}


def test_a_mistake_in_a_language_file_names_its_line() -> None:
    with pytest.raises(ValueError, match=r"en\.txt line 2: expected '@class:'"):
        sentences.parse("en", "# a comment\nwhat is this\n")
    assert sentences.parse("en", "- the {nobody} is here\n").missing() == ["nobody"]


def test_choices_and_loose_sentences_are_filled() -> None:
    tiny = sentences.parse("en", "@who: (my|our) child | we\n- {who} (came|went) [home]\n~ any {who}\n")
    drawn = {tiny.draw(random.Random(number)) for number in range(100)}
    assert drawn == {f"{who} {verb}{place}" for who in ("my child", "our child", "we") for verb in ("came", "went")
                     for place in ("", " home")}  # fmt: skip
    assert set(tiny.vocabulary()) == set(words_of("any my our child we came went home"))


def test_voices_measured_with_are_never_trained_with() -> None:
    assert not set(HELD_OUT.split()) & set(TRAINED.split())
    assert not set(voices("en")) & set(voices("en", held_out=True))


def test_of_spellings_that_sound_alike_the_fullest_that_can_be_heard_is_written() -> None:
    assert assemble.spellings(["खराब", "ख़राब"]) == dict.fromkeys(["खराब", "ख़राब"], "ख़राब")
    assert assemble.spellings(["ਕਾਲਾ", "ਕਾਲ਼ਾ", "ਜਲ਼"], {"ਕਾਲਾ"}) == dict.fromkeys(["ਕਾਲਾ", "ਕਾਲ਼ਾ"], "ਕਾਲਾ")


@pytest.mark.parametrize(("steps", "kind", "number"), [(kaldi.COARSE, b"CM3 ", "u1"), (kaldi.FINE, b"CM2 ", "<u2")])
def test_weights_come_back_within_half_a_step(steps: int, kind: bytes, number: str) -> None:
    weights = np.random.default_rng(3).normal(size=(5, 7)).astype(np.float32)
    data = bytes(kaldi.BinaryWriter().matrix(weights, steps=steps).data)
    assert data[2:6] == kind
    least, reach, rows, columns = struct.unpack_from("<ffii", data, 6)
    back = least + reach * np.frombuffer(data, number, offset=22).reshape(rows, columns) / steps
    assert np.abs(back - weights).max() <= reach / steps / 2 + 1e-6
    assert reach == pytest.approx(float(np.ptp(weights)))


def test_a_network_is_written_as_kaldi_reads_it(tmp_path: Path) -> None:
    layer = kaldi.Layer((0,), np.ones((2, 40), np.float32), np.zeros(2, np.float32))
    kaldi.write_model(tmp_path / "am" / "final.mdl", [layer], np.array([0.5, 0.5], np.float32), [(0, 1)], 40)
    data = (tmp_path / "am" / "final.mdl").read_bytes()
    assert data.startswith(b"\0B<TransitionModel> ")
    assert b"<Nnet3> \ninput-node name=input dim=40\n" in data
    assert b"CM2 " + struct.pack("<ffii", 1.0, 0.0, 2, 40)[:4] in data
    assert data.rstrip().endswith(np.array([0.5, 0.5], "<f4").tobytes())
