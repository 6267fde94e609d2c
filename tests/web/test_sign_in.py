"""Sign in, sign out, and everything that ends a session."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ivr.session import ABSOLUTE_S, IDLE_S
from ptm import people
from ptm.clock import ManualClock
from ptm.models import Audit
from ptm.passwords import MOST_GUESSES
from tests.web.browsing import Browser
from tests.web.district import PASSWORD, District

WRONG = "another few words"
REFUSED = "That name and password do not go together."


@pytest.mark.parametrize(("login", "password"), [("teacher", WRONG), ("nobody", PASSWORD), ("", ""), ("teacher", "")])
def test_whatever_is_wrong_the_answer_is_the_same(
    teacher: Browser, stranger: Browser, login: str, password: str
) -> None:
    answer = stranger.sign_in(login=login, password=password)
    assert answer.status_code == 401
    assert REFUSED in answer.text
    assert stranger.get("/teacher/").status_code == 303


def test_after_five_wrong_tries_the_account_rests_and_then_opens(
    teacher: Browser, stranger: Browser, clock: ManualClock
) -> None:
    for _ in range(MOST_GUESSES):
        stranger.sign_in(login=teacher.login, password=WRONG)
    assert stranger.sign_in(login=teacher.login).status_code == 401
    clock.advance(timedelta(minutes=15))
    assert stranger.sign_in(login=teacher.login).status_code == 303


def test_guessing_at_one_account_leaves_open_sessions_and_other_people_alone(
    teacher: Browser, other_teacher: Browser, stranger: Browser, app: Flask
) -> None:
    for _ in range(MOST_GUESSES + 1):
        stranger.sign_in(login=teacher.login, password=WRONG)
    assert teacher.get("/teacher/").status_code == 200
    assert Browser(app, login=other_teacher.login).sign_in().status_code == 303


def test_a_session_begins_in_a_fresh_cookie(teacher: Browser, app: Flask) -> None:
    browser = Browser(app, login=teacher.login)
    browser.get("/sign-in")
    before = browser.cookies()["sunvai"]
    browser.sign_in()
    assert browser.cookies()["sunvai"] != before
    # Whoever planted the old cookie has a cookie of nobody.
    planted = Browser(app)
    planted.set_cookie("sunvai", before)
    assert planted.get("/teacher/").status_code == 303


def test_signing_out_ends_the_session_everywhere(teacher: Browser, app: Flask) -> None:
    copy = Browser(app)
    copy.set_cookie("sunvai", teacher.cookies()["sunvai"])
    assert copy.get("/teacher/").status_code == 200
    assert teacher.press("/sign-out", button_on="/teacher/").location == "/sign-in"
    assert copy.get("/teacher/").status_code == 303
    assert teacher.get("/teacher/").status_code == 303


def test_half_an_hour_without_a_press_ends_the_session(teacher: Browser, clock: ManualClock) -> None:
    clock.advance(timedelta(seconds=IDLE_S - 1))
    assert teacher.get("/teacher/").status_code == 200
    clock.advance(timedelta(seconds=IDLE_S))
    assert teacher.get("/teacher/").status_code == 303
    assert "nobody used this page for a while" in teacher.get("/sign-in").text


def test_after_twelve_hours_everybody_signs_in_again(teacher: Browser, clock: ManualClock) -> None:
    for _ in range(ABSOLUTE_S // 1200 - 1):
        clock.advance(timedelta(seconds=1200))
        assert teacher.get("/teacher/").status_code == 200
    clock.advance(timedelta(seconds=1200))
    assert teacher.get("/teacher/").status_code == 303


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(teacher: Browser, clock: ManualClock) -> None:
    for _ in range(3):
        clock.advance(timedelta(seconds=IDLE_S // 3))
        last = teacher.get("/teacher/?quiet=1")
    assert last.status_code == 303


def test_shutting_somebody_out_ends_every_session_of_theirs(
    teacher: Browser, other_teacher: Browser, district: District
) -> None:
    with district.runtime.database.session() as session:
        people.disable(session, teacher.user_id, by=None, now=district.now)
    assert teacher.get("/teacher/").status_code == 303
    assert teacher.sign_in().status_code == 401
    assert other_teacher.get("/teacher/").status_code == 200


def test_a_new_password_ends_every_session_of_the_old(teacher: Browser, district: District) -> None:
    with district.runtime.database.session() as session:
        people.give_password(session, teacher.user_id, "other words are new", by=None, now=district.now)
    assert teacher.get("/teacher/").status_code == 303


def test_a_forged_cookie_is_nobody(stranger: Browser, teacher: Browser) -> None:
    head, _, tail = teacher.cookies()["sunvai"].rpartition(".")
    stranger.set_cookie("sunvai", f"{head}.{tail[::-1]}")
    assert stranger.get("/teacher/").status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x",
        "\t//e",
    ],
)
def test_signing_in_never_leads_to_another_site(teacher: Browser, stranger: Browser, elsewhere: str) -> None:
    location = stranger.sign_in(login=teacher.login, next=elsewhere).location
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\r" not in location


def test_whoever_is_signed_in_is_not_asked_again(teacher: Browser) -> None:
    assert teacher.get("/sign-in").location == "/"


def test_signing_in_and_out_is_recorded(teacher: Browser, district: District) -> None:
    teacher.press("/sign-out", button_on="/teacher/")
    recorded = district.rows(select(Audit.action, Audit.user_id).where(Audit.subject == "user").order_by(Audit.id))
    assert recorded == [("sign_in", teacher.user_id), ("sign_out", teacher.user_id)]
