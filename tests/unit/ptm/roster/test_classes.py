from __future__ import annotations

import pytest

from ptm.roster.classes import parse_class
from ptm.roster.refusals import CellRefused

SPELLINGS = {
    ("5A", ""): "5A", ("5-A", ""): "5A", ("5 a", ""): "5A", ("5/A", ""): "5A", ("5 (A)", ""): "5A", ("5", "A"): "5A",
    ("05", "a"): "5A", ("5.0", "A"): "5A", ("5th", "A"): "5A", ("5th A", ""): "5A", ("5 TH", "A"): "5A",
    ("Class 5", "A"): "5A", ("CLASS-5A", ""): "5A", ("Grade V", "A"): "5A", ("V-A", ""): "5A", ("VA", ""): "5A",
    ("v", "A"): "5A", ("Fifth", "A"): "5A", ("5A", "A"): "5A", ("5A", "-"): "5A", ("५", "अ"): "5A", ("੫", "ਏ"): "5A",
    ("ਪੰਜਵੀਂ", "ਏ"): "5A", ("ਜਮਾਤ 5", "A"): "5A", ("ਸ਼੍ਰੇਣੀ 5", "A"): "5A", ("5ਵੀਂ", "A"): "5A",
    ("पाँचवीं (अ)", ""): "5A", ("पांचवीं", "A"): "5A", ("कक्षा 5", "A"): "5A", ("5वीं", "ए"): "5A",
    ("5", ""): "5", ("5", "NA"): "5", ("5", "Rose"): "5 Rose", ("5 rose", ""): "5 Rose", ("5", "1"): "5 1",
    ("I", ""): "1", ("II-B", ""): "2B", ("IV C", ""): "4C", ("VI", ""): "6", ("VIII", "B"): "8B", ("IX", ""): "9",
    ("X", "A"): "10A", ("XI", "Science"): "11 Science", ("XIIC", ""): "12C", ("12", "A"): "12A",
    ("Nursery", "A"): "Nursery A", ("LKG", ""): "LKG", ("L.K.G.", ""): "LKG", ("UKG-B", ""): "UKG B",
    ("Pre-Primary 1", ""): "Pre-Primary 1", ("PP1", ""): "Pre-Primary 1", ("ਪ੍ਰੀ-ਪ੍ਰਾਇਮਰੀ 2", ""): "Pre-Primary 2",
}  # fmt: skip


@pytest.mark.parametrize(("written", "name"), SPELLINGS.items())
def test_a_class_has_one_name_however_it_is_written(written: tuple[str, str], name: str) -> None:
    assert parse_class(*written) == name


@pytest.mark.parametrize("name", sorted(set(SPELLINGS.values())))
def test_the_name_of_a_class_is_its_own_spelling(name: str) -> None:
    assert parse_class(name) == name


@pytest.mark.parametrize(
    "written", [("", ""), ("0", ""), ("13", ""), ("51", ""), ("abc", ""), ("5;A", ""), ("5A", "B"), ("5", "<b>"),
                ("5" * 50, ""), ("Mid", ""), ("5", "x" * 30), ("A", "5")],
)  # fmt: skip
def test_what_is_no_class_is_refused_with_how_to_mend_it(written: tuple[str, str]) -> None:
    with pytest.raises(CellRefused) as refused:
        parse_class(*written)
    assert refused.value.reason and refused.value.mend
