"""A leader sees how many were reached, the least reached first, and never which."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from callqueue import participation
from ivr.consoles.leader import queries
from ivr.consoles.leader.cells import LEAST, Cell, about, cell
from ptm.models import Audit
from tests.web.browsing import Browser
from tests.web.conftest import Places
from tests.web.district import District, Family


def called(district: District, class_id: int, families: int, heard: int) -> list[Family]:
    made = [district.family(class_id) for _ in range(families)]
    district.start(class_id)
    for at, family in enumerate(made):
        reach = ("heard", "completed") if at < heard else ("rang", "no_answer")
        district.set_call(family, state="ended", reach=reach[0], disposition=reach[1])
    return made


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of the table as text."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    plain = re.compile(r"<[^>]+>")
    return [
        [" ".join(plain.sub(" ", found).split()) for found in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in body.split("</tr>")[:-1]
    ]


def test_the_least_reached_school_comes_first(leader: Browser, district: District, places: Places) -> None:
    second = district.school_class(district.school(places.district), "5A")
    called(district, places.class_5a, families=30, heard=20)
    called(district, second, families=30, heard=12)
    rows = rows_of(leader.get("/leader/").text)
    assert [row[1:] for row in rows] == [
        ["30", "over 20", "12", "12", "under 10", "18"],
        ["30", "over 20", "20", "20", "under 10", "10"],
    ]


def test_totals_are_rounded_so_that_they_give_no_hidden_cell_away(
    leader: Browser, district: District, places: Places
) -> None:
    called(district, places.class_5a, families=37, heard=25)
    page = leader.get("/leader/").text
    assert "about <b>30</b> families" in page
    assert "about <b>20</b> heard the message" in page


def test_a_school_of_nine_is_not_listed(leader: Browser, district: District, places: Places) -> None:
    called(district, places.class_5a, families=9, heard=5)
    page = leader.get("/leader/").text
    assert rows_of(page) == []
    assert "1 school has fewer than ten families and is not listed" in page


@pytest.mark.parametrize(
    ("count", "of", "shown"),
    [
        (5, 9, Cell()),
        (0, 30, Cell(under=10)),
        (9, 30, Cell(under=10)),
        (10, 30, Cell(exactly=10)),
        (20, 30, Cell(exactly=20)),
        (21, 30, Cell(over=20)),
        (30, 30, Cell(over=20)),
        (10, 12, Cell()),
    ],
)
def test_a_cell_never_lets_fewer_than_ten_be_counted(count: int, of: int, shown: Cell) -> None:
    assert cell(count, of) == shown


@pytest.mark.parametrize("of", range(60))
def test_no_exact_cell_and_no_complement_is_small(of: int) -> None:
    for count in range(of + 1):
        shown = cell(count, of).exactly
        assert shown is None or (shown >= LEAST and of - shown >= LEAST)
        assert about(count) % LEAST == 0


def test_no_name_and_no_number_is_on_the_page(leader: Browser, district: District, places: Places) -> None:
    families = called(district, places.class_5a, families=12, heard=6)
    page = leader.get("/leader/").text
    for family in families:
        assert family.child_name not in page
        assert family.msisdn[-4:] not in page


def test_counts_stay_the_same_when_the_waiting_changes_are_folded_in(
    leader: Browser, district: District, places: Places
) -> None:
    called(district, places.class_5a, families=30, heard=12)
    before = rows_of(leader.get("/leader/").text)
    with district.runtime.database.writing() as tx:
        assert participation.fold(tx) > 0
    assert rows_of(leader.get("/leader/").text) == before != []


def test_of_many_schools_the_least_reached_are_listed_and_the_rest_counted(
    leader: Browser, district: District, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_SCHOOLS", 1)
    called(district, places.class_5a, families=20, heard=20)
    called(district, district.school_class(district.school(places.district), "5A"), families=20, heard=10)
    page = leader.get("/leader/").text
    assert [row[4] for row in rows_of(page)] == ["10"]
    assert "1 more schools were reached better" in page


def test_nobody_called_yet_is_said(leader: Browser) -> None:
    assert "No family of your area has been called yet" in leader.get("/leader/").text


def test_another_round_can_be_chosen_and_one_of_nobody_cannot(
    leader: Browser, district: District, places: Places
) -> None:
    called(district, places.class_5a, families=12, heard=6)
    assert leader.get(f"/leader/?round={district.round_id}").status_code == 200
    assert leader.get("/leader/?round=999").status_code == 404


def test_the_other_leader_sees_nothing_of_it(other_leader: Browser, district: District, places: Places) -> None:
    called(district, places.class_5a, families=30, heard=20)
    assert "No family of your area" in other_leader.get("/leader/").text
    assert other_leader.get(f"/leader/?round={district.round_id}").status_code == 404


def test_a_look_at_the_counts_is_recorded(leader: Browser, district: District, places: Places) -> None:
    called(district, places.class_5a, families=12, heard=6)
    leader.get("/leader/")
    recorded = district.rows(select(Audit.user_id, Audit.subject_id).where(Audit.action == "participation.open"))
    assert recorded[-1] == (leader.user_id, district.round_id)
