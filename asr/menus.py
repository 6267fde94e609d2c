"""Speech at menus: parents talk when told to press. A short recogniser for one menu, heard as the key they meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from asr.recogniser import Recogniser
from asr.vosk_recogniser import VoskRecogniser

Menu = Literal["yes_no", "digits"]
YES, NO = "1", "2"
# What is said for each key; every spelling of the models.
YES_NO: Mapping[str, Mapping[str, str]] = {
    "en": {"yes": YES, "no": NO},
    "hi": {"हाँ": YES, "नहीं": NO},
    "pa": {"ਹਾਂ": YES, "ਨਹੀਂ": NO},
}
_DIGITS = {
    "en": "zero one two three four five six seven eight nine",
    "hi": "शून्य एक दो तीन चार पाँच छह सात आठ नौ",
    "pa": "ਸਿਫ਼ਰ ਇੱਕ ਦੋ ਤਿੰਨ ਚਾਰ ਪੰਜ ਛੇ ਸੱਤ ਅੱਠ ਨੌਂ",
}
DIGITS: Mapping[str, Mapping[str, str]] = {
    language: {word: str(key) for key, word in enumerate(words.split())} for language, words in _DIGITS.items()
}
_MENUS: Mapping[Menu, Mapping[str, Mapping[str, str]]] = {"yes_no": YES_NO, "digits": DIGITS}


def keys_of(menu: Menu, language: str) -> Mapping[str, str]:
    """The key for each word of a menu; empty for a language that we have no words for."""
    return _MENUS[menu].get(language, {})


def listener(whole: VoskRecogniser, menu: Menu, language: str, *, or_else: bool = True) -> Recogniser:
    """A recogniser for one menu over a loaded model. Raises GrammarUnusable when it cannot hear that menu."""
    return whole.among(sorted(keys_of(menu, language)), or_else=or_else)


def key_said(recogniser: Recogniser, pcm: bytes, menu: Menu, language: str) -> str | None:
    """The key that was meant, or None when nothing was said that belongs to the menu, or more than one thing."""
    keys = {keys_of(menu, language).get(word.text) for word in recogniser.hear(pcm).words}
    return keys.pop() if len(keys) == 1 else None
