"""A teacher asks on a page for a family, and is told which number to call from which phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from callqueue import putting_through
from callqueue.runtime import Runtime
from ptm.models import Audit, Household, PhoneNumber, PutThrough
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District, Family
from tests.web.test_phone import GOOD, PAGE

TEACHERS_LINE = "918035731002"


@pytest.fixture
def line(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation has a teacher's line."""
    carrier = runtime.settings.carrier.model_copy(update={"teacher_number": TEACHERS_LINE})
    monkeypatch.setattr(runtime, "settings", runtime.settings.model_copy(update={"carrier": carrier}))


@pytest.fixture
def family(teacher: Browser, district: District, places: Places) -> Family:
    """A family of the class whose teacher has said which phone is theirs."""
    teacher.press(PAGE, button_on=PAGE, **GOOD)
    return district.family(places.class_5a, child_name="Asked")


def ask(teacher: Browser, places: Places, child_id: int) -> str:
    """Press the button on the class page; return where it leads."""
    page = f"/teacher/classes/{places.class_5a}"
    return str(teacher.press(f"{page}/children/{child_id}/speak", button_on=page).location)


@pytest.mark.usefixtures("line")
def test_the_page_says_which_number_to_call_from_which_phone_and_until_when(
    teacher: Browser, places: Places, family: Family, district: District
) -> None:
    page = teacher.get(ask(teacher, places, family.child_id)).text
    assert "Speak with the family of Asked" in page
    assert f'href="tel:+{TEACHERS_LINE}"' in page
    assert "5512" in page
    assert "until 11:10" in page
    assert f"/teacher/classes/{places.class_5a}/note?child={family.child_id}" in page
    assert family.msisdn not in page
    assert district.count(Audit, Audit.action == "family.call") == 1


@pytest.mark.usefixtures("line")
def test_the_button_stands_by_who_wants_to_speak_and_by_every_child_with_a_number(
    teacher: Browser, places: Places, family: Family, district: District
) -> None:
    district.wish(family, places.class_5a)
    page = teacher.get(f"/teacher/classes/{places.class_5a}").text
    assert page.count(f"/children/{family.child_id}/speak") == 2


def test_without_a_line_there_is_no_button_and_who_asks_all_the_same_is_told(
    teacher: Browser, places: Places, family: Family
) -> None:
    page = f"/teacher/classes/{places.class_5a}"
    assert "/speak" not in teacher.get(page).text
    assert teacher.post(f"{page}/children/{family.child_id}/speak").location == page
    assert "has no number yet" in teacher.get(page).text


@pytest.mark.usefixtures("line")
def test_who_has_given_no_phone_is_led_to_where_it_is_given(
    teacher: Browser, places: Places, district: District
) -> None:
    child_id = district.family(places.class_5a).child_id
    assert ask(teacher, places, child_id) == PAGE
    assert "first say which phone is yours" in teacher.get(PAGE).text


@pytest.mark.usefixtures("line")
def test_a_family_that_asked_to_be_left_alone_is_not_called_unless_it_asks(
    teacher: Browser, places: Places, family: Family, district: District
) -> None:
    with district.runtime.database.session() as session:
        session.get_one(Household, family.household_id).opted_out_at = district.now
    page = f"/teacher/classes/{places.class_5a}"
    assert teacher.post(f"{page}/children/{family.child_id}/speak").location == page
    assert putting_through.LEFT_ALONE in teacher.get(page).text
    district.wish(family, places.class_5a)
    assert "/teacher/speaking/" in ask(teacher, places, family.child_id)


@pytest.mark.usefixtures("line")
def test_outside_the_hours_nobody_is_put_through(
    teacher: Browser, places: Places, family: Family, runtime: Runtime
) -> None:
    runtime.clock.advance(timedelta(hours=11))  # type: ignore[attr-defined]
    teacher.sign_in()
    assert ask(teacher, places, family.child_id) == f"/teacher/classes/{places.class_5a}"
    assert putting_through.TOO_EARLY_OR_LATE in teacher.get(f"/teacher/classes/{places.class_5a}").text


@pytest.mark.usefixtures("line")
def test_a_family_none_of_whose_numbers_works_is_asked_for_at_school(
    teacher: Browser, places: Places, family: Family, district: District
) -> None:
    with district.runtime.database.session() as session:
        for number in session.scalars(select(PhoneNumber).where(PhoneNumber.household_id == family.household_id)):
            number.retired_at = district.now
    assert ask(teacher, places, family.child_id) == f"/teacher/classes/{places.class_5a}"
    assert putting_through.NO_NUMBER in teacher.get(f"/teacher/classes/{places.class_5a}").text


@pytest.mark.usefixtures("line")
def test_what_has_passed_is_said_and_can_be_asked_for_anew(
    teacher: Browser, places: Places, family: Family, district: District
) -> None:
    old = district.put_through(family, asked_at=district.now - timedelta(minutes=11))
    page = f"/teacher/speaking/{old}"
    assert "does not wait for your call any more" in teacher.get(page).text
    new = teacher.press(f"/teacher/classes/{places.class_5a}/children/{family.child_id}/speak", button_on=page)
    assert new.location != page
    spoken = district.put_through(family, spoken_at=district.now)
    assert "You have spoken with them, 11:00" in teacher.get(f"/teacher/speaking/{spoken}").text


@pytest.mark.usefixtures("line")
def test_another_teacher_neither_asks_nor_sees(
    colleague: Browser, teacher: Browser, places: Places, family: Family, district: District
) -> None:
    mine = ask(teacher, places, family.child_id)
    assert colleague.get(mine).status_code == 404
    address = f"/teacher/classes/{places.class_5a}/children/{family.child_id}/speak"
    assert colleague.post(address).status_code == 404
    elsewhere = district.family(places.other_class).child_id
    assert teacher.post(f"/teacher/classes/{places.class_5a}/children/{elsewhere}/speak").status_code == 404
    assert district.count(PutThrough) == 1
