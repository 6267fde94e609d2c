"""What a teacher chooses to be said of each child."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ivr.consoles.teacher.phrases import load_phrases
from ptm.models import Message
from tests.web.browsing import Browser
from tests.web.classes import page_of
from tests.web.conftest import Places
from tests.web.district import District, Family


def choose(teacher: Browser, class_id: int, child_id: int, **said: str) -> object:
    fields = {"attendance": "", "level": "", "praise": ""} | said
    form = {f"{name}-{child_id}": value for name, value in fields.items()}
    return teacher.press(f"{page_of(class_id)}/messages", button_on=page_of(class_id), **form)


def test_what_is_chosen_is_kept_and_shown(teacher: Browser, district: District, places: Places, family: Family) -> None:
    level, praise = next(iter(load_phrases().levels)), next(iter(load_phrases().praises))
    answer = choose(teacher, places.class_5a, family.child_id, attendance=" 87 % ", level=level, praise=praise)
    assert answer.status_code == 303
    assert district.rows(select(Message.attendance, Message.level, Message.praise)) == [(87, level, praise)]
    page = teacher.get(answer.location).text
    assert "Saved." in page
    assert load_phrases().praises[praise] in page


def test_what_is_left_empty_is_not_said(teacher: Browser, district: District, places: Places, family: Family) -> None:
    choose(teacher, places.class_5a, family.child_id, attendance="87")
    choose(teacher, places.class_5a, family.child_id)
    assert district.rows(select(Message.attendance, Message.level, Message.praise)) == [(None, None, None)]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"attendance": "101"}, "whole number from 0 to 100"),
        ({"attendance": "-3"}, "whole number from 0 to 100"),
        ({"attendance": "ninety"}, "whole number from 0 to 100"),
        ({"level": "level.of.nobody"}, "from the list"),
        ({"praise": "greeting"}, "from the list"),
    ],
)
def test_one_wrong_value_saves_nothing_and_stands_beside_its_child(
    teacher: Browser, district: District, places: Places, family: Family, said: dict[str, str], problem: str
) -> None:
    answer = choose(teacher, places.class_5a, family.child_id, **said)
    assert answer.status_code == 422
    assert problem in answer.text
    assert "<details open>" in answer.text
    assert district.count(Message) == 0


def test_nothing_can_be_changed_while_phones_ring(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    answer = choose(teacher, places.class_5a, family.child_id, attendance="87")
    assert answer.location == f"/teacher/batches/{batch_id}"
    assert district.count(Message) == 0


def test_another_teacher_says_nothing_of_the_child(
    teacher: Browser, other_teacher: Browser, district: District, places: Places, family: Family
) -> None:
    form = {f"attendance-{family.child_id}": "10"}
    assert other_teacher.post(f"{page_of(places.class_5a)}/messages", **form).status_code == 404
    # Nor through her own class: a child of another class is not on its form.
    other_teacher.post(f"{page_of(places.other_class)}/messages", **form)
    assert district.count(Message) == 0
