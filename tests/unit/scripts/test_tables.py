from __future__ import annotations

from scripts.tables import table, width


def test_columns_stand_below_each_other_in_every_script() -> None:
    lines = table(("Name", "Row"), [("ਖੁਸ਼ਪ੍ਰੀਤ", 2), ("Asha", 10), ("名", 3)]).splitlines()
    starts = {width(line[: line.rindex(" ") + 1]) for line in lines}
    assert len(starts) == 1


def test_a_table_without_rows_is_its_headings() -> None:
    assert table(("Id", "Name"), []) == "Id  Name"


def test_marks_take_no_place_and_wide_letters_take_two() -> None:
    assert [width(text) for text in ("", "ab", "ਕੁ", "क्ष", "名", "a\u200d")] == [0, 2, 1, 2, 2, 1]
