"""A family that hung up at the greeting did answer: the teacher reads so."""

from __future__ import annotations

from datetime import timedelta

from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District, Family


def test_who_hung_up_at_the_greeting_is_not_said_to_have_failed(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    district.attempt(family, state="ended", reach="answered", outcome="ended_after_answer")
    district.set_call(family, due_at=district.now + timedelta(minutes=15), tries=1)
    page = teacher.get(f"/teacher/batches/{batch_id}").text
    assert "answered but hung up early, will try again" in page
    assert "did not work" not in page
