"""A teacher's pages: her classes and no other, and who still needs a call."""

from __future__ import annotations

import re

from tests.web.browsing import Browser
from tests.web.classes import batch_of, page_of
from tests.web.conftest import Places
from tests.web.district import District, Family


def test_a_teacher_sees_her_classes_and_no_other(
    teacher: Browser, other_teacher: Browser, colleague: Browser, places: Places
) -> None:
    assert f'href="/teacher/classes/{places.class_5a}"' in teacher.get("/teacher/").text
    for other in (other_teacher, colleague):
        assert f'href="/teacher/classes/{places.class_5a}"' not in other.get("/teacher/").text


def test_a_teacher_without_a_class_is_told_what_to_do(teacher: Browser, district: District, places: Places) -> None:
    district.give_class(places.class_5a, district.person("successor", "teacher"))
    assert "No class is yours yet" in teacher.get("/teacher/").text


def test_numbers_show_their_last_four_digits_and_no_more(teacher: Browser, district: District, places: Places) -> None:
    family = district.family(places.class_5a)
    district.start(places.class_5a)
    district.set_call(family, state="ended", disposition="no_answer")
    for path in (page_of(places.class_5a), "/teacher/batches/1/unreached"):
        page = teacher.get(path if "batches" not in path else f"/teacher/batches/{batch_of(district)}/unreached").text
        assert family.msisdn[-4:] in page
        assert family.msisdn[-5:] not in page.replace("<span", "")


def test_who_still_needs_a_call_is_listed_by_family_with_advice(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.sibling(family, places.class_5a)
    heard = district.family(places.class_5a)
    batch_id = district.start(places.class_5a)
    district.set_call(family, state="ended", reach="rang", disposition="no_answer")
    district.set_call(heard, state="ended", reach="heard", disposition="completed")
    district.cover(heard)
    page = teacher.get(f"/teacher/batches/{batch_id}/unreached").text
    assert page.count('<li class="card">') == 1
    assert re.search(rf"{family.child_name}, Sibling|Sibling, {family.child_name}", page)
    assert "Try in the evening" in page
    assert heard.child_name not in page
