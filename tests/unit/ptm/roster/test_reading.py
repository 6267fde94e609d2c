"""One class list, written in every way in which it arrives, is read as the same list; one bad cell is always found."""

from __future__ import annotations

import io
import itertools

import pytest

from ptm.roster import Place, Roster, read_roster
from ptm.roster.problems import MAX_PROBLEMS
from tests.unit.ptm.roster.lists import Row, as_text, as_workbook, with_shared_texts

HEADINGS = {
    "english": ("UDISE Code", "School Name", "Class", "Section", "Admission No.", "Student Name", "Father's Name",
                "Mobile No", "Alternate No", "Language"),
    "punjabi": ("ਯੂਡਾਈਸ ਕੋਡ", "ਸਕੂਲ ਦਾ ਨਾਮ", "ਜਮਾਤ", "ਸੈਕਸ਼ਨ", "ਦਾਖ਼ਲਾ ਨੰਬਰ", "ਵਿਦਿਆਰਥੀ ਦਾ ਨਾਂ", "ਪਿਤਾ ਦਾ ਨਾਂ",
                "ਮੋਬਾਇਲ ਨੰ:", "ਦੂਜਾ ਨੰਬਰ", "ਭਾਸ਼ਾ"),
    "hindi": ("यू-डायस कोड", "विद्यालय का नाम", "कक्षा", "अनुभाग", "प्रवेश संख्या", "छात्र/छात्रा का नाम", "पिता का नाम",
              "मोबाइल नं.", "वैकल्पिक नंबर", "भाषा"),
    "two languages": ("UDISE / ਯੂਡਾਈਸ", "School (ਸਕੂਲ)", "Class\n(ਜਮਾਤ)", "SECTION", "ADMN_NO", "NAME OF STUDENT / ਨਾਮ",
                      "Father / ਪਿਤਾ", "MOBILE_NO_1", "MOBILE_NO_2", "Mother Tongue"),
}  # fmt: skip
UDISE, SCHOOL = "03010100101", "Government Primary School, Rampur"
CHILDREN = (
    (UDISE, SCHOOL, "5", "A", "4101", "ਖੁਸ਼ਪ੍ਰੀਤ ਕੌਰ", "ਹਰਜੀਤ ਸਿੰਘ", "98140-12345", "", "Punjabi"),
    (UDISE, SCHOOL, "V", "A", "4102", "पूजा शर्मा", "श्री राम", "+91 98140 12346", "09876500001", "हिंदी"),
    (UDISE, SCHOOL, "Class 5", "A", "4103", "Asha D'Souza", "Smt. Mary", "09814012347", "9876500002", "EN"),
)
EXPECTED = [
    ("5A", "4101", "ਖੁਸ਼ਪ੍ਰੀਤ ਕੌਰ", "ਹਰਜੀਤ ਸਿੰਘ", "919814012345", (), "pa"),
    ("5A", "4102", "पूजा शर्मा", "श्री राम", "919814012346", ("919876500001",), "hi"),
    ("5A", "4103", "Asha D'Souza", "Smt. Mary", "919814012347", ("919876500002",), "en"),
]
TITLES: tuple[Row, ...] = (("Department of School Education",), (), ("Session:", "2026-27", "", "District: 01"), ("",))
EXTRA = ("Sr No", "DOB", "Aadhaar"), (("1", "01-02-2016", "Y"), ("2", "03/04/2016", "N"), ("3", "2016", ""))

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
LAYOUTS = ("bare", "titles", "extra columns", "footer")


def table(language: str, layout: str) -> list[Row]:
    rows: list[Row] = [HEADINGS[language], *CHILDREN]
    if layout == "extra columns":
        return [(*EXTRA[0], *rows[0]), *((*extra, *row) for extra, row in zip(EXTRA[1], rows[1:], strict=True))]
    if layout == "titles":
        return [*TITLES, *rows]
    # Each printed page begins with the headings again, and the last line counts.
    return [*rows, (), rows[0], ("Total: 3",)] if layout == "footer" else rows


