"""A teacher's own phone, and the families that want to speak with them."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from callqueue.runtime import Runtime
from ivr.consoles.lines import parse_line
from ptm.models import Audit, CallbackRequest, TeacherLine
from ptm.passwords import verify_password
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District

PAGE = "/teacher/phone"
GOOD = {"number": "98140 55512", "pin": "7263", "opens": "15:00", "closes": "17:30", "takes_calls": "yes"}
MSISDN = "919814055512"


def save(teacher: Browser, **form: str) -> str:
    answer = teacher.press(PAGE, button_on=PAGE, **form)
    return answer.text if answer.status_code == 422 else teacher.get(PAGE).text


def line_of(district: District) -> TeacherLine | None:
    with district.runtime.database.reading_session() as session:
        return session.scalar(select(TeacherLine))


def test_a_teacher_gives_number_pin_and_hours_and_only_four_digits_are_ever_shown(
    teacher: Browser, district: District, runtime: Runtime
) -> None:
    page = save(teacher, **GOOD)
    line = line_of(district)
    assert line is not None
    assert (line.user_id, line.takes_calls, line.opens_ist, line.closes_ist, line.last4) == (
        teacher.user_id, True, time(15), time(17, 30), "5512",
    )  # fmt: skip
    assert runtime.vault.unseal(line.sealed_msisdn) == MSISDN
    assert line.pin_hash
    assert verify_password(line.pin_hash, "7263")
    assert "5512</span>" in page
    assert "98140" not in page
    assert "7263" not in page


def test_the_teachers_line_is_named_once_it_has_a_number(teacher: Browser, runtime: Runtime) -> None:
    assert "The teacher’s line has no number yet" in teacher.get(PAGE).text
    carrier = runtime.settings.carrier.model_copy(update={"teacher_number": "918035731002"})
    runtime.settings = runtime.settings.model_copy(update={"carrier": carrier})
    assert "+918035731002" in teacher.get(PAGE).text


def test_what_is_left_empty_stays_and_a_new_pin_ends_the_rest(teacher: Browser, district: District) -> None:
    save(teacher, **GOOD)
    with district.runtime.database.session() as session:
        line = session.get_one(TeacherLine, teacher.user_id)
        line.failed_pins, line.locked_until_at = 5, district.now
        before = line.pin_hash
    save(teacher, **GOOD | {"number": "", "pin": "", "takes_calls": ""} | {"opens": "16:00"})
    line = line_of(district)
    assert line is not None
    assert (line.pin_hash, line.last4, line.opens_ist, line.failed_pins) == (before, "5512", time(16), 5)
    save(teacher, **GOOD | {"number": "", "pin": "8062"})
    line = line_of(district)
    assert line is not None
    assert (line.failed_pins, line.locked_until_at) == (0, None)


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"number": ""}, "number", "Write your mobile number."),
        ({"number": "12345"}, "number", "The number is too short: it has 5 digits"),
        ({"number": "98140 55512, 98140 55513"}, "number", "Two numbers in one cell"),
        ({"pin": "123"}, "pin", "A PIN has four to six digits."),
        ({"pin": "1234567"}, "pin", "A PIN has four to six digits."),
        ({"pin": "७२६३"}, "pin", "A PIN has four to six digits."),
        ({"pin": "1234"}, "pin", "first that anybody would try"),
        ({"pin": "654321"}, "pin", "first that anybody would try"),
        ({"pin": "0000"}, "pin", "first that anybody would try"),
        ({"pin": "5512"}, "pin", "first that anybody would try"),
        ({"opens": "08:00"}, "opens", "between 09:00 and 21:00"),
        ({"closes": "14:00"}, "opens", "from earlier to later"),
        ({"opens": "15"}, "opens", "Write the time as hours and minutes"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(wrong: dict[str, str], field: str, problem: str) -> None:
    typed, problems = parse_line(GOOD | wrong, None)
    assert (typed, list(problems)) == (None, [field])
    assert problem in problems[field]


def test_with_one_wrong_value_nothing_is_saved(teacher: Browser, district: District) -> None:
    page = save(teacher, **GOOD | {"pin": "1111"})
    assert "Nothing was saved" in page
    assert 'value="98140 55512"' in page
    assert line_of(district) is None


def test_a_number_is_one_teachers(teacher: Browser, colleague: Browser, district: District) -> None:
    save(teacher, **GOOD)
    assert "Another teacher has this number." in save(colleague, **GOOD | {"number": f"+{MSISDN}"})
    assert district.count(TeacherLine) == 1


def test_a_number_can_be_removed_and_who_did_what_is_recorded(teacher: Browser, district: District) -> None:
    save(teacher, **GOOD)
    teacher.post("/teacher/phone/forget")
    assert line_of(district) is None
    rows = district.rows(select(Audit.action, Audit.details).where(Audit.action.like("line.%")).order_by(Audit.id))
    assert rows == [("line.edit", {"number": True, "pin": True}), ("line.forget", {})]


# ---- who wants to speak ----


def test_families_that_want_to_speak_stand_on_the_class_page_until_they_were_called(
    teacher: Browser, district: District, places: Places
) -> None:
    family = district.family(places.class_5a, child_name="Asked")
    other = district.family(places.class_5a, child_name="Missed")
    first = district.wish(family, places.class_5a, asked_at=district.now - timedelta(hours=1))
    district.wish(other, places.class_5a, reason="no_answer")
    assert "2 families want to speak with you" in teacher.get("/teacher/").text
    page = teacher.get(f"/teacher/classes/{places.class_5a}").text
    wanting = page.partition('id="wanting"')[2].partition("</ul>")[0]
    assert wanting.index("Asked") < wanting.index("Missed")
    assert "asked for your call, 10:00" in " ".join(wanting.split())
    assert "you did not answer" in wanting
    assert family.msisdn[-4:] in wanting
    assert family.msisdn not in page
    done = teacher.post(f"/teacher/callbacks/{first}/done")
    assert done.location == f"/teacher/classes/{places.class_5a}#wanting"
    assert "1 family wants to speak with you" in teacher.get("/teacher/").text
    row = district.rows(select(CallbackRequest.done_at, CallbackRequest.done_by_id).where(CallbackRequest.id == first))
    assert row == [(district.now, teacher.user_id)]


def test_done_twice_keeps_who_was_first(teacher: Browser, district: District, places: Places) -> None:
    wish = district.wish(district.family(places.class_5a), places.class_5a)
    teacher.press(f"/teacher/callbacks/{wish}/done", button_on=f"/teacher/classes/{places.class_5a}")
    teacher.post(f"/teacher/callbacks/{wish}/done")
    assert district.count(Audit, Audit.action == "callback.done") == 1


def test_another_teacher_neither_sees_nor_closes_it(colleague: Browser, district: District, places: Places) -> None:
    wish = district.wish(district.family(places.class_5a), places.class_5a)
    assert "to speak with you" not in colleague.get("/teacher/").text
    assert colleague.post(f"/teacher/callbacks/{wish}/done").status_code == 404
    assert district.count(CallbackRequest, CallbackRequest.done_at.is_(None)) == 1
