"""Calling the class saves what was typed first, also without scripts."""

from __future__ import annotations

from sqlalchemy import select

from ptm.models import Message
from tests.web.browsing import Browser
from tests.web.classes import page_of
from tests.web.conftest import Places
from tests.web.district import District, Family


def test_call_my_class_saves_what_was_typed(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    page = page_of(places.class_5a)
    assert '<button form="said" class="main" name="then" value="call">' in teacher.get(page).text
    answer = teacher.press(f"{page}/messages", button_on=page, then="call", **{f"attendance-{family.child_id}": "83"})
    assert answer.headers["Location"].endswith(f"{page}/call")
    assert district.value(select(Message.attendance)) == 83


def test_a_wrong_figure_is_shown_before_anybody_is_called(teacher: Browser, places: Places, family: Family) -> None:
    page = page_of(places.class_5a)
    answer = teacher.press(f"{page}/messages", button_on=page, then="call", **{f"attendance-{family.child_id}": "183"})
    assert answer.status_code == 422 and "Nothing was saved" in answer.text and "data-unsaved" in answer.text
