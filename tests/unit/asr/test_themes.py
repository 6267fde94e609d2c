"""A first theme from words, out of the list that an analyst chooses from."""

from __future__ import annotations

import pytest

from asr.themes import first_theme
from asr.word_lists import word_lists
from ivr.consoles.analyst.forms import THEMES


@pytest.mark.parametrize(
    ("language", "said", "theme"),
    [
        ("en", "the toilets in the school are not clean", "buildings"),
        ("en", "please give more homework in mathematics", "homework"),
        ("en", "please start a school bus for our village", "safety"),
        ("en", "thank you for calling us", "thanks"),
        ("en", "the teacher said that the food is cold", "meals"),
        ("en", "well well", None),
        ("hi", "दोपहर का खाना अच्छा मिलता है", "meals"),
        ("hi", "बच्चों को किताबें समय पर मिलनी चाहिए", "books"),
        ("pa", "ਪਖਾਨੇ ਸਾਫ਼ ਨਹੀਂ ਰਹਿੰਦੇ", "buildings"),
        ("pa", "ਅਧਿਆਪਕ ਬਹੁਤ ਵਧੀਆ ਪੜ੍ਹਾਉਂਦੇ ਹਨ", "teaching"),
        ("xx", "the toilets are not clean", None),
    ],
)
def test_the_telling_words_decide(language: str, said: str, theme: str | None) -> None:
    assert first_theme(said, language) == theme


@pytest.mark.parametrize("language", ["en", "hi", "pa"])
def test_every_theme_is_one_that_an_analyst_can_choose(language: str) -> None:
    themes = word_lists(language).themes
    assert themes is not None
    assert set(themes) <= set(THEMES)
