"""An operator keeps it up, can stop all dialling, and says who may sign in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import redis
from sqlalchemy import select

from callqueue import heartbeats
from callqueue.claiming import STOP_DIALING
from callqueue.runtime import Runtime
from ptm.models import Audit, Pace, School, SchoolClass, Switch, User
from tests.web.browsing import Browser
from tests.web.conftest import Cast, Places
from tests.web.district import District


def part(page: str, name: str) -> str:
    row = page.partition(f'<th scope="row">{name}</th>')[2].partition("</tr>")[0]
    found = re.search(r'<span class="badge[^"]*">([^<]+)</span>', row)
    assert found, f"{name} is not on the page"
    return found[1]


def test_what_is_up_and_what_is_down_is_said(operator: Browser, runtime: Runtime) -> None:
    heartbeats.beat(runtime.redis, "pacer")
    page = operator.get("/operator/").text
    states = {name: part(page, name) for name in ("Web", "Database", "Redis", "Pacer", "Worker dial", "Worker asr")}
    assert states == {
        "Web": "up", "Database": "up", "Redis": "up", "Pacer": "up", "Worker dial": "down", "Worker asr": "down",
    }  # fmt: skip


def test_a_pacer_that_stopped_fades(runtime: Runtime) -> None:
    heartbeats.beat(runtime.redis, "pacer")
    assert 0 < runtime.redis.ttl("sunvai:alive:pacer") <= heartbeats.FADES_AFTER_S
    runtime.redis.delete("sunvai:alive:pacer")
    assert not heartbeats.is_alive(runtime.redis, "pacer")


def test_without_redis_the_page_still_opens_and_says_what_nobody_can_know(operator: Browser, runtime: Runtime) -> None:
    runtime.__dict__["impatient_redis"] = redis.Redis.from_url("unix:///nowhere/redis.sock")
    page = operator.get("/operator/").text
    assert part(page, "Redis") == "down"
    assert part(page, "Pacer") == "not known"
    assert operator.get("/healthz").json == {"status": "ok", "database": "ok", "redis": "away"}


def test_a_beat_without_redis_is_no_error() -> None:
    heartbeats.beat(redis.Redis.from_url("unix:///nowhere/redis.sock"), "pacer")


def test_the_switch_stops_everything_and_lets_it_go_on(operator: Browser, district: District) -> None:
    operator.press("/operator/stop", button_on="/operator/", reason="A flood warning")
    switch = district.rows(select(Switch.on_since_at, Switch.reason).where(Switch.name == STOP_DIALING))
    assert switch == [(district.now, "A flood warning")]
    page = operator.get("/operator/").text
    assert "All dialling is stopped since 11:00" in page
    assert "A flood warning" in page
    operator.post("/operator/resume")
    assert district.value(select(Switch.on_since_at)) is None
    assert "Stop all dialling now" in operator.get("/operator/").text
    recorded = district.rows(select(Audit.action, Audit.user_id).where(Audit.subject == "switch").order_by(Audit.id))
    assert recorded == [("dialing.stop", operator.user_id), ("dialing.resume", operator.user_id)]


def test_stopping_twice_keeps_the_first_time_and_reason(operator: Browser, district: District) -> None:
    operator.press("/operator/stop", button_on="/operator/", reason="first")
    operator.post("/operator/stop", reason="second")
    assert district.value(select(Switch.reason)) == "first"
    assert district.count(Audit, Audit.action == "dialing.stop") == 1


def test_a_carrier_that_fails_again_and_again_is_said(operator: Browser, district: District) -> None:
    probe_at = district.now + timedelta(seconds=60)
    with district.runtime.database.session() as session:
        session.add(
            Pace(account="main", failures=9, opened_at=district.now, probe_at=probe_at, reason="503 from Plivo")
        )
    page = operator.get("/operator/").text
    assert "The phone company failed 9 times in a row, so dialling rests since 11:00." in page
    assert "the next at 11:01" in page
    assert "It said: 503 from Plivo" in page
    assert accounts_of(page) == [["main", "rests: it failed", "0", "9", "none yet"]]


def test_each_account_shows_its_lines_and_its_rest(operator: Browser, district: District, places: Places) -> None:
    families = [district.family(places.class_5a) for _ in range(3)]
    district.start(places.class_5a)
    for family, dial in zip(families, ({}, {"account": "second"}, {"state": "ended"}), strict=True):
        district.attempt(family, **dial)
    rests_until_at = district.now + timedelta(minutes=2)
    with district.runtime.database.session() as session:
        session.add(Pace(account="main", failures=2, last_start_at=district.now))
        session.add(Pace(account="second", failures=0, rests_until_at=rests_until_at))
        session.add(Pace(account="third", failures=0, rests_until_at=district.now - timedelta(minutes=2)))
    page = operator.get("/operator/").text
    assert accounts_of(page) == [
        ["main", "dials", "1", "2", "11:00"],
        ["second", "slows down until 11:02", "1", "0", "none yet"],
        ["third", "dials", "0", "0", "none yet"],
    ]
    assert "so dialling rests" not in page


def accounts_of(page: str) -> list[list[str]]:
    body = page.partition("<h2>Lines</h2>")[2].partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body.split("</tr>")[:-1]]
    return [[re.sub("<[^>]+>", "", cell).strip() for cell in row] for row in cells]


@pytest.mark.parametrize("who", ["teacher", "analyst", "leader"])
def test_nobody_else_stops_dialling(who: str, cast: Cast, district: District) -> None:
    assert cast.named(who).post("/operator/stop").status_code == 403
    assert district.count(Switch) == 0


# ---- people ----


def add(operator: Browser, **form: str) -> object:
    return operator.press("/operator/people", button_on="/operator/people", **form)


def test_somebody_new_signs_in_with_the_password_that_was_shown_once(
    operator: Browser, stranger: Browser, district: District, places: Places
) -> None:
    code = district.value(select(School.udise).where(School.id == places.school))
    district.school_class(places.school, "3")
    answer = add(operator, login="New-Teacher", name="New teacher", role="teacher", place=code, classes="Class 3")
    shown = re.search(r'class="secret">([^<]+)<', answer.text)
    assert shown
    assert stranger.sign_in(login="new-teacher", password=shown[1]).status_code == 303
    assert "Class 3" in stranger.get("/teacher/").text
    assert shown[1] not in operator.get("/operator/people").text


def test_a_person_who_makes_no_sense_is_refused_with_the_form_as_it_was(operator: Browser, district: District) -> None:
    answer = add(operator, login="x y", name="Somebody", role="operator")
    assert answer.status_code == 422
    assert "A sign-in name has 2 to 40" in answer.text
    assert 'value="Somebody"' in answer.text
    assert district.count(User) == 1


@pytest.mark.parametrize(
    ("classes", "reason"), [("5H", "has no class 5H; it has"), ("5a", "5A is the class of teacher")]
)
def test_a_slip_makes_no_class_and_takes_none(
    operator: Browser, teacher: Browser, district: District, places: Places, classes: str, reason: str
) -> None:
    code = district.value(select(School.udise).where(School.id == places.school))
    before = district.rows(select(SchoolClass.name, SchoolClass.teacher_id).order_by(SchoolClass.id))
    answer = add(operator, login="new", name="New teacher", role="teacher", place=code, classes=classes)
    assert (answer.status_code, reason in answer.text) == (422, True)
    assert district.count(User, User.login == "new") == 0
    assert district.rows(select(SchoolClass.name, SchoolClass.teacher_id).order_by(SchoolClass.id)) == before


def test_a_class_changes_hands_on_a_page_that_says_whose_it_was(
    operator: Browser, teacher: Browser, cast: Cast, district: District, places: Places
) -> None:
    heir_id = district.person("heir", "teacher", school_id=places.school)
    page = f"/operator/people/{heir_id}/classes"
    assert "now teacher" in operator.get(page).text
    assert operator.press(page, page, **{"class": ["5A"], "new": "7-b"}).status_code == 303
    said = operator.get(page).text
    assert "Class 5A: teacher before, heir now." in said
    assert "Class 7B: nobody before, heir now." in said
    assert teacher.get(f"/teacher/classes/{places.class_5a}").status_code == 404
    names = select(SchoolClass.name).where(SchoolClass.teacher_id == heir_id).order_by(SchoolClass.name)
    assert district.rows(names) == [("5A",), ("7B",)]


def test_what_is_no_class_is_refused_and_what_was_ticked_stays(
    operator: Browser, district: District, places: Places
) -> None:
    page = f"/operator/people/{district.person('heir', 'teacher', school_id=places.school)}/classes"
    answer = operator.press(page, page, **{"class": ["5A"], "new": "forty two"})
    assert (answer.status_code, "is no class" in answer.text) == (422, True)
    assert re.search(r'value="5A" checked', answer.text)
    assert 'value="forty two"' in answer.text


def test_only_a_teacher_has_classes(operator: Browser, analyst: Browser) -> None:
    for user_id in (analyst.user_id, 9999):
        assert operator.get(f"/operator/people/{user_id}/classes").status_code == 404
        assert operator.post(f"/operator/people/{user_id}/classes").status_code == 404


def test_shutting_out_ends_the_session_and_letting_in_does_not_revive_it(operator: Browser, teacher: Browser) -> None:
    operator.press(f"/operator/people/{teacher.user_id}/disable", button_on="/operator/people")
    assert teacher.get("/teacher/").status_code == 303
    assert "shut out" in operator.get("/operator/people").text
    operator.post(f"/operator/people/{teacher.user_id}/enable")
    assert teacher.get("/teacher/").status_code == 303
    assert teacher.sign_in().status_code == 303


def test_a_new_password_is_shown_once_and_ends_the_old_sessions(operator: Browser, teacher: Browser) -> None:
    answer = operator.press(f"/operator/people/{teacher.user_id}/password", button_on="/operator/people")
    shown = re.search(r'class="secret">([^<]+)<', answer.text)
    assert shown
    assert teacher.get("/teacher/").status_code == 303
    assert teacher.sign_in().status_code == 401
    assert teacher.sign_in(shown[1]).status_code == 303


def test_nobody_shuts_themselves_out_nor_somebody_who_is_not_there(operator: Browser) -> None:
    own = operator.press(f"/operator/people/{operator.user_id}/disable", button_on="/operator/people")
    assert (own.status_code, "cannot shut yourself out" in own.text) == (422, True)
    for verb in ("disable", "enable", "password"):
        assert operator.post(f"/operator/people/9999/{verb}").status_code == 404


def test_people_are_found_by_a_part_of_their_name(operator: Browser, teacher: Browser, analyst: Browser) -> None:
    page = operator.get("/operator/people?search=teach").text
    assert '<th scope="row">teacher</th>' in page
    assert '<th scope="row">analyst</th>' not in page
    assert "Nobody’s sign-in name contains that" in operator.get("/operator/people?search=%25").text
