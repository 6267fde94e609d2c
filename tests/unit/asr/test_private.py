"""Numbers and names do not leave; what says nothing about anybody stays."""

from __future__ import annotations

import pytest

from asr.private import hide


@pytest.mark.parametrize(
    ("language", "said", "left"),
    [
        ("en", "call me on nine eight one four zero one two three", "call me on [number]"),
        ("en", "my number is 98140 12345", "my number is [number]"),
        ("en", "my child is in class five", "my child is in class five"),
        ("en", "there are two fans in three rooms", "there are two fans in three rooms"),
        ("en", "my name is gurpreet kaur and i am happy", "my name is [name] and i am happy"),
        ("en", "this is the best school", "this is the best school"),
        ("hi", "मेरा नाम राजेश है", "मेरा नाम [name] है"),
        ("hi", "मेरा नंबर नौ आठ एक चार है", "मेरा नंबर [number] है"),
        ("hi", "राजेश कुमार बोल रहा हूँ", "[name] बोल रहा हूँ"),
        ("pa", "ਮੇਰਾ ਨਾਂ ਗੁਰਪ੍ਰੀਤ ਹੈ", "ਮੇਰਾ ਨਾਂ [name] ਹੈ"),
        ("pa", "ਨੌਂ ਅੱਠ ਇਕ ਚਾਰ ਤੇ ਫ਼ੋਨ ਕਰੋ", "[number] ਤੇ ਫ਼ੋਨ ਕਰੋ"),
        ("xx", "call 9814012345", "call [number]"),
    ],
)
def test_numbers_and_introduced_names_are_hidden(language: str, said: str, left: str) -> None:
    assert hide(said, language) == left
    assert hide(left, language) == left, "a second time changes nothing"


def test_names_of_the_household_are_hidden_in_any_spelling() -> None:
    assert hide("ਹਰਜ਼ੋਤ ਬਹੁਤ ਖੁਸ਼ ਹੈ", "pa", ["ਹਰਜੋਤ ਸਿੰਘ"]) == "[name] ਬਹੁਤ ਖੁਸ਼ ਹੈ"
    assert hide("simran likes maths", "en", ["Simran Kaur", ""]) == "[name] likes maths"
