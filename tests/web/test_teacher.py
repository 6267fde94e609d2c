"""A teacher's week: the list comes in, words are chosen, the class is called, watched, and talked to."""

from __future__ import annotations

import io
import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from callqueue import bells
from ivr.consoles.teacher.phrases import load_phrases
from ptm.clock import ManualClock
from ptm.models import Audit, Batch, Call, Child, Guardianship, Message, Suggestion
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District, Family

KEY, OTHER_KEY = f"{1:032x}", f"{2:032x}"


def page_of(class_id: int) -> str:
    return f"/teacher/classes/{class_id}"


def bring(teacher: Browser, class_id: int, text: str, name: str = "5a.csv") -> object:
    path = f"{page_of(class_id)}/list"
    return teacher.press(path, button_on=path, file=(io.BytesIO(text.encode()), name))


# ---- my classes ----


def test_a_teacher_sees_her_classes_and_no_other(
    teacher: Browser, other_teacher: Browser, colleague: Browser, places: Places
) -> None:
    assert f'href="/teacher/classes/{places.class_5a}"' in teacher.get("/teacher/").text
    for other in (other_teacher, colleague):
        assert f'href="/teacher/classes/{places.class_5a}"' not in other.get("/teacher/").text


def test_a_teacher_without_a_class_is_told_what_to_do(teacher: Browser, district: District, places: Places) -> None:
    district.give_class(places.class_5a, district.person("successor", "teacher"))
    assert "No class is yours yet" in teacher.get("/teacher/").text


def test_numbers_show_their_last_four_digits_and_no_more(teacher: Browser, district: District, places: Places) -> None:
    family = district.family(places.class_5a)
    district.start(places.class_5a)
    district.set_call(family, state="ended", disposition="no_answer")
    for path in (page_of(places.class_5a), "/teacher/batches/1/unreached"):
        page = teacher.get(path if "batches" not in path else f"/teacher/batches/{_batch(district)}/unreached").text
        assert family.msisdn[-4:] in page
        assert family.msisdn[-5:] not in page.replace("<span", "")


# ---- the class list ----


def test_a_class_list_comes_in_with_siblings_and_scripts(teacher: Browser, district: District, places: Places) -> None:
    answer = bring(
        teacher, places.class_5a,
        "Student Name,Class,Mobile No\nਹਰਮਨ,5A,98140-12345\nअनमोल,5A,98140-12345\nRavi,5A,98140-12346\n",
    )  # fmt: skip
    assert answer.status_code == 303
    assert district.count(Child) == 3
    assert len({row.household_id for row in district.rows(select(Guardianship.household_id))}) == 2
    page = teacher.get(answer.location).text
    assert "3 children in the list, 3 new, 1 family has more than one child" in page
    assert "ਹਰਮਨ" in page


def test_the_same_list_again_changes_nothing(teacher: Browser, district: District, places: Places) -> None:
    rows = "Student Name,Class,Mobile No\nRavi,5A,98140-12346\n"
    for _ in range(2):
        answer = bring(teacher, places.class_5a, rows)
    assert district.count(Child) == 1
    assert "nothing was new" in teacher.get(answer.location).text


def test_a_list_with_bad_cells_is_refused_whole_and_each_is_named(
    teacher: Browser, district: District, places: Places
) -> None:
    answer = bring(
        teacher, places.class_5a,
        "Student Name,Class,Mobile No\nRavi,5A,98140-12346\nMehak,5A,9814\n,5A,98140-12347\n",
    )  # fmt: skip
    assert answer.status_code == 422
    assert district.count(Child) == 0
    for words in ("Nothing was brought in: 2 places need a correction", "Row 3, column C (Mobile No)",
                  "Row 4, column A (Student Name)", "9814"):  # fmt: skip
        assert words in answer.text


def test_a_list_of_another_class_is_refused(teacher: Browser, district: District, places: Places) -> None:
    answer = bring(teacher, places.class_5a, "Student Name,Class,Mobile No\nRavi,5B,98140-12346\n")
    assert answer.status_code == 422
    assert "not of class 5A" in answer.text
    assert district.count(Child) == 0


@pytest.mark.parametrize("data", ["", "nonsense", "\x00\x01\x02"])
def test_a_file_that_is_no_list_is_refused_in_words(
    teacher: Browser, district: District, places: Places, data: str
) -> None:
    answer = bring(teacher, places.class_5a, data)
    assert (answer.status_code, district.count(Child)) == (422, 0)
    assert "a correction" in answer.text


