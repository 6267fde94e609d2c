"""Of all the forms of a stem those are expected that were heard of it, and those that others are heard in."""

from __future__ import annotations

import pytest

from asr.training.forms import expected
from asr.training.inflection import inflect

STEMS = [("noun", "shoe"), ("noun", "pen"), ("noun", "river")]
SEEN = {"shoe": 1, "shoes": 9, "pens": 6}


def test_a_form_is_likelier_the_more_its_stem_and_others_in_it_are_said() -> None:
    found = expected("en", STEMS, SEEN)
    assert sorted(found, key=lambda word: -found[word]) == ["shoes", "pens", "shoe", "rivers", "pen", "river"]
    # Sixteen were heard and each of the three stems once more; fifteen of them, once more, in the plural.
    assert found["shoes"] == pytest.approx((10 + 1) * (15 + 1) / (16 + 2))


def test_of_a_word_that_two_stems_have_the_likelier_counts() -> None:
    verb, noun = ("v", "कर"), ("n_m", "कर")
    each = [expected("hi", [one], {})["कर"] for one in (verb, noun)]
    assert each[0] < each[1] == expected("hi", [verb, noun], {})["कर"]


def test_a_stem_named_twice_is_one() -> None:
    assert expected("en", STEMS * 2, SEEN) == expected("en", STEMS, SEEN)


def test_what_is_no_paradigm_is_refused() -> None:
    with pytest.raises(ValueError, match="no paradigm"):
        expected("pa", [("noun", "ਘਰ")], {})


@pytest.mark.parametrize(
    ("code", "paradigm", "stem", "form"),
    [
        ("hi", "v", "लिख", "लिखूँगी"), ("hi", "vv", "बना", "बनाइएगा"), ("hi", "n_m", "आलू", "आलूओं"),
        ("hi", "n_f", "किताब", "किताबें"), ("hi", "adj_a", "अच्छ", "अच्छे"),
        ("pa", "v", "ਕਰ", "ਕਰਨਗੀਆਂ"), ("pa", "v", "ਲਿਖ", "ਲਿਖਣਾ"), ("pa", "vau", "ਬਣਾ", "ਬਣਾਉਂਦਾ"),
        ("pa", "vau", "ਬਣਾ", "ਬਣਾਓ"), ("pa", "n_m", "ਭਰਾ", "ਭਰਾਵਾਂ"), ("pa", "n_m", "ਚਾਕੂ", "ਚਾਕੂਆਂ"),
        ("pa", "n_f", "ਕਿਤਾਬ", "ਕਿਤਾਬਾਂ"), ("pa", "adj_a", "ਚੰਗ", "ਚੰਗੀਆਂ"),
        ("en", "noun", "story", "stories"), ("en", "verb", "stop", "stopped"),
    ],
)  # fmt: skip
def test_regular_words_have_the_forms_that_people_say(code: str, paradigm: str, stem: str, form: str) -> None:
    assert form in [word for _, word in inflect(code, paradigm, stem)]
