"""A prompt's page asks for a call, tells how to make it, and shows what came of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from callqueue.runtime import Runtime
from ptm.models import InboundCall, PromptOrder, Recording, TeacherLine
from ptm.passwords import verify_password
from tests.web.browsing import Browser
from tests.web.district import District
from tests.web.one_database import database, database_file, database_url

__all__ = ["database", "database_file", "database_url"]

PAGE, PHONE = "/prompts/pa/goodbye.thanks", "/prompts/phone"
GOOD = {"number": "98140 55512", "pin": "7263"}
WORDS = "ਧੰਨਵਾਦ"


@pytest.fixture(autouse=True)
def line_number(runtime: Runtime) -> None:
    carrier = runtime.settings.carrier.model_copy(update={"teacher_number": "918035731002"})
    runtime.settings = runtime.settings.model_copy(update={"carrier": carrier})


def ask(operator: Browser, page: str = PAGE, **form: str) -> str:
    operator.press(PHONE, button_on=PHONE, **GOOD)
    answer = operator.press(f"{page}/phone", button_on=page, **form)
    assert (answer.status_code, answer.location) == (303, page)
    return shown(operator, page)


def shown(browser: Browser, page: str = PAGE) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(page).text).split())


def order(district: District) -> Any:
    (row,) = district.rows(select(PromptOrder.__table__))
    return row


def said(district: District, **values: Any) -> None:
    """Let the newest wish have been said in a call, with what came of it."""
    now = district.now
    with district.runtime.database.session() as session:
        told = {"token": "t", "purpose": "teacher", "caller_index": "", "last4": "", "began_at": now}
        call = InboundCall(call_uuid="u", **told)
        session.add(call)
        session.flush()
        recording = Recording(
            inbound_id=call.id, purpose="prompt", carrier_id="r", url="https://u/r.wav", language="pa",
            state="wanted", duration_ms=3_000, wanted_at=now, due_at=now,
        )  # fmt: skip
        session.add(recording)
        session.flush()
        session.execute(update(PromptOrder).values(recording_id=recording.id, said_at=now, **values))


def test_who_asks_is_told_which_number_to_call_from_which_phone(operator: Browser, district: District) -> None:
    page = ask(operator)
    assert "Waiting for your call until Thu 26 Nov, 11:00" in page
    assert "Call +918035731002 from •••••• 5512 and give your PIN" in page
    row = order(district)
    assert (row.user_id, row.prompt_id, row.language) == (operator.user_id, "goodbye.thanks", "pa")
    assert row.words.startswith(WORDS)
    assert "1 prompt waits for your call" in shown(operator, "/prompts/")
    assert "goodbye.thanks Punjabi, until Thu 26 Nov, 11:00" in shown(operator, PHONE)


def test_who_has_no_pin_sets_one_first(operator: Browser, district: District) -> None:
    answer = operator.press(f"{PAGE}/phone", button_on=PAGE)
    assert answer.location == PHONE
    assert "First give the phone" in operator.get(PHONE).text
    assert district.count(PromptOrder) == 0


def test_a_line_without_a_number_is_told(operator: Browser, runtime: Runtime) -> None:
    carrier = runtime.settings.carrier.model_copy(update={"teacher_number": ""})
    runtime.settings = runtime.settings.model_copy(update={"carrier": carrier})
    assert "The line to call has no number yet" in ask(operator)


def test_it_waits_no_longer_when_that_is_taken_back_or_a_day_is_over(operator: Browser, district: District) -> None:
    ask(operator)
    operator.post(f"{PAGE}/phone/forget")
    assert "Waiting" not in shown(operator)
    assert order(district).withdrawn_at == district.now
    with district.runtime.database.session() as session:
        session.execute(update(PromptOrder).values(withdrawn_at=None, expires_at=district.now))
    assert "Waiting" not in shown(operator)


def test_a_part_of_a_personal_sentence_waits_by_itself(operator: Browser, district: District) -> None:
    page = "/prompts/en/inform.attendance"
    parts = operator.get(page).text.count("Record it by phone")
    assert parts >= 1
    ask(operator, page, part="1")
    assert operator.get(page).text.count("Record it by phone") == parts - 1
    operator.post(f"{page}/phone", part="99")
    assert district.count(PromptOrder) == 1


@pytest.mark.parametrize(
    ("came", "told"),
    [
        ({}, "the recording is on its way from the phone company"),
        ({"problem": "the recording is too quiet"}, "you said by phone at 11:00 cannot be used: the recording is too"),
    ],
)
def test_what_came_of_the_call_is_shown(operator: Browser, district: District, came: dict[str, Any], told: str) -> None:
    ask(operator)
    said(district, **came)
    page = shown(operator)
    assert told in page
    assert ("Record it by phone" in page) == bool(came), "what was refused may be said again"


def test_what_is_heard_in_calls_needs_no_more_words(operator: Browser, district: District) -> None:
    ask(operator)
    said(district, done_at=district.now)
    page = shown(operator)
    assert "Record it by phone" in page
    assert "phone company" not in page


def test_a_second_person_sees_whose_call_is_awaited_and_may_ask_too(
    operator: Browser, app: Any, district: District
) -> None:
    ask(operator)
    other = Browser(app, district.person("second", "operator"), "second")
    other.sign_in()
    page = shown(other)
    assert "Waiting for the call of Person operator" in page
    assert "Record it by phone" in page
    other.post(f"{PAGE}/phone/forget")
    assert order(district).withdrawn_at is None, "only their own"


def test_number_and_pin_are_kept_sealed_and_no_family_is_put_through(operator: Browser, district: District) -> None:
    operator.press(PHONE, button_on=PHONE, **GOOD)
    (line,) = district.rows(select(TeacherLine.__table__))
    assert (line.user_id, line.takes_calls, line.last4) == (operator.user_id, False, "5512")
    assert verify_password(line.pin_hash, "7263")
    page = operator.get(PHONE).text
    assert "98140" not in page
    assert "7263" not in page
    operator.post(f"{PHONE}/forget")
    assert district.count(TeacherLine) == 0


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"pin": "1111"}, "one of the first"), ({"pin": "12"}, "four to six digits"), ({"number": "12"}, "too short")],
)
def test_a_wrong_number_or_pin_is_told_and_nothing_is_saved(
    operator: Browser, district: District, wrong: dict[str, str], why: str
) -> None:
    answer = operator.press(PHONE, button_on=PHONE, **GOOD | wrong)
    assert answer.status_code == 422
    assert why in answer.text
    assert district.count(TeacherLine) == 0


def test_a_number_belongs_to_one_person(operator: Browser, teacher: Browser, district: District) -> None:
    hours = {"opens": "15:00", "closes": "17:00"}
    teacher.press("/teacher/phone", button_on="/teacher/phone", **GOOD, **hours)
    answer = operator.press(PHONE, button_on=PHONE, **GOOD)
    assert (answer.status_code, "Somebody else has this number." in answer.text) == (422, True)
    assert district.count(TeacherLine, TeacherLine.user_id == teacher.user_id) == district.count(TeacherLine) == 1
