"""One spelling for a class, however a list writes it: `5A`, `5-A`, `V`, `Class 5th`, `ਪੰਜਵੀਂ`, `पाँचवीं (अ)`."""

from __future__ import annotations

import re
import unicodedata

from ptm.phone import western_digits
from ptm.roster.cells import cleaned
from ptm.roster.refusals import CellRefused

LONGEST_SECTION = 20
HIGHEST_GRADE = 12

_MEND = "write the class as a number and its section, for example 5A"
_WORD_CLASS = re.compile(r"^(?:class|grade|std|standard|ਜਮਾਤ|ਸ਼੍ਰੇਣੀ|ਕਲਾਸ|कक्षा|श्रेणी|क्लास|जमात)(?=[ .:\-0-9]|$)[ .:\-]*")
_NUMBER = re.compile(r"0?([0-9]{1,2})(?:\.0+)?(?: ?(?:st|nd|rd|th|ਵੀਂ|ਵੀ|वीं|वी))?(?![0-9a-z]{2})[ \-–/()]*(.*?)[ )]*$")
_ROMAN = re.compile(r"(x?(?:ix|iv|v?i{1,3}|v)|x)(?:[ \-–/()]+(.*?)[ )]*|([a-d])?)$")
_ROMAN_GRADES = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_WORDS = {
    1: "first one pehli ਪਹਿਲੀ पहली एक",
    2: "second two ਦੂਜੀ दूसरी दो",
    3: "third three ਤੀਜੀ तीसरी तीन",
    4: "fourth four ਚੌਥੀ चौथी चार",
    5: "fifth five ਪੰਜਵੀਂ ਪੰਜਵੀ पाँचवीं पांचवीं पाँचवी पांचवी पाँच",
    6: "sixth six ਛੇਵੀਂ ਛੇਵੀ छठी छठवीं छः",
    7: "seventh seven ਸੱਤਵੀਂ ਸੱਤਵੀ ਸਤਵੀਂ सातवीं सातवी सात",
    8: "eighth eight ਅੱਠਵੀਂ ਅੱਠਵੀ ਅਠਵੀਂ आठवीं आठवी आठ",
    9: "ninth nine ਨੌਵੀਂ ਨੌਵੀ ਨੌਂਵੀਂ नौवीं नौवी नवीं नौ",
    10: "tenth ten ਦਸਵੀਂ ਦਸਵੀ दसवीं दसवी दस",
    11: "eleventh eleven ਗਿਆਰਵੀਂ ਗਿਆਰ੍ਹਵੀਂ ग्यारहवीं ग्यारहवी ग्यारह",
    12: "twelfth twelve ਬਾਰਵੀਂ ਬਾਰ੍ਹਵੀਂ बारहवीं बारहवी बारह",
}
_BEFORE_FIRST = {
    "nursery": "Nursery", "lkg": "LKG", "l k g": "LKG", "ukg": "UKG", "u k g": "UKG", "kg": "KG", "prep": "Prep",
    "preprimary": "Pre-Primary", "pre primary": "Pre-Primary", "pp": "Pre-Primary", "balvatika": "Balvatika",
    "ਨਰਸਰੀ": "Nursery", "ਐਲਕੇਜੀ": "LKG", "ਯੂਕੇਜੀ": "UKG", "ਪ੍ਰੀ ਪ੍ਰਾਇਮਰੀ": "Pre-Primary",
    "नर्सरी": "Nursery", "एलकेजी": "LKG", "यूकेजी": "UKG", "प्री प्राइमरी": "Pre-Primary", "बालवाटिका": "Balvatika",
}  # fmt: skip
_SECTION_LETTERS = {
    "A": "a ਏ ਅ ए अ", "B": "b ਬੀ ਬ बी ब", "C": "c ਸੀ ਸ सी स", "D": "d ਡੀ ਦ डी द", "E": "e ਈ ई", "F": "f ਐਫ एफ",
}  # fmt: skip


def parse_class(class_text: str, section_text: str = "") -> str:
    """Return grade and section as one name, `5A` or `5 Rose`; the section may stand in a cell of its own.

    Raises CellRefused for what is no class, and when the two cells name different sections.
    """
    grade, inside = _grade(class_text)
    apart = parse_section(section_text)
    if inside and apart and inside != apart:
        raise CellRefused(f"the class says section {inside}, the section column says {apart}", "keep one of them")
    section = inside or apart
    if not section:
        return grade
    return grade + section if len(section) == 1 and section.isalpha() and grade.isdigit() else f"{grade} {section}"


def _grade(text: str) -> tuple[str, str]:
    plain = _WORD_CLASS.sub("", western_digits(cleaned(text)).casefold().strip(" .'")).strip(" .")
    if number := _NUMBER.match(plain):
        return _checked(int(number[1])), parse_section(number[2])
    if roman := _ROMAN.match(plain):
        return str(_ROMAN_GRADES.index(roman[1]) + 1), parse_section(roman[2] or roman[3] or "")
    word, _, rest = plain.replace("(", " ").replace("-", " ").partition(" ")
    if grade := _GRADE_BY_WORD.get(_bare(word)):
        return str(grade), parse_section(rest)
    return _before_first(plain)


def _checked(grade: int) -> str:
    if not 1 <= grade <= HIGHEST_GRADE:
        raise CellRefused(f"there is no class {grade}", _MEND)
    return str(grade)


def _before_first(plain: str) -> tuple[str, str]:
    spaced = " ".join(re.sub(r"[\-–./()]+", " ", plain).split())
    for spelling in sorted(_BEFORE_FIRST, key=len, reverse=True):
        rest = spaced.removeprefix(spelling)
        if rest != spaced and (not rest or rest[0] in " 0123456789"):
            return _BEFORE_FIRST[spelling], parse_section(rest)
    raise CellRefused("this is not a class", _MEND)


def parse_section(text: str) -> str:
    """Return a section as `A` or `Rose`, or nothing for a dash."""
    plain = western_digits(cleaned(text)).strip(" -–()./'\"")
    if plain.casefold() in ("", "na", "nil", "none", "no section"):
        return ""
    if len(plain) > LONGEST_SECTION or not all(
        char in " -" or char.isdigit() or unicodedata.category(char)[0] in "LM" for char in plain
    ):
        raise CellRefused("this is not a section", _MEND)
    return _SECTION_BY_LETTER.get(plain.casefold()) or plain.title()


def _bare(word: str) -> str:
    return unicodedata.normalize("NFC", word)


_GRADE_BY_WORD = {_bare(word): grade for grade, words in _WORDS.items() for word in words.split()}
_SECTION_BY_LETTER = {word: letter for letter, words in _SECTION_LETTERS.items() for word in words.split()}
