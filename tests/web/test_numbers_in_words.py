"""A phone number in words that others read is refused; what was typed stays in the field."""

from __future__ import annotations

import pytest

from ptm.models import Suggestion
from tests.web.browsing import Browser
from tests.web.classes import page_of
from tests.web.conftest import Places
from tests.web.district import District, Family
from tests.web.one_database import database, database_file, database_url

__all__ = ("database", "database_file", "database_url")
REFUSED = "there is a phone number in these words"


@pytest.mark.parametrize("number", ["9814000001", "98140 00001", "+91-9814-000-001", "੯੮੧੪੦੦੦੦੦੧"])
def test_a_teachers_note_with_a_phone_number_is_refused(
    teacher: Browser, district: District, places: Places, family: Family, number: str
) -> None:
    path = f"{page_of(places.class_5a)}/note"
    answer = teacher.press(path, button_on=path, child=str(family.child_id), language="en", text=f"Ring {number} soon")
    assert answer.status_code == 422 and REFUSED in answer.text and f"Ring {number} soon" in answer.text
    assert not district.count(Suggestion)


def test_years_and_shares_are_no_phone_number(teacher: Browser, places: Places, family: Family) -> None:
    path = f"{page_of(places.class_5a)}/note"
    text = "From 2025 to 2026 she had 83 % and 91 %"
    answer = teacher.press(path, button_on=path, child=str(family.child_id), language="en", text=text)
    assert answer.status_code == 303


def test_a_correction_with_a_number_or_without_words_is_refused(
    analyst: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    said = district.suggestion(family, words=[{"text": "fans", "confidence": 0.9}])
    path = f"/analyst/suggestions/{said}"
    answer = analyst.press(path, button_on=path, text="fans 98140-00001")
    assert answer.status_code == 422 and REFUSED in answer.text and "fans 98140-00001" in answer.text
    answer = analyst.press(path, button_on=path, text=" ")
    assert answer.status_code == 422 and "the words are empty" in answer.text
    assert analyst.press(path, button_on=path, text="", no_words="yes").status_code == 303
    page = analyst.get(path).text
    assert "(no words)" in page and 'The machine heard: <span lang="pa">fans</span>' in page


def test_who_asked_not_to_be_called_is_counted_apart(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.family(places.class_5a, opted_out_at=district.now)
    batch_id = district.start(places.class_5a)
    district.set_call(family, state="ended", reach="rang", disposition="no_answer")
    page = teacher.get(f"/teacher/batches/{batch_id}/unreached").text
    assert "reaches most of the others. 1 family does not want to be called" in page
