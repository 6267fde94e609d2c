"""How text is written in models and measured: NFC, lower case, no punctuation, single spaces."""

from __future__ import annotations

import re
import unicodedata

NOT_WORD = re.compile(r"[^\w\u0900-\u0963\u0970-\u097f\u0a00-\u0a7f'\s]|_")


def normalise(text: str) -> str:
    """``text`` as the models spell it. The danda and every other punctuation mark but the apostrophe go."""
    text = unicodedata.normalize("NFC", text.lower().replace("’", "'"))
    return " ".join(NOT_WORD.sub(" ", text).split())


def words_of(text: str) -> list[str]:
    return normalise(text).split()
