"""A teacher watches the calls of a class, pauses them, and stops them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ptm.models import Audit
from tests.web.browsing import Browser
from tests.web.classes import page_of
from tests.web.conftest import Places
from tests.web.district import District, Family


def test_the_teacher_watches_every_call_in_words(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    busy, heard, gone = (district.family(places.class_5a) for _ in range(3))
    batch_id = district.start(places.class_5a)
    district.attempt(family, state="ringing")
    district.set_call(family, state="open")
    district.attempt(busy, state="ended", outcome="busy")
    district.set_call(busy, due_at=district.now + timedelta(minutes=15), tries=1)
    district.set_call(heard, state="ended", reach="heard", disposition="completed")
    district.cover(heard)
    district.set_call(gone, state="ended", reach="unreached", disposition="invalid_number")
    page = teacher.get(f"/teacher/batches/{batch_id}").text
    for child, words in [
        (family, "ringing now"), (busy, "was busy, will try again"), (heard, "heard the message"),
        (gone, "the number does not work"),
    ]:  # fmt: skip
        line = page.partition(f">{child.child_name}<")[2].partition("</li>")[0]
        assert words in line, child.child_name
    assert "<b>1</b> of 4 families heard the message" in page
    assert 'at <time datetime="2026-11-25T05:45:00+00:00">11:15</time>' in page


def test_the_page_refreshes_itself_without_scripts_until_all_is_over(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    refresh = f'<noscript><meta http-equiv="refresh" content="5; url=/teacher/batches/{batch_id}?quiet=1">'
    assert refresh in teacher.get(f"/teacher/batches/{batch_id}").text
    teacher.post(f"/teacher/batches/{batch_id}/cancel")
    assert "http-equiv" not in teacher.get(f"/teacher/batches/{batch_id}").text


def test_a_page_that_refreshes_itself_is_one_look_and_only_of_what_was_opened(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    path = f"/teacher/batches/{batch_id}"
    # Whoever asks quietly without having looked is recorded all the same.
    teacher.get(f"{path}?quiet=1")
    assert district.count(Audit, Audit.action == "batch.open") == 1
    for _ in range(3):
        teacher.get(f"{path}?quiet=1")
    assert district.count(Audit, Audit.action == "batch.open") == 1
    teacher.get(f"{page_of(places.class_5a)}?quiet=1")
    assert district.count(Audit, Audit.action == "class.open") == 1


def test_a_batch_is_paused_goes_on_and_is_stopped_for_good(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    path = f"/teacher/batches/{batch_id}"
    for verb, state, button in [("pause", "paused", "Go on calling"), ("resume", "preparing", "Pause")]:
        assert teacher.press(f"{path}/{verb}", button_on=path).location == path
        assert district.batch_state(batch_id) == state
        assert button in teacher.get(path).text
    assert "Stop the calls for good?" in teacher.get(f"{path}/cancel").text
    teacher.post(f"{path}/cancel")
    assert district.batch_state(batch_id) == "canceled"
    recorded = district.rows(select(Audit.action).where(Audit.subject == "batch", Audit.action != "batch.open"))
    assert [row.action for row in recorded] == ["batch.pause", "batch.resume", "batch.cancel"]


def test_another_teacher_neither_watches_nor_stops_it(
    teacher: Browser, other_teacher: Browser, colleague: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    for other in (other_teacher, colleague):
        for path in ("", "/cancel", "/unreached"):
            answer = other.get(f"/teacher/batches/{batch_id}{path}")
            assert answer.status_code == 404
            assert family.child_name not in answer.text
        for verb in ("pause", "resume", "cancel"):
            assert other.post(f"/teacher/batches/{batch_id}/{verb}").status_code == 404
    assert district.batch_state(batch_id) == "calling"
