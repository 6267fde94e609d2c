"""An analyst listens, corrects, chooses a theme, marks what is urgent; the other analyst sees nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ptm.models import Area, Audit, Suggestion, Transcript, User
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District, Family

WORDS = [
    {"text": "ਪੱਖੇ", "confidence": 0.97},
    {"text": "ਠੀਕ", "confidence": 0.7},
    {"text": "ਕਰੋ", "confidence": 0.3},
]


@pytest.fixture
def family(district: District, places: Places) -> Family:
    family = district.family(places.class_5a)
    district.start(places.class_5a)
    return family


@pytest.fixture
def said(district: District, family: Family) -> int:
    return district.suggestion(family, words=WORDS)


def decide(analyst: Browser, suggestion_id: int, **form: str) -> object:
    path = f"/analyst/suggestions/{suggestion_id}"
    return analyst.press(path, button_on=path, **form)


def test_doubtful_words_are_marked_by_colour_by_line_and_by_how_certain_they_are(analyst: Browser, said: int) -> None:
    page = analyst.get("/analyst/").text
    assert '<p class="transcript" lang="pa">ਪੱਖੇ ' in page
    assert '<span class="unsure" title="70 % certain">ਠੀਕ</span>' in page
    assert '<span class="doubtful" title="30 % certain">ਕਰੋ</span>' in page
    # Without colour the lines below the words and the mark behind them still tell.
    sheet = analyst.get("/static/style.css").text
    for rule in ("dotted", "dashed", '.doubtful::after { content: "?"'):
        assert rule in sheet


def test_neither_name_nor_number_of_a_family_is_on_an_analysts_pages(
    analyst: Browser, family: Family, said: int
) -> None:
    for path in ("/analyst/", f"/analyst/suggestions/{said}"):
        page = analyst.get(path).text
        assert family.child_name not in page
        assert family.msisdn[-4:] not in page


def test_what_the_machine_doubts_most_comes_first_and_urgent_before_all(
    analyst: Browser, district: District, family: Family
) -> None:
    texts = {"sure": {"doubt": 0.1}, "doubted": {"doubt": 0.9}, "urgent": {"doubt": 0.0, "escalated": True}}
    for text, values in texts.items():
        district.suggestion(family, words=[{"text": text, "confidence": 0.9}], **values)
    page = analyst.get("/analyst/").text
    assert page.index(">urgent\n" if ">urgent\n" in page else '"pa">urgent') < page.index('"pa">doubted')
    assert page.index('"pa">doubted') < page.index('"pa">sure')


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"one", "two"}),
        ("status=all", {"one", "two", "three"}),
        ("status=read", {"three"}),
        ("language=hi", {"two"}),
        ("theme=meals&status=all", {"three"}),
        ("theme=none", {"one", "two"}),
        ("status=needs_listening", {"two"}),
        # What nobody knows counts as not given: an old bookmark still opens.
        ("status=nonsense&language=xx&theme=yy&page=-3", {"one", "two"}),
    ],
)
def test_the_list_shows_what_the_filter_says(
    analyst: Browser, district: District, family: Family, query: str, shown: set[str]
) -> None:
    district.suggestion(family, words=[{"text": "one", "confidence": 0.9}])
    district.suggestion(family, words=[{"text": "two", "confidence": 0.9}], language="hi", status="needs_listening")
    district.suggestion(family, words=[{"text": "three", "confidence": 0.9}], theme="meals", status="read")
    page = analyst.get(f"/analyst/?{query}").text
    assert {text for text in ("one", "two", "three") if f'">{text}\n' in page or f'">{text}</p>' in page} == shown


def test_a_long_list_has_pages(analyst: Browser, district: District, family: Family) -> None:
    for _ in range(21):
        district.suggestion(family, words=[])
    first, second = analyst.get("/analyst/").text, analyst.get("/analyst/?page=2").text
    assert (first.count('<li class="card">'), second.count('<li class="card">')) == (20, 1)
    assert "Page 1 of 2" in first
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert "past the end of the list" in analyst.get("/analyst/?page=3").text


@pytest.mark.parametrize(
    ("values", "words"),
    [({"words": []}, "heard no speech"), ({"words": None}, "has not listened yet"),
     ({"words": None, "status": "needs_listening"}, "gave up on this recording")],
)  # fmt: skip
def test_where_there_are_no_words_the_page_says_why(
    analyst: Browser, district: District, family: Family, values: dict[str, object], words: str
) -> None:
    district.suggestion(family, **values)
    assert words in analyst.get("/analyst/").text


def test_an_empty_list_says_when_something_will_be_there(analyst: Browser) -> None:
    assert "Nothing has been said yet in your area" in analyst.get("/analyst/").text


def test_a_suggestion_is_read_with_its_theme(analyst: Browser, district: District, said: int) -> None:
    answer = decide(analyst, said, theme="buildings", text="ਪੱਖੇ ਠੀਕ ਕਰੋ")
    assert answer.status_code == 303
    row = district.rows(select(Suggestion.status, Suggestion.theme, Suggestion.escalated, Suggestion.public_text))
    assert row == [("read", "buildings", False, "ਪੱਖੇ ਠੀਕ ਕਰੋ")]
    assert district.count(Transcript) == 1  # nothing was corrected


def test_a_correction_stands_beside_the_machines_words(analyst: Browser, district: District, said: int) -> None:
    for text in ("ਪੱਖੇ ਠੀਕ ਕਰਵਾਓ", "ਪੱਖੇ ਜਲਦੀ ਠੀਕ ਕਰਵਾਓ"):
        decide(analyst, said, text=text)
    kept = dict(tuple(row) for row in district.rows(select(Transcript.model, Transcript.text)))
    assert kept == {"small": "ਪੱਖੇ ਠੀਕ ਕਰੋ", "analyst": "ਪੱਖੇ ਜਲਦੀ ਠੀਕ ਕਰਵਾਓ"}
    page = analyst.get("/analyst/?status=read").text
    assert "ਪੱਖੇ ਜਲਦੀ ਠੀਕ ਕਰਵਾਓ" in page
    assert "Written by an analyst." in page


def test_what_is_urgent_leaves_the_teachers_page_at_once(
    analyst: Browser, teacher: Browser, district: District, places: Places, said: int
) -> None:
    teachers_page = f"/teacher/classes/{places.class_5a}/said"
    assert "ਪੱਖੇ" in teacher.get(teachers_page).text
    decide(analyst, said, urgent="yes", theme="safety", text="ਪੱਖੇ ਠੀਕ ਕਰੋ")
    assert "ਪੱਖੇ" not in teacher.get(teachers_page).text
    assert '<span class="badge urgent">urgent</span>' in analyst.get("/analyst/?status=all").text
    # Taken back, it is there again.
    decide(analyst, said, theme="safety", text="ਪੱਖੇ ਠੀਕ ਕਰੋ")
    assert "ਪੱਖੇ" in teacher.get(teachers_page).text


@pytest.mark.parametrize(
    ("form", "problem"), [({"theme": "nonsense"}, "from the list"), ({"text": "x" * 4001}, "at most 4000")]
)
def test_a_decision_that_makes_no_sense_changes_nothing(
    analyst: Browser, district: District, said: int, form: dict[str, str], problem: str
) -> None:
    answer = decide(analyst, said, **form)
    assert answer.status_code == 422
    assert problem in answer.text
    assert district.value(select(Suggestion.status)) == "new"


def test_the_sound_is_played_whole_or_in_ranges(analyst: Browser, said: int) -> None:
    whole = analyst.get(f"/analyst/suggestions/{said}/audio")
    assert (whole.status_code, whole.mimetype, whole.headers["Cache-Control"]) == (200, "audio/wav", "no-store")
    part = analyst.get(f"/analyst/suggestions/{said}/audio", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"RIFF")


def test_a_file_that_is_gone_or_lies_elsewhere_is_not_there(analyst: Browser, district: District, said: int) -> None:
    from ptm.models import Recording

    for name in ("gone.wav", "../../etc/passwd", "/etc/passwd"):
        with district.runtime.database.session() as session:
            session.scalars(select(Recording)).one().file = name
        assert analyst.get(f"/analyst/suggestions/{said}/audio").status_code == 404


def test_every_look_and_every_decision_is_recorded(analyst: Browser, district: District, said: int) -> None:
    analyst.get("/analyst/?quiet=1")
    decide(analyst, said, theme="meals", text="ਪੱਖੇ ਠੀਕ ਕਰੋ")
    analyst.get(f"/analyst/suggestions/{said}/audio")
    mine = district.rows(select(Audit.action).where(Audit.user_id == analyst.user_id).order_by(Audit.id))
    assert [row.action for row in mine][-4:] == [
        "suggestions.open", "suggestion.open", "suggestion.review", "suggestion.listen",
    ]  # fmt: skip


def test_the_other_analyst_sees_hears_and_decides_nothing(
    other_analyst: Browser, district: District, said: int
) -> None:
    assert "ਪੱਖੇ" not in other_analyst.get("/analyst/?status=all").text
    for path in ("", "/audio"):
        assert other_analyst.get(f"/analyst/suggestions/{said}{path}").status_code == 404
    other_analyst.get("/analyst/")
    assert other_analyst.post(f"/analyst/suggestions/{said}", theme="meals").status_code == 404
    assert district.value(select(Suggestion.status)) == "new"


def test_what_a_parent_took_back_is_nobodys(analyst: Browser, district: District, family: Family) -> None:
    gone = district.suggestion(family, words=WORDS, status="withdrawn")
    assert "ਪੱਖੇ" not in analyst.get("/analyst/?status=all").text
    assert analyst.get(f"/analyst/suggestions/{gone}").status_code == 404
    assert analyst.get(f"/analyst/suggestions/{gone}/audio").status_code == 404


@pytest.mark.parametrize("typed", ["", "what I heard"])
def test_words_that_came_after_the_form_was_opened_are_not_overwritten(
    analyst: Browser, district: District, family: Family, typed: str
) -> None:
    said = district.suggestion(family)
    page = f"/analyst/suggestions/{said}"
    analyst.get(page)
    with district.runtime.database.session() as session:
        session.get_one(Suggestion, said).public_text = "the machine heard this"
    answer = analyst.post(page, text=typed, theme="meals")
    assert answer.status_code == 409
    assert '<blockquote lang="pa">the machine heard this</blockquote>' in answer.text
    assert "the words changed while this page was open" in answer.text
    assert f">{typed}</textarea>" in answer.text
    words = select(Suggestion.public_text, Suggestion.theme).where(Suggestion.id == said)
    assert district.rows(words) == [("the machine heard this", None)]
    # Now both were seen: saving again is a decision.
    assert analyst.post(page, text=typed, theme="meals", no_words="yes").status_code == 303
    assert district.rows(words) == [(typed, "meals")]


def test_two_analysts_who_wrote_the_same_words_do_not_stop_each_other(
    analyst: Browser, district: District, family: Family
) -> None:
    said = district.suggestion(family)
    analyst.get(f"/analyst/suggestions/{said}")
    with district.runtime.database.session() as session:
        session.get_one(Suggestion, said).public_text = "the same words"
    assert analyst.post(f"/analyst/suggestions/{said}", text="the same  words", theme="meals").status_code == 303


def test_what_an_unknown_number_said_is_for_the_analyst_of_the_whole(
    analyst: Browser, district: District, family: Family
) -> None:
    said = district.suggestion(
        family, words=[{"text": "unknown", "confidence": 0.9}], school_id=None, call_id=None, source="call_in"
    )
    assert analyst.get(f"/analyst/suggestions/{said}").status_code == 404
    assert "unknown</p>" not in analyst.get("/analyst/").text
    with district.runtime.database.session() as session:
        whole = session.scalars(select(Area.id).where(Area.parent_id.is_(None))).one()
        session.get_one(User, analyst.user_id).area_id = whole
    assert "A number that no school knows" in analyst.get("/analyst/").text
    assert analyst.get(f"/analyst/suggestions/{said}").status_code == 200