def read(roster: Roster) -> list[tuple[object, ...]]:
    assert roster.problems == ()
    assert {(row.school_udise, row.school_name) for row in roster.rows} == {(UDISE, SCHOOL)}
    return [
        (row.class_name, row.admission_no, row.child_name, row.guardian_name, row.msisdn, row.alternate_msisdns,
         row.language)
        for row in roster.rows
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("language", HEADINGS)
def test_a_text_file_is_read_whatever_its_letters_separators_and_layout(encoding: str, language: str) -> None:
    for delimiter, layout, newline in itertools.product(",;\t|", LAYOUTS, ("\r\n", "\n")):
        data = as_text(table(language, layout), encoding=encoding, delimiter=delimiter, newline=newline)
        assert read(read_roster("list.csv", data)) == EXPECTED, (delimiter, layout)


@pytest.mark.parametrize("language", HEADINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_workbook_is_read_whatever_its_layout_and_program(language: str, layout: str) -> None:
    book = as_workbook(table(language, layout))
    assert read(read_roster("list.xlsx", book)) == EXPECTED
    assert read(read_roster("list.xlsx", with_shared_texts(book))) == EXPECTED


def test_a_workbook_with_numbers_as_numbers_is_read_alike() -> None:
    child = (3010100101, SCHOOL, 5, "A", 4101.0, *CHILDREN[0][5:7], 9814012345.0, None, "Punjabi")
    assert read(read_roster("list.xlsx", as_workbook([HEADINGS["english"], child]))) == EXPECTED[:1]


def test_the_name_of_a_file_decides_nothing() -> None:
    assert read(read_roster("list.xlsx", as_text(table("english", "bare")))) == EXPECTED
    assert read(read_roster("list.csv", as_workbook(table("english", "bare")))) == EXPECTED


def test_a_stream_is_read_like_bytes() -> None:
    assert read(read_roster("list.csv", io.BytesIO(as_text(table("english", "bare"))))) == EXPECTED


BAD_CELLS = (
    ("UDISE Code", "0301010", "has eleven digits, this has 7"),
    ("UDISE Code", "3.0101E+09", "Excel has rounded"),
    ("UDISE Code", "GPS Rampur", "not a UDISE code"),
    ("UDISE Code", "99010100101", "no state"),
    ("UDISE Code", "", "the UDISE code is missing"),
    ("School Name", "<b>School</b>", "“<” does not belong"),
    ("School Name", "=cmd|'/C calc'!A0", "formula"),
    ("Class", "", "the class is missing"),
    ("Class", "fifty", "not a class"),
    ("Class", "13", "no class 13"),
    ("Class", "5B", "the class says section B, the section column says A"),
    ("Section", "A; DROP TABLE", "not a section"),
    ("Admission No.", "4.1E+12", "Excel has rounded"),
    ("Admission No.", "x" * 60, "too long"),
    ("Admission No.", "41<script>", "“<” does not belong"),
    ("Student Name", "", "the child's name is missing"),
    ("Student Name", "Asha 2", "a digit in this name"),
    ("Student Name", "????", "letters were lost"),
    ("Student Name", "Ash\ufffda", "letters were lost"),
    ("Student Name", "=HYPERLINK(1)", "formula"),
    ("Student Name", "@SUM(A1)", "formula"),
    ("Student Name", "+cmd|' /C calc'!A0", "formula"),
    ("Student Name", "{{config}}", "“{” does not belong"),
    ("Student Name", "<Say>Asha</Say>", "“<” does not belong"),
    ("Student Name", "Asha\u202eivaR", "invisible sign U+202E"),
    ("Student Name", "Asha\x07", "invisible sign U+0007"),
    ("Student Name", "...", "there is no name here"),
    ("Student Name", "A" * 100, "longer than 80"),
    ("Father's Name", "Robert'); DROP TABLE child;--", "“;” does not belong"),
    ("Mobile No", "", "there is no number here"),
    ("Mobile No", "-", "there is no number here"),
    ("Mobile No", "9.81401E+09", "Excel has rounded this number"),
    ("Mobile No", "9.19E+11", "Excel has rounded this number"),
    ("Mobile No", "98140-1234", "it has 9 digits"),
    ("Mobile No", "814012345", "it has 9 digits"),
    ("Mobile No", "9814012345<9876500001", "two numbers in one cell"),
    ("Mobile No", "9814012345 / 9876500001", "two numbers in one cell"),
    ("Mobile No", "sip:9814012345@example.org", "internet address"),
    ("Mobile No", "+1 900 555 0100", "another country"),
    ("Mobile No", "0172-2740000", "landline"),
    ("Mobile No", "9999999999", "made-up"),
    ("Mobile No", "981401234५x", "letters"),
    ("Mobile No", "9814012345\x00", "does not belong"),
    ("Alternate No", "98140", "it has 5 digits"),
    ("Alternate No", "=A1", "formula"),
    ("Language", "Urdu", "do not speak this language"),
    ("Language", "{{7*7}}", "do not speak this language"),
)
FORMS = ("utf-8", "utf-16", "workbook")


def with_bad_cell(heading: str, value: str) -> tuple[list[list[object]], str]:
    """Return the list with `value` in the second child's row, and the letter of its column."""
    rows = [list(row) for row in table("english", "bare")]
    at = HEADINGS["english"].index(heading)
    rows[2][at] = value
    if heading == "Mobile No":
        rows[2][at + 1] = ""
    return rows, "ABCDEFGHIJ"[at]


@pytest.mark.parametrize(("heading", "value", "reason"), BAD_CELLS)
@pytest.mark.parametrize("form", FORMS)
def test_a_bad_cell_is_named_by_row_column_and_reason(heading: str, value: str, reason: str, form: str) -> None:
    if form == "workbook" and any(char in value for char in "\x00\x07="):
        pytest.skip("no spreadsheet program can write this as text")
    rows, letter = with_bad_cell(heading, value)
    data = as_workbook(rows) if form == "workbook" else as_text(rows, encoding=form)
    (problem,) = read_roster("list", data).problems
    assert (problem.row, problem.column, problem.heading) == (3, letter, heading)
    assert reason in problem.reason
    assert problem.mend
    assert problem.place.endswith(f"row 3, column {letter} ({heading})")


def test_every_bad_cell_of_a_row_and_of_a_file_is_named() -> None:
    rows = [list(row) for row in table("english", "bare")]
    rows[1][5], rows[1][7], rows[3][0], rows[3][9] = "", "98140", "x", "Urdu"
    problems = read_roster("list.csv", as_text(rows)).problems
    assert {(problem.row, problem.column) for problem in problems} == {(2, "F"), (2, "H"), (4, "A"), (4, "J")}


def test_what_stands_in_a_bad_cell_is_shown_without_power_over_a_page_or_a_terminal() -> None:
    rows, _ = with_bad_cell("Student Name", "Asha\u202e\x1b[31m" + "a" * 100)
    (problem,) = read_roster("list.csv", as_text(rows)).problems
    assert problem.value_shown.startswith("Asha<U+202E><U+001B>[31m")
    assert len(problem.value_shown) < 80


def test_names_and_numbers_stay_out_of_the_representation_of_a_row_or_problem() -> None:
    roster = read_roster("list.csv", as_text(table("english", "bare")))
    assert not any(secret in repr(roster) for secret in ("12345", "Asha", "Smt", "शर्मा"))
    rows, _ = with_bad_cell("Mobile No", "98140-1234")
    assert "98140-1234" not in repr(read_roster("list.csv", as_text(rows)))


SHORT = ("UDISE Code", "Class", "Student Name", "Mobile No")


def short(*rows: tuple[str, ...]) -> Roster:
    return read_roster("list.csv", as_text([SHORT, *rows]))


@pytest.mark.parametrize("word", ["no phone", "NA", "Nil", "ਨਹੀਂ", "ਕੋਈ ਨਹੀਂ", "नहीं", "फ़ोन नहीं"])
def test_a_family_without_a_phone_is_told_in_words(word: str) -> None:
    (row,) = short((UDISE, "5A", "Asha", word)).rows
    assert row.msisdn is None


def test_siblings_are_found_by_their_number_across_classes_and_spellings() -> None:
    roster = short(
        (UDISE, "5A", "Asha", "98140-12345"), (UDISE, "3B", "Ravi", "+91 98140 12345"),
        (UDISE, "3B", "Karan", "9814012346"),
    )  # fmt: skip
    families = [[row.child_name for row in rows] for rows in roster.households().values()]
    assert families == [["Asha", "Ravi"], ["Karan"]]


def test_the_same_child_twice_is_a_problem_that_names_both_rows() -> None:
    (problem,) = short((UDISE, "5A", "Asha", "9814012345"), (UDISE, "V-A", "ASHA", "98140 12345")).problems
    assert (problem.row, "row 2 already" in problem.reason) == (3, True)


def test_an_admission_number_twice_in_a_school_is_a_problem() -> None:
    rows = [list(row) for row in table("english", "bare")]
    rows[3][4] = "4101"
    (problem,) = read_roster("list.csv", as_text(rows)).problems
    assert problem.row == 4 and "4101 stands in row 2 already" in problem.reason


def test_the_schools_number_put_down_for_everybody_is_a_problem() -> None:
    names = ("Asha", "Ravi", "Karan", "Simran", "Pooja", "Mohit", "Anjali", "Rohan", "Riya")
    problems = short(*((UDISE, "5A", name, "9814012345") for name in names)).problems
    assert ["one number stands beside 9 children" in problem.reason for problem in problems] == [True]


def test_siblings_with_two_languages_are_noted() -> None:
    rows = [(*SHORT, "Language"), (UDISE, "5A", "Asha", "9814012345", "Hindi"),
            (UDISE, "3B", "Ravi", "9814012345", "Punjabi")]  # fmt: skip
    roster = read_roster("list.csv", as_text(rows))
    assert roster.is_clean
    assert any("share a number but not a language" in note for note in roster.notes)


def test_columns_that_are_not_read_are_told() -> None:
    assert read_roster("list.csv", as_text(table("english", "extra columns"))).ignored_columns == EXTRA[0]


def test_a_line_number_is_not_taken_for_an_admission_number() -> None:
    roster = read_roster("list.csv", as_text([("Sr No", *SHORT), ("1", UDISE, "5A", "Asha", "9814012345")]))
    assert roster.rows[0].admission_no == ""


def test_a_parents_number_serves_where_there_is_no_other_and_the_rest_are_alternates() -> None:
    headings = ("UDISE", "Class", "Name", "Mother Mobile No", "Father Mobile No", "WhatsApp No")
    data = as_text([headings, (UDISE, "5A", "Asha", "", "9814012346", "9814012347")])
    (row,) = read_roster("list.csv", data).rows
    assert (row.msisdn, row.alternate_msisdns) == ("919814012346", ("919814012347",))


@pytest.mark.parametrize(
    ("headings", "reason"),
    [
        (("UDISE Code", "Class", "Student Name"), "there is no column for the mobile number"),
        (("UDISE Code", "Class", "Mobile No"), "there is no column for the child's name"),
        (("UDISE Code", "Student Name", "Mobile No"), "there is no column for the class"),
        (("Class", "Student Name", "Mobile No"), "there is no column for the UDISE code"),
        ((*SHORT, "Contact No"), "columns D and E both hold the mobile number"),
    ],
)
def test_a_list_without_a_needed_column_or_with_one_twice_is_refused(headings: tuple[str, ...], reason: str) -> None:
    (problem,) = read_roster("list.csv", as_text([headings, ("x",) * len(headings)])).problems
    assert reason in problem.reason and problem.row == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x00" * 50, "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\r\n\r\n", "the file is empty"),
        (as_text([SHORT]), "no child below"),
        (as_text([SHORT, (), ()]), "no child below"),
        (b"Asha,9814012345\nRavi,9814012346\n", "no line of headings"),
        (b"just some words", "no line of headings"),
        ("Student Name,Class,Mobile No\nAsha\xe9,5A,9814012345".encode("latin-1"), "line 2 cannot be read"),
        (as_text([SHORT], encoding="utf-16")[:-1], "cut off or damaged"),
        (as_text([SHORT]) + b'03010100101,5A,"Asha,9814012345\n' * 3, "quotation mark"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(data: bytes, reason: str) -> None:
    roster = read_roster("list.csv", data)
    assert not roster.is_clean
    assert any(reason in problem.reason and problem.mend for problem in roster.problems)


def test_a_file_of_nonsense_stops_being_read_and_says_so() -> None:
    rows = [SHORT, *(("x", "x", "1", "x") for _ in range(MAX_PROBLEMS))]
    problems = read_roster("list.csv", as_text(rows)).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert "reading stopped" in problems[-1].reason


PLACE = Place(UDISE, SCHOOL, "5A")


def test_a_teachers_list_needs_only_names_and_numbers() -> None:
    roster = read_roster("list.csv", as_text([("Name", "Mobile"), ("Asha", "9814012345")]), place=PLACE)
    (row,) = roster.rows
    assert (row.school_udise, row.school_name, row.class_name) == (UDISE, SCHOOL, "5A")


@pytest.mark.parametrize(
    ("udise", "class_name", "reason"),
    [
        ("03010100102", "5A", "not of school 03010100101"), (UDISE, "5B", "not of class 5A"),
        (UDISE, "6", "not of class 5A"), ("03010100102", "6", "not of school"),
    ],
)  # fmt: skip
def test_a_child_of_another_class_or_school_is_a_problem_in_a_teachers_list(
    udise: str, class_name: str, reason: str
) -> None:
    roster = read_roster("list.csv", as_text([SHORT, (udise, class_name, "Asha", "9814012345")]), place=PLACE)
    assert any(reason in problem.reason for problem in roster.problems)


def test_a_teachers_list_may_leave_the_section_out() -> None:
    roster = read_roster("list.csv", as_text([SHORT, (UDISE, "5", "Asha", "9814012345")]), place=PLACE)
    assert roster.rows[0].class_name == "5A"


@pytest.mark.long
@pytest.mark.parametrize("form", ["text", "workbook"])
def test_a_hundred_thousand_children_are_read(form: str) -> None:
    rows: list[Row] = [SHORT]
    rows += [(f"0301{n // 400:07}", f"{1 + n // 40 % 10}A", "ਖੁਸ਼ਪ੍ਰੀਤ ਕੌਰ", f"98{n:08}") for n in range(1000, 101_000)]
    roster = read_roster("list", as_text(rows) if form == "text" else as_workbook(rows))
    assert (len(roster.rows), roster.problems) == (100_000, ())
