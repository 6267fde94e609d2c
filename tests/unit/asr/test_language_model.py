"""Language models: probabilities that add up, parts believed where they are at home, and only grams that matter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asr.training import general, language_model, mixture, pruning, running_text
from asr.training.language_model import END, Model

SAID = ["we want water", "we want books", "please give water", "we want more water"] * 5
VOCABULARY = {word: 1.0 for sentence in SAID for word in sentence.split()} | {"unsaid": 1.0, "rarer": 0.1}


def test_probabilities_after_every_history_add_up_to_one() -> None:
    model = language_model.estimate(SAID, VOCABULARY, floor=0.3)
    for history in model.probability:
        total = sum(model.of(history, word) for word in [*VOCABULARY, END])
        assert total == pytest.approx(1.0), history
    assert model.of(("we", "want"), "unsaid") == pytest.approx(10 * model.of(("we", "want"), "rarer"))
    assert model.of(("we", "want"), "rarer") > 0


def test_said_orders_are_likelier_than_others() -> None:
    model = language_model.estimate(SAID, VOCABULARY, floor=0.3)
    assert model.perplexity(["we want water"]) < model.perplexity(["water want we"]) < math.inf


@pytest.mark.parametrize("least_gain", [0.02, 0.005, 0.001])
def test_a_slim_model_forgets_what_backing_off_says_anyway(least_gain: float) -> None:
    said = [*SAID, *("they want water" for _ in range(40))]
    whole = language_model.estimate(said, VOCABULARY | {"they": 1.0}, floor=0.3)
    slim = pruning.slim(whole, least_gain)
    assert 0 < grams(slim) < grams(whole)
    assert math.log(slim.perplexity(said) / whole.perplexity(said)) < 2 * (grams(whole) - grams(slim)) * least_gain
    for history in slim.probability:
        total = sum(slim.of(history, word) for word in [*VOCABULARY, "they", END])
        assert total == pytest.approx(1.0), history
    assert pruning.slim(whole, math.inf).probability == {(): whole.probability[()]}


def grams(model: Model) -> int:
    return sum(len(words) for history, words in model.probability.items() if history)


def test_a_history_keeps_the_words_it_makes_likelier_and_no_others() -> None:
    single = np.array([0.4, 0.3, 0.2, 0.1])
    kept, after = general.split(np.array([0.2, 0.15, 0.1, 0.5]), single)
    assert kept.tolist() == [3]
    assert after.tolist() == pytest.approx([0.2 / 0.95, 0.15 / 0.95, 0.1 / 0.95, 0.5 / 0.95])


def test_a_history_most_words_follow_in_their_own_way_backs_off_by_the_commonest_ratio() -> None:
    single = np.full(5, 0.1)
    kept, _ = general.split(np.array([0.05, 0.05, 0.09, 0.12, 0.2]), single)
    assert kept.tolist() == [2, 3, 4], "two of five back off, by a half"


def test_what_was_not_asked_about_is_reckoned_with() -> None:
    kept, after = general.split(np.array([0.2, 0.15, 0.3]), np.array([0.4, 0.3, 0.1]))
    assert kept.tolist() == [2]
    assert after.sum() + 0.5 * 0.2 / 0.75 == pytest.approx(1), "a fifth of the shorter history, at the ratio of a half"


def test_general_triples_are_asked_for_where_they_say_more_than_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = dict.fromkeys(("the", "end", "of", "in", "at", "by", "to", END, "elsewhere"), 0.1) | {"rare": 0.01}
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
    vocabulary = [word for word in usual if word not in (END, "elsewhere")] + ["unheard"]
    model = general.triples(vocabulary)
    assert model.of(("the", "end"), "of") > model.of(("by", "end"), "of") > model.of(("by",), "of")
    assert set(model.probability["the", "end"]) == {"of"}
    assert model.of(("the", "end"), "in") == pytest.approx(model.of(("by", "end"), "in"), rel=0.4)
    assert "rare" not in model.probability["the", "end"], "it is asked for as a measure only"
    assert 0 < model.of((), "unheard") <= model.of((), "end")
    for history in [(), ("the",), ("end",), ("the", "end")]:
        assert sum(model.of(history, word) for word in [*vocabulary, END]) == pytest.approx(1)


def test_a_history_left_without_pairs_still_is_a_state() -> None:
    model = Model({(): {"a": 0.5, "b": 0.4, END: 0.1}, ("b", "a"): {"b": 0.9}}, {("b", "a"): 0.2})
    lines = [line.split() for line in language_model.arcs(model, {"a": 1, "b": 2})]
    backoffs = {line[0]: line[1] for line in lines if len(line) > 2 and line[2] == "0"}
    triple = next(line[0] for line in lines if len(line) > 2 and line[2] == "2" and float(line[4]) < 0.2)
    assert backoffs[backoffs[triple]] == "1", "(b, a) falls back on (a), and that on the words alone"


def test_words_nobody_knows_are_in_no_gram() -> None:
    model = language_model.estimate(["we want sweets", *SAID], VOCABULARY, floor=0.3, least=(1, 1))
    assert all(word in {*VOCABULARY, END} for words in model.probability.values() for word in words)
    assert ("want", "sweets") not in model.probability


def parts(*weights: float) -> list[mixture.Part]:
    """Two kinds of sentences that both go on after 'the': the one hardly ever says 'red'."""
    school = ["the teacher came", "the teacher spoke", "the school closed"] * 20 + ["the red teacher came"]
    farm = ["the red cow came", "the red hen spoke", "a red cow slept", "red hens slept"] * 20
    vocabulary = {word: 1.0 for sentence in (*school, *farm) for word in sentence.split()}
    models = [language_model.estimate(said, vocabulary, floor=0.05, least=(1, 1)) for said in (school, farm)]
    return list(zip(models, weights, strict=True))


def believed(history: tuple[str, ...], *weights: float) -> list[float]:
    beliefs = [mixture.Belief(part, weight, running_text.shares(part)) for part, weight in parts(*weights)]
    return mixture.shares(beliefs, history)


def test_a_part_is_believed_where_it_is_at_home() -> None:
    assert believed((), 0.5, 0.5) == [0.5, 0.5]
    assert believed((), 0.2, 0.8) == pytest.approx([0.2, 0.8])
    assert believed(("<s>",), 0.2, 0.8) == pytest.approx([0.2, 0.8]), "everybody begins"
    assert believed(("school",), 0.5, 0.5)[0] > 0.7
    assert believed(("the", "red"), 0.5, 0.5)[1] > 0.7


def test_a_part_is_not_believed_as_much_as_bayes_would() -> None:
    both = [model for model, _ in parts(0.5, 0.5)]
    likely = [running_text.shares(model)["red"] for model in both]
    school, farm = believed(("red",), 0.5, 0.5)
    assert 1 < farm / school < likely[1] / likely[0]
    assert farm / school == pytest.approx((likely[1] / likely[0]) ** mixture.TRUST)


def test_a_mixture_adds_up_to_one_and_knows_what_any_part_knows() -> None:
    both = parts(0.5, 0.5)
    mixed = mixture.mixed(both)
    assert mixed.probability.keys() == both[0][0].probability.keys() | both[1][0].probability.keys()
    for history in mixed.probability:
        total = sum(mixed.of(history, word) for word in both[0][0].probability[()])
        assert total == pytest.approx(1.0), history
    half = sum(part.of(("the", "red"), "cow") for part, _ in both) / 2
    assert mixed.of(("the", "red"), "cow") > 1.1 * half


def test_frequent_words_have_their_share_of_running_text() -> None:
    said = ["my son wants the book", "my daughter wants the bag", "my mother wants the milk"] * 10
    model = language_model.estimate(said, {word: 1.0 for line in said for word in line.split()}, floor=0.05)
    assert model.of((), "the") < 0.1, "the lowest order only counts that it comes after one word"
    shares = running_text.shares(model)
    assert sum(shares.values()) - shares[language_model.START] == pytest.approx(1)
    for word in ("my", "wants", "the", END, language_model.START):
        assert shares[word] == pytest.approx(1 / 6, abs=0.01), word
    assert shares["book"] == pytest.approx(1 / 18, abs=0.01)


def two_words_after(history: tuple[str, ...]) -> Model:
    model = Model({(): {"a": 0.2, "b": 0.3, "c": 0.1, END: 0.4}, history: {"b": 0.2, "c": 0.5}}, {})
    model.settle(history)
    return model


def divergence(model: Model, history: tuple[str, ...], without: str) -> float:
    """By brute force: what the history's distribution loses when one of its words is left to backing off."""
    other = Model({key: dict(words) for key, words in model.probability.items()}, dict(model.backoff))
    del other.probability[history][without]
    other.settle(history)
    pairs = [(model.of(history, word), other.of(history, word)) for word in model.probability[()]]
    return sum(p * math.log(p / q) for p, q in pairs)


