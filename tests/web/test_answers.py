"""You said, we did: a leader reads what was said, in counts that name nobody, and records what families are told."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from callqueue.answers import load_answers
from ivr.consoles.leader.forms import parse_answer
from ivr.trees.timing import LONGEST_ANSWER_S
from prompts.audio import wav_of
from ptm.models import Answer, Audit, TreeVersion
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District

WATER = "there is clean water now"


def recording(seconds: float) -> io.BytesIO:
    """Return a WAV that is loud and changes, as a voice does."""
    noise = np.random.default_rng(1).standard_normal(int(8000 * seconds))
    return io.BytesIO(wav_of(3000 * noise))


def page_of(places: Places) -> str:
    return f"/leader/answers/school/{places.school}"


def told(district: District, school_id: int) -> dict[str, str] | None:
    with district.runtime.database.reading() as tx:
        found = load_answers(tx, [school_id], district.round_id).get(school_id)
    return found and dict(found.texts)


def test_a_leader_records_an_answer_that_families_of_the_school_are_told(
    leader: Browser, district: District, places: Places
) -> None:
    district.family(places.class_5a, language="en")
    form = {"round": district.round_id, "theme": "buildings", "text-en": f" {WATER} "}
    assert leader.press(page_of(places), button_on=page_of(places), **form).status_code == 303
    assert told(district, places.school) == {"en": WATER}
    page = leader.get(page_of(places)).text
    assert "Recorded. Families hear it" in page
    assert "Buildings and water" in page
    clip = re.search(r'src="(/audio/[0-9a-f]{64}\.wav)"', page)
    assert clip, "it cannot be heard"
    assert leader.get(clip[1]).mimetype == "audio/wav"
    recorded = district.rows(select(Audit.user_id, Audit.details).where(Audit.action == "answer.write"))
    assert recorded == [(leader.user_id, {"round_id": district.round_id, "theme": "buildings", "languages": ["en"]})]


def test_an_answer_of_the_district_is_told_in_its_schools_and_the_page_of_a_school_says_so(
    leader: Browser, district: District, places: Places
) -> None:
    at = f"/leader/answers/area/{places.district}"
    leader.press(at, button_on=at, round=district.round_id, **{"text-en": WATER})
    assert told(district, places.school) == {"en": WATER}
    assert told(district, places.other_school) is None
    page = leader.get(page_of(places)).text
    assert "has no answer of its own" in page
    assert f"from District {re.search('District ([0-9]+)', page)[1]}" in page  # type: ignore[index]


def test_taken_back_it_is_told_no_more_and_another_can_be_recorded(
    leader: Browser, district: District, places: Places
) -> None:
    answer_id = district.answer(places.school)
    form = {"round": district.round_id, "text-en": "fans were mended"}
    again = leader.press(page_of(places), button_on=page_of(places), **form)
    assert (again.status_code, "has an answer in this round already" in again.text) == (409, True)
    leader.post(f"/leader/answers/{answer_id}/withdraw")
    assert told(district, places.school) is None
    assert "taken back 11:00" in leader.get(page_of(places)).text
    leader.post(page_of(places), **form)
    assert told(district, places.school) == {"en": "fans were mended"}


@pytest.mark.parametrize(
    ("form", "field", "problem"),
    [
        ({"text-en": ""}, "en", "Families here are called in English: write it in English, too."),
        ({"text-en": "5 new taps"}, "en", "Write 5 in words; the voice reads it in its own way."),
        ({"text-en": WATER, "text-pa": "there is water"}, "pa", "is not in the language's script"),
        ({"text-en": f"{WATER}, " * 12}, "en", "At most 200 characters. This has 311."),
        ({"text-en": "{child} has water"}, "en", "Leave out { and }"),
        ({"text-en": WATER, "round": "0"}, "round", "Choose the round in which it is told."),
        ({"text-en": WATER, "round": "१"}, "round", "Choose the round in which it is told."),
        ({"text-en": WATER, "theme": "weather"}, "theme", "Choose the theme from the list."),
    ],
)
def test_what_cannot_be_told_is_a_problem_of_its_field(form: dict[str, str], field: str, problem: str) -> None:
    typed = parse_answer({"round": "1", **form}, needed=["en"], round_ids=[1])
    assert list(typed.problems) == [field]
    assert problem in typed.problems[field]


def test_where_nobody_is_called_yet_one_language_is_enough() -> None:
    assert parse_answer({"round": "1", "text-hi": "पानी लग गया"}, needed=[], round_ids=[1]).problems == {}
    assert list(parse_answer({"round": "1"}, needed=[], round_ids=[1]).problems) == ["pa"]


def test_what_is_too_long_to_be_heard_is_refused_with_the_words_as_they_were_typed(
    leader: Browser, district: District, places: Places
) -> None:
    form = {"round": district.round_id, "text-en": f"{WATER}, and the fans of all the rooms and the roof were mended"}
    answer = leader.press(page_of(places), button_on=page_of(places), **form)
    assert answer.status_code == 422
    assert re.search(
        r"It takes [6-9]\.\d seconds in English, and a call has room for 5.5: use fewer words", answer.text
    )
    assert form["text-en"] in answer.text
    assert district.count(Answer) == 0


def test_listening_first_keeps_nothing(leader: Browser, district: District, places: Places) -> None:
    form = {"round": district.round_id, "text-hi": "स्कूल में पानी लग गया", "do": "listen"}
    page = leader.press(page_of(places), button_on=page_of(places), **form)
    assert page.status_code == 200
    assert re.search(r'src="/audio/[0-9a-f]{64}\.wav"', page.text)
    assert district.count(Answer) == 0


def test_a_persons_recording_is_heard_instead_of_the_machine_and_survives_listening_first(
    leader: Browser, district: District, places: Places
) -> None:
    form = {"round": district.round_id, "text-en": WATER}
    heard = leader.press(
        page_of(places), button_on=page_of(places), do="listen", **form, **{"sound-en": (recording(2), "water.wav")}
    )
    kept = re.search(r'name="clip-en" value="([0-9a-f]{64}\.wav)"', heard.text)
    assert kept
    assert "with your recording" in heard.text
    leader.post(page_of(places), **form, **{"clip-en": kept[1]})
    assert district.value(select(Answer.clips)) == {"en": kept[1]}


def test_a_recording_that_does_not_fit_is_refused(leader: Browser, district: District, places: Places) -> None:
    form = {"round": district.round_id, "text-en": WATER}
    for seconds, why in ((LONGEST_ANSWER_S + 1, "at most"), (LONGEST_ANSWER_S - 0.5, "say fewer words"), (0.01, "")):
        sound = {"sound-en": (recording(seconds), "water.wav")}
        answer = leader.press(page_of(places), button_on=page_of(places), **form, **sound)
        assert (answer.status_code, why in answer.text) == (422, True)
    unspoken = {"round": district.round_id, "sound-pa": (recording(2), "water.wav"), "text-en": WATER}
    assert "Write the words of your recording" in leader.post(page_of(places), **unspoken).text
    invented = leader.post(page_of(places), **form, **{"clip-en": "0" * 64 + ".wav"})
    assert "cannot be said in English" in invented.text
    assert district.count(Answer) == 0


def test_a_round_whose_call_was_frozen_without_a_place_for_answers_is_refused(
    leader: Browser, district: District, places: Places
) -> None:
    with district.runtime.database.session() as session:
        session.add(TreeVersion(hash="old", definition="name = 'old'", created_at=district.now))
    old = district.open_round(tree_hash="old")
    answer = leader.press(page_of(places), button_on=page_of(places), round=old, **{"text-en": WATER})
    assert (answer.status_code, "The call of this round cannot tell an answer" in answer.text) == (422, True)


def test_messages_are_counted_by_theme_and_place_and_no_small_count_is_shown(
    leader: Browser, district: District, places: Places
) -> None:
    for at in range(24):
        district.said(places.school, f"words {at:02d}", theme="buildings" if at < 12 else "meals")
    for _ in range(3):
        district.said(places.school, "three only", theme="thanks")
    page = leader.get(f"/leader/answers/area/{places.district}").text
    assert "About 20 messages" in page
    assert "<dt>Buildings and water</dt><dd>12</dd>" in page
    assert '<dt>Thanks</dt><dd><span class="faint">under 10</span></dd>' in page
    assert re.search(r"School \d+</a>\s*<span>27 ", page)
    assert re.search(r'School \d+</a>\s*<span><span class="faint">under 10</span> ', page)
    assert "words 07" in page


def test_of_fewer_than_ten_messages_nothing_is_shown(leader: Browser, district: District, places: Places) -> None:
    for _ in range(9):
        district.said(places.school, "somebody's words", theme="meals")
    page = leader.get(page_of(places)).text
    assert "Fewer than ten messages." in page
    assert "somebody" not in page
    assert "Midday" not in page.partition("<form")[2].partition("Answer the families")[0]


def test_only_words_that_an_analyst_has_read_are_shown_and_nothing_escalated(
    leader: Browser, district: District, places: Places
) -> None:
    for _ in range(10):
        district.said(places.school, "read by a person", theme="meals")
    district.said(places.school, "machine words", status="new")
    district.said(places.school, "a child in danger", escalated=True)
    district.said(places.school, "taken back by the parent", status="withdrawn")
    page = leader.get(page_of(places)).text
    assert "read by a person" in page
    for hidden in ("machine words", "in danger", "taken back by the parent"):
        assert hidden not in page


def test_what_was_said_in_another_round_is_not_mixed_in(leader: Browser, district: District, places: Places) -> None:
    today = district.now.date()
    before = district.open_round(
        name="Autumn week", starts_on_ist=today - timedelta(days=60), ends_on_ist=today - timedelta(days=55)
    )
    for _ in range(11):
        district.said(places.school, "in autumn", created_at=district.now - timedelta(days=58))
        district.said(places.school, "in winter")
    assert "in autumn" in (page := leader.get(page_of(places)).text)
    assert "in winter" not in page
    page = leader.get(f"{page_of(places)}?round={district.round_id}").text
    assert ("in winter" in page, "in autumn" in page) == (True, False)
    assert leader.get(f"{page_of(places)}?round={before + 99}").status_code == 200


def test_another_leader_neither_sees_nor_answers_nor_takes_back(
    other_leader: Browser, district: District, places: Places
) -> None:
    answer_id = district.answer(places.school)
    assert other_leader.get(page_of(places)).status_code == 404
    assert other_leader.post(page_of(places), round=district.round_id, **{"text-en": WATER}).status_code == 404
    assert other_leader.get(f"/leader/answers/area/{district.state}").status_code == 404
    assert other_leader.post(f"/leader/answers/{answer_id}/withdraw").status_code == 404
    assert told(district, places.school) == {"en": WATER}


def test_the_front_page_leads_to_the_leaders_own_area(leader: Browser, places: Places) -> None:
    assert leader.get("/leader/answers").location == f"/leader/answers/area/{places.district}"
