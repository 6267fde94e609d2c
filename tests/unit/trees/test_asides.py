"""The keys that work everywhere: nine, to be left alone, and star, for another language."""

from __future__ import annotations

import pytest

from ivr.trees.model import (
    Menu,
    Tree,
)
from tests.unit.trees.calls import heard, last, told
from tests.unit.trees.families import (
    ONE_CHILD,
)


@pytest.mark.parametrize("script", ["9", "1 9", "1 1 r12 9", "1 2 9", "* 9", "1 1 9"])
def test_nine_works_in_every_menu(ptm: Tree, script: str) -> None:
    assert heard(last(ptm, ONE_CHILD, script)) == ["opt_out.confirm", "[menu]"]


@pytest.mark.parametrize("certain", ["9", "- -", "5 5", "h"])
def test_nine_again_silence_and_hanging_up_all_mean_what_nine_said(ptm: Tree, certain: str) -> None:
    assert told(ptm, ONE_CHILD, f"9 {certain}")[:1] == ["opted_out"]


def test_one_takes_nine_back_and_the_call_goes_on_where_it_was(ptm: Tree) -> None:
    back = last(ptm, ONE_CHILD, "1 - - 9 1")
    assert back.state.node == "listen"
    assert back.state.reprompts == 2  # what was used up stays used up
    assert "opted_out" not in told(ptm, ONE_CHILD, "1 9 1 h")


def test_each_language_offers_itself(ptm: Tree) -> None:
    menu = last(ptm, ONE_CHILD, "*").steps[-1]
    assert isinstance(menu, Menu)
    assert [(say.prompt, say.language) for say in menu.says] == [
        ("language.this", "pa"),
        ("language.this", "hi"),
        ("language.this", "en"),
    ]


def test_the_chosen_language_is_told_and_spoken_from_then_on(ptm: Tree) -> None:
    english = last(ptm, ONE_CHILD, "* 3")
    assert [event.values for event in english.events] == [{"language": "en"}]
    assert english.state.language == "en"
    assert {say.language for say in english.steps[-1].says} == {"en"}  # type: ignore[union-attr]
    assert heard(english) == ["greeting.family", "greeting.keys", "[menu]"]


def test_star_in_the_opt_out_menu_and_nine_in_the_language_menu_do_not_pile_up(ptm: Tree) -> None:
    wavering = last(ptm, ONE_CHILD, "9 * 9 * 9")
    assert [place.node for place in wavering.state.back] == ["greeting"]


def test_a_key_in_an_aside_is_no_response_to_the_school(ptm: Tree) -> None:
    assert "responded" not in told(ptm, ONE_CHILD, "1 * 2 9 1")
