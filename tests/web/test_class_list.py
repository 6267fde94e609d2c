"""A class list comes in whole or not at all, and says what to mend."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from ptm.models import Child, Guardianship
from tests.web.browsing import Browser
from tests.web.classes import page_of
from tests.web.conftest import Places
from tests.web.district import District


def bring(teacher: Browser, class_id: int, text: str, name: str = "5a.csv") -> object:
    path = f"{page_of(class_id)}/list"
    return teacher.press(path, button_on=path, file=(io.BytesIO(text.encode()), name))


def test_a_class_list_comes_in_with_siblings_and_scripts(teacher: Browser, district: District, places: Places) -> None:
    answer = bring(
        teacher, places.class_5a,
        "Student Name,Class,Mobile No\nਹਰਮਨ,5A,98140-12345\nअनमोल,5A,98140-12345\nRavi,5A,98140-12346\n",
    )  # fmt: skip
    assert answer.status_code == 303
    assert district.count(Child) == 3
    assert len({row.household_id for row in district.rows(select(Guardianship.household_id))}) == 2
    page = teacher.get(answer.location).text
    assert "3 children in the list, 3 new, 1 family has more than one child" in page
    assert "ਹਰਮਨ" in page


def test_the_same_list_again_changes_nothing(teacher: Browser, district: District, places: Places) -> None:
    rows = "Student Name,Class,Mobile No\nRavi,5A,98140-12346\n"
    for _ in range(2):
        answer = bring(teacher, places.class_5a, rows)
    assert district.count(Child) == 1
    assert "nothing was new" in teacher.get(answer.location).text


def test_a_list_with_bad_cells_is_refused_whole_and_each_is_named(
    teacher: Browser, district: District, places: Places
) -> None:
    answer = bring(
        teacher, places.class_5a,
        "Student Name,Class,Mobile No\nRavi,5A,98140-12346\nMehak,5A,9814\n,5A,98140-12347\n",
    )  # fmt: skip
    assert answer.status_code == 422
    assert district.count(Child) == 0
    for words in ("Nothing was brought in: 2 places need a correction", "Row 3, column C (Mobile No)",
                  "Row 4, column A (Student Name)", "9814"):  # fmt: skip
        assert words in answer.text


def test_a_list_of_another_class_is_refused(teacher: Browser, district: District, places: Places) -> None:
    answer = bring(teacher, places.class_5a, "Student Name,Class,Mobile No\nRavi,5B,98140-12346\n")
    assert answer.status_code == 422
    assert "not of class 5A" in answer.text
    assert district.count(Child) == 0


@pytest.mark.parametrize("data", ["", "nonsense", "\x00\x01\x02"])
def test_a_file_that_is_no_list_is_refused_in_words(
    teacher: Browser, district: District, places: Places, data: str
) -> None:
    answer = bring(teacher, places.class_5a, data)
    assert (answer.status_code, district.count(Child)) == (422, 0)
    assert "a correction" in answer.text


def test_no_file_at_all_is_said(teacher: Browser, places: Places) -> None:
    path = f"{page_of(places.class_5a)}/list"
    assert "Choose a file first." in teacher.press(path, button_on=path).text


def test_what_stands_in_a_cell_cannot_become_a_part_of_the_page(teacher: Browser, places: Places) -> None:
    answer = bring(teacher, places.class_5a, 'Student Name,Class,Mobile No\nRavi,5A,"<img src=x onerror=alert(1)>"\n')
    assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in answer.text


def test_another_teacher_brings_nothing_into_the_class(
    teacher: Browser, other_teacher: Browser, district: District, places: Places
) -> None:
    path = f"{page_of(places.class_5a)}/list"
    assert other_teacher.get(path).status_code == 404
    rows = b"Student Name,Class,Mobile No\nRavi,5A,98140-12346\n"
    assert other_teacher.post(path, file=(io.BytesIO(rows), "5a.csv")).status_code == 404
    assert district.count(Child) == 0
