"""The button that calls a class: whom it calls, once, and when it does not."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask

from callqueue import bells
from ptm.clock import ManualClock
from ptm.models import Audit, Batch, Call
from tests.web.browsing import Browser
from tests.web.classes import batch_of, page_of
from tests.web.conftest import Places
from tests.web.district import District, Family

KEY, OTHER_KEY = f"{1:032x}", f"{2:032x}"


def press_call(teacher: Browser, class_id: int, key: str = KEY) -> object:
    return teacher.press(f"{page_of(class_id)}/call", button_on=f"{page_of(class_id)}/call", form_key=key)


def test_before_the_button_the_teacher_reads_whom_it_calls(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.sibling(family, places.class_5a)
    district.family(places.class_5a, language="hi")
    district.family(places.class_5a, opted_out_at=district.now)
    district.family(places.class_5a, phone=False)
    page = teacher.get(f"{page_of(places.class_5a)}/call").text
    assert "Call 2 families" in page
    assert "Punjabi 1, Hindi 1" in page
    assert "5 children have nothing chosen yet" in page
    assert "1 child belongs to a family that asked not to be called" in page
    assert "1 child has no phone number" in page


def test_pressed_twice_the_class_is_called_once(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    first = press_call(teacher, places.class_5a)
    again = teacher.post(f"{page_of(places.class_5a)}/call", form_key=KEY)
    from_another_phone = teacher.post(f"{page_of(places.class_5a)}/call", form_key=OTHER_KEY)
    assert first.location == again.location == from_another_phone.location
    assert (district.count(Batch), district.count(Call)) == (1, 1)
    assert district.count(Audit, Audit.action == "batch.start") == 1


def test_many_presses_at_the_same_moment_call_the_class_once(
    app: Flask, teacher: Browser, district: District, places: Places, family: Family
) -> None:
    path = f"{page_of(places.class_5a)}/call"
    teacher.get(path)
    answers: list[tuple[int, str]] = []

    def press(key: str) -> None:
        answer = teacher.copy(app).post(path, form_key=key)
        answers.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=press, args=(key,)) for key in (KEY, KEY, OTHER_KEY, OTHER_KEY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {(303, f"/teacher/batches/{batch_of(district)}")}
    assert len(answers) == len(threads)
    assert (district.count(Batch), district.count(Call)) == (1, 1)


def test_the_button_rings_for_the_audio_to_be_made(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    press_call(teacher, places.class_5a)
    assert district.runtime.bells.waiting("media") == 1
    assert district.batch_state(batch_of(district)) == "preparing"
    assert bells.PREPARE == "ivr.preparing.prepare"


def test_a_class_with_nobody_to_call_is_refused_in_words(teacher: Browser, district: District, places: Places) -> None:
    answer = press_call(teacher, places.class_5a)
    assert answer.status_code == 409
    assert "No child of this class has a family that may be called" in answer.text
    assert district.count(Batch) == 0


def test_after_the_round_nobody_is_called(
    teacher: Browser, district: District, places: Places, family: Family, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=30))
    teacher.sign_in()
    answer = press_call(teacher, places.class_5a)
    assert answer.status_code == 409
    assert "has ended" in answer.text


def test_a_form_without_its_key_is_no_form(teacher: Browser, places: Places, family: Family) -> None:
    assert press_call(teacher, places.class_5a, key="").status_code == 400


def test_another_teacher_calls_no_family_of_the_class(
    teacher: Browser, other_teacher: Browser, district: District, places: Places, family: Family
) -> None:
    assert other_teacher.post(f"{page_of(places.class_5a)}/call", form_key=KEY).status_code == 404
    assert district.count(Batch) == 0