def test_a_word_goes_when_what_is_lost_in_running_text_is_less_than_asked() -> None:
    model = two_words_after(("a",))
    share = running_text.shares(model)["a"]
    losses = {word: share * divergence(model, ("a",), word) for word in ("b", "c")}
    assert losses["c"] > losses["b"], "backing off says nearly as much of b"
    between = 1.001 * losses["b"]
    assert losses["c"] > between * (1 + pruning.HISTORY_COST), "and c alone pays for the state"
    assert pruning.slim(model, between).probability["a",].keys() == {"c"}
    assert pruning.slim(model, 0.999 * losses["b"]).probability["a",].keys() == {"b", "c"}


def test_a_history_whose_words_do_not_pay_for_its_state_goes_whole() -> None:
    model = two_words_after(("a",))
    loss = running_text.shares(model)["a"] * divergence(model, ("a",), "c")
    assert ("a",) in pruning.slim(model, 0.99 * loss / (1 + pruning.HISTORY_COST)).probability
    assert ("a",) not in pruning.slim(model, 0.9 * loss).probability, "alone it would stay, but not with its state"


def test_the_end_of_a_sentence_costs_nothing_in_a_state_that_is_there() -> None:
    model = Model({(): {"a": 0.4, "c": 0.3, END: 0.3}, ("a",): {"c": 0.8, END: 0.19}}, {})
    model.settle(("a",))
    loss = running_text.shares(model)["a"] * divergence(model, ("a",), END)
    kept = pruning.slim(model, 1.5 * loss).probability["a",]
    assert kept.keys() == {"c", END}


def test_a_pair_that_leads_to_triples_stays() -> None:
    model = Model({(): {"a": 0.5, "b": 0.3, END: 0.2}, ("a",): {"b": 0.31}, ("a", "b"): {"a": 0.95}}, {})
    model.settle(("a",))
    model.settle(("a", "b"))
    slim = pruning.slim(model, 0.001)
    assert divergence(model, ("a",), "b") < 0.001
    assert slim.probability["a",].keys() == {"b"}
