"""Private data hidden from what leaves: numbers that could be a telephone's, and names of people.

Three numbers in a row are hidden; "class five" and "two rooms" stay, they say nothing about anybody. Names are those we
know of (the children of the household, their parents, the teacher) and what stands where a name is said ("my name is").
"""

from __future__ import annotations

from collections.abc import Iterable

from asr.text import spelling
from asr.word_lists import Phrase, WordLists, word_lists

NUMBER, NAME = "[number]", "[name]"
SHORTEST_NUMBER, MOST_NAME_WORDS = 3, 2
SHORTEST_NAME = 2


def hide(text: str, language: str, names: Iterable[str] = ()) -> str:
    """Return `text` with numbers and names replaced. Doing it twice changes nothing."""
    lists, words = word_lists(language), text.split()
    alike = [spelling(word) for word in words]
    hidden = [""] * len(words)
    _mark_numbers(alike, hidden, lists.numbers)
    _mark_known(alike, hidden, names)
    _mark_introduced(alike, hidden, lists)
    return " ".join(_merged(words, hidden))


def _mark_numbers(alike: list[str], hidden: list[str], numbers: frozenset[str]) -> None:
    start = 0
    while start < len(alike):
        end = start
        while end < len(alike) and (alike[end] in numbers or alike[end].isdecimal()):
            end += 1
        digits = sum(len(word) if word.isdecimal() else 1 for word in alike[start:end])
        if digits >= SHORTEST_NUMBER:
            hidden[start:end] = [NUMBER] * (end - start)
        start = max(end, start + 1)


def _mark_known(alike: list[str], hidden: list[str], names: Iterable[str]) -> None:
    known = {part for name in names for part in spelling(name).split() if len(part) >= SHORTEST_NAME}
    for at, word in enumerate(alike):
        if word in known:
            hidden[at] = NAME


def _mark_introduced(alike: list[str], hidden: list[str], lists: WordLists) -> None:
    for at in range(len(alike)):
        if phrase := _phrase_at(alike, at, lists.before_name):
            _mark_name(alike, hidden, range(at + len(phrase), len(alike)), lists)
        if _phrase_at(alike, at, lists.after_name):
            _mark_name(alike, hidden, range(at - 1, -1, -1), lists)


def _phrase_at(alike: list[str], at: int, phrases: tuple[Phrase, ...]) -> Phrase:
    return next((phrase for phrase in phrases if tuple(alike[at : at + len(phrase)]) == phrase), ())


def _mark_name(alike: list[str], hidden: list[str], places: range, lists: WordLists) -> None:
    """Hide up to MOST_NAME_WORDS from the phrase on, until a word that is no name."""
    for at in places[:MOST_NAME_WORDS]:
        if alike[at] in lists.not_names or alike[at] in lists.numbers or hidden[at]:
            return
        hidden[at] = NAME


def _merged(words: list[str], hidden: list[str]) -> list[str]:
    """One mark for each run of hidden words."""
    kept: list[str] = []
    for at, word in enumerate(words):
        mark = hidden[at]
        if not mark:
            kept.append(word)
        elif at == 0 or hidden[at - 1] != mark:
            kept.append(mark)
    return kept
