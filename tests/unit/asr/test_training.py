"""What our models are taught: enough words, real letters, sound language files, probabilities that add up."""

from __future__ import annotations

import math
import random
import struct
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from asr.text import words_of
from asr.training import assemble, general, graph, kaldi, language_model, sentences
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


SAID = ["we want water", "we want books", "please give water", "we want more water"] * 5
VOCABULARY = {word: 1.0 for sentence in SAID for word in sentence.split()} | {"unsaid": 1.0, "rarer": 0.1}


def test_probabilities_after_every_history_add_up_to_one() -> None:
    model = language_model.estimate(SAID, VOCABULARY, floor=0.3)
    for history in model.probability:
        total = sum(model.of(history, word) for word in [*VOCABULARY, language_model.END])
        assert total == pytest.approx(1.0), history
    assert model.of(("we", "want"), "unsaid") == pytest.approx(10 * model.of(("we", "want"), "rarer"))
    assert model.of(("we", "want"), "rarer") > 0


def test_said_orders_are_likelier_than_others() -> None:
    model = language_model.estimate(SAID, VOCABULARY, floor=0.3)
    assert model.perplexity(["we want water"]) < model.perplexity(["water want we"]) < math.inf


def test_a_slim_model_forgets_what_backing_off_says_anyway() -> None:
    said = [*SAID, *("they want water" for _ in range(40))]
    whole = language_model.estimate(said, VOCABULARY | {"they": 1.0}, floor=0.3)
    slim = language_model.slim(whole, 0.03)
    assert 0 < grams(slim) < grams(whole)
    assert slim.perplexity(said) < 1.1 * whole.perplexity(said)
    for history in slim.probability:
        total = sum(slim.of(history, word) for word in [*VOCABULARY, "they", language_model.END])
        assert total == pytest.approx(1.0), history
    assert language_model.slim(whole, math.inf).probability == {(): whole.probability[()]}


def grams(model: language_model.Model) -> int:
    return sum(len(words) for history, words in model.probability.items() if history)


def test_a_history_keeps_the_words_it_makes_likelier_and_no_others() -> None:
    single = np.array([0.4, 0.3, 0.2, 0.1])
    kept, after = general.split(np.array([0.2, 0.15, 0.1, 0.5]), single)
    assert kept.tolist() == [3]
    assert after.tolist() == pytest.approx([0.2 / 0.95, 0.15 / 0.95, 0.1 / 0.95, 0.5 / 0.95])


def test_what_was_not_asked_about_is_reckoned_with() -> None:
    kept, after = general.split(np.array([0.2, 0.15, 0.3]), np.array([0.4, 0.3, 0.1]))
    assert kept.tolist() == [2]
    assert after.sum() + 0.5 * 0.2 / 0.75 == pytest.approx(1), "a fifth of the shorter history, at the ratio of a half"


def test_general_triples_are_asked_for_where_they_say_more_than_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = dict.fromkeys(("the", "end", "of", "in", "at", "by", "to", language_model.END, "elsewhere"), 0.1)
    special = {
        ("of", "end"): 0.2,
        ("in", "end"): 0.2,
        ("at", "end"): 0.2,
        ("of", "end", "the"): 0.5,
        ("end", "the"): 0.3,
    }

    def say(word: str, *history: str) -> float:
        return special.get((word, *history)) or (say(word, *history[:-1]) if history else usual.get(word, 0.0))

    monkeypatch.setattr(general, "_open", lambda: say)
    vocabulary = [word for word in usual if word not in (language_model.END, "elsewhere")] + ["unheard"]
    model = general.triples(vocabulary)
    assert model.of(("the", "end"), "of") > model.of(("by", "end"), "of") > model.of(("by",), "of")
    assert set(model.probability["the", "end"]) == {"of"}
    assert model.of(("the", "end"), "in") == pytest.approx(model.of(("by", "end"), "in"), rel=0.4)
    assert 0 < model.of((), "unheard") <= model.of((), "end")
    for history in [(), ("the",), ("end",), ("the", "end")]:
        assert sum(model.of(history, word) for word in [*vocabulary, language_model.END]) == pytest.approx(1)


def test_a_history_left_without_pairs_still_is_a_state() -> None:
    model = language_model.Model(
        {(): {"a": 0.5, "b": 0.4, language_model.END: 0.1}, ("b", "a"): {"b": 0.9}}, {("b", "a"): 0.2}
    )
    lines = [line.split() for line in language_model.arcs(model, {"a": 1, "b": 2})]
    backoffs = {line[0]: line[1] for line in lines if len(line) > 2 and line[2] == "0"}
    triple = next(line[0] for line in lines if len(line) > 2 and line[2] == "2" and float(line[4]) < 0.2)
    assert backoffs[backoffs[triple]] == "1", "(b, a) falls back on (a), and that on the words alone"


def test_an_unusual_pronunciation_costs_less_than_its_share() -> None:
    phones = ["SIL", "a", "b"]
    lines = graph.lexicon_lines({"w": {("a",): 0.75, ("b",): 0.25}}, phones, {"w": 1, graph.UNKNOWN: 2})
    costs = sorted(float(line.split()[4]) for line in lines if line.split()[3:4] == ["1"])
    assert costs == pytest.approx([0, 0.5 * math.log(3)], abs=1e-3)


def test_of_spellings_that_sound_alike_the_fullest_that_can_be_heard_is_written() -> None:
    assert assemble.spellings(["खराब", "ख़राब"]) == dict.fromkeys(["खराब", "ख़राब"], "ख़राब")
    assert assemble.spellings(["ਕਾਲਾ", "ਕਾਲ਼ਾ", "ਜਲ਼"], {"ਕਾਲਾ"}) == dict.fromkeys(["ਕਾਲਾ", "ਕਾਲ਼ਾ"], "ਕਾਲਾ")


def test_every_word_is_a_path_through_the_graph() -> None:
    phones = ["SIL", "a", "b"]
    lines = graph.lexicon_lines(
        {"ab": {("a", "b"): 1.0}, "a": {("a",): 1.0}}, phones, {"ab": 1, "a": 2, graph.UNKNOWN: 3}
    )
    labelled = [line.split() for line in lines if len(line.split()) > 3 and line.split()[3] != "0"]
    assert {arc[3] for arc in labelled} == {"1", "2", "3"}
    assert lines[0].split()[0] == str(graph.START), "OpenFst starts where the first line does"
    assert len(graph.pdfs(phones)) == 1 + 4 * 2
    assert graph.boundaries(phones).splitlines()[0] == "1 nonword"


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
