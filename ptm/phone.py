"""The only number parser of the house.

The carrier's `to` field dials every number of a `<`-separated list and SIP addresses besides, so a roster cell is a
place where somebody else's text meets a dialler. What leaves `parse_msisdn` is `91` and ten digits, or nothing does.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from ptm.errors import PhoneNumberError

COUNTRY_CODE = "91"
NATIONAL_DIGITS = 10
LONGEST_TEXT = 64
"""Characters. The longest honest cell seen, a number with its code in brackets and spaces between, has under 30."""

_MSISDN = re.compile(r"91[6-9][0-9]{9}")
# What a phone or a messaging app leaves round a copied number. The right-to-left ones are not here on purpose: with
# them the digits on the screen are not the digits that would be dialled.
_LEFTOVERS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u202a\u202c\u202d\u2060\u2066\u2069\ufeff"))
_SCIENTIFIC = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,2})")
_DECIMAL = re.compile(r"([0-9]+)\.([0-9]*)")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})+(?:\.0*)?")
_LIST_SIGN = re.compile(r"[<>,;/\\|&\n\r\t]|\b(?:or|and|ya|te)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:sips?|tel|https?|mailto):|@|www\.", re.IGNORECASE)
_ALLOWED = re.compile(r"\(?\+?[0-9 ()\[\].-]*")
_UP, _DOWN = "0123456789" * 2, "9876543210" * 2

_WRITE_TEN = "write the ten digits of a mobile number, for example 98140 12345"
_AS_TEXT = "format the column as text, then type the whole number again"
_SECOND = "keep one number here and put the second in the alternate column"


class UnusableNumber(PhoneNumberError):
    """The reason that a teacher reads beside the cell, and how to mend it."""

    def __init__(self, reason: str, mend: str = _WRITE_TEN) -> None:
        super().__init__(f"{reason}: {mend}")
        self.reason = reason
        self.mend = mend


def parse_msisdn(text: str) -> str:
    """Return the one Indian mobile number in `text` as `91` and ten digits.

    Digits of any script, country or trunk prefix, spaces, dashes, dots and brackets are understood, and so is a number
    that a spreadsheet has turned into `9814012345.0` or `9.814012345E+09` as long as no digit is lost.
    Raises UnusableNumber for everything else.
    """
    plain = _plain(text)
    _refuse_other_things(plain)
    national = _national(undo_spreadsheet(plain))
    _refuse_unlikely(national)
    return COUNTRY_CODE + national


def is_msisdn(text: str) -> bool:
    """Tell whether `text` already has the one form in which numbers travel inside the house."""
    return _MSISDN.fullmatch(text) is not None


def mask(msisdn: str) -> str:
    """Return the number as most people may see it: the last four digits. A text that is no number shows nothing."""
    return "XXXXXX" + (msisdn[-4:] if is_msisdn(msisdn) else "XXXX")


def undo_spreadsheet(plain: str) -> str:
    """Return `plain` with a spreadsheet's number form (`123.0`, `1.23E+02`) turned back into digits.

    Other text comes back as it is. Raises UnusableNumber when digits are lost, because guessing them calls a stranger.
    """
    if scientific := _SCIENTIFIC.fullmatch(plain):
        return _expand(*scientific.groups(default=""))
    if decimal := _DECIMAL.fullmatch(plain):
        return _without_fraction(plain, *decimal.groups())
    return plain


def western_digits(text: str) -> str:
    """Return `text` with the digits of every script as 0-9. Superscripts and circled digits are signs, not digits."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if unicodedata.category(char) == "Nd" else char for char in text)


def _plain(text: str) -> str:
    stripped = text.translate(_LEFTOVERS).strip()
    if not stripped:
        raise UnusableNumber("there is no number here")
    if len(stripped) > LONGEST_TEXT:
        raise UnusableNumber("this is much too long for a phone number")
    spaced = "".join(_ascii_sign(char) for char in western_digits(stripped))
    return spaced.removeprefix("'").strip()  # a leading ' is how a spreadsheet marks text


def _ascii_sign(char: str) -> str:
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category == "Pd" or char == "\u2212":
        return "-"
    return unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" else char


