"""A teacher speaks to a class: the page takes it, checks it, plays it, and takes it back."""

from __future__ import annotations

import io

import numpy as np
from sqlalchemy import select
from werkzeug.test import TestResponse

from ivr.trees.timing import LONGEST_VOICE_S
from prompts.audio import wav_of
from ptm.models import Audit, Round, VoiceMessage
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District


def page_of(places: Places) -> str:
    return f"/teacher/classes/{places.class_5a}/voice"


def speak(teacher: Browser, places: Places, seconds: float) -> TestResponse:
    noise = np.random.default_rng(1).standard_normal(int(8000 * seconds))
    file = (io.BytesIO(wav_of(3000 * noise)), "spoken.wav")
    return teacher.press(page_of(places), button_on=page_of(places), file=file)


def test_what_a_teacher_says_is_kept_and_can_be_heard_on_the_class_page(
    teacher: Browser, district: District, places: Places
) -> None:
    assert "Record my own words" in teacher.get(f"/teacher/classes/{places.class_5a}").text
    answer = speak(teacher, places, 4)
    assert answer.location == page_of(places)
    (row,) = district.rows(
        select(VoiceMessage.round_id, VoiceMessage.user_id, VoiceMessage.clip, VoiceMessage.length_ms)
    )
    assert (row.round_id, row.user_id) == (district.round_id, teacher.user_id)
    assert 3500 < row.length_ms < 4500
    page = teacher.get(f"/teacher/classes/{places.class_5a}").text
    assert f'src="/audio/{row.clip}"' in page
    assert teacher.get(f"/audio/{row.clip}").mimetype == "audio/wav"
    assert district.count(Audit, Audit.action == "message.record") == 1


def test_silence_or_too_much_is_refused_in_words(teacher: Browser, district: District, places: Places) -> None:
    long = speak(teacher, places, LONGEST_VOICE_S + 2)
    assert (long.status_code, f"at most {LONGEST_VOICE_S:g} s fit a call" in long.text) == (422, True)
    nothing = teacher.post(page_of(places))
    assert (nothing.status_code, "There is no sound yet" in nothing.text) == (422, True)
    no_sound = teacher.post(page_of(places), file=(io.BytesIO(b"RIFF"), "x.wav"))
    assert no_sound.status_code == 422
    assert district.count(VoiceMessage) == 0


def test_taken_back_an_older_one_does_not_return(teacher: Browser, district: District, places: Places) -> None:
    district.voice(places.class_5a)
    newest = district.voice(places.class_5a)
    teacher.press(f"/teacher/voices/{newest}/withdraw", button_on=page_of(places))
    assert district.count(VoiceMessage, VoiceMessage.withdrawn_at.is_(None)) == 0
    assert "Take it back" not in teacher.get(page_of(places)).text


def test_a_recording_by_phone_is_shown_while_it_is_on_its_way_and_when_it_cannot_be_used(
    teacher: Browser, district: District, places: Places
) -> None:
    district.voice(places.class_5a, clip=None, length_ms=None)
    assert "on its way from the phone company" in teacher.get(page_of(places)).text
    district.voice(places.class_5a, clip=None, problem="nothing was said")
    assert "cannot be used: nothing was said" in teacher.get(page_of(places)).text


def test_only_the_page_that_records_may_use_the_microphone(teacher: Browser, places: Places) -> None:
    assert "microphone=(self)" in teacher.get(page_of(places)).headers["Permissions-Policy"]
    other = teacher.get(f"/teacher/classes/{places.class_5a}")
    assert "microphone=()" in other.headers["Permissions-Policy"]


def test_without_a_round_there_is_nobody_to_speak_to(teacher: Browser, district: District, places: Places) -> None:
    with district.runtime.database.session() as session:
        session.get_one(Round, district.round_id).ends_on_ist = district.now.date().replace(day=1)
        session.get_one(Round, district.round_id).starts_on_ist = district.now.date().replace(day=1)
    assert "There is no round to speak for" in teacher.get(page_of(places)).text
    assert speak(teacher, places, 3).status_code == 404


def test_a_colleague_neither_hears_nor_records_nor_takes_back(
    colleague: Browser, district: District, places: Places
) -> None:
    message = district.voice(places.class_5a)
    assert colleague.get(page_of(places)).status_code == 404
    assert speak(colleague, places, 3).status_code == 404
    assert colleague.post(f"/teacher/voices/{message}/withdraw").status_code == 404
    assert district.count(VoiceMessage, VoiceMessage.withdrawn_at.is_(None)) == 1
