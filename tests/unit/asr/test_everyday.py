"""Everyday sentences for the language model: real, and apart from what is measured with."""

from __future__ import annotations

import random

import pytest

from asr.training import everyday, sentences

RUN_WORDS = 5


@pytest.fixture(params=["en", "hi", "pa"])
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def runs(sentence: str) -> set[tuple[str, ...]]:
    words = sentence.split()
    return {tuple(words[at : at + RUN_WORDS]) for at in range(len(words) - RUN_WORDS + 1)}


def test_what_is_measured_with_is_not_taught(code: str) -> None:
    measured = [*sentences.load_free(code), *sentences.load_unseen(code)]
    taught = set().union(*map(runs, everyday.load(code).said))
    assert not {sentence for sentence in measured if runs(sentence) & taught}
    assert not set(measured) & set(everyday.load(code).said)


def test_the_last_word_is_not_the_development_set(code: str) -> None:
    assert len(set(sentences.load_unseen(code))) == 200
    assert not set(sentences.load_unseen(code)) & set(sentences.load_free(code))


def test_there_are_hundreds_and_they_add_words(code: str) -> None:
    said = everyday.load(code)
    assert len(set(said.said)) == len(said.said) > 400
    assert len(said.vocabulary() - set(sentences.load(code).vocabulary())) > 200


def test_many_ways_are_drawn_from_one_line() -> None:
    english = everyday.load("en")
    drawn = english.drawn(random.Random(1), 300)
    assert drawn == english.drawn(random.Random(1), 300)
    assert len(set(drawn)) > 250
    assert {word for sentence in drawn for word in sentence.split()} <= english.vocabulary()
