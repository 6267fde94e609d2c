"""What is urgent stays in front of those who may act, until one of them says what was done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ptm.models import Audit
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District

WORDS = [{"text": "darr", "confidence": 0.97}]
COUNTED = "<strong>1 urgent</strong>"


@pytest.fixture
def said(district: District, places: Places) -> int:
    family = district.family(places.class_5a)
    district.start(places.class_5a)
    return district.suggestion(family, words=WORDS)


def decide(analyst: Browser, suggestion_id: int, **form: str) -> None:
    path = f"/analyst/suggestions/{suggestion_id}"
    assert analyst.press(path, button_on=path, theme="safety", text="darr", **form).status_code == 303


def deal(analyst: Browser, suggestion_id: int, deed: str) -> int:
    path = f"/analyst/suggestions/{suggestion_id}"
    return analyst.press(f"{path}/deed", button_on=path, deed=deed).status_code


def test_an_urgent_message_stays_on_the_list_until_somebody_notes_what_was_done(
    analyst: Browser, district: District, said: int
) -> None:
    decide(analyst, said, urgent="yes")
    page = analyst.get("/analyst/").text
    assert COUNTED in page and f"/analyst/suggestions/{said}" in page
    assert deal(analyst, said, "") == 422
    assert COUNTED in analyst.get("/analyst/").text
    assert deal(analyst, said, "protection_told") == 303
    page = analyst.get("/analyst/").text
    assert COUNTED not in page and f"/analyst/suggestions/{said}" not in page
    assert "The child protection officer was told: noted by" in analyst.get(f"/analyst/suggestions/{said}").text
    (deed,) = district.rows(select(Audit.user_id, Audit.details).where(Audit.action == "suggestion.deal"))
    assert deed.user_id is not None and deed.details == {"deed": "protection_told"}


def test_a_message_that_becomes_urgent_once_more_waits_once_more(analyst: Browser, said: int) -> None:
    decide(analyst, said, urgent="yes")
    deal(analyst, said, "no_danger")
    decide(analyst, said, urgent="yes")
    assert COUNTED not in analyst.get("/analyst/").text
    decide(analyst, said)
    decide(analyst, said, urgent="yes")
    assert COUNTED in analyst.get("/analyst/").text


def test_a_leader_sees_how_many_are_urgent_and_no_word_of_them(
    analyst: Browser, leader: Browser, other_analyst: Browser, said: int
) -> None:
    assert "urgent" not in leader.get("/leader/").text
    decide(analyst, said, urgent="yes")
    page = leader.get("/leader/").text
    assert COUNTED in page and "darr" not in page
    assert "urgent</strong>" not in other_analyst.get("/analyst/").text
    deal(analyst, said, "head_told")
    assert "urgent</strong>" not in leader.get("/leader/").text
