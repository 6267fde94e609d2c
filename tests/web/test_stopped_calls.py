"""While all dialling is stopped, no page promises a call."""

from __future__ import annotations

from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District, Family


def test_the_teachers_page_says_that_all_calls_are_stopped_and_since_when(
    teacher: Browser, operator: Browser, district: District, places: Places, family: Family
) -> None:
    path = f"/teacher/batches/{district.start(places.class_5a)}"
    assert "All calls are stopped" not in teacher.get(path).text
    operator.press("/operator/stop", button_on="/operator/", reason="")
    page = teacher.get(path).text
    assert "All calls are stopped since 11:00</strong> by the operator of the state" in page
    assert "waits until calls go on" in page and "waiting for its turn" not in page
    assert ">Getting the calls ready<" not in page and ">Calling<" not in page


def test_an_account_does_not_dial_while_the_switch_is_thrown(
    operator: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.attempt(family, account="main")
    assert ">dials<" in operator.get("/operator/").text
    operator.press("/operator/stop", button_on="/operator/", reason="")
    page = operator.get("/operator/").text
    assert ">dials<" not in page and ">stopped<" in page
