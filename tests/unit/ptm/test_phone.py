from __future__ import annotations

import random
import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptm.errors import PhoneNumberError
from ptm.phone import UnusableNumber, is_msisdn, mask, parse_msisdn

GOOD = [
    "9814012345",
    "98140-12345",
    "98140 12345",
    "98140.12345",
    "981-401-2345",
    "+91 98140 12345",
    "+919814012345",
    "+91-9814012345",
    "+91.9814012345",
    "91.9814012345",
    "(+91) 98140-12345",
    "[98140] 12345",
    "+91 (0) 98140 12345",
    "919814012345",
    "91 98140 12345",
    "0919814012345",
    "09814012345",
    "0-98140-12345",
    "00919814012345",
    "0091 98140 12345",
    "  9814012345\u00a0",
    "9814012345\n",
    "'9814012345",
    "9814012345.0",
    "9814012345.",
    "9814012345.00",
    "919814012345.0",
    "9.814012345E+09",
    "9.814012345e9",
    "9,814012345E+09",
    "9.8140123450E+09",
    "9.19814012345E+11",
    "98140\u201312345",
    "98140\u221212345",
    "98140\u200912345",
    "\u202a+91 98140 12345\u202c",
    "9814012345\u200b",
    "९८१४०१२३४५",
    "੯੮੧੪੦੧੨੩੪੫",
    "੯੮੧੪੦-12345",
    "９８１４０１２３４５",
    "＋９１　９８１４０－１２３４５",
    "（＋91）9814012345",
]


@pytest.mark.parametrize("text", GOOD)
def test_every_way_of_writing_a_mobile_number_gives_the_same_msisdn(text: str) -> None:
    assert parse_msisdn(text) == "919814012345"


def test_a_national_number_that_starts_like_the_country_code_is_taken_as_it_stands() -> None:
    assert parse_msisdn("9198140123") == "919198140123"
    assert parse_msisdn("919198140123") == "919198140123"


BAD = {
    "": "there is no number",
    "  \t ": "there is no number",
    "-": "there is no number",
    "+": "there is no number",
    "\u200b": "there is no number",
    "9814012345 " + "0" * 60: "much too long",
    "98140-1234": "it has 9 digits",
    "7": "it has 1 digit,",
    "+91 98140123": "it has 8 digits",
    "98140123456": "it has 11 digits",
    "9198140123456": "it has 11 digits",
    "9814012345<9876500001": "two numbers in one cell",
    "9814012345,9876500001": "two numbers in one cell",
    "9814012345;9876500001": "two numbers in one cell",
    "9814012345/9876500001": "two numbers in one cell",
    "9814012345 / 46": "two numbers in one cell",
    "9814012345\n9876500001": "two numbers in one cell",
    "9814012345 or 9876500001": "two numbers in one cell",
    "9814012345 9876500001": "two numbers in one cell",
    "9814012345<": "does not belong",
    "<9814012345": "does not belong",
    "9814012345,": "does not belong",
    "98140+12345": "does not belong",
    "98140₁2345": "does not belong",
    "981401234⁵": "does not belong",
    "①814012345": "does not belong",
    "\u202e5432104189": "does not belong",
    "9814012345\x00": "does not belong",
    "9814012345#": "does not belong",
    "sip:9814012345@example.org": "internet address",
    "sips:9814012345": "internet address",
    "9814012345@carrier": "internet address",
    "+1 900 555 0100": "another country",
    "+9814012345": "another country",
    "+44 7911 123456": "another country",
    "0019005550100": "another country",
    "0172-2740000": "landline",
    "+91 172 274 0000": "landline",
    "080-22212345": "landline",
    "01638-222333": "landline",
    "1800 123 456": "a mobile number starts with",
    "1800123456": "a mobile number starts with",
    "9999999999": "made-up",
    "+91 88888 88888": "made-up",
    "9000000000": "made-up",
    "0000000000": "made-up",
    "1234567890": "made-up",
    "9876543210": "made-up",
    "7890123456": "made-up",
    "9123456789": "made-up",
    "5814012345": "landline",
    "=9814012345": "formula",
    '="9814012345"': "formula",
    "=cmd|'/C calc'!A0": "formula",
    "9814O12345": "letters",
    "Mob. 9814012345": "letters",
    "ਨੰਬਰ 9814012345": "letters",
    "{{7*7}}": "does not belong",
    "9.81401E+09": "Excel has rounded this number",
    "9,81401E+09": "Excel has rounded this number",
    "9.19E+11": "Excel has rounded this number",
    "9.81401234E+09": "Excel has rounded this number",
    "9E+09": "Excel has rounded this number",
    "9.8140123455E+09": "fraction",
    "981401234.5": "fraction",
    "9814012345.5": "fraction",
    "0.9814012345": "fraction",
    "9,814,012,345": "with commas",
    "9,81,40,12,345.00": "with commas",
}


@pytest.mark.parametrize(("text", "reason"), BAD.items())
def test_anything_else_is_refused_with_a_reason_and_how_to_mend_it(text: str, reason: str) -> None:
    with pytest.raises(UnusableNumber) as refused:
        parse_msisdn(text)
    assert reason in refused.value.reason
    assert refused.value.mend
    assert str(refused.value) == f"{refused.value.reason}: {refused.value.mend}"


def test_a_number_is_never_repeated_in_the_error_text() -> None:
    with pytest.raises(PhoneNumberError) as refused:
        parse_msisdn("9814012345 9876500001")
    assert not re.search("[0-9]{5}", str(refused.value).replace("98140 12345", ""))


def test_ten_thousand_mobile_numbers_come_through_in_every_shape() -> None:
    chance = random.Random(20)
    shapes = ("{0}{1}", "{0}-{1}", "+91 {0} {1}", "0{0}{1}", "0091{0}{1}", "91{0}{1}", "({0}) {1}", "{0}{1}.0")
    for _ in range(10_000):
        national = chance.randrange(6_000_000_000, 10_000_000_000)
        kind = phonenumbers.number_type(phonenumbers.PhoneNumber(91, national))
        text = chance.choice(shapes).format(str(national)[:5], str(national)[5:])
        if kind != phonenumbers.PhoneNumberType.FIXED_LINE:
            assert parse_msisdn(text) == f"91{national}"


@given(st.text(max_size=70) | st.text(alphabet="0123456789+-./ ,<>()eE", max_size=30))
@settings(max_examples=1500, deadline=None, derandomize=True, database=None)
def test_whatever_is_in_the_cell_one_msisdn_or_one_reason_comes_out(text: str) -> None:
    try:
        assert is_msisdn(parse_msisdn(text))
    except UnusableNumber as refused:
        assert refused.reason and refused.mend


def test_a_masked_number_shows_its_last_four_digits_only() -> None:
    assert mask("919814012345") == "XXXXXX2345"


@pytest.mark.parametrize("text", ["", "9814012345", "+919814012345", "919814012345<919876500001", "parent"])
def test_a_text_that_is_no_msisdn_is_masked_whole(text: str) -> None:
    assert mask(text) == "XXXXXXXXXX"
