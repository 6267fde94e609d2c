"""The words of words.toml, spelled as they are compared."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asr.text import spelling

FILE = Path(__file__).with_name("words.toml")
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class WordLists:
    """Number words, phrases beside which a name stands, words that are no name, and themes with their words."""

    numbers: frozenset[str] = frozenset()
    before_name: tuple[Phrase, ...] = ()
    after_name: tuple[Phrase, ...] = ()
    not_names: frozenset[str] = frozenset()
    themes: Mapping[str, frozenset[str]] | None = None


@cache
def word_lists(language: str) -> WordLists:
    """The lists of a language; empty ones for a language that has none."""
    tree = tomllib.loads(FILE.read_text(encoding="utf-8")).get(language)
    if tree is None:
        return WordLists()
    return WordLists(
        _words(tree["numbers"]),
        _phrases(tree["before_name"]),
        _phrases(tree["after_name"]),
        _words(tree["not_names"]),
        {theme: _words(words) for theme, words in tree["themes"].items()},
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(spelling(text).split())


def _phrases(texts: list[str]) -> tuple[Phrase, ...]:
    """The longest first, so that "my name is" is not taken for "name is"."""
    return tuple(sorted((tuple(spelling(text).split()) for text in texts), key=len, reverse=True))