def test_no_file_at_all_is_said(teacher: Browser, places: Places) -> None:
    path = f"{page_of(places.class_5a)}/list"
    assert "Choose a file first." in teacher.press(path, button_on=path).text


def test_what_stands_in_a_cell_cannot_become_a_part_of_the_page(teacher: Browser, places: Places) -> None:
    answer = bring(teacher, places.class_5a, 'Student Name,Class,Mobile No\nRavi,5A,"<img src=x onerror=alert(1)>"\n')
    assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in answer.text


def test_another_teacher_brings_nothing_into_the_class(
    teacher: Browser, other_teacher: Browser, district: District, places: Places
) -> None:
    path = f"{page_of(places.class_5a)}/list"
    assert other_teacher.get(path).status_code == 404
    rows = b"Student Name,Class,Mobile No\nRavi,5A,98140-12346\n"
    assert other_teacher.post(path, file=(io.BytesIO(rows), "5a.csv")).status_code == 404
    assert district.count(Child) == 0


# ---- what is said of each child ----


@pytest.fixture
def family(district: District, places: Places) -> Family:
    return district.family(places.class_5a)


def choose(teacher: Browser, class_id: int, child_id: int, **said: str) -> object:
    fields = {"attendance": "", "level": "", "praise": ""} | said
    form = {f"{name}-{child_id}": value for name, value in fields.items()}
    return teacher.press(f"{page_of(class_id)}/messages", button_on=page_of(class_id), **form)


def test_what_is_chosen_is_kept_and_shown(teacher: Browser, district: District, places: Places, family: Family) -> None:
    level, praise = next(iter(load_phrases().levels)), next(iter(load_phrases().praises))
    answer = choose(teacher, places.class_5a, family.child_id, attendance=" 87 % ", level=level, praise=praise)
    assert answer.status_code == 303
    assert district.rows(select(Message.attendance, Message.level, Message.praise)) == [(87, level, praise)]
    page = teacher.get(answer.location).text
    assert "Saved." in page
    assert load_phrases().praises[praise] in page


def test_what_is_left_empty_is_not_said(teacher: Browser, district: District, places: Places, family: Family) -> None:
    choose(teacher, places.class_5a, family.child_id, attendance="87")
    choose(teacher, places.class_5a, family.child_id)
    assert district.rows(select(Message.attendance, Message.level, Message.praise)) == [(None, None, None)]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"attendance": "101"}, "whole number from 0 to 100"),
        ({"attendance": "-3"}, "whole number from 0 to 100"),
        ({"attendance": "ninety"}, "whole number from 0 to 100"),
        ({"level": "level.of.nobody"}, "from the list"),
        ({"praise": "greeting"}, "from the list"),
    ],
)
def test_one_wrong_value_saves_nothing_and_stands_beside_its_child(
    teacher: Browser, district: District, places: Places, family: Family, said: dict[str, str], problem: str
) -> None:
    answer = choose(teacher, places.class_5a, family.child_id, **said)
    assert answer.status_code == 422
    assert problem in answer.text
    assert "<details open>" in answer.text
    assert district.count(Message) == 0


