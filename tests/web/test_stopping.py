"""The leader of the whole state stops all calls and says why; an operator lets them go on; nobody else does either."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from callqueue.claiming import STOP_DIALING
from ptm.models import Audit, Switch
from tests.web.browsing import Browser
from tests.web.district import District

PAGE = "/leader/stop"


@pytest.fixture
def state_leader(app: Flask, district: District) -> Browser:
    browser = Browser(app, district.person("state-leader", "leader", area_id=district.state), "state-leader")
    browser.sign_in()
    return browser


def switch(district: District) -> list[object]:
    return district.rows(select(Switch.on_since_at, Switch.reason).where(Switch.name == STOP_DIALING))


def test_the_leader_of_the_state_stops_everything_and_an_operator_lets_it_go_on(
    state_leader: Browser, operator: Browser, district: District
) -> None:
    assert PAGE in state_leader.get("/leader/").text
    state_leader.press(PAGE, button_on=PAGE, reason=" A flood  warning ")
    assert switch(district) == [(district.now, "A flood warning")]
    for page in (state_leader.get(PAGE).text, operator.get("/operator/").text):
        assert "All dialling is stopped since 11:00" in page
        assert "A flood warning" in page
    assert '<button class="danger"' not in state_leader.get(PAGE).text
    operator.post("/operator/resume")
    assert switch(district) == [(None, None)]
    recorded = district.rows(select(Audit.action, Audit.user_id).where(Audit.subject == "switch").order_by(Audit.id))
    assert recorded == [("dialing.stop", state_leader.user_id), ("dialing.resume", operator.user_id)]


def test_without_a_reason_nothing_is_stopped(state_leader: Browser, district: District) -> None:
    answer = state_leader.press(PAGE, button_on=PAGE, reason="  ")
    assert (answer.status_code, "Say why" in answer.text, switch(district)) == (422, True, [])


def test_the_leader_of_a_district_cannot_stop_the_state(leader: Browser, district: District) -> None:
    assert PAGE not in leader.get("/leader/").text
    assert leader.get(PAGE).status_code == 404
    assert leader.post(PAGE, reason="mine").status_code == 404
    assert switch(district) == []


def test_a_leader_cannot_release_the_switch(state_leader: Browser, district: District) -> None:
    state_leader.press(PAGE, button_on=PAGE, reason="a flood")
    assert state_leader.post("/operator/resume").status_code == 403
    assert state_leader.post("/operator/stop").status_code == 403
    assert switch(district) == [(district.now, "a flood")]
