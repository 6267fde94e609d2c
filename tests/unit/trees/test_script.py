from __future__ import annotations

import pytest

from ivr.trees.model import Digits, HungUp, NoInput, Recorded, Say, Tree
from ivr.trees.script import Word, parse_script, play
from tests.unit.trees.families import ONE_CHILD


def test_each_word_is_one_thing_a_parent_does() -> None:
    assert parse_script("1 *  r12 - h 3/2") == (
        Word(Digits("1")),
        Word(Digits("*")),
        Word(Recorded("try-2", "", 12_000)),
        Word(NoInput()),
        Word(HungUp()),
        Word(Digits("3"), heard=2),
    )
    assert parse_script("1/meet.choose") == (Word(Digits("1"), heard="meet.choose"),)
    assert parse_script("") == ()


def test_a_key_behind_a_prompt_comes_when_that_prompt_is_over() -> None:
    says = tuple(Say(prompt, "pa", {}) for prompt in ("listen.thanks", "meet.choose", "listen.again"))
    assert Word(Digits("1"), heard="meet.choose").listened_to(says) == says[:2]
    assert Word(Digits("1"), heard=1).listened_to(says) == says[:1]
    assert Word(Digits("1"), heard="meet.day").listened_to(says) == says == Word(Digits("1")).listened_to(says)


@pytest.mark.parametrize("word", ["12", "x", "r", "r1234", "1/0", "--"])
def test_a_word_that_is_none_is_named(word: str) -> None:
    with pytest.raises(ValueError, match=f"'{word}' is no key"):
        parse_script(f"1 {word}")


def test_when_the_words_are_used_up_the_parent_stays_silent(ptm: Tree) -> None:
    call = list(play(ptm, ONE_CHILD, parse_script("1")))
    assert call[-1].turn.state.over
    assert call[0].word is None


def test_a_checkpoint_needs_no_word(ptm: Tree) -> None:
    call = list(play(ptm, ONE_CHILD, parse_script("1 2"), to_the_end=False))
    assert [exchanged.turn.state.node for exchanged in call] == ["greeting", "child", "listen", "meeting"]