def _expand(whole: str, fraction: str, exponent: str) -> str:
    if len(fraction) < int(exponent):
        raise UnusableNumber("Excel has rounded this number", _AS_TEXT)
    value = Decimal(f"{whole}.{fraction}E{exponent}")
    if value != value.to_integral_value():
        raise UnusableNumber("this is a number with a fraction", _AS_TEXT)
    return str(int(value))


def _without_fraction(plain: str, whole: str, fraction: str) -> str:
    if not fraction.strip("0"):
        return whole
    # 98140.12345 is somebody's way of writing; 981401234.5 and 0.9814012345 are what a calculation leaves behind.
    if (len(whole) < 3 and whole != COUNTRY_CODE) or len(fraction) < 3:
        raise UnusableNumber("this is a number with a fraction", _AS_TEXT)
    return plain


def _refuse_other_things(plain: str) -> None:
    if plain.startswith("="):
        raise UnusableNumber("this is a formula", "copy the column and paste it as values")
    if _ADDRESS.search(plain):
        raise UnusableNumber("this is an internet address, not a phone number")
    if _THOUSANDS.fullmatch(plain):
        raise UnusableNumber("the number is written with commas", _AS_TEXT)
    if not _SCIENTIFIC.fullmatch(plain):
        _refuse_lists_and_letters(plain)


def _refuse_lists_and_letters(plain: str) -> None:
    pieces = [piece for piece in _LIST_SIGN.split(plain) if re.search("[0-9]", piece)]
    if len(pieces) > 1:
        raise UnusableNumber("two numbers in one cell", _SECOND)
    if any(unicodedata.category(char)[0] in "LM" for char in plain):
        raise UnusableNumber("there are letters in this number")
    if not _ALLOWED.fullmatch(plain):
        raise UnusableNumber("there is a sign in this number that does not belong there")


def _national(text: str) -> str:
    """Return the national digits: the country code and the trunk zero are gone, ten digits are left."""
    digits = re.sub("[^0-9]", "", text)
    if len(set(digits)) == 1 and len(digits) >= NATIONAL_DIGITS:
        raise _made_up()
    international = "+" in text
    if digits.startswith("00"):
        international, digits = True, digits[2:]
    if international and not digits.startswith(COUNTRY_CODE):
        raise UnusableNumber("this number is from another country" if digits else "there is no number here")
    if international or len(digits) > NATIONAL_DIGITS + 1:
        digits = digits.removeprefix("0").removeprefix(COUNTRY_CODE)
    if len(digits) == NATIONAL_DIGITS + 1:
        digits = digits.removeprefix("0")
    if len(digits) != NATIONAL_DIGITS:
        raise _wrong_length(digits)
    return digits


def _wrong_length(digits: str) -> UnusableNumber:
    if not digits:
        return UnusableNumber("there is no number here")
    if len(digits) >= 2 * NATIONAL_DIGITS:
        return UnusableNumber("two numbers in one cell", _SECOND)
    how = "short" if len(digits) < NATIONAL_DIGITS else "long"
    count = "1 digit" if len(digits) == 1 else f"{len(digits)} digits"
    return UnusableNumber(f"the number is too {how}: it has {count}, a mobile number has ten")


def _made_up() -> UnusableNumber:
    return UnusableNumber("this is a made-up number", "write the family's own number")


def _refuse_unlikely(national: str) -> None:
    last_nine = national[1:]
    if len(set(last_nine)) == 1 or last_nine in _UP or last_nine in _DOWN:
        raise _made_up()
    # The second witness: 080-2221 2345 is ten digits starting with 8, and only its table knows that it is a landline.
    kind = phonenumbers.number_type(PhoneNumber(country_code=int(COUNTRY_CODE), national_number=int(national)))
    if kind == PhoneNumberType.FIXED_LINE:
        raise UnusableNumber("this is a landline", "write the family's mobile number")
    if not _MSISDN.fullmatch(COUNTRY_CODE + national):
        raise UnusableNumber("a mobile number starts with 6, 7, 8 or 9")
