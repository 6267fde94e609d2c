"""How text is written in models and measured.

Everything that is compared is first brought to one form: NFC, lower case, straight apostrophes, no punctuation but the
apostrophe (the danda goes too), single spaces. `spelling` then makes one of what people write in two ways: the nukta of
borrowed sounds (ज़ or ज, ਖ਼ or ਖ), candrabindu or anusvara (हाँ or हां), a Punjabi pronoun and its case apart or together
(ਉਸ ਨੂੰ or ਉਸਨੂੰ), and the pairs of variants.txt.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

NOT_WORD = re.compile(r"[^\w\u0900-\u0963\u0970-\u097f\u0a00-\u0a7f'\s]|_")
_NUKTA = re.compile("[\u093c\u0a3c]")
_PRONOUN_AND_CASE = re.compile("(?<!\\S)([ਉਇ]ਸ|[ਕਜ]ਿਸ) (ਨੂੰ|ਨੇ|ਦਾ|ਦੀ|ਦੇ|ਦੀਆਂ)(?!\\S)")
_VARIANTS = Path(__file__).with_name("variants.txt")


def normalise(text: str) -> str:
    """Return `text` as the models spell it."""
    text = unicodedata.normalize("NFC", text.lower().replace("’", "'"))
    return " ".join(NOT_WORD.sub(" ", text).split())


def words_of(text: str) -> list[str]:
    return normalise(text).split()


def spelling(text: str) -> str:
    """Return `text` normalised, every accepted spelling of a word written in one way: for measuring only."""
    plain = _PRONOUN_AND_CASE.sub(r"\1\2", bare(normalise(text)))
    return " ".join(" ".join(_variants().get(word, word) for word in plain.split()).split())


def bare(text: str) -> str:
    """Return `text` without nukta and with anusvara for candrabindu."""
    # The letters with a nukta of their own (ऴ, ਲ਼ and the like) come apart in NFD.
    bare = _NUKTA.sub("", unicodedata.normalize("NFD", text)).replace("ँ", "ं")
    return unicodedata.normalize("NFC", bare)


@cache
def _variants() -> dict[str, str]:
    """Each other spelling with the one it stands for, from lines `usual: other other`."""
    found: dict[str, str] = {}
    for line in _VARIANTS.read_text(encoding="utf-8").splitlines():
        usual, colon, others = line.partition(":")
        if colon and not line.startswith("#"):
            found |= {bare(normalise(other)): bare(normalise(usual)) for other in others.split()}
    return found
