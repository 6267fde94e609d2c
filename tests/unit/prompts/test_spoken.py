"""Numbers, dates, times, classes and names, as they are said in three languages."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import slots, spoken
from prompts.errors import SlotError
from prompts.number_words import BELOW_HUNDRED


@pytest.mark.parametrize(
    ("value", "punjabi", "hindi", "english"),
    [
        (0, "ਸਿਫ਼ਰ", "शून्य", "zero"),
        (19, "ਉੱਨੀ", "उन्नीस", "nineteen"),
        (29, "ਉਣੱਤੀ", "उनतीस", "twenty-nine"),
        (39, "ਉਨਤਾਲੀ", "उनतालीस", "thirty-nine"),
        (49, "ਉਣੰਜਾ", "उनचास", "forty-nine"),
        (59, "ਉਣਾਹਠ", "उनसठ", "fifty-nine"),
        (69, "ਉਣੱਤਰ", "उनहत्तर", "sixty-nine"),
        (79, "ਉਣਾਸੀ", "उनासी", "seventy-nine"),
        (82, "ਬਿਆਸੀ", "बयासी", "eighty-two"),
        (89, "ਉਣਾਨਵੇਂ", "नवासी", "eighty-nine"),
        (99, "ਨੜਿੰਨਵੇਂ", "निन्यानवे", "ninety-nine"),
        (100, "ਇੱਕ ਸੌ", "एक सौ", "one hundred"),
        (105, "ਇੱਕ ਸੌ ਪੰਜ", "एक सौ पाँच", "one hundred and five"),
        (999, "ਨੌਂ ਸੌ ਨੜਿੰਨਵੇਂ", "नौ सौ निन्यानवे", "nine hundred and ninety-nine"),
        (1250, "ਇੱਕ ਹਜ਼ਾਰ ਦੋ ਸੌ ਪੰਜਾਹ", "एक हज़ार दो सौ पचास", "one thousand two hundred and fifty"),
        (2_400_000, "ਚੌਵੀ ਲੱਖ", "चौबीस लाख", "twenty-four lakh"),
    ],
)
def test_numbers(value: int, punjabi: str, hindi: str, english: str) -> None:
    assert [spoken.number(value, language) for language in ("pa", "hi", "en")] == [punjabi, hindi, english]


@pytest.mark.parametrize("language", ["pa", "hi", "en"])
def test_no_two_numbers_below_a_hundred_sound_alike(language: str) -> None:
    assert len(BELOW_HUNDRED[language]) == len(set(BELOW_HUNDRED[language])) == 100


# The last word of a decade rhymes in both languages; a word in the wrong row of the table would not.
DECADE_ENDINGS = {
    "pa": {
        20: ("ੀ", "ਈ"),
        30: ("ੀ",),
        40: ("ਾਲੀ", "ਆਲੀ"),
        50: ("ੰਜਾ",),
        60: ("ਹਠ",),
        70: ("ੱਤਰ",),
        80: ("ਾਸੀ", "ਆਸੀ"),
        90: ("ਵੇਂ",),
    },
    "hi": {
        20: ("ीस", "ईस"),
        30: ("तीस",),
        40: ("ालीस",),
        50: ("न",),
        60: ("सठ",),
        70: ("हत्तर",),
        80: ("ासी",),
        90: ("वे",),
    },
}


@pytest.mark.parametrize("language", ["pa", "hi"])
def test_numbers_of_a_decade_rhyme(language: str) -> None:
    for decade, endings in DECADE_ENDINGS[language].items():
        inner = BELOW_HUNDRED[language][decade + 1 : decade + 9]
        assert [word for word in inner if not word.endswith(endings)] == []


@given(st.integers(0, spoken.LARGEST), st.sampled_from(["pa", "hi", "en"]))
def test_every_number_is_words_only(value: int, language: str) -> None:
    said = spoken.number(value, language)
    assert said == " ".join(said.split())
    assert not any(character.isdigit() for character in said)


@pytest.mark.parametrize(
    ("language", "said"),
    [("pa", "ਬਿਆਸੀ ਫ਼ੀਸਦੀ"), ("hi", "बयासी प्रतिशत"), ("en", "eighty-two percent")],
)
def test_percentages(language: str, said: str) -> None:
    assert spoken.words_of(slots.percent(82), language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("pa", "ਸ਼ਨਿੱਚਰਵਾਰ ਅਠਾਈ ਨਵੰਬਰ"),
        ("hi", "शनिवार अट्ठाईस नवंबर"),
        ("en", "Saturday the twenty-eighth of November"),
    ],
)
def test_dates(language: str, said: str) -> None:
    assert spoken.words_of(slots.date(date(2026, 11, 28)), language) == said


@pytest.mark.parametrize(
    ("at", "punjabi", "hindi", "english"),
    [
        (time(10, 0), "ਸਵੇਰੇ ਦਸ ਵਜੇ", "सुबह दस बजे", "ten o'clock in the morning"),
        (time(10, 30), "ਸਵੇਰੇ ਸਾਢੇ ਦਸ ਵਜੇ", "सुबह साढ़े दस बजे", "half past ten in the morning"),
        (time(13, 30), "ਦੁਪਹਿਰ ਡੇਢ ਵਜੇ", "दोपहर डेढ़ बजे", "half past one in the afternoon"),
        (time(14, 30), "ਦੁਪਹਿਰ ਢਾਈ ਵਜੇ", "दोपहर ढाई बजे", "half past two in the afternoon"),
        (time(9, 15), "ਸਵੇਰੇ ਸਵਾ ਨੌਂ ਵਜੇ", "सुबह सवा नौ बजे", "nine fifteen in the morning"),
        (time(12, 45), "ਦੁਪਹਿਰ ਪੌਣੇ ਇੱਕ ਵਜੇ", "दोपहर पौने एक बजे", "twelve forty-five in the afternoon"),
        (time(17, 5), "ਸ਼ਾਮ ਪੰਜ ਵੱਜ ਕੇ ਪੰਜ ਮਿੰਟ", "शाम पाँच बजकर पाँच मिनट", "five oh five in the evening"),
    ],
)
def test_times_of_day(at: time, punjabi: str, hindi: str, english: str) -> None:
    assert [spoken.words_of(slots.time(at), language) for language in ("pa", "hi", "en")] == [punjabi, hindi, english]


@pytest.mark.parametrize(
    ("written", "punjabi", "hindi", "english"),
    [
        ("5A", "ਪੰਜਵੀਂ ਏ", "पाँचवीं ए", "five A"),
        ("v - b", "ਪੰਜਵੀਂ ਬੀ", "पाँचवीं बी", "five B"),
        ("Class 10", "ਦਸਵੀਂ", "दसवीं", "ten"),
        ("6th C", "ਛੇਵੀਂ ਸੀ", "छठी सी", "six C"),
        ("LKG", "ਐੱਲ ਕੇ ਜੀ", "एल के जी", "L K G"),
        ("Nursery", "ਨਰਸਰੀ", "नर्सरी", "nursery"),
    ],
)
def test_class_names(written: str, punjabi: str, hindi: str, english: str) -> None:
    said = [spoken.words_of(slots.class_name(written), language) for language in ("pa", "hi", "en")]
    assert said == [punjabi, hindi, english]


@pytest.mark.parametrize(
    "bad",
    [
        slots.class_name("13A"),
        slots.class_name("blue"),
        slots.number(-1),
        slots.Slot(slots.SlotKind.DATE, "28/11/2026"),
    ],
)
def test_a_value_that_cannot_be_said_is_named(bad: slots.Slot) -> None:
    with pytest.raises(SlotError, match=bad.value):
        spoken.words_of(bad, "pa")


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "pa"),
        ("गुरप्रीत कौर", "hi"),
        ("Gurpreet Kaur", "en"),
        ("S. D'Souza-Singh", "en"),
        ("", None),
        ("ਂ", None),
        ("Gurpreet ਕੌਰ", None),
        ("Roll no 12", None),
        ("گرپریت", None),
        ("x" * 200, None),
    ],
)
def test_a_name_is_said_by_the_voice_of_its_script(name: str, voice: str | None) -> None:
    assert spoken.voice_of(spoken.clean_name(name)) == voice


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("  GURPREET   KAUR ", "Gurpreet Kaur"),
        ("gurpreet kaur", "Gurpreet Kaur"),
        ("GPS RAMPUR", "GPS Rampur"),
        ("Asha", "Asha"),
        ("गुरप्रीत", "गुरप्रीत"),
    ],
)
def test_a_shouted_name_is_not_spelt_out(written: str, cleaned: str) -> None:
    assert spoken.clean_name(written) == cleaned
