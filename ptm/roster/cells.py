"""What may stand in one cell of a class list. Parsers return values as the house keeps them or raise CellRefused."""

from __future__ import annotations

import re
import unicodedata

from ptm.errors import PhoneNumberError
from ptm.phone import UnusableNumber, parse_msisdn, undo_spreadsheet, western_digits
from ptm.roster.refusals import CellRefused

LONGEST_NAME = 80
LONGEST_SCHOOL_NAME = 160
LONGEST_CODE = 40
UDISE_DIGITS = 11
LAST_STATE = 38

# Invisible letters that travel with copied text. The joiners stay: within an Indian word they change its shape.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u2060\ufeff\u00ad"))
_IN_NAMES = frozenset(" .,'’‘`-–()/&@॰।\u200c\u200d") - {"@", "`"}
_IN_SCHOOL_NAMES = _IN_NAMES | frozenset('0123456789+:#"“”[]')
_IN_CODES = frozenset("/-._ #")
_NOTHING = frozenset({"", "-", "--", "---", ".", "na", "n/a", "n.a.", "n.a", "nil", "none", "null", "not available"})
_NO_PHONE = frozenset(
    {"na", "n/a", "nil", "none", "no", "no phone", "no mobile", "no number", "not available", "without phone"}
    | {"ਨਹੀਂ", "ਕੋਈ ਨਹੀਂ", "ਫ਼ੋਨ ਨਹੀਂ", "ਫੋਨ ਨਹੀਂ", "ਨਹੀਂ ਹੈ", "ਮੋਬਾਈਲ ਨਹੀਂ"}
    | {"नहीं", "कोई नहीं", "फ़ोन नहीं", "फोन नहीं", "नहीं है", "मोबाइल नहीं"}
)  # fmt: skip
_LANGUAGES = {
    "pa": ("pa", "pan", "pun", "pnb", "punjabi", "panjabi", "ਪੰਜਾਬੀ", "ਪਂਜਾਬੀ", "पंजाबी", "पन्जाबी"),
    "hi": ("hi", "hin", "hindi", "ਹਿੰਦੀ", "ਹਿਂਦੀ", "हिंदी", "हिन्दी"),
    "en": ("en", "eng", "english", "ਅੰਗਰੇਜ਼ੀ", "ਅੰਗਰੇਜੀ", "ਇੰਗਲਿਸ਼", "अंग्रेज़ी", "अंग्रेजी", "इंग्लिश"),
}


def parse_name(text: str) -> str:
    """Return a person's name: letters of any script and the few signs that names carry. It will be spoken."""
    name = _words(text, LONGEST_NAME)
    if any(unicodedata.category(char) == "Nd" for char in name):
        raise CellRefused("there is a digit in this name", "write the name alone")
    _refuse_strange_signs(name, _IN_NAMES, "a name")
    return name


def parse_optional_name(text: str) -> str:
    """Return a name, or nothing for a dash or `NA`."""
    return "" if is_nothing(text) else parse_name(text)


def parse_school_name(text: str) -> str:
    name = _words(text, LONGEST_SCHOOL_NAME)
    _refuse_strange_signs(western_digits(name), _IN_SCHOOL_NAMES, "a name")
    return name


def parse_optional_area(text: str) -> str:
    """Return the name of a district or block, or nothing for a dash or for a code in its place."""
    return "" if is_nothing(text) or western_digits(text).isdigit() else parse_school_name(text)


def parse_mobile(text: str) -> str | None:
    """Return the number, or None where the list says in words that the family has no phone."""
    if _folded(text) in _NO_PHONE:
        return None
    try:
        return parse_msisdn(text)
    except UnusableNumber as error:
        raise CellRefused(error.reason, error.mend) from None


def parse_udise(text: str) -> str:
    """Return a school's eleven digits. A spreadsheet eats the zero with which Punjab's codes begin: it is put back."""
    digits = re.sub(r"[\s\-/']", "", _number(text))
    if not (digits.isascii() and digits.isdigit()):
        raise CellRefused("this is not a UDISE code", _UDISE_MEND)
    digits = digits.zfill(UDISE_DIGITS) if len(digits) == UDISE_DIGITS - 1 else digits
    if len(digits) != UDISE_DIGITS:
        raise CellRefused(f"a UDISE code has eleven digits, this has {len(digits)}", _UDISE_MEND)
    if not 1 <= int(digits[:2]) <= LAST_STATE:
        raise CellRefused("no state has a UDISE code that begins like this", _UDISE_MEND)
    return digits


def parse_admission(text: str) -> str:
    """Return an admission number as written, or nothing for a dash or `NA`."""
    if is_nothing(text):
        return ""
    number = " ".join(_number(text).split()).upper()
    if len(number) > LONGEST_CODE:
        raise CellRefused(
            "this is too long for an admission number", f"write at most {LONGEST_CODE} letters and digits"
        )
    _refuse_strange_signs(number, _IN_CODES | frozenset("0123456789"), "an admission number", needs_letter=False)
    return number


def parse_language(text: str) -> str:
    """Return `pa`, `hi` or `en`."""
    language = _LANGUAGE_BY_NAME.get(_folded(text))
    if language is None:
        raise CellRefused("calls do not speak this language", "write Punjabi, Hindi or English")
    return language


def is_nothing(text: str) -> bool:
    """Say whether a cell holds only a sign for nothing."""
    return _folded(text) in _NOTHING


def cleaned(text: str) -> str:
    """Return `text` composed, without invisible letters, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


_UDISE_MEND = "write the school's eleven digits, for example 03010100101, in a column formatted as text"


def _words(text: str, longest: int) -> str:
    words = cleaned(text)
    if words[:1] in ("=", "+", "@"):
        raise CellRefused("this is a formula", "copy the column and paste it as values")
    if len(words) > longest:
        raise CellRefused(f"this is longer than {longest} letters", "write it shorter")
    return words


def _refuse_strange_signs(text: str, allowed: frozenset[str], what: str, *, needs_letter: bool = True) -> None:
    if "\ufffd" in text or "??" in text:
        raise CellRefused(
            "letters were lost when the list was saved", "save it again as 'CSV UTF-8' or as .xlsx, or type the name"
        )
    for char in text:
        if char not in allowed and unicodedata.category(char)[0] not in "LM":
            raise CellRefused(f"{_named(char)} does not belong in {what}", "delete it")
    if needs_letter and not any(unicodedata.category(char)[0] == "L" for char in text):
        raise CellRefused("there is no name here", "write the name")


def _named(char: str) -> str:
    return f"“{char}”" if char.isprintable() else f"the invisible sign U+{ord(char):04X}"


def _number(text: str) -> str:
    """Return a code that a spreadsheet may have taken for a number. Raises CellRefused when digits are lost."""
    plain = western_digits(cleaned(text)).removeprefix("'")
    if plain.startswith("="):
        raise CellRefused("this is a formula", "copy the column and paste it as values")
    try:
        return undo_spreadsheet(plain)
    except PhoneNumberError as error:
        reason, _, mend = str(error).partition(": ")
        raise CellRefused(reason, mend) from None


def _folded(text: str) -> str:
    return cleaned(text).casefold().strip(" .*()")


_LANGUAGE_BY_NAME = {_folded(name): language for language, names in _LANGUAGES.items() for name in names}
