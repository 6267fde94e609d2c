"""Text is compared in one form, and what people write in two ways counts once."""

from __future__ import annotations

import unicodedata

import pytest

from asr.text import normalise, spelling


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("  The TEACHER, is good!  ", "the teacher is good"),
        ("don’t", "don't"),
        ("स्कूल में पानी।", "स्कूल में पानी"),
        ("ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ ਜੀ।।", "ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ ਜੀ"),
        ("a_b", "a b"),
    ],
)
def test_one_form_of_text(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ज़रूरी", "जरूरी"),
        ("हाँ", "हां"),
        ("ਖ਼ੁਸ਼", "ਖੁਸ"),
        ("ਵਿੱਚ", "ਵਿਚ"),
        ("यह", "ये"),
        ("okay", "OK"),
        ("ड़र", unicodedata.normalize("NFC", "ड़र")),
    ],
)
def test_accepted_spellings_are_alike(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


def test_different_words_stay_different() -> None:
    assert len({spelling(word) for word in ("हाँ", "नहीं", "ਹਾਂ", "ਨਹੀਂ", "yes", "no")}) == 6
