"""How a value is said in Punjabi, Hindi and English. Pure: values in, words out.

Everything becomes words of the language before the synthesiser sees it: given digits or a "%" it would read some of
them in English and some wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date as Date
from datetime import time as Time

from prompts.errors import SlotError
from prompts.number_words import BELOW_HUNDRED, ENGLISH_ORDINALS, SCALES, listed
from prompts.slots import Slot, SlotKind

LARGEST = 999_999_999
_MAX_NAME_CHARACTERS = 80

_PERCENT = {"pa": "ਫ਼ੀਸਦੀ", "hi": "प्रतिशत", "en": "percent"}

_MONTHS = {
    "pa": listed("ਜਨਵਰੀ ਫ਼ਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ"),
    "hi": listed("जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्तूबर नवंबर दिसंबर"),
    "en": listed("January February March April May June July August September October November December"),
}
_WEEKDAYS = {
    "pa": listed("ਸੋਮਵਾਰ ਮੰਗਲਵਾਰ ਬੁੱਧਵਾਰ ਵੀਰਵਾਰ ਸ਼ੁੱਕਰਵਾਰ ਸ਼ਨਿੱਚਰਵਾਰ ਐਤਵਾਰ"),
    "hi": listed("सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार"),
    "en": listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
}

# Classes are feminine in both languages: पाँचवीं कक्षा, ਪੰਜਵੀਂ ਜਮਾਤ.
_CLASSES = {
    "pa": listed("ਪਹਿਲੀ ਦੂਜੀ ਤੀਜੀ ਚੌਥੀ ਪੰਜਵੀਂ ਛੇਵੀਂ ਸੱਤਵੀਂ ਅੱਠਵੀਂ ਨੌਵੀਂ ਦਸਵੀਂ ਗਿਆਰ੍ਹਵੀਂ ਬਾਰ੍ਹਵੀਂ"),
    "hi": listed("पहली दूसरी तीसरी चौथी पाँचवीं छठी सातवीं आठवीं नौवीं दसवीं ग्यारहवीं बारहवीं"),
    "en": BELOW_HUNDRED["en"][1:13],
}
_ROMAN = {roman: at for at, roman in enumerate(listed("I II III IV V VI VII VIII IX X XI XII"), 1)}
_NURSERY = {"pa": "ਨਰਸਰੀ", "hi": "नर्सरी", "en": "nursery"}
_LETTERS = {
    "pa": listed("""ਏ ਬੀ ਸੀ ਡੀ ਈ ਐੱਫ਼ ਜੀ ਐੱਚ ਆਈ ਜੇ ਕੇ ਐੱਲ ਐੱਮ ਐੱਨ ਓ ਪੀ ਕਿਊ ਆਰ ਐੱਸ ਟੀ ਯੂ ਵੀ ਡਬਲਯੂ ਐਕਸ ਵਾਈ ਜ਼ੈੱਡ"""),
    "hi": listed("""ए बी सी डी ई एफ़ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डब्ल्यू एक्स वाई ज़ेड"""),
    "en": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
}
_CLASS = re.compile(r"(?:CLASS\s*)?(\d{1,2}|[IVX]+)(?:ST|ND|RD|TH)?[\s\-.]*([A-Z]?)")

_OCLOCK = {"pa": "ਵਜੇ", "hi": "बजे"}
_QUARTER_PAST = {"pa": "ਸਵਾ", "hi": "सवा"}
_HALF_PAST = {"pa": "ਸਾਢੇ", "hi": "साढ़े"}
_QUARTER_TO = {"pa": "ਪੌਣੇ", "hi": "पौने"}
_HALF_PAST_ONE_AND_TWO = {"pa": ("ਡੇਢ", "ਢਾਈ"), "hi": ("डेढ़", "ढाई")}
_MINUTES = {"pa": "{hour} ਵੱਜ ਕੇ {minute} ਮਿੰਟ", "hi": "{hour} बजकर {minute} मिनट"}
# From which hour on the part of the day has which name; before four in the morning it is still night.
_DAY_PARTS = {
    "pa": ((20, "ਰਾਤ"), (16, "ਸ਼ਾਮ"), (12, "ਦੁਪਹਿਰ"), (4, "ਸਵੇਰੇ"), (0, "ਰਾਤ")),
    "hi": ((20, "रात"), (16, "शाम"), (12, "दोपहर"), (4, "सुबह"), (0, "रात")),
    "en": ((20, "at night"), (16, "in the evening"), (12, "in the afternoon"), (4, "in the morning"), (0, "at night")),
}

# Said where a name cannot be: in the oblique case that stands before "ਦੇ", "ਦਾ", "के" and their like.
NEUTRAL = {
    SlotKind.NAME: {"pa": "ਤੁਹਾਡੇ ਬੱਚੇ", "hi": "आपके बच्चे", "en": "your child"},
    SlotKind.PLACE: {"pa": "ਤੁਹਾਡੇ ਸਕੂਲ", "hi": "आपके स्कूल", "en": "your school"},
}

_SCRIPT_VOICES = {"GURMUKHI": "pa", "DEVANAGARI": "hi", "LATIN": "en"}


def words_of(slot: Slot, language: str) -> str:
    """Return what is said for a number, percentage, date, time, class or text. Raises SlotError for a bad value."""
    try:
        return _SAY[slot.kind](slot.value, language)
    except (ValueError, KeyError) as problem:
        raise SlotError(f"{slot.value!r} cannot be said as {slot.kind.value} in {language!r}: {problem}") from problem


def number(value: int, language: str) -> str:
    """Return a whole number of 0 to 999,999,999 in words, counted as India does (hundred, thousand, lakh, crore)."""
    if not 0 <= value <= LARGEST:
        raise ValueError(f"numbers go from 0 to {LARGEST}")
    if value < 100:
        return BELOW_HUNDRED[language][value]
    size, scale = next(entry for entry in SCALES[language] if value >= entry[0])
    many, rest = divmod(value, size)
    said = f"{number(many, language)} {scale}"
    if not rest:
        return said
    link = " and " if language == "en" and rest < 100 else " "
    return said + link + number(rest, language)


def percent(value: int, language: str) -> str:
    return f"{number(value, language)} {_PERCENT[language]}"


def date(value: Date, language: str) -> str:
    """Return weekday, day and month; the year is known to everybody and costs a second."""
    weekday, month = _WEEKDAYS[language][value.weekday()], _MONTHS[language][value.month - 1]
    if language == "en":
        return f"{weekday} the {ENGLISH_ORDINALS[value.day]} of {month}"
    return f"{weekday} {number(value.day, language)} {month}"


def time(value: Time, language: str) -> str:
    """Return the time of day as it is said at home: "ਸਵੇਰੇ ਸਾਢੇ ਦਸ ਵਜੇ", "दोपहर डेढ़ बजे", "half past ten in the morning"."""
    part = next(part for first, part in _DAY_PARTS[language] if value.hour >= first)
    if language == "en":
        return f"{_english_time(value)} {part}"
    return f"{part} {_indian_time(value, language)}"


def class_name(value: str, language: str) -> str:
    """Return "5A", "V-A", "10 B", "LKG" or "Nursery" as said; the word for "class" is the sentence's business.

    Raises ValueError for anything else.
    """
    plain = " ".join(value.upper().split())
    if plain in ("KG", "LKG", "UKG"):
        return _spelt(plain, language)
    if plain == "NURSERY":
        return _NURSERY[language]
    found = _CLASS.fullmatch(plain)
    if not found:
        raise ValueError('a class looks like "5", "5A", "V-A", "LKG" or "Nursery"')
    grade = int(found[1]) if found[1].isdigit() else _ROMAN.get(found[1], 0)
    if not 1 <= grade <= 12:
        raise ValueError("classes go from 1 to 12")
    return f"{_CLASSES[language][grade - 1]} {_spelt(found[2], language)}".strip()


def clean_name(value: str) -> str:
    """Return a name as it is compared and said: composed, single spaces, no shouting.

    Rosters write GURPREET KAUR and gurpreet kaur, and both mean one recording. Short words without a vowel ("GPS") are
    spelt on purpose and stay.
    """
    words = unicodedata.normalize("NFC", value).split()
    return " ".join(word.title() if word.islower() or (word.isupper() and _is_a_word(word)) else word for word in words)


def voice_of(name: str) -> str | None:
    """Return the voice whose script a cleaned name is written in, or None when it cannot be said.

    It cannot when it is empty, too long, in a script without a voice, in two scripts, or holds digits or signs.
    """
    letters = name.replace(" ", "").replace(".", "").replace("'", "").replace("-", "").replace("’", "")
    if not letters or len(name) > _MAX_NAME_CHARACTERS:
        return None
    voices = {_SCRIPT_VOICES.get(unicodedata.name(letter, "?").split()[0]) for letter in letters}
    kinds = {unicodedata.category(letter)[0] for letter in letters}
    return voices.pop() if len(voices) == 1 and kinds in ({"L"}, {"L", "M"}) else None


def _is_a_word(word: str) -> bool:
    return len(word) > 3 and bool(set(word) & set("AEIOUY"))


def _spelt(letters: str, language: str) -> str:
    return " ".join(_LETTERS[language][ord(letter) - ord("A")] for letter in letters)


def _indian_time(value: Time, language: str) -> str:
    hour, oclock = value.hour % 12 or 12, _OCLOCK[language]
    if value.minute == 30:
        half = (
            _HALF_PAST_ONE_AND_TWO[language][hour - 1]
            if hour <= 2
            else f"{_HALF_PAST[language]} {number(hour, language)}"
        )
        return f"{half} {oclock}"
    if value.minute == 15:
        return f"{_QUARTER_PAST[language]} {number(hour, language)} {oclock}"
    if value.minute == 45:
        return f"{_QUARTER_TO[language]} {number(hour % 12 + 1, language)} {oclock}"
    if value.minute:
        return _MINUTES[language].format(hour=number(hour, language), minute=number(value.minute, language))
    return f"{number(hour, language)} {oclock}"


def _english_time(value: Time) -> str:
    hour = number(value.hour % 12 or 12, "en")
    if not value.minute:
        return f"{hour} o'clock"
    if value.minute == 30:
        return f"half past {hour}"
    return f"{hour} {'oh ' if value.minute < 10 else ''}{number(value.minute, 'en')}"


_SAY: dict[SlotKind, Callable[[str, str], str]] = {
    SlotKind.NUMBER: lambda value, language: number(int(value), language),
    SlotKind.PERCENT: lambda value, language: percent(int(value), language),
    SlotKind.DATE: lambda value, language: date(Date.fromisoformat(value), language),
    SlotKind.TIME: lambda value, language: time(Time.fromisoformat(value), language),
    SlotKind.CLASS: class_name,
    SlotKind.TEXT: lambda value, _language: unicodedata.normalize("NFC", value).strip(),
}