def test_nothing_can_be_changed_while_phones_ring(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    batch_id = district.start(places.class_5a)
    answer = choose(teacher, places.class_5a, family.child_id, attendance="87")
    assert answer.location == f"/teacher/batches/{batch_id}"
    assert district.count(Message) == 0


def test_another_teacher_says_nothing_of_the_child(
    teacher: Browser, other_teacher: Browser, district: District, places: Places, family: Family
) -> None:
    form = {f"attendance-{family.child_id}": "10"}
    assert other_teacher.post(f"{page_of(places.class_5a)}/messages", **form).status_code == 404
    # Nor through her own class: a child of another class is not on its form.
    other_teacher.post(f"{page_of(places.other_class)}/messages", **form)
    assert district.count(Message) == 0


# ---- call my class ----


def press_call(teacher: Browser, class_id: int, key: str = KEY) -> object:
    return teacher.press(f"{page_of(class_id)}/call", button_on=f"{page_of(class_id)}/call", form_key=key)


def _batch(district: District) -> int:
    found = district.value(select(Batch.id))
    assert isinstance(found, int)
    return found


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
    assert set(answers) == {(303, f"/teacher/batches/{_batch(district)}")}
    assert len(answers) == len(threads)
    assert (district.count(Batch), district.count(Call)) == (1, 1)


def test_the_button_rings_for_the_audio_to_be_made(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    press_call(teacher, places.class_5a)
    assert district.runtime.bells.waiting("media") == 1
    assert district.batch_state(_batch(district)) == "preparing"
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


# ---- watch it ----


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


# ---- who needs a person, and what parents said ----


def test_who_still_needs_a_call_is_listed_by_family_with_advice(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.sibling(family, places.class_5a)
    heard = district.family(places.class_5a)
    batch_id = district.start(places.class_5a)
    district.set_call(family, state="ended", reach="rang", disposition="no_answer")
    district.set_call(heard, state="ended", reach="heard", disposition="completed")
    district.cover(heard)
    page = teacher.get(f"/teacher/batches/{batch_id}/unreached").text
    assert page.count('<li class="card">') == 1
    assert re.search(rf"{family.child_name}, Sibling|Sibling, {family.child_name}", page)
    assert "Try in the evening" in page
    assert heard.child_name not in page


def test_what_parents_said_is_shown_without_who_said_it(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.suggestion(family, words=[{"text": "paani", "confidence": 0.9}])
    page = teacher.get(f"{page_of(places.class_5a)}/said").text
    assert "paani" in page
    assert family.child_name not in page
    assert family.msisdn[-4:] not in page


def test_what_is_urgent_or_taken_back_is_not_for_the_teacher(
    teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.suggestion(family, words=[{"text": "darr", "confidence": 0.9}], escalated=True)
    district.suggestion(family, words=[{"text": "pehla", "confidence": 0.9}], status="withdrawn")
    page = teacher.get(f"{page_of(places.class_5a)}/said").text
    assert "darr" not in page
    assert "pehla" not in page


def note(teacher: Browser, class_id: int, **form: object) -> object:
    path = f"{page_of(class_id)}/note"
    return teacher.press(path, button_on=path, **form)


def test_what_a_parent_said_in_person_stands_beside_the_rest_once(
    teacher: Browser, analyst: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    for _ in range(2):
        answer = note(teacher, places.class_5a, child=family.child_id, language="pa", text=" ਪੱਖੇ  ਠੀਕ ਕਰੋ ")
    assert answer.location == f"{page_of(places.class_5a)}/said"
    kept = district.rows(select(Suggestion.public_text, Suggestion.source, Suggestion.school_id))
    assert kept == [("ਪੱਖੇ ਠੀਕ ਕਰੋ", "in_person", places.school)]
    assert "ਪੱਖੇ ਠੀਕ ਕਰੋ" in teacher.get(answer.location).text
    assert "Said in person; the teacher wrote it down." in analyst.get("/analyst/").text


def test_a_family_that_was_never_called_can_be_listened_to_as_well(
    teacher: Browser, analyst: Browser, district: District, places: Places
) -> None:
    without_phone = district.family(places.class_5a, child_name="Without phone", phone=False)
    district.family(places.class_5a, child_name="Not called yet")
    assert "Not called yet" in teacher.get(f"{page_of(places.class_5a)}/note").text
    for _ in range(2):
        note(teacher, places.class_5a, child=without_phone.child_id, language="en", text="a ramp at the gate")
    assert district.rows(select(Suggestion.call_id, Suggestion.school_id)) == [(None, places.school)]
    assert "An analyst reads it; it does not stand on this page" in teacher.get(f"{page_of(places.class_5a)}/said").text
    assert "a ramp at the gate" in analyst.get("/analyst/").text


@pytest.mark.parametrize(
    ("form", "problem"),
    [({"text": " "}, "Write down what was said"), ({"text": "x" * 1001}, "at most 1000"),
     ({"child": "0"}, "Choose whose family"), ({"language": "fr"}, "Choose the language")],
)  # fmt: skip
def test_a_note_that_says_nothing_is_refused_in_words(
    teacher: Browser, district: District, places: Places, family: Family, form: dict[str, str], problem: str
) -> None:
    district.start(places.class_5a)
    right = {"child": family.child_id, "language": "pa", "text": "fans"}
    answer = note(teacher, places.class_5a, **(right | form))
    assert (answer.status_code, problem in answer.text, district.count(Suggestion)) == (422, True, 0)


def test_another_teacher_reads_and_writes_nothing_of_it(
    teacher: Browser, other_teacher: Browser, district: District, places: Places, family: Family
) -> None:
    district.start(places.class_5a)
    district.suggestion(family, words=[{"text": "paani", "confidence": 0.9}])
    assert other_teacher.get(f"{page_of(places.class_5a)}/said").status_code == 404
    form = {"child": family.child_id, "language": "pa", "text": "forged"}
    assert other_teacher.post(f"{page_of(places.class_5a)}/note", **form).status_code == 404
    # Nor through her own class.
    assert other_teacher.post(f"{page_of(places.other_class)}/note", **form).status_code == 422
    assert district.count(Suggestion) == 1
