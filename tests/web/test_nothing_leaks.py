"""A family's number and names go through every page and stay out of logs, addresses, cookies, Redis and the audit."""

from __future__ import annotations

import base64
import io
import logging
import zlib

import pytest
from flask import Flask, request
from sqlalchemy import select

from ptm.models import Audit, Base
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import PASSWORD, District, Family

CHILD, PARENT, SPOKEN = "Kanarichild", "Kanariparent", "kanarispoken"
NUMBER = "9814077777"
OWN_NUMBER, PIN = "9814066666", "726394"
CANARIES = (CHILD, PARENT, SPOKEN, NUMBER, NUMBER[-5:], OWN_NUMBER, OWN_NUMBER[-5:], PIN, PASSWORD)
LIST = f"Student Name,Father Name,Class,Mobile No\n{CHILD},{PARENT},5A,{NUMBER}\n"
BAD_LIST = LIST + f"{CHILD} Two,{PARENT},5A,{NUMBER[:-1]}\n"


@pytest.fixture
def addresses(app: Flask) -> list[str]:
    """Every address that anybody asked for or was sent to."""
    seen: list[str] = []

    @app.after_request
    def note(response: object) -> object:
        seen.append(request.full_path)
        seen.append(str(response.headers.get("Location", "")))  # type: ignore[attr-defined]
        seen.extend(response.headers.getlist("Set-Cookie"))  # type: ignore[attr-defined]
        return response

    return seen


def test_no_page_of_a_whole_day_leaks_a_name_or_a_number(
    app: Flask, addresses: list[str], teacher: Browser, analyst: Browser, leader: Browser, operator: Browser,
    district: District, places: Places, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    _live_a_day(teacher, analyst, leader, operator, district, places)
    _fall_over(app, teacher, places)
    assert len(addresses) > 60
    traces = {
        "logs": caplog.text,
        "addresses": "\n".join(addresses),
        "cookies": "\n".join(_opened(cookie) for who in (teacher, analyst) for cookie in who.cookies().values()),
        "redis": repr([(key, _value(district, key)) for key in district.runtime.redis.keys("*")]),
        "audit": repr(district.rows(select(Audit.action, Audit.details))),
    }
    assert "audit" in traces["audit"] or "batch.start" in traces["audit"]
    for where, text in traces.items():
        for canary in CANARIES:
            assert canary not in text, f"{canary} is in the {where}"


def test_the_number_is_in_no_table_in_plain_sight(teacher: Browser, district: District, places: Places) -> None:
    _bring(teacher, places, LIST)
    rows = [repr(tuple(row)) for table in Base.metadata.sorted_tables for row in district.rows(table.select())]
    assert any(CHILD in row for row in rows)
    _give_phone(teacher)
    rows += [repr(tuple(row)) for row in district.rows(Base.metadata.tables["teacher_line"].select())]
    assert not any(text in row for row in rows for text in (NUMBER, NUMBER[-5:], OWN_NUMBER, OWN_NUMBER[-5:], PIN))


def _live_a_day(
    teacher: Browser, analyst: Browser, leader: Browser, operator: Browser, district: District, places: Places
) -> None:
    page = f"/teacher/classes/{places.class_5a}"
    _bring(teacher, places, BAD_LIST)
    _bring(teacher, places, LIST)
    assert CHILD in teacher.get(page).text  # what must not leak is there
    call = teacher.press(f"{page}/call", button_on=f"{page}/call", form_key=f"{1:032x}")
    for path in ("", "/unreached", "/cancel", "?quiet=1"):
        teacher.get(call.location + path)
    child_id = district.value(select(Base.metadata.tables["child"].c.id))
    form = {"child": child_id, "language": "pa", "text": f"{SPOKEN} fans"}
    teacher.press(f"{page}/note", button_on=f"{page}/note", **form)
    teacher.press(f"{page}/note", button_on=f"{page}/note", **(form | {"language": "xx"}))
    assert SPOKEN in teacher.get(f"{page}/said").text
    _give_phone(teacher)
    household_id = district.value(select(Base.metadata.tables["household"].c.id))
    district.wish(Family(household_id, child_id, NUMBER, CHILD), places.class_5a)
    assert CHILD in teacher.get(page).text.partition('id="wanting"')[2].partition("</ul>")[0]
    suggestion = "/analyst/suggestions/" + str(district.value(select(Base.metadata.tables["suggestion"].c.id)))
    analyst.get("/analyst/?status=all")
    analyst.press(suggestion, button_on=suggestion, text=f"{SPOKEN} fan", theme="buildings")
    for who in (teacher, analyst, leader, operator):
        for path in (
            "/leader/", f"/leader/answers/school/{places.school}", "/operator/", "/operator/people", suggestion,
            f"{suggestion}/audio", call.location, "/teacher/phone", f"{page}/voice",
        ):  # fmt: skip
            who.get(path)


def _give_phone(teacher: Browser) -> None:
    form = {"number": OWN_NUMBER, "pin": PIN, "opens": "15:00", "closes": "17:00"}
    teacher.press("/teacher/phone", button_on="/teacher/phone", **(form | {"opens": "3 o'clock"}))
    answer = teacher.press("/teacher/phone", button_on="/teacher/phone", **form)
    assert answer.status_code == 303


def _fall_over(app: Flask, teacher: Browser, places: Places) -> None:
    """Let the import fail in the middle: a traceback is logged, and must carry nothing of the list."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    from ivr.consoles.teacher import importing

    real, importing.import_roster = importing.import_roster, fail  # type: ignore[assignment]
    try:
        assert _bring(teacher, places, LIST).status_code == 500
    finally:
        importing.import_roster = real


def _bring(teacher: Browser, places: Places, text: str) -> object:
    path = f"/teacher/classes/{places.class_5a}/list"
    return teacher.press(path, button_on=path, file=(io.BytesIO(text.encode()), "list.csv"))


def _opened(cookie: str) -> str:
    """Return what a signed cookie says to whoever holds it."""
    packed = cookie.startswith(".")
    payload = cookie.lstrip(".").partition(".")[0]
    data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (zlib.decompress(data) if packed else data).decode()


def _value(district: District, key: bytes) -> object:
    redis = district.runtime.redis
    kind = redis.type(key)
    if kind == b"hash":
        return redis.hgetall(key)
    if kind == b"list":
        return redis.lrange(key, 0, -1)
    return redis.get(key) if kind == b"string" else redis.dump(key)
