"""A class changes hands only where somebody means it, and every change is told and kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from callqueue.runtime import Runtime
from ptm.class_teachers import Handed, set_classes
from ptm.errors import PersonRefused
from ptm.models import Audit, SchoolClass, User
from tests.web.district import District
from tests.web.standing import database, database_url, migrated

__all__ = ["database", "database_url", "migrated"]


class School:
    """A school with 5A, taught by `first`, and 5B, taught by nobody."""

    def __init__(self, district: District, runtime: Runtime) -> None:
        self._database, self._now = runtime.database, runtime.clock.now()
        self.school_id = district.school(district.area("district", None), "School")
        self.first = district.person("first", "teacher", school_id=self.school_id)
        self.second = district.person("second", "teacher", school_id=self.school_id)
        district.school_class(self.school_id, "5A", self.first)
        district.school_class(self.school_id, "5B")

    def give(self, user_id: int, *names: str, **how: bool) -> list[Handed]:
        with self._database.session() as session:
            return set_classes(session, session.get_one(User, user_id), names, **how, by=None, now=self._now)

    def shut_out(self, user_id: int) -> None:
        with self._database.session() as session:
            session.get_one(User, user_id).disabled_at = self._now

    def teachers(self) -> dict[str, int | None]:
        return dict(self.rows(select(SchoolClass.name, SchoolClass.teacher_id)))

    def rows(self, query: Any) -> list[Any]:
        with self._database.reading_session() as session:
            return [tuple(row) for row in session.execute(query)]


@pytest.fixture
def district(runtime: Runtime) -> District:
    return District(runtime)


@pytest.fixture
def school(district: District, runtime: Runtime) -> School:
    return School(district, runtime)


def test_a_class_without_a_teacher_gets_one_and_what_is_not_named_is_given_up(school: School) -> None:
    assert school.give(school.first, "5 b") == [Handed("5A", "first", None), Handed("5B", None, "first")]
    assert school.teachers() == {"5A": None, "5B": school.first}


def test_what_stays_as_it_is_is_no_change(school: School) -> None:
    assert school.give(school.first, "5A") == []
    assert school.rows(select(Audit.id)) == []


@pytest.mark.parametrize(("name", "reason"), [("5C", "School has no class 5C; it has 5A, 5B"), ("5A", "of first")])
def test_neither_a_new_class_nor_a_colleagues_is_given_by_a_slip(school: School, name: str, reason: str) -> None:
    with pytest.raises(PersonRefused, match=reason):
        school.give(school.second, name)
    assert school.teachers() == {"5A": school.first, "5B": None}


def test_both_are_given_when_they_are_meant(school: School) -> None:
    handed = school.give(school.second, "5A", "5C", make_new=True, take_over=True)
    assert handed == [Handed("5A", "first", "second"), Handed("5C", None, "second")]
    assert school.teachers() == {"5A": school.second, "5B": None, "5C": school.second}


def test_the_class_of_somebody_who_was_shut_out_is_free(school: School) -> None:
    school.shut_out(school.first)
    assert school.give(school.second, "5A") == [Handed("5A", "first", "second")]


def test_every_change_is_kept_with_ids_alone(school: School) -> None:
    school.give(school.second, "5A", take_over=True)
    (kept,) = school.rows(select(Audit.action, Audit.subject, Audit.details))
    assert kept == ("class.hand", "class", {"before": school.first, "after": school.second})


def test_a_school_before_its_first_list_gets_what_is_named(district: District, school: School) -> None:
    other = district.school(district.area("block", None), "New school")
    teacher = district.person("third", "teacher", school_id=other)
    assert school.give(teacher, "1", "2") == [Handed("1", None, "third"), Handed("2", None, "third")]
