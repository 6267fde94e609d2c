"""People are added with a place that exists, and shut out at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from ptm import passwords, people
from ptm.clock import ManualClock
from ptm.database import Database
from ptm.errors import PersonRefused, PersonUnknown
from ptm.models import Area, Audit, School, SchoolClass, User
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]

GOOD = "three words are easy"


@pytest.fixture(autouse=True)
def school(database: Database) -> None:
    with database.session() as session:
        area = Area(kind="district", code="0301", name="District")
        school = School(udise="03010000001", name="School", spoken={}, area=area)
        twins = [Area(kind=kind, code="01", name=kind) for kind in ("block", "district")]
        session.add_all([area, school, SchoolClass(school=school, name="5A"), *twins])


class Office:
    """Where people are added."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self._now = database, clock.now()

    def add(self, **person: Any) -> User:
        asked = {"login": "teacher", "name": "Class teacher", "role": "teacher", "password": GOOD,
                 "school": "03010000001"} | person  # fmt: skip
        with self.database.session() as session:
            return people.add_person(session, **asked, by=None, now=self._now)

    def do(self, what: Any, user_id: int, *more: Any, by: int | None = None) -> Any:
        with self.database.session() as session:
            return what(session, user_id, *more, by=by, now=self._now)

    def person(self, user_id: int) -> User:
        with self.database.reading_session() as session:
            return session.get_one(User, user_id)

    def count(self, table: Any) -> int:
        with self.database.reading_session() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def taught_by(self, user_id: int) -> list[str]:
        with self.database.reading_session() as session:
            return list(session.scalars(select(SchoolClass.name).where(SchoolClass.teacher_id == user_id)))


@pytest.fixture
def office(database: Database, clock: ManualClock) -> Office:
    return Office(database, clock)


def test_a_teacher_gets_the_classes_however_they_are_written(office: Office) -> None:
    teacher = office.add(classes=["Class 5-a"])
    assert office.taught_by(teacher.id) == ["5A"]


def test_an_analyst_and_a_leader_get_an_area_and_an_operator_nothing(office: Office) -> None:
    for role in ("analyst", "leader"):
        assert office.add(login=role, role=role, area="0301").area_id is not None
    assert office.add(login="head", role="leader", area="district:01").area_id is not None
    operator = office.add(login="operator", role="operator", area="district:0301")
    assert (operator.area_id, operator.school_id) == (None, None)


@pytest.mark.parametrize(
    ("mistake", "reason"),
    [
        ({"login": "a"}, "2 to 40"),
        ({"login": "two words"}, "2 to 40"),
        ({"name": "  "}, "needs a name"),
        ({"role": "head"}, "no role"),
        ({"password": "short"}, "at least 10"),
        ({"school": "03019999999"}, "No school here"),
        ({"classes": ["nonsense"]}, "is no class"),
        ({"classes": ["5B"]}, "School has no class 5B; it has 5A"),
        ({"role": "leader", "area": ""}, "There is no area"),
        ({"role": "leader", "area": "0399"}, "Give its code"),
        ({"role": "leader", "area": "01"}, "block:01 or district:01"),
    ],
)
def test_a_person_who_makes_no_sense_is_refused_in_words_and_nothing_is_written(
    office: Office, mistake: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PersonRefused, match=reason):
        office.add(**mistake)
    assert (office.count(User), office.count(Audit), office.count(SchoolClass)) == (0, 0, 1)


def test_a_sign_in_name_is_given_once(office: Office) -> None:
    office.add()
    with pytest.raises(PersonRefused, match="taken"):
        office.add(login="Teacher")


def test_shutting_out_ends_every_session_and_letting_in_revives_none(office: Office) -> None:
    teacher = office.add()
    assert office.do(people.disable, teacher.id)
    assert not office.do(people.disable, teacher.id)
    assert office.do(people.enable, teacher.id)
    again = office.person(teacher.id)
    assert again.disabled_at is None
    assert again.session_version > teacher.session_version


def test_nobody_shuts_themselves_out(office: Office) -> None:
    operator = office.add(login="operator", role="operator")
    with pytest.raises(PersonRefused, match="yourself"):
        office.do(people.disable, operator.id, by=operator.id)
    assert office.person(operator.id).disabled_at is None


def test_a_new_password_replaces_the_old_and_ends_the_rest_and_every_session(
    office: Office, database: Database, clock: ManualClock
) -> None:
    teacher = office.add()
    for _ in range(passwords.MOST_GUESSES):
        passwords.sign_in(database, clock, "teacher", "a wrong password")
    office.do(people.give_password, teacher.id, "other words are new")
    assert passwords.sign_in(database, clock, "teacher", GOOD) is None
    assert passwords.sign_in(database, clock, "teacher", "other words are new") is not None
    assert office.person(teacher.id).session_version > teacher.session_version


def test_somebody_unknown_cannot_be_changed(office: Office, database: Database) -> None:
    for change in (people.disable, people.enable):
        with pytest.raises(PersonUnknown):
            office.do(change, 404)
    with pytest.raises(PersonUnknown, match="sunvai user list"), database.session() as session:
        people.find_person(session, "nobody")


def test_every_change_is_recorded_without_name_or_password(office: Office, database: Database) -> None:
    teacher = office.add()
    office.do(people.give_password, teacher.id, "other words are new")
    office.do(people.disable, teacher.id)
    with database.reading_session() as session:
        kept = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [one.action for one in kept] == ["user.add", "user.password", "user.disable"]
    assert {one.subject_id for one in kept} == {teacher.id}
    assert "words" not in str([one.details for one in kept])
