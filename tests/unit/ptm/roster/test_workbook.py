"""What only a workbook can hold: merged and hidden cells, formulas, dates made of classes, texts in several fonts."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from ptm.roster import read_roster
from ptm.roster.workbook import open_workbook
from tests.unit.ptm.roster.lists import packed, saved, with_shared_texts

HEADINGS = ("UDISE Code", "Class", "Student Name", "Mobile No", "Remarks")


@pytest.fixture
def book() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADINGS)
    sheet.append(("03010100101", "5A", "Asha", 9814012345, ""))
    sheet.append(("03010100101", "5A", "Ravi", 9814012346, ""))
    return book


def sheet_of(book: openpyxl.Workbook) -> Worksheet:
    return book.active


def reasons(book: openpyxl.Workbook) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.reason) for one in read_roster("list.xlsx", saved(book)).problems]


def test_merged_cells_among_the_children_are_refused_once(book: openpyxl.Workbook) -> None:
    sheet_of(book).merge_cells("D2:D3")
    assert reasons(book) == [(2, "D", "the cells D2:D3 are merged")]


def test_merged_titles_and_remarks_do_no_harm(book: openpyxl.Workbook) -> None:
    sheet_of(book).insert_rows(1)
    sheet_of(book)["A1"] = "List of children"
    sheet_of(book).merge_cells("A1:E1")
    sheet_of(book).merge_cells("E3:E4")
    assert reasons(book) == []


def test_a_hidden_row_is_neither_taken_nor_left_out_silently(book: openpyxl.Workbook) -> None:
    sheet_of(book).row_dimensions[3].hidden = True
    assert reasons(book) == [(3, "", "this row is hidden")]


def test_a_hidden_column_is_not_read_and_that_is_told(book: openpyxl.Workbook) -> None:
    sheet = sheet_of(book)
    sheet["E1"], sheet["E2"], sheet["E3"] = "Alternate No", "9814012347", "98140"
    sheet.column_dimensions["E"].hidden = True
    roster = read_roster("list.xlsx", saved(book))
    assert roster.is_clean and roster.notes == ("the hidden column Alternate No was not read",)
    assert not any(row.alternate_msisdns for row in roster.rows)


def test_a_needed_column_that_is_hidden_is_asked_for(book: openpyxl.Workbook) -> None:
    sheet_of(book).column_dimensions["D"].hidden = True
    ((row, _, reason),) = reasons(book)
    assert row == 1 and "mobile number (a hidden column is not read: show it)" in reason


def test_a_hidden_sheet_is_not_read_and_that_is_told(book: openpyxl.Workbook) -> None:
    hidden = book.create_sheet("last year")
    hidden.append(HEADINGS)
    hidden.sheet_state = "hidden"
    roster = read_roster("list.xlsx", saved(book))
    assert roster.is_clean and roster.notes == ("the hidden sheet 'last year' was not read",)


def test_every_sheet_with_headings_is_read_and_problems_name_the_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("notes").append(("Meeting on Friday",))
    second = book.create_sheet("5B")
    second.append(HEADINGS)
    second.append(("03010100101", "5B", "Karan", "98140"))
    roster = read_roster("list.xlsx", saved(book))
    assert [(problem.sheet, problem.row) for problem in roster.problems] == [("5B", 2)]
    assert roster.problems[0].place == "sheet 5B, row 2, column D (Mobile No)"
    assert any("'notes'" in note for note in roster.notes)


def test_a_formula_that_was_never_worked_out_is_refused(book: openpyxl.Workbook) -> None:
    sheet_of(book)["D2"] = "=9814012345+0"
    assert reasons(book) == [(2, "D", "this is a formula that was never worked out")]


def test_a_formula_that_was_worked_out_gives_its_value(book: openpyxl.Workbook) -> None:
    data = changed(saved(book), "xl/worksheets/sheet1.xml", "<v>9814012345</v>", "<f>D3-1</f><v>9814012345</v>")
    assert read_roster("list.xlsx", data).rows[0].msisdn == "919814012345"


def test_a_class_that_became_a_date_is_refused(book: openpyxl.Workbook) -> None:
    sheet_of(book)["B2"] = date(2026, 5, 1)
    ((row, column, reason),) = reasons(book)
    assert (row, column) == (2, "B") and "made a date" in reason


def test_an_error_value_is_refused(book: openpyxl.Workbook) -> None:
    data = changed(saved(book), "xl/worksheets/sheet1.xml", 't="n"><v>9814012345</v>', 't="e"><v>#N/A</v>')
    (problem,) = read_roster("list.xlsx", data).problems
    assert (problem.value_shown, problem.column) == ("#N/A", "D")


def test_a_number_that_is_stored_in_full_is_taken_however_it_is_shown(book: openpyxl.Workbook) -> None:
    data = changed(saved(book), "xl/worksheets/sheet1.xml", "<v>9814012345</v>", "<v>9.814012345E9</v>")
    assert read_roster("list.xlsx", data).rows[0].msisdn == "919814012345"


def test_a_name_in_two_fonts_is_one_name(book: openpyxl.Workbook) -> None:
    sheet_of(book)["C2"] = CellRichText("ਖੁਸ਼", TextBlock(InlineFont(b=True), "ਪ੍ਰੀਤ"), " ਕੌਰ")
    for data in (saved(book), with_shared_texts(saved(book))):
        assert read_roster("list.xlsx", data).rows[0].child_name == "ਖੁਸ਼ਪ੍ਰੀਤ ਕੌਰ"


def test_the_reader_sees_what_openpyxl_sees(book: openpyxl.Workbook) -> None:
    sheet = sheet_of(book)
    sheet["A6"], sheet["H4"], sheet["B5"] = " spaced ", 1.5, True
    data = with_shared_texts(saved(book))
    seen = {
        (line.number, at): value
        for table in open_workbook(data).tables
        for line in table.lines
        for at, value in line.cells.items()
    }
    witness = {
        (cell.row, cell.column - 1): str(int(cell.value) if isinstance(cell.value, bool) else cell.value).strip()
        for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }
    assert seen == witness


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """Return a workbook with `old` replaced by `new` in one part."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    assert old.encode() in parts[part]
    return packed(parts | {part: parts[part].replace(old.encode(), new.encode(), 1)})
