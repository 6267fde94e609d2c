"""An operator hears every prompt, lets a person say it instead of the machine, and takes that back."""

from __future__ import annotations

import io
import re
import wave
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from callqueue.runtime import Runtime
from ivr.security import HEADERS
from prompts.audio import wav_of
from prompts.samples import sample_slots
from prompts.studio import Request
from ptm.models import Audit, Batch, Child
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District
from tests.web.one_database import database, database_file, database_url

__all__ = ["database", "database_file", "database_url"]

PAGE = "/prompts/en/apology"


@pytest.fixture
def with_apology(app: Flask) -> Flask:
    """The apology is rendered; nothing else is."""
    studio = app.extensions["voice"].studio
    studio.prepare(Request("apology", language) for language in ("pa", "hi", "en"))
    return app


def spoken(seconds: float = 1.5, loudness: float = 2_000) -> tuple[io.BytesIO, str]:
    samples = loudness * np.random.default_rng(9).standard_normal(int(11_025 * seconds))
    return io.BytesIO(wav_of(samples, 11_025)), "voice.wav"


def hand_in(operator: Browser, page: str = PAGE, **form: object) -> object:
    return operator.press(page, button_on=page, **{"by": "Head teacher", "file": spoken(), **form})


@pytest.mark.usefixtures("with_apology")
def test_a_recording_that_is_handed_in_is_heard_from_then_on(operator: Browser, district: District) -> None:
    before = operator.get(PAGE).text
    assert "Said by the machine." in before
    assert 'badge ">synthesised' in before
    assert hand_in(operator).status_code == 303
    page = operator.get(PAGE).text
    assert "Now said by Head teacher: 1.5 seconds." in page
    assert "<dd>Head teacher</dd>" in page
    (clip,) = re.findall(r'src="(/audio/[0-9a-f]{64}\.wav)"', page)
    for address in (clip, f"{PAGE}/audio"):
        with wave.open(io.BytesIO(operator.get(address).data)) as file:
            assert (file.getframerate(), file.getnframes() / 8_000) == (8_000, pytest.approx(1.5, abs=0.05))
    noted = district.rows(select(Audit.action, Audit.user_id).where(Audit.subject == "prompt"))
    assert noted == [("prompt.record", operator.user_id)]


