from __future__ import annotations

import pytest

from ptm.roster.columns import SPELLINGS, Column
from ptm.roster.headings import column_of, find_headings
from ptm.roster.table import Line

KNOWN = {
    "Student Name": Column.CHILD,
    "STUDENT  NAME*": Column.CHILD,
    "student_name": Column.CHILD,
    "Student's Name": Column.CHILD,
    "Name of the Student (in capital letters)": Column.CHILD,
    "Student Name / ਵਿਦਿਆਰਥੀ ਦਾ ਨਾਮ": Column.CHILD,
    "ਵਿਦਿਆਰਥੀ ਦਾ ਨਾਂ": Column.CHILD,
    "छात्र/छात्रा का नाम": Column.CHILD,
    "Mobile No.": Column.MOBILE,
    "MobileNo": Column.MOBILE,
    "Mobile No. 1": Column.MOBILE,
    "Mobile No. 2": Column.ALTERNATE,
    "Phone 3": Column.ALTERNATE,
    "Alternate Mobile No. 1": Column.ALTERNATE,
    "Mobile No. (Father)": Column.PARENT_MOBILE,
    "Mother's Mobile No.": Column.PARENT_MOBILE,
    "ਮੋਬਾਇਲ ਨੰ:": Column.MOBILE,
    "मोबाइल नं०": Column.MOBILE,
    "फ़ोन नंबर": Column.MOBILE,
    "फोन नंबर": Column.MOBILE,
    "Father's/Guardian's Name": Column.GUARDIAN,
    "Father Name": Column.FATHER,
    "UDISE+ Code": Column.UDISE,
    "School Code": Column.SCHOOL_CODE,
    "Class/Section": Column.CLASS,
    "ਜਮਾਤ": Column.CLASS,
    "ਭਾਸ਼ਾ": Column.LANGUAGE,
    "Admn. No.": Column.ADMISSION,
    "PEN": Column.STUDENT_ID,
    "Sr No": None,
    "S.No.": None,
    "DOB": None,
    "Medium": None,
    "Aadhaar": None,
    "": None,
    "2": None,
    "x" * 500: None,
}


@pytest.mark.parametrize(("heading", "column"), KNOWN.items())
def test_a_heading_is_known_by_what_it_says(heading: str, column: Column | None) -> None:
    assert column_of(heading) is column


def test_every_spelling_means_one_column() -> None:
    for column, spellings in SPELLINGS.items():
        assert {column_of(spelling) for spelling in spellings} == {column}, column


def test_the_line_with_most_headings_is_taken() -> None:
    lines = [
        Line(1, {0: "Class", 1: "5A", 2: "School"}),
        Line(2, {0: "Class", 1: "Name", 2: "Mobile", 3: "Remarks"}),
        Line(3, {0: "5A", 1: "Asha", 2: "9814012345"}),
    ]
    found = find_headings(lines)
    assert found is not None
    assert (found.row, found.of(Column.CHILD), found.ignored()) == (2, [1], [3])


def test_a_line_that_names_one_column_is_no_line_of_headings() -> None:
    assert find_headings([Line(1, {0: "Name"}), Line(2, {0: "Asha"})]) is None
