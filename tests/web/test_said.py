"""What parents said, as their teacher reads it and adds to it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ptm.models import Suggestion
from tests.web.browsing import Browser
from tests.web.classes import page_of
from tests.web.conftest import Places
from tests.web.district import District, Family


def test_what_parents_said_is_shown_without_who_said_it(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.suggestion(family, words=[{"text": "paani", "confidence": 0.9}])
    page = teacher.get(f"{page_of(places.class_5a)}/said").text
    assert "paani" in page
    assert family.child_name not in page
    assert family.msisdn[-4:] not in page


def test_what_is_urgent_or_taken_back_is_not_for_the_teacher(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.suggestion(family, words=[{"text": "darr", "confidence": 0.9}], escalated=True)
    district.suggestion(family, words=[{"text": "pehla", "confidence": 0.9}], status="withdrawn")
    page = teacher.get(f"{page_of(places.class_5a)}/said").text
    assert "darr" not in page
    assert "pehla" not in page


def note(teacher: Browser, class_id: int, **form: object) -> object:
    path = f"{page_of(class_id)}/note"
    return teacher.press(path, button_on=path, **form)


def test_what_a_parent_said_in_person_stands_beside_the_rest_once(
    teacher: Browser, analyst: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    for _ in range(2):
        answer = note(teacher, places.class_5a, child=family.child_id, language="pa", text=" ਪੱਖੇ  ਠੀਕ ਕਰੋ ")
    assert answer.location == f"{page_of(places.class_5a)}/said"
    kept = district.rows(select(Suggestion.public_text, Suggestion.source, Suggestion.school_id))
    assert kept == [("ਪੱਖੇ ਠੀਕ ਕਰੋ", "in_person", places.school)]
    assert "ਪੱਖੇ ਠੀਕ ਕਰੋ" in teacher.get(answer.location).text
    assert "Said in person; the teacher wrote it down." in analyst.get("/analyst/").text


def test_a_family_that_was_never_called_can_be_listened_to_as_well(
    teacher: Browser, analyst: Browser, district: District, places: Places
) -> None:
    without_phone = district.family(places.class_5a, child_name="Without phone", phone=False)
    district.family(places.class_5a, child_name="Not called yet")
    assert "Not called yet" in teacher.get(f"{page_of(places.class_5a)}/note").text
    for _ in range(2):
        note(teacher, places.class_5a, child=without_phone.child_id, language="en", text="a ramp at the gate")
    assert district.rows(select(Suggestion.call_id, Suggestion.school_id)) == [(None, places.school)]
    assert "An analyst reads it; it does not stand on this page" in teacher.get(f"{page_of(places.class_5a)}/said").text
    assert "a ramp at the gate" in analyst.get("/analyst/").text


@pytest.mark.parametrize(
    ("form", "problem"),
    [({"text": " "}, "Write down what was said"), ({"text": "x" * 1001}, "at most 1000"),
     ({"child": "0"}, "Choose whose family"), ({"language": "fr"}, "Choose the language")],
)  # fmt: skip
def test_a_note_that_says_nothing_is_refused_in_words(
    teacher: Browser, district: District, places: Places, family: Family, form: dict[str, str], problem: str
) -> None:
    district.start(places.class_5a)
    right = {"child": family.child_id, "language": "pa", "text": "fans"}
    answer = note(teacher, places.class_5a, **(right | form))
    assert (answer.status_code, problem in answer.text, district.count(Suggestion)) == (422, True, 0)


def test_another_teacher_reads_and_writes_nothing_of_it(
    teacher: Browser, other_teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.suggestion(family, words=[{"text": "paani", "confidence": 0.9}])
    assert other_teacher.get(f"{page_of(places.class_5a)}/said").status_code == 404
    form = {"child": family.child_id, "language": "pa", "text": "forged"}
    assert other_teacher.post(f"{page_of(places.class_5a)}/note", **form).status_code == 404
    # Nor through her own class.
    assert other_teacher.post(f"{page_of(places.other_class)}/note", **form).status_code == 422
    assert district.count(Suggestion) == 1