@pytest.mark.usefixtures("with_apology")
def test_a_recording_is_replaced_and_taken_away(operator: Browser, district: District) -> None:
    hand_in(operator)
    hand_in(operator, by="Teacher of 5A", file=spoken(2.5))
    assert "Teacher of 5A" in operator.get(PAGE).text
    operator.press(f"{PAGE}/remove", button_on=PAGE)
    page = operator.get(PAGE).text
    assert "The machine says it again." in page
    assert "Said by the machine." in page
    operator.press(f"{PAGE}/remove", button_on=PAGE)
    assert "There was no recording." in operator.get(PAGE).text
    actions = [row.action for row in district.rows(select(Audit.action).where(Audit.subject == "prompt"))]
    assert actions == ["prompt.record", "prompt.record", "prompt.remove"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"file": (io.BytesIO(b""), "")}, "choose a WAV file, or record one"),
        ({"file": (io.BytesIO(b"ID3 no wave"), "voice.wav")}, "not a plain (PCM) WAV"),
        ({"file": spoken(13)}, "at most 12 s fit a call"),
        ({"file": spoken(1, 20)}, "speak nearer to the microphone"),
        ({"by": "  ", "file": spoken()}, "say whose voice it is"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(operator: Browser, form: dict[str, object], why: str) -> None:
    answer = hand_in(operator, **form)
    assert answer.status_code == 422
    assert why in answer.text
    assert "Said by the machine." in operator.get(PAGE).text


def test_a_prompt_that_differs_from_child_to_child_is_recorded_part_by_part(operator: Browser) -> None:
    page = "/prompts/en/inform.attendance"
    assert "Its fixed parts can be recorded" in operator.get(page).text
    whole = hand_in(operator, page)
    assert (whole.status_code, "The attendance of" in whole.text) == (422, True)
    assert hand_in(operator, page, part="1").status_code == 303
    assert "<dd>Head teacher</dd>" in operator.get(page).text


def test_the_catalogue_says_what_is_there_and_what_is_not(operator: Browser, with_apology: Flask) -> None:
    hand_in(operator)
    page = operator.get("/prompts/?language=en").text
    assert "No round can be opened while prompts are not built" in page
    assert page.index(">apology</a>") > page.index(">greeting.family</a>")
    assert "recorded</span>" in page
    assert "Head teacher" in page
    only = operator.get("/prompts/?language=en&voice=recorded").text
    assert ">apology</a>" in only
    assert ">greeting.family</a>" not in only
    assert "No prompt in English is like that" in operator.get("/prompts/?language=en&voice=partly").text
    assert operator.get("/prompts/?language=ta").status_code == 404


def test_a_prompt_of_several_clips_is_heard_whole(operator: Browser, app: Flask) -> None:
    assert operator.get("/prompts/en/greeting.family/audio").status_code == 404
    assert "Nothing is there to be heard yet" in operator.get("/prompts/en/greeting.family").text
    studio = app.extensions["voice"].studio
    studio.prepare([Request("greeting.family", "en", sample_slots("en"))])
    clips = studio.resolve(Request("greeting.family", "en", sample_slots("en")))
    with wave.open(io.BytesIO(operator.get("/prompts/en/greeting.family/audio").data)) as file:
        assert file.getnframes() / 8_000 == pytest.approx(sum(clip.seconds for clip in clips))
    assert len(clips) > 1


def test_a_prompt_that_nobody_wrote_is_not_there(operator: Browser) -> None:
    for address in ("/prompts/en/nothing", "/prompts/ta/apology"):
        assert operator.get(address).status_code == 404
    operator.get(PAGE)
    assert operator.post("/prompts/en/nothing", by="x", file=spoken()).status_code == 404
    assert operator.post("/prompts/en/nothing/remove").status_code == 404


def test_names_are_told_without_anybody_s_school_and_the_look_is_noted(
    operator: Browser, district: District, places: Places
) -> None:
    for name in ("Asha", "Asha", "گرپریت"):
        district.family(places.class_5a, child_name=name)
    page = operator.get("/prompts/names").text
    assert "گرپریت" in page
    assert "2 children" in page
    school = district.value(select(Child.name).where(Child.name == "Asha").limit(1))
    assert school == "Asha"
    assert "School" not in page.partition("<main")[2]
    assert district.count(Audit, Audit.action == "names.open") == 1


def test_a_name_is_recorded_and_taken_away(operator: Browser, district: District, places: Places) -> None:
    district.family(places.class_5a, child_name="گرپریت")
    answer = operator.press("/prompts/names", button_on="/prompts/names", name="گرپریت", by="Her family", file=spoken())
    assert answer.status_code == 303
    page = operator.get("/prompts/names").text
    assert "is now said by Her family." in page
    assert "Left out" not in page
    operator.press("/prompts/names/remove", button_on="/prompts/names", name="گرپریت")
    assert "Left out" in operator.get("/prompts/names").text
    nameless = operator.press("/prompts/names", button_on="/prompts/names", name=" ", by="x", file=spoken())
    assert (nameless.status_code, "needs the name" in nameless.text) == (422, True)


def test_only_the_pages_that_record_may_use_the_microphone(operator: Browser) -> None:
    for page in (PAGE, "/prompts/names"):
        answer = operator.get(page)
        assert "microphone=(self)" in answer.headers["Permissions-Policy"]
        others = {name: value for name, value in HEADERS.items() if name != "Permissions-Policy"}
        assert {name: answer.headers[name] for name in others} == others
    assert "microphone=()" in operator.get("/prompts/").headers["Permissions-Policy"]


def test_what_is_recorded_lies_in_this_installation(operator: Browser, runtime: Runtime) -> None:
    hand_in(operator)
    kept = list(Path(runtime.settings.storage.clips / "recorded").glob("*.wav"))
    assert len(kept) == 1


def test_no_class_is_called_while_a_prompt_is_not_fit(
    app: Flask, teacher: Browser, district: District, places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    district.family(places.class_5a)
    studio = app.extensions["voice"].studio
    dragging = wav_of(3_000 * np.random.default_rng(2).standard_normal(13 * 8_000))
    words = studio.catalogue["listen.speak", "hi"].text
    studio.recorded.add(dragging, words, "hi", recorded_by="teacher", recorded_at=district.now)
    page = f"/teacher/classes/{places.class_5a}/call"
    answer = teacher.press(page, button_on=page, form_key=f"{1:032x}")
    assert (answer.status_code, "Please tell your operator" in answer.text) == (409, True)
    assert "listen.speak (hi): it lasts 13.0 s" in caplog.text
    assert district.count(Batch) == 0
    studio.unrecord_prompt("listen.speak", "hi")
    assert teacher.press(page, button_on=page, form_key=f"{1:032x}").status_code == 303
